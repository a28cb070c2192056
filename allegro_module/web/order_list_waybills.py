"""*Dodaj numery przesyłek*: one row for each order, its carrier and its tracking number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.carriers import list_carriers
from allegro_module.db.orders import Order
from allegro_module.domain.orders import FulfillmentStatus
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import OTHER_CARRIER, UNSUPPORTED_CARRIER, Waybill
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.order_intentions import ask_shipment, ask_status
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import sentence
from allegro_module.web.order_list_bulk import (
    Chosen,
    Outcome,
    chosen,
    ids_in,
    number_of,
    ring_pushes,
    tell_outcome,
    way_back,
    why_left_out,
)
from allegro_module.web.security import requires

FIELDS = ("carrier_id", "waybill", "carrier_name")
#: A pasted line: an order's number, whatever parts it from the tracking number, the tracking number.
PASTED_LINE = re.compile(r"^\s*(\S+?)[\s;,:]+(.+?)\s*$")
#: A paste box holds no more; a longer text is no list of orders.
LONGEST_PASTED = 20_000
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class WaybillRow:
    """`errors` by field."""

    order: Order
    number: str
    carriers: Sequence[tuple[str, str]]
    carrier_id: str
    waybill: str = ""
    carrier_name: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the page besides the rows. `pasted` is the text of the box, `unknown` its lost lines."""

    back: str
    is_sent: bool = True
    pasted: str = ""
    unknown: Sequence[str] = ()
    is_refused: bool = False


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/waybills", "waybills", waybills, methods=["GET"])
    page.add_url_rule("/waybills", "add_waybills", add_waybills, methods=["POST"])


@requires(Permission.HANDLE_ORDERS)
def waybills() -> str:
    runtime = current_runtime()
    found = chosen(runtime, ids_in(request.args))
    return _page(_rows(runtime, found), _left_out(found), Sheet(request.args.get("back", "")))


@requires(Permission.HANDLE_ORDERS)
def add_waybills() -> Response | str | tuple[str, int]:
    """Rows without a number are left for later; when one is wrong, all that is not done stays as typed."""
    runtime = current_runtime()
    sheet = _sheet(request.form)
    found = chosen(runtime, ids_in(request.form))
    typed = [_typed(row, request.form) for row in _rows(runtime, found)]
    if request.form.get("action") == "paste":
        rows, unknown = _pasted(typed, sheet.pasted)
        return _page(rows, _left_out(found), replace(sheet, pasted="\n".join(unknown), unknown=unknown))
    outcome = _left_out(found)
    rest = _keep(runtime, typed, found, sheet.is_sent, outcome)
    runtime.session.commit()
    ring_pushes(runtime)
    if outcome.done:
        tell_outcome(outcome, _done_words(len(outcome.done)))
    if outcome.done and not any(row.errors for row in rest):
        return redirect(way_back(sheet.back), 303)
    return _page(rest, Outcome() if outcome.done else outcome, replace(sheet, is_refused=True)), 422


def _sheet(form: MultiDict[str, str]) -> Sheet:
    pasted = form.get("pasted", "").replace("\0", "")[:LONGEST_PASTED].strip()
    return Sheet(form.get("back", ""), "is_sent" in form, pasted)


def _keep(
    runtime: Runtime, rows: Sequence[WaybillRow], found: Chosen, is_sent: bool, outcome: Outcome
) -> list[WaybillRow]:
    """Answers the rows that are not done: without a number, or with what is wrong at its field."""
    rest = []
    for row in rows:
        problem = _ask(runtime, row, found.now(row.order), is_sent) if row.waybill else None
        if problem is not None:
            rest.append(replace(row, errors={problem.field: sentence(problem)}))
        elif row.waybill:
            outcome.done.append(row.number)
        else:
            rest.append(row)
    return rest


def _ask(runtime: Runtime, row: WaybillRow, now: datetime, is_sent: bool) -> Problem | None:
    waybill = Waybill(row.carrier_id, row.waybill, row.carrier_name)
    answer = ask_shipment(runtime.session, row.order, waybill, runtime.who(), now)
    if isinstance(answer, Problem):
        return answer
    if is_sent:
        ask_status(runtime.session, row.order, FulfillmentStatus.SENT, runtime.who(), now)
    return None


