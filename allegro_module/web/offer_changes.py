"""*Przypisz do ofert*: one price list, producer or dispatch time for many offers, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.offer_changes import (
    ItemState,
    NoSuchChange,
    OfferChange,
    get_change,
    list_batch,
    list_batches,
    list_items,
    list_rest,
)
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_offer_changes
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.offer_changes import ask_again
from allegro_module.web import offer_change_choice
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.offer_change_words import Tally, field_words, item_row, tally, value_words
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ID, before_in_address, tell

PAGE_SIZE = 50
ITEMS_PER_PAGE = 100
STATES_BY_TAB = {
    "all": tuple(ItemState),
    "failed": (ItemState.FAIL,),
    "done": (ItemState.SUCCESS,),
}
NAME_BY_TAB = {"all": marked("All"), "failed": marked("Not changed ones"), "done": marked("Changed ones")}


@dataclass(frozen=True, slots=True)
class Row:
    """One change of the list."""

    id: int
    alias: str
    field: str
    value: str
    asked_at: datetime
    asked_by: str
    tally: Tally


def create_blueprint() -> Blueprint:
    page = Blueprint("changes", __name__, url_prefix="/offer-changes")
    page.add_url_rule("", "index", index, methods=["GET"])
    page.add_url_rule("/<int:change_id>", "show", show, methods=["GET"])
    page.add_url_rule("/<int:change_id>/again", "again", again, methods=["POST"])
    offer_change_choice.add_rules(page)
    return page


@requires(Permission.LIST_OFFERS)
def index() -> str:
    runtime = current_runtime()
    before_id = before_in_address()
    # One more than shown tells whether there is a next page.
    found = list_batches(runtime.session, before_id, PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    rest = list_rest(runtime.session, [each.batch for each in shown])
    accounts = list_linked_accounts(runtime.session)
    aliases = {account.id: account.alias for account in accounts}
    return render_template(
        "allegro/changes/index.html",
        rows=[_row(each, rest, aliases.get(each.account_id, "")) for each in shown],
        has_accounts=bool(accounts),
        many_accounts=len(accounts) > 1,
        before_id=before_id,
        next_before=shown[-1].id if len(found) > PAGE_SIZE else None,
    )


def _row(first: OfferChange, rest: Sequence[OfferChange], alias: str) -> Row:
    return Row(
        id=first.id,
        alias=alias,
        field=field_words(first.field),
        value=value_words(first),
        asked_at=first.asked_at,
        asked_by=first.asked_by,
        tally=tally([first, *(each for each in rest if each.batch == first.batch)]),
    )


@requires(Permission.LIST_OFFERS)
def show(change_id: int) -> Response:
    runtime = current_runtime()
    change = _get(runtime, change_id)
    counted = tally(list_batch(runtime.session, change.batch))
    tab = request.args.get("tab") or ("failed" if counted.failed and not counted.is_running else "all")
    if tab not in STATES_BY_TAB:
        abort(404)
    after_id = _after()
    items = list_items(runtime.session, change.batch, STATES_BY_TAB[tab], after_id, ITEMS_PER_PAGE + 1)
    accounts = {account.id: account for account in list_linked_accounts(runtime.session)}
    return page_or_fragment(
        "allegro/changes/show.html",
        "allegro/changes/_progress.html",
        change=change,
        account=accounts.get(change.account_id),
        field=field_words(change.field),
        value=value_words(change),
        tally=counted,
        tab=tab,
        asked_tab=request.args.get("tab"),
        tabs=_tabs(change.id, tab, counted),
        after_id=after_id,
        rows=[item_row(each, is_running=counted.is_running) for each in items[:ITEMS_PER_PAGE]],
        next_after=items[ITEMS_PER_PAGE - 1].id if len(items) > ITEMS_PER_PAGE else None,
    )


def _after() -> int:
    after_id = request.args.get("after", default=0, type=int)
    if not 0 <= after_id <= LARGEST_ID:
        abort(404)
    return after_id


def _tabs(change_id: int, current: str, counted: Tally) -> list[tuple[str, str, int, bool]]:
    counts = {"all": counted.size, "failed": counted.failed, "done": counted.succeeded}
    return [
        (
            t(words),
            url_for("allegro.changes.show", change_id=change_id, tab=name),
            counts[name],
            name == current,
        )
        for name, words in NAME_BY_TAB.items()
    ]


@requires(Permission.LIST_OFFERS)
def again(change_id: int) -> Response:
    runtime = current_runtime()
    change = _get(runtime, change_id)
    if tally(list_batch(runtime.session, change.batch)).is_running:
        tell("info", t("This change is still under way."))
        return redirect(url_for("allegro.changes.show", change_id=change_id), 303)
    repeated = ask_again(runtime.session, change, runtime.who(), _now(runtime, change.account_id))
    if repeated is None:
        tell("info", t("All offers of this change have been changed."))
        return redirect(url_for("allegro.changes.show", change_id=change_id), 303)
    runtime.session.commit()
    ring_offer_changes(runtime)
    tell("ok", n("%(num)s offer is tried once more.", "%(num)s offers are tried once more.", repeated.size))
    return redirect(url_for("allegro.changes.show", change_id=repeated.id), 303)


def _get(runtime: Runtime, change_id: int) -> OfferChange:
    try:
        return get_change(runtime.session, change_id)
    except NoSuchChange:
        abort(404)


def _now(runtime: Runtime, account_id: int) -> datetime:
    return runtime.now(runtime.session.get_one(Account, account_id).environment)
