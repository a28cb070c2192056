"""Files beside offers and guarantees: declared here, then sent once to an address of the upload host."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response
from PIL import Image, UnidentifiedImageError

from allegro_module.simulator.findings import refusal, refuse, violation
from allegro_module.simulator.http import Call, Room, answer
from allegro_module.simulator.offer_schema import TEXT, Shape, kind_findings, members

room = Room()
OFFERS, AFTER_SALES = "/sale/offer-attachments", "/after-sales-service-conditions/attachments"
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
PICTURES = {JPEG: "JPEG", PNG: "PNG"}
ENDINGS = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG}
# Which forms each type may have; a label is a picture, a text is read.
TYPES: Mapping[str, tuple[str, ...]] = {
    "MANUAL": (PDF,),
    "SPECIAL_OFFER_RULES": (PDF,),
    "COMPETITION_RULES": (PDF,),
    "BOOK_EXCERPT": (PDF,),
    "USER_MANUAL": (PDF,),
    "INSTALLATION_INSTRUCTIONS": (PDF,),
    "GAME_INSTRUCTIONS": (PDF,),
    "ENERGY_LABEL": (JPEG, PNG),
    "PRODUCT_INFORMATION_SHEET": (PDF,),
    "TIRE_LABEL": (JPEG, PNG),
    "SOFTWARE_DATA_PROCESSING": (PDF,),
    "HARDWARE_DATA_PROCESSING": (PDF,),
    "PLANT_PROTECTION_PRODUCTS_AUTHORIZATION": (PDF,),
    "SAFETY_INFORMATION_MANUAL": (PDF, JPEG, PNG),
}
SAFETY = "SAFETY_INFORMATION_MANUAL"
MOST_BYTES = 20 * 1024 * 1024
LONGEST_NAME = 200
OFFER_FILE: Mapping[str, Shape] = {"type": TEXT, "file": {"name": TEXT}}
GUARANTEE_FILE: Mapping[str, Shape] = {"name": TEXT}


@dataclass(frozen=True)
class Attachment:
    """`purpose` is offer or after_sales; without `size` it was declared only."""

    id: str
    seller_id: str
    purpose: str
    type: str
    name: str
    key: str
    size: int | None = None
    url: str | None = None

    def as_link(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "url": self.url}

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.type, "file": {"name": self.name, "url": self.url}}


@dataclass
class AttachmentBook:
    files: dict[str, Attachment] = field(default_factory=dict)

    def declared_as(self, key: str) -> Attachment | None:
        return next((file for file in self.files.values() if file.key == key), None)

    def is_ready(self, file_id: object, seller_id: str, purpose: str, kind: str | None = None) -> bool:
        """Whether the seller may refer to it: his own, sent, and of the kind, if one is asked for."""
        file = self.files.get(str(file_id))
        if file is None or file.size is None or kind not in (None, file.type):
            return False
        return (file.seller_id, file.purpose) == (seller_id, purpose)


def _ending(name: str) -> str | None:
    return next((kind for ending, kind in ENDINGS.items() if name.lower().endswith(ending)), None)


@room.route("POST", OFFERS, scope="sale:offers:write")
def declare_offer_file(call: Call) -> Response:
    body = call.json(members(OFFER_FILE))
    refuse(400, kind_findings(body, OFFER_FILE))
    kind, name = str(body.get("type")), (body.get("file") or {}).get("name") or ""
    if kind not in TYPES:
        raise refusal(422, "InvalidAttachmentTypeException", "type", value=kind)
    if not 1 <= len(name) <= LONGEST_NAME or _ending(name) not in TYPES[kind]:
        refuse(422, [violation("file.name", "attachment.name", value=name)])
    file = _declared(call, "offer", kind, name)
    return _with_address(call, file, OFFERS, _without_empty_url(file.as_json()))


@room.route("POST", AFTER_SALES, scope="sale:settings:write")
def declare_guarantee_file(call: Call) -> Response:
    body = call.json(members(GUARANTEE_FILE))
    refuse(400, kind_findings(body, GUARANTEE_FILE))
    name = body.get("name") or ""
    if not 1 <= len(name) <= LONGEST_NAME or _ending(name) != PDF:
        refuse(422, [violation("name", "attachment.name", value=name)])
    file = _declared(call, "after_sales", "WARRANTY", name)
    return _with_address(call, file, AFTER_SALES, {"id": file.id, "name": file.name})


def _declared(call: Call, purpose: str, kind: str, name: str) -> Attachment:
    file = Attachment(call.world.uuid(), call.owner.id, purpose, kind, name, call.world.hex_digits(24))
    call.world.attachments.files[file.id] = file
    return file


def _with_address(call: Call, file: Attachment, path: str, body: Mapping[str, Any]) -> Response:
    """The address ends in a key of its own, so that nobody can compose it from the id."""
    return answer(body, 201, {"Location": f"{call.request.host_url.rstrip('/')}{path}/{file.key}"})


def _without_empty_url(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "file": {name: value for name, value in body["file"].items() if value is not None}}


@room.route("GET", f"{OFFERS}/<file_id>", scope="sale:offers:read")
def get_offer_file(call: Call, file_id: str) -> Response:
    file = _own(call, call.world.attachments.files.get(file_id), "offer")
    return answer(_without_empty_url(file.as_json()))


def _own(call: Call, file: Attachment | None, purpose: str) -> Attachment:
    if file is None or file.purpose != purpose:
        raise refusal(404, "AttachmentNotFoundException", call.request.path, name=call.request.path)
    if file.seller_id != call.owner.id:
        raise refusal(403, "AttachmentAccessDeniedException", call.request.path)
    return file


@room.route("PUT", f"{OFFERS}/<key>", scope="sale:offers:write", consumes=(PDF, JPEG, PNG))
def send_offer_file(call: Call, key: str) -> Response:
    return answer(_sent(call, key, "offer").as_json())


@room.route("PUT", f"{AFTER_SALES}/<key>", scope="sale:settings:write", consumes=(PDF,))
def send_guarantee_file(call: Call, key: str) -> Response:
    return answer(_sent(call, key, "after_sales").as_link())


def _sent(call: Call, key: str, purpose: str) -> Attachment:
    """Kept by its size only: the state file is rewritten after each change."""
    file = _own(call, call.world.attachments.declared_as(key), purpose)
    if file.size is not None:
        raise refusal(422, "AttachmentAlreadyUploadedException", call.request.path, name=file.id)
    data, kind = call.request.get_data(), call.request.headers.get("Content-Type", "")
    if len(data) > MOST_BYTES:
        raise refusal(413, "AttachmentTooLargeException")
    if kind != _ending(file.name) or not _is_of_kind(data, kind):
        raise refusal(422, "InvalidAttachmentContentException", call.request.path, value=kind)
    url = f"{call.request.host_url}img/attachment-{file.id}"
    sent = replace(file, size=len(data), url=url)
    call.world.attachments.files[file.id] = sent
    return sent


def _is_of_kind(data: bytes, kind: str) -> bool:
    if kind == PDF:
        return data.startswith(b"%PDF-")
    try:
        with Image.open(io.BytesIO(data), formats=(PICTURES[kind],)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True
