"""Invoices: declared, uploaded, then accepted or rejected by Allegro's scanner of files (facts.md 5.11)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Busy, Refused
from allegro_module.client.invoices import CONFLICT, RemoteInvoice, Verification
from allegro_module.db.order_events import note_event
from allegro_module.domain.orders import EventKind
from allegro_module.domain.pauses import BEFORE_PUSHING, pause_after
from allegro_module.domain.pushes import PushState, Trouble
from allegro_module.sync.push_claims import (
    ClaimedPush,
    Errand,
    PushPostponed,
    PushRefused,
    finish,
    leave,
    refuse,
)

log = logging.getLogger(__name__)

TOO_LARGE = 413
UNPROCESSABLE = 422
#: A file that is still not accepted then will not be asked about any more.
SCANNED_WITHIN = timedelta(days=3)


def send_invoice(work: ClaimedPush, api: AllegroClient, errand: Errand) -> None:
    """1. Look what is there.  2. Declare the invoice unless it is, and remember its id at once.
    3. Send the file unless it is there.

    Raises PushRefused, PushPostponed and AllegroError.
    """
    listed = api.invoices.list(errand.form_id)
    found = _find(listed, errand)
    if found is not None and found.has_file:
        _remember_upload(work, found.id)
        return
    invoice_id = found.id if found else _declare(api, errand, listed)
    with work.change() as push:
        push.remote_id = invoice_id
        pdf = push.document or b""
    _upload(api, errand, invoice_id, pdf)
    _remember_upload(work, invoice_id)


def _find(listed: Sequence[RemoteInvoice], errand: Errand) -> RemoteInvoice | None:
    """By the id we were told, else by the number; one whose file was rejected is of no use any more."""
    usable = [each for each in listed if each.verification is not Verification.REJECTED]
    by_id = [each for each in usable if each.id == errand.remote_id]
    return next(iter(by_id or [each for each in usable if _is_named_alike(each, errand)]), None)


def _is_named_alike(invoice: RemoteInvoice, errand: Errand) -> bool:
    if invoice.invoice_number:
        return invoice.invoice_number.strip() == str(errand.payload["number"])
    return bool(invoice.file and invoice.file.name == errand.payload["file_name"])


def _declare(api: AllegroClient, errand: Errand, listed: Sequence[RemoteInvoice]) -> str:
    try:
        return api.invoices.declare(errand.form_id, errand.payload["number"], errand.payload["file_name"])
    except Refused as refusal:
        if refusal.status == CONFLICT:
            raise PushRefused(Trouble.INVOICE_EXISTS, refusal.trace_id) from refusal
        is_scanning = any(each.verification is Verification.WAITING for each in listed)
        if refusal.status == UNPROCESSABLE and is_scanning:
            raise PushPostponed(Trouble.INVOICE_SCANNED) from refusal
        raise


def _upload(api: AllegroClient, errand: Errand, invoice_id: str, pdf: bytes) -> None:
    try:
        api.invoices.upload(errand.form_id, invoice_id, pdf)
    except Busy:
        # It has its file: of an earlier try, whose answer was lost.
        return
    except Refused as refusal:
        if refusal.status == TOO_LARGE:
            raise PushRefused(Trouble.INVOICE_TOO_LARGE, refusal.trace_id) from refusal
        raise


def _remember_upload(work: ClaimedPush, invoice_id: str) -> None:
    with work.change() as push:
        now = work.now()
        finish(push, now)
        push.remote_id = invoice_id
        push.tries = 0
        push.next_try_at = now + pause_after(BEFORE_PUSHING, 0)
        push.payload = {**push.payload, "verification": Verification.WAITING}
        note_event(
            work.session,
            push.order_id,
            EventKind.INVOICE_SENT,
            now,
            push.created_by,
            number=push.payload["number"],
        )


def look_at_verification(work: ClaimedPush, api: AllegroClient, errand: Errand) -> None:
    """What the scanner says of a file that Allegro has."""
    verification = _verification(api, errand)
    if verification is Verification.REJECTED:
        _take_back(work)
        refuse(work, Trouble.INVOICE_REJECTED, None)
        return
    with work.change() as push:
        now = work.now()
        if verification is Verification.ACCEPTED:
            # The shop has the file; ours is not needed for another try.
            push.payload = {**push.payload, "verification": verification}
            push.document = None
            leave(push, PushState.DONE)
            return
        is_given_up = push.done_at is None or now - push.done_at > SCANNED_WITHIN
        pause = pause_after(BEFORE_PUSHING, push.tries)
        push.tries += 1
        leave(push, PushState.DONE, None if is_given_up else now + pause)


def _verification(api: AllegroClient, errand: Errand) -> Verification | None:
    """None when the order is gone from Allegro, as after a year."""
    try:
        listed = api.invoices.list(errand.form_id)
    except Refused as refusal:
        log.warning("the verdict on an invoice cannot be read: %s", refusal)
        return None
    found = next((each for each in listed if each.id == errand.remote_id), None)
    return found.verification if found else None


def _take_back(work: ClaimedPush) -> None:
    """As if it had not been sent: another try declares it anew."""
    with work.change() as push:
        push.done_at = None
        push.remote_id = ""
        push.payload = {**push.payload, "verification": Verification.REJECTED}
