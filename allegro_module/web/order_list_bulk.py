"""Deeds on several orders at once: accept, take care of, change the status; who is left out is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.order_lists import find_orders
from allegro_module.db.orders import Order
from allegro_module.domain.orders import BY_ALLEGRO, SENDABLE, FulfillmentStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.jobs.queue import enqueue
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.order_deeds import assign_caretaker, confirm
from allegro_module.sync.order_intentions import ask_status
from allegro_module.web.formats import WARSAW
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import FULFILLMENT_STATES, sentence
from allegro_module.web.order_list_filters import address, cleaned
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ID, tell

#: As many as a page of the list holds.
MOST = 100
#: So many numbers are named in a note; the rest is counted.
MOST_NAMED = 20


@dataclass(slots=True)
class Outcome:
    """What became of each order, by number."""

    done: list[str] = field(default_factory=list)
    #: Nothing was to be done.
    unchanged: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, number: str, why: str) -> None:
        self.left_out.setdefault(why, []).append(number)

    def words(self) -> str:
        """Who was not concerned and why; empty when everybody was."""
        parts = [f"{_named(numbers)} – {why}" for why, numbers in self.left_out.items()]
        if self.unchanged:
            parts.append(f"{_named(self.unchanged)} – {t('it was so already')}")
        return t("Left out: %(which)s.", which="; ".join(parts)) if parts else ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Orders that were ticked, newest first, and the clock of each one's account."""

    orders: Sequence[Order]
    now_by_account: Mapping[int, datetime]

    def now(self, order: Order) -> datetime:
        return self.now_by_account[order.account_id]


#: A deed on one order: None when nothing was to be done, a Problem when it cannot be.
Deed = Callable[[Runtime, Order, datetime], object]


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/bulk", "bulk", bulk, methods=["POST"])
    page.add_url_rule("/status", "statuses", statuses, methods=["GET"])
    page.add_url_rule("/status", "set_statuses", set_statuses, methods=["POST"])


@requires(Permission.HANDLE_ORDERS)
def bulk() -> Response:
    """The bulk bar's buttons; what needs a choice first has its own page."""
    ids = ids_in(request.form)
    deed, back = request.form.get("deed", ""), request.form.get("back", "")
    if not ids:
        tell("warn", t("No order is ticked."), t("Tick the orders that it shall concern."))
        return redirect(way_back(back), 303)
    if deed in PAGES:
        return redirect(url_for(f"allegro.orders.{PAGES[deed]}", order=ids, back=back or None), 303)
    if deed not in DEEDS:
        abort(400)
    runtime = current_runtime()
    act, words = DEEDS[deed]
    outcome = do_to_all(runtime, chosen(runtime, ids), act)
    tell_outcome(outcome, words(len(outcome.done)))
    return redirect(way_back(back), 303)


@requires(Permission.HANDLE_ORDERS)
def statuses() -> str:
    return _status_page(current_runtime(), ids_in(request.args), request.args.get("back", ""))


@requires(Permission.HANDLE_ORDERS)
def set_statuses() -> Response | tuple[str, int]:
    runtime = current_runtime()
    ids, back = ids_in(request.form), request.form.get("back", "")
    wanted = request.form.get("status", "")
    if wanted not in SENDABLE:
        error = t("Choose the status.")
        return _status_page(runtime, ids, back, error), 422
    status = FulfillmentStatus(wanted)

    def act(runtime: Runtime, order: Order, now: datetime) -> object:
        return ask_status(runtime.session, order, status, runtime.who(), now)

    outcome = do_to_all(runtime, chosen(runtime, ids), act)
    name = t(FULFILLMENT_STATES[status].text)
    tell_outcome(outcome, _status_words(len(outcome.done), name))
    return redirect(way_back(back), 303)


def _status_words(count: int, name: str) -> str:
    return n(
        "Status „%(name)s” of %(num)s order is on its way to Allegro.",
        "Status „%(name)s” of %(num)s orders is on its way to Allegro.",
        count,
        name=name,
    )


