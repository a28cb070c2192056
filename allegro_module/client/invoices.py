"""Invoices of an order: declared first, then the PDF (facts.md 5.11)."""

from __future__ import annotations

import msgspec

from allegro_module.client.answers import refused
from allegro_module.client.payloads import Id, Instant, OpenEnum, Payload
from allegro_module.client.transport import ENGLISH, Request, Transport, path_to

INVOICES = "/order/checkout-forms/{}/invoices"
PDF = "application/pdf"
#: The order already has the invoices it may have: no conflict that passes.
CONFLICT = 409


class Verification(OpenEnum):
    """What the scanner of files says."""

    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


class SecurityVerification(Payload, frozen=True):
    status: Verification | None = None


class InvoiceFile(Payload, frozen=True):
    name: str | None = None
    uploaded_at: Instant | None = None
    security_verification: SecurityVerification | None = None


class RemoteInvoice(Payload, frozen=True):
    id: str
    invoice_number: str | None = None
    file: InvoiceFile | None = None

    @property
    def has_file(self) -> bool:
        return bool(self.file and (self.file.uploaded_at or self.verification))

    @property
    def verification(self) -> Verification | None:
        verification = self.file and self.file.security_verification
        return verification.status if verification else None


class _Invoices(Payload, frozen=True):
    invoices: tuple[RemoteInvoice, ...] | None = ()


class _NewFile(Payload, frozen=True):
    name: str


class _NewInvoice(Payload, frozen=True):
    file: _NewFile
    invoice_number: str


class InvoicesResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, checkout_form_id: str) -> tuple[RemoteInvoice, ...]:
        """`GET /order/checkout-forms/{id}/invoices`."""
        path = path_to(INVOICES, checkout_form_id)
        return self._transport.get(path, _Invoices, language=ENGLISH).invoices or ()

    def declare(self, checkout_form_id: str, number: str, file_name: str) -> str:
        """`POST /order/checkout-forms/{id}/invoices`: its id at Allegro. Not idempotent: look first."""
        body = msgspec.json.encode(_NewInvoice(_NewFile(file_name), number))
        path = path_to(INVOICES, checkout_form_id)
        request = Request("POST", path, body=body, language=ENGLISH, own_answers=frozenset({CONFLICT}))
        answer = self._transport.send(request)
        if answer.status == CONFLICT:
            raise refused(answer)
        return answer.read(Id).id

    def upload(self, checkout_form_id: str, invoice_id: str, pdf: bytes) -> None:
        """`PUT …/invoices/{invoiceId}/file`. Raises Busy when it has its file already."""
        path = path_to(f"{INVOICES}/{{}}/file", checkout_form_id, invoice_id)
        self._transport.send(Request("PUT", path, body=pdf, content_type=PDF, language=ENGLISH))