def _done_words(count: int) -> str:
    return n(
        "%(num)s tracking number is on its way to Allegro.",
        "%(num)s tracking numbers are on their way to Allegro.",
        count,
    )


def _left_out(found: Chosen) -> Outcome:
    outcome = Outcome()
    for order in found.orders:
        why = why_left_out(order, found.now(order))
        if why:
            outcome.leave_out(number_of(order), why)
    return outcome


def _rows(runtime: Runtime, found: Chosen) -> list[WaybillRow]:
    """Orders that the seller may pack."""
    environment_of = {each.id: each.environment for each in list_linked_accounts(runtime.session)}
    carriers = {name: _carriers(runtime, name) for name in set(environment_of.values())}
    return [
        _row(order, carriers[environment_of[order.account_id]])
        for order in found.orders
        if not why_left_out(order, found.now(order))
    ]


def _carriers(runtime: Runtime, environment: str) -> list[tuple[str, str]]:
    """The other carrier last: as long as no list has been fetched, it is the only one."""
    listed = [
        (each.id, each.name or each.id)
        for each in list_carriers(runtime.session, environment)
        if each.id not in (OTHER_CARRIER, UNSUPPORTED_CARRIER)
    ]
    return [*listed, (OTHER_CARRIER, t("Another carrier"))]


def _row(order: Order, carriers: Sequence[tuple[str, str]]) -> WaybillRow:
    return WaybillRow(order, number_of(order), carriers, _guess(order.delivery_method, carriers))


def _guess(delivery_method: str, carriers: Sequence[tuple[str, str]]) -> str:
    """The carrier that the buyer's delivery method names; none when it names nobody."""
    words = set(re.findall(r"\w+", delivery_method.casefold()))
    named = (key for key, name in carriers if key != OTHER_CARRIER and name.split()[0].casefold() in words)
    return next(named, "")


def _typed(row: WaybillRow, form: MultiDict[str, str]) -> WaybillRow:
    """NUL breaks PostgreSQL; lengths are judged where the number is taken."""
    values = {name: form.get(f"{name}-{row.order.id}", "").replace("\0", "").strip()[:255] for name in FIELDS}
    return replace(row, **values)  # type: ignore[arg-type]


def _pasted(rows: Sequence[WaybillRow], text: str) -> tuple[list[WaybillRow], list[str]]:
    """„BL-10482 6200…” line by line, as a courier's program or a spreadsheet gives it; lines of no row."""
    numbers = {row.number.casefold() for row in rows}
    waybill_of: dict[str, str] = {}
    unknown = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = PASTED_LINE.match(line)
        if match and match[1].casefold() in numbers:
            waybill_of[match[1].casefold()] = match[2][:255]
        else:
            unknown.append(line)
    filled = [replace(row, waybill=waybill_of.get(row.number.casefold(), row.waybill)) for row in rows]
    return filled, unknown


def _unknown_words(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    which = "; ".join(line[:60] for line in lines[:MOST_NAMED]) + ("…" if len(lines) > MOST_NAMED else "")
    return n(
        "%(num)s line was not recognised: %(which)s",
        "%(num)s lines were not recognised: %(which)s",
        len(lines),
        which=which,
    )


def _page(rows: Sequence[WaybillRow], outcome: Outcome, sheet: Sheet) -> str:
    if not rows and not outcome.left_out:
        abort(404)
    return render_template(
        "allegro/orders/waybills.html",
        rows=rows,
        left_out=outcome.words(),
        is_sent=sheet.is_sent,
        pasted=sheet.pasted,
        unknown=_unknown_words(sheet.unknown),
        is_empty=sheet.is_refused and not any(row.errors for row in rows),
        problems=[(row, name, words) for row in rows for name, words in row.errors.items()],
        other_carrier=OTHER_CARRIER,
        back=sheet.back,
        back_url=way_back(sheet.back),
    )