def _status_page(runtime: Runtime, ids: Sequence[int], back: str, error: str = "") -> str:
    found = chosen(runtime, ids)
    if not found.orders:
        abort(404)
    left_out = Outcome()
    for order in found.orders:
        why = why_left_out(order, found.now(order))
        if why:
            left_out.leave_out(number_of(order), why)
    return render_template(
        "allegro/orders/status.html",
        orders=[order for order in found.orders if not why_left_out(order, found.now(order))],
        left_out=left_out.words(),
        choices=[(str(each), t(FULFILLMENT_STATES[each].text)) for each in SENDABLE],
        error=error,
        back=back,
        back_url=way_back(back),
    )


def _accept(runtime: Runtime, order: Order, now: datetime) -> object:
    was_confirmed = order.is_confirmed
    answer = confirm(runtime.session, order, True, runtime.who(), now)
    return answer or (None if was_confirmed else order)


def _take_care(runtime: Runtime, order: Order, now: datetime) -> object:
    if order.caretaker == runtime.who()[:100]:
        return None
    assign_caretaker(runtime.session, order, runtime.who(), now)
    return order


def _accept_words(count: int) -> str:
    return n("%(num)s order accepted.", "%(num)s orders accepted.", count)


def _care_words(count: int) -> str:
    return n("You take care of %(num)s order.", "You take care of %(num)s orders.", count)


DEEDS: Mapping[str, tuple[Deed, Callable[[int], str]]] = {
    "accept": (_accept, _accept_words),
    "caretaker": (_take_care, _care_words),
}
#: Deeds with a page of their own → endpoint.
PAGES = {"status": "statuses", "waybills": "waybills", "export": "export"}


def do_to_all(runtime: Runtime, found: Chosen, act: Deed) -> Outcome:
    """One transaction; the push job is rung once at the end."""
    outcome = Outcome()
    for order in found.orders:
        why = why_left_out(order, found.now(order))
        # Looking after an order is allowed whatever holds it.
        if why and act is not _take_care:
            outcome.leave_out(number_of(order), why)
        else:
            keep_answer(outcome, order, act(runtime, order, found.now(order)))
    runtime.session.commit()
    ring_pushes(runtime)
    return outcome


def keep_answer(outcome: Outcome, order: Order, answer: object) -> None:
    if isinstance(answer, Problem):
        outcome.leave_out(number_of(order), sentence(answer).rstrip("."))
    elif answer is None:
        outcome.unchanged.append(number_of(order))
    else:
        outcome.done.append(number_of(order))


def ring_pushes(runtime: Runtime) -> None:
    """The schedule finds what is due even when the queue is down."""
    enqueue(runtime, "push_orders")


def tell_outcome(outcome: Outcome, words: str) -> None:
    if outcome.done:
        tell("warn" if outcome.left_out else "ok", words, outcome.words())
    else:
        tell("warn", t("Nothing was changed."), outcome.words())


def why_left_out(order: Order, now: datetime) -> str:
    """Empty for an order that the seller may pack."""
    if order.provider == BY_ALLEGRO:
        return t("Allegro packs it itself")
    if order.superseded_by:
        return t("it was paid together with another order")
    if order.held_because:
        return t("it is on hold")
    if order.held_until is not None and order.held_until > now:
        return t("the buyer may cancel until %(clock)s", clock=f"{order.held_until.astimezone(WARSAW):%H:%M}")
    return ""


def ids_in(form: MultiDict[str, str]) -> list[int]:
    ids = (int(each) for each in form.getlist("order") if each.isdecimal() and len(each) < 20)
    return list(dict.fromkeys(each for each in ids if 0 < each <= LARGEST_ID))[:MOST]


def chosen(runtime: Runtime, ids: Sequence[int]) -> Chosen:
    accounts = list_linked_accounts(runtime.session)
    now_by_account = {account.id: runtime.now(account.environment) for account in accounts}
    orders = find_orders(runtime.session, ids) if ids else ()
    return Chosen([order for order in orders if order.account_id in now_by_account], now_by_account)


def number_of(order: Order) -> str:
    return order.number or order.checkout_form_id[:8]


def way_back(query: str) -> str:
    """The list as it was; only what the list knows is taken from `query`."""
    given = MultiDict(parse_qsl(query[:2000]))
    place = {name: given[name] for name in ("before", "due") if name in given}
    return address({**cleaned(given), **place})


def _named(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:MOST_NAMED])
    rest = len(numbers) - MOST_NAMED
    return f"{shown} {n('and %(num)s other', 'and %(num)s others', rest)}" if rest > 0 else shown
