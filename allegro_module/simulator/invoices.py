"""Documents of billing that a seller adds to an order: declared, then sent as a file, then scanned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import Response

from allegro_module.simulator.forms import Form, Status
from allegro_module.simulator.http import Call, Members, Problem, Refusal, Room, answer
from allegro_module.simulator.orders import own_form
from allegro_module.simulator.papers import Paper

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

PDF = "application/pdf"
INVOICE: Members = {"file": {"name": None}, "invoiceNumber": None}
A_MINUTE = timedelta(minutes=1)

room = Room()


@room.route("GET", "/order/checkout-forms/<form_id>/invoices", scope="orders:read")
def list_invoices(call: Call, form_id: str) -> Response:
    form = own_form(call, form_id)
    for paper in form.papers:
        _scan(call.world, paper, call.now)
    if call.world.switches.empty_list_without_wish and form.invoice is None:
        return answer({})
    return answer(
        {
            "orderMode": "REGULAR",
            "invoices": [paper.as_json() for paper in form.papers],
            "links": [],
            "hasExternalInvoices": form.has_external_papers,
        }
    )


def _scan(world: World, paper: Paper, now: datetime) -> None:
    """The antivirus gives its verdict once its time has passed."""
    if paper.uploaded_at is None or paper.verified_at is not None:
        return
    done_at = paper.uploaded_at + timedelta(seconds=world.switches.invoice_scan_seconds)
    if done_at <= now:
        paper.verified_at, paper.verdict = done_at, world.switches.invoice_verdict


@room.route("POST", "/order/checkout-forms/<form_id>/invoices", scope="orders:write")
def declare_invoice(call: Call, form_id: str) -> Response:
    form = own_form(call, form_id)
    asked = call.json(INVOICE)
    name, number = (asked.get("file") or {}).get("name"), asked.get("invoiceNumber")
    if not isinstance(name, str) or not name.strip() or not isinstance(number, str | None):
        raise Refusal(422, _problem("InvalidInvoiceMetadataException", "file.name", "is needed"))
    _check_order(call.world, form, call.now)
    _check_pace(call.world, call.now)
    paper = Paper(call.world.uuid(), number, name, call.now)
    form.papers = (*form.papers, paper)
    return answer({"id": paper.id}, 201)


def _check_order(world: World, form: Form, now: datetime) -> None:
    if form.status is not Status.READY_FOR_PROCESSING:
        raise Refusal(
            422, _problem("InvoiceNotAllowedException", "id", "is not an order that takes invoices")
        )
    for paper in form.papers:
        _scan(world, paper, now)
    if any(paper.uploaded_at and not paper.verified_at for paper in form.papers):
        raise Refusal(
            422, _problem("InvoiceVerificationInProgressException", "id", "has a file being scanned")
        )
    # A file that the antivirus refused takes no place.
    accepted = [paper for paper in form.papers if not paper.verified_at or paper.verdict == "ACCEPTED"]
    if len(accepted) >= world.switches.invoices_per_order:
        raise Refusal(409, _problem("InvoiceLimitExceededException", "id", "already has its invoices"))


def _check_pace(world: World, now: datetime) -> None:
    book, limit = world.orders, world.switches.invoices_per_minute
    book.declared_at = [moment for moment in book.declared_at if now - moment < A_MINUTE]
    if limit and len(book.declared_at) >= limit:
        raise Refusal(429, _problem("TooManyRequestsException", "id", "got invoices too fast"))
    book.declared_at.append(now)


@room.route(
    "PUT",
    "/order/checkout-forms/<form_id>/invoices/<invoice_id>/file",
    scope="orders:write",
    consumes=(PDF,),
)
def send_file(call: Call, form_id: str, invoice_id: str) -> Response:
    paper = _paper(own_form(call, form_id), invoice_id)
    if paper.uploaded_at is not None:
        raise Refusal(
            409, _problem("InvoiceFileAlreadyUploadedException", "invoiceId", "has its file already")
        )
    content = call.request.get_data()
    if len(content) > call.world.switches.invoice_bytes:
        raise Refusal(413, _problem("InvoiceFileTooLargeException", "file", "is larger than 3 MB"))
    if not content.startswith(b"%PDF-"):
        raise Refusal(422, _problem("InvalidInvoiceFileException", "file", "is not a PDF"))
    paper.content, paper.uploaded_at = content, call.now
    return answer(None, 200)


def _paper(form: Form, invoice_id: str) -> Paper:
    for paper in form.papers:
        if paper.id == invoice_id:
            return paper
    raise Refusal(404, _problem("InvoiceNotFoundException", "invoiceId", "is not known"))


def _problem(code: str, path: str, what: str) -> Problem:
    return Problem(
        code, f"{path} {what}", path=path, user_message="Nie udało się dodać dokumentu do zamówienia."
    )
