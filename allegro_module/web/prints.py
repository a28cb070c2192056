"""*Pobierz*: prints of one or many orders, made by a job that the page watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from unicodedata import normalize
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.claims import is_dead
from allegro_module.db.orders import Order
from allegro_module.db.prints import KEPT, Print, find_print, list_orders_to_print
from allegro_module.domain.orders import FormStatus, FulfillmentStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.prints import (
    MOST_ORDERS,
    OPEN_STATES,
    LeftOut,
    PrintKind,
    PrintState,
    Trouble,
)
from allegro_module.jobs.queue import enqueue
from allegro_module.prints.making import written_now
from allegro_module.prints.papers import from_json
from allegro_module.prints.words import WARSAW
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ID, page_now, tell

TASK = "make_prints"
KINDS = {
    PrintKind.A4: marked("Order print A4"),
    PrintKind.SMALL: marked("Small print 10 × 15 cm"),
    PrintKind.PICKING: marked("Picking list"),
}
#: The file's name; the date stands behind it.
FILES = {
    PrintKind.A4: marked("Orders"),
    PrintKind.SMALL: marked("Small prints"),
    PrintKind.PICKING: marked("Picking list"),
}
REASONS = {
    LeftOut.HELD: marked("shipping is on hold"),
    LeftOut.CANCEL_WINDOW: marked("the buyer may still cancel it for a few minutes"),
    LeftOut.CANCELLED: marked("cancelled"),
    LeftOut.FULFILLED_BY_ALLEGRO: marked("One Fulfillment packs it"),
    LeftOut.SUPERSEDED: marked("paid together with another order"),
    LeftOut.NOT_READ: marked("its content has not been read from Allegro yet"),
}
TROUBLES = {
    Trouble.NOTHING_LEFT: marked("None of the orders may be packed now, so there is nothing to print."),
    Trouble.NO_COMPILER: marked("PDF files are not switched on in this shop. Print from the browser."),
    Trouble.NOT_COMPILED: marked("The PDF could not be made. Print from the browser."),
}
PLAIN_LETTERS = str.maketrans("łŁ", "lL")
#: A PDF runs no scripts of ours, and browsers show it by a viewer that our own policy would shut out.
PDF_POLICY = "frame-ancestors 'none'"
#: Where a seller without a list to go back to ends.
ORDERS = "allegro.orders.index"


@dataclass(frozen=True, slots=True)
class Left:
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """How far a print is. `stage` is what happens now, `trouble` why there is no PDF."""

    id: int
    title: str
    is_running: bool
    is_queue_down: bool
    stage: str
    done: int
    total: int
    has_paper: bool
    has_document: bool
    trouble: str
    left_out: Sequence[Left]
    not_accepted: Sequence[str]
    not_accepted_words: str
    unchecked: Sequence[str]
    made_at: datetime | None


def create_blueprint() -> Blueprint:
    page = Blueprint("prints", __name__, url_prefix="/orders/prints")
    page.add_url_rule("", "make", make, methods=["POST"])
    page.add_url_rule("/<int:print_id>", "show", show, methods=["GET"])
    page.add_url_rule("/<int:print_id>/document", "document", document, methods=["GET"])
    page.add_url_rule("/<int:print_id>/html", "html", html, methods=["GET"])
    return page


@requires(Permission.HANDLE_ORDERS)
def make() -> Response:
    """Fields: `kind`, and `order` once for each order."""
    runtime = current_runtime()
    kind = request.form.get("kind", "")
    ids = _order_ids(request.form)
    if kind not in set(PrintKind) or ids is None:
        abort(400)
    if not 0 < len(ids) <= MOST_ORDERS:
        _tell_how_many(len(ids))
        return redirect(url_for(ORDERS), 303)
    print_ = _a_print(runtime, PrintKind(kind), ids)
    runtime.session.add(print_)
    runtime.session.commit()
    enqueue(runtime, TASK, print_.id)
    return redirect(url_for("allegro.prints.show", print_id=print_.id), 303)


def _tell_how_many(given: int) -> None:
    if not given:
        tell("warn", t("Nothing was chosen."), t("Tick the orders to print."))
        return
    title = t("At most %(num)s orders fit into one print.", num=MOST_ORDERS)
    tell("warn", title, t("Print them in parts."))


def _order_ids(form: MultiDict[str, str]) -> list[int] | None:
    """None for what no page of ours sends; each id once."""
    given = form.getlist("order")
    if not all(each.isascii() and each.isdigit() and int(each) <= LARGEST_ID for each in given):
        return None
    return list(dict.fromkeys(map(int, given)))


def _a_print(runtime: Runtime, kind: PrintKind, ids: Sequence[int]) -> Print:
    known = [order.id for order in list_orders_to_print(runtime.session, ids)]
    if not known:
        abort(404)
    return Print(
        kind=kind,
        order_ids=known,
        state=PrintState.WAITING,
        orders_url=url_for(ORDERS, _external=True).rstrip("/")[:300],
        created_at=page_now(),
        created_by=runtime.who()[:100],
    )


@requires(Permission.HANDLE_ORDERS)
def show(print_id: int) -> Response:
    runtime = current_runtime()
    print_ = _found(runtime, print_id)
    is_queue_down = _waits(print_, page_now()) and not enqueue(runtime, TASK, print_.id)
    return page_or_fragment(
        "allegro/prints/show.html",
        "allegro/prints/_progress.html",
        view=_view(runtime, print_, is_queue_down),
    )


def _waits(print_: Print, now: datetime) -> bool:
    """Nobody is at it: it is rung for again, also when its worker has died."""
    if print_.state not in OPEN_STATES:
        return False
    is_held = print_.claim is not None and print_.claimed_until is not None and print_.claimed_until > now
    return not is_held or is_dead(print_.claim)


@requires(Permission.HANDLE_ORDERS)
def document(print_id: int) -> Response:
    print_ = _found(current_runtime(), print_id)
    if print_.document is None:
        abort(404)
    answer = send_file(BytesIO(print_.document), "application/pdf", download_name="document.pdf")
    answer.headers.set("Content-Disposition", "inline", **_file_names(_file_name(print_)))
    answer.headers["Content-Security-Policy"] = PDF_POLICY
    return answer


@requires(Permission.HANDLE_ORDERS)
def html(print_id: int) -> str:
    """The same data as a page: what the job has written, or the orders as they are here."""
    runtime = current_runtime()
    print_ = _found(runtime, print_id)
    if print_.paper is None:
        writing = written_now(runtime.session, runtime.shop, print_, page_now())
        if not writing.printed:
            abort(404)
        paper = from_json(writing.paper().to_json())
    else:
        paper = from_json(print_.paper)
    return render_template(
        "allegro/prints/page.html",
        paper=paper,
        words=paper["words"],
        title=_title(print_),
        print_id=print_.id,
    )


def _found(runtime: Runtime, print_id: int) -> Print:
    """One that is to be deleted is gone already, whenever the tidying comes round."""
    print_ = find_print(runtime.session, print_id)
    if print_ is None or print_.created_at < page_now() - KEPT:
        abort(404)
    return print_


def _view(runtime: Runtime, print_: Print, is_queue_down: bool) -> View:
    paper = from_json(print_.paper) if print_.paper else {}
    orders = list_orders_to_print(runtime.session, print_.order_ids)
    not_accepted = [order.number for order in orders if _is_not_accepted(order, print_)]
    return View(
        id=print_.id,
        title=_title(print_),
        is_running=print_.state in OPEN_STATES,
        is_queue_down=is_queue_down,
        stage=_stage(print_),
        done=print_.done,
        total=len(print_.order_ids),
        has_paper=print_.state != PrintState.FAILED,
        has_document=print_.state == PrintState.DONE and not print_.trouble,
        trouble=t(TROUBLES[Trouble(print_.trouble)]) if print_.trouble else "",
        left_out=[Left(number, t(REASONS[LeftOut(code)])) for number, code in print_.left_out.items()],
        not_accepted=not_accepted,
        not_accepted_words=_how_many_not_accepted(len(not_accepted), len(print_.order_ids)),
        unchecked=paper.get("unchecked", ()),
        made_at=print_.done_at,
    )


def _is_not_accepted(order: Order, print_: Print) -> bool:
    """Its buyer may still cancel by himself (facts.md 5.5)."""
    is_new = order.fulfillment_status in ("", FulfillmentStatus.NEW)
    is_ready = order.status == FormStatus.READY_FOR_PROCESSING
    return is_new and is_ready and order.number not in print_.left_out


def _how_many_not_accepted(num: int, of_all: int) -> str:
    if of_all == 1:
        return t("The order is not accepted yet.")
    return n(
        "%(num)s of %(all)s orders is not accepted yet.",
        "%(num)s of %(all)s orders are not accepted yet.",
        num,
        all=of_all,
    )


def _stage(print_: Print) -> str:
    if print_.state == PrintState.WAITING:
        return t("Queued; it begins in a moment.")
    if print_.done == 0:
        return t("Looking at the orders at Allegro once more.")
    if print_.done < len(print_.order_ids):
        return t("Writing the orders.")
    return t("Composing the PDF.")


def _title(print_: Print) -> str:
    orders = n("%(num)s order", "%(num)s orders", len(print_.order_ids))
    return f"{t(KINDS[PrintKind(print_.kind)])} – {orders}"


def _file_name(print_: Print) -> str:
    """„Zamówienia 22.11.2026 14.32.pdf”."""
    made_at = (print_.done_at or print_.created_at).astimezone(WARSAW)
    return f"{t(FILES[PrintKind(print_.kind)])} {made_at:%d.%m.%Y %H.%M}.pdf"


def _file_names(name: str) -> dict[str, str]:
    """For browsers, and in plain letters for what reads only those; „ł” has no plain letter by itself."""
    plain = normalize("NFKD", name.translate(PLAIN_LETTERS)).encode("ascii", "ignore").decode()
    return {"filename": plain, "filename*": f"UTF-8''{quote(name)}"}
