"""Files of offers and of guarantees: declared first, then sent to a one-time address (facts.md 6.5, 9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import msgspec

from allegro_module.client.errors import Unexpected
from allegro_module.client.payloads import Id, Payload
from allegro_module.client.transport import Request, Transport

OF_OFFERS = "/sale/offer-attachments"
OF_TERMS = "/after-sales-service-conditions/attachments"
UPLOAD_PATH = re.compile(rf"^({OF_OFFERS}|{OF_TERMS})/[^/?#]+$")


class _FileName(Payload, frozen=True):
    name: str


class _OfferAttachment(Payload, frozen=True):
    type: str
    file: _FileName


@dataclass(frozen=True, slots=True)
class Declared:
    """`upload_url` is for one upload."""

    id: str
    upload_url: str


class AttachmentsResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def declare_for_offers(self, kind: str, name: str) -> Declared:
        """`POST /sale/offer-attachments`. A repeat makes another one; unused, it shows nowhere."""
        return self._declare(OF_OFFERS, msgspec.json.encode(_OfferAttachment(kind, _FileName(name))))

    def declare_for_guarantees(self, name: str) -> Declared:
        """`POST /after-sales-service-conditions/attachments`: PDF only. Repeats as above."""
        return self._declare(OF_TERMS, msgspec.json.encode(_FileName(name)))

    def upload(self, upload_url: str, content: bytes, media_type: str) -> None:
        """`PUT` the file to the address its declaration gave."""
        address = urlsplit(upload_url)
        if not UPLOAD_PATH.match(address.path):
            raise Unexpected(f"not an address for attachments: {address.path}")
        # The token goes to the upload host alone, whatever address the answer gave.
        query = parse_qsl(address.query, keep_blank_values=True)
        request = Request(
            "PUT", address.path, query, body=content, content_type=media_type, to_upload_host=True
        )
        self._transport.send(request)

    def _declare(self, path: str, body: bytes) -> Declared:
        answer = self._transport.send(Request("POST", path, body=body))
        if answer.location is None:
            raise Unexpected("declared without an address for the file", at=answer.at)
        return Declared(answer.read(Id).id, answer.location)
