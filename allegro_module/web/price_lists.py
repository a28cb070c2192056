"""The page *Cenniki dostawy*: an account's delivery price lists, and what is done to one from its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.profiles import set_default
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.permissions import Permission
from allegro_module.domain.terms import PRICE_LISTS_MAX, TermState
from allegro_module.jobs.queue import ring_fetch_terms, ring_push_terms
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.term_wishes import archive_term, drop_wish, try_again
from allegro_module.web import price_list_compare, price_list_edit
from allegro_module.web.account_choice import chosen_of
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.price_list_chosen import allegro_address, find_price_list
from allegro_module.web.price_list_rows import FIELD, Wanted, read_board
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

PAGE = "allegro/price_lists/index.html"
COUNT = "allegro/price_lists/_count.html"
LIST = "allegro/price_lists/_list.html"
LONGEST_SEARCH = 100
Deed = Callable[[Runtime, SellingTerm, datetime], str]


def create_blueprint() -> Blueprint:
    page = Blueprint("price_lists", __name__)
    page.add_url_rule("/price-lists", "index", index, methods=["GET"])
    page.add_url_rule("/price-lists/fetch", "fetch", fetch, methods=["POST"])
    page.add_url_rule("/price-lists/<int:term_id>/do", "act", act, methods=["POST"])
    price_list_edit.add_rules(page)
    price_list_compare.add_rules(page)
    return page


@requires(Permission.SETTINGS)
def index() -> Response:
    runtime = current_runtime()
    accounts = list_linked_accounts(runtime.session)
    account = chosen_of(accounts)
    if account is None:
        return page_or_fragment(PAGE, LIST, account=None, accounts=[])
    wanted = _wanted()
    now = runtime.now(account.environment)
    board = read_board(runtime.session, account, now, _asked_at(), wanted)
    return page_or_fragment(
        PAGE,
        COUNT,
        LIST,
        account=account,
        accounts=accounts,
        board=board,
        most=PRICE_LISTS_MAX,
        words=wanted.words,
        with_hidden=wanted.with_hidden,
        asked=request.args.get("asked", type=int),
        allegro_url=allegro_address(runtime, account.environment),
    )


def _wanted() -> Wanted:
    page = request.args.get("page", default=1, type=int)
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return Wanted(words, max(1, page), "hidden" in request.args)


def _asked_at() -> datetime | None:
    """When *Pobierz z Allegro* was pressed, in seconds of the address."""
    asked = request.args.get("asked", type=int)
    try:
        return None if asked is None else datetime.fromtimestamp(asked, UTC)
    except (OverflowError, OSError, ValueError):
        return None


@requires(Permission.SETTINGS)
def fetch() -> BaseResponse:
    """*Pobierz z Allegro*: a job; its progress stands in the row of its task."""
    runtime = current_runtime()
    account = chosen_of(list_linked_accounts(runtime.session)) or abort(404)
    if ring_fetch_terms(runtime, account.id):
        asked = int(runtime.now(account.environment).timestamp())
        return redirect(url_for("allegro.price_lists.index", account=account.id, asked=asked), 303)
    title = t("The queue does not answer, so nothing could be fetched now.")
    tell("warn", title, t("The schedule fetches the price lists as soon as it is back."))
    return redirect(url_for("allegro.price_lists.index", account=account.id), 303)


@requires(Permission.SETTINGS)
def act(term_id: int) -> BaseResponse:
    """The deed that the pressed button names; the list shows the outcome."""
    runtime = current_runtime()
    term = find_price_list(runtime.session, term_id)
    deed = DEEDS.get(request.form.get("deed", "")) or abort(404)
    account_id, now = term.account_id, runtime.now(term.account.environment)
    try:
        told = deed(runtime, term, now)
        runtime.session.commit()
    except StaleDataError:
        runtime.session.rollback()
        tell("warn", t("The list was being changed just now."), t("Try once more."))
        return redirect(url_for("allegro.price_lists.index", account=account_id), 303)
    if told:
        tell("ok", told)
    if request.form.get("deed") == "again":
        ring_push_terms(runtime)
    return redirect(url_for("allegro.price_lists.index", account=account_id), 303)


def _make_default(runtime: Runtime, term: SellingTerm, now: datetime) -> str:
    if term.allegro_id is None or term.state == TermState.GONE:
        abort(409)
    set_default(runtime.session, term.account_id, FIELD, term.allegro_id, runtime.who(), now)
    _note_down(runtime, term, "price_list_default", now)
    return t("New offers get the price list “%(name)s”.", name=term.name)


def _hide(runtime: Runtime, term: SellingTerm, now: datetime) -> str:
    archive_term(term, True, runtime.who(), now)
    _note_down(runtime, term, "price_list_hidden", now)
    return t("The price list “%(name)s” is hidden here. On Allegro nothing has changed.", name=term.name)


def _show(runtime: Runtime, term: SellingTerm, now: datetime) -> str:
    archive_term(term, False, runtime.who(), now)
    _note_down(runtime, term, "price_list_shown", now)
    return t("The price list “%(name)s” is back on the list.", name=term.name)


def _try_again(runtime: Runtime, term: SellingTerm, now: datetime) -> str:
    try_again(term, now)
    return ""


def _discard(runtime: Runtime, term: SellingTerm, now: datetime) -> str:
    """The wish is dropped; one that Allegro never made goes altogether."""
    is_new, name = term.allegro_id is None, term.name
    if is_new and term.create_sent_at is not None:
        return t("The price list is on its way to Allegro, so it cannot be deleted now.")
    if term.state == TermState.CONFLICT:
        abort(409)
    _note_down(runtime, term, "price_list_deleted" if is_new else "price_list_discarded", now)
    drop_wish(term, runtime.who(), now)
    if is_new:
        return t("The price list “%(name)s” is deleted: it never was on Allegro.", name=name)
    return t("Your changes of “%(name)s” are discarded: what Allegro has holds.", name=name)


DEEDS: Mapping[str, Deed] = {
    "default": _make_default,
    "hide": _hide,
    "show": _show,
    "again": _try_again,
    "discard": _discard,
}


def _note_down(runtime: Runtime, term: SellingTerm, action: str, now: datetime) -> None:
    record(runtime.session, now, runtime.who(), action, term.name)
