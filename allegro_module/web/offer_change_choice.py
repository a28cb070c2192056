"""Choosing what is given to which offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, list_linked_accounts
from allegro_module.db.changeable_offers import (
    NOTHING,
    OfferFilter,
    count_by_value,
    count_changeable,
    ids_of_changeable,
    list_changeable,
)
from allegro_module.db.offers import Offer
from allegro_module.db.terms import list_all_terms
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.jobs.queue import ring_offer_changes
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.offer_changes import ask_change
from allegro_module.web.account_choice import chosen_account
from allegro_module.web.fragments import go, page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label, label_of_offer_state, sentence
from allegro_module.web.offer_change_words import (
    CHOSEN_FROM_A_LIST,
    KIND_BY_FIELD,
    Choices,
    choices_of,
    field_words,
)
from allegro_module.web.security import requires
from allegro_module.web.term_marks import mark_of_states
from allegro_module.web.ui import LARGEST_ID, before_in_address

ROWS = 100
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address, or the form that was sent, says."""

    field: str
    value: str
    words: str
    present: str
    offer_ids: Sequence[int]
    is_for_all: bool

    def filter(self, account_id: int) -> OfferFilter:
        return OfferFilter(account_id, self.field, self.words, self.present)


@dataclass(frozen=True, slots=True)
class Row:
    """`is_same`: the offer has the value already."""

    id: int
    title: str
    allegro_offer_id: str | None
    reference: str
    state: Label
    present: str
    is_same: bool
    is_ticked: bool


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/new", "choose", choose, methods=["GET"])
    page.add_url_rule("", "ask", ask, methods=["POST"])


@requires(Permission.LIST_OFFERS)
def choose() -> Response:
    return _page(current_runtime(), read_wish(request.args), [])


@requires(Permission.LIST_OFFERS)
def ask() -> Response:
    runtime = current_runtime()
    account, wish = chosen_account(runtime.session), read_wish(request.form)
    if account is None:
        abort(404)
    problem, offer_ids = _offers(runtime, account, wish)
    choices = _choices(runtime, account)
    if not choices.is_known(wish.field, wish.value):
        problem = Problem("change_value_unknown")
    if problem:
        return _page(runtime, wish, [problem])
    if "back" in request.form:
        return _page(runtime, wish, [])
    present = count_by_value(runtime.session, account.id, wish.field, offer_ids)
    if not present:
        return _page(runtime, wish, [Problem("change_nothing_ticked")])
    if request.form.get("confirmed") != _mark_of(present):
        return _confirm(account, wish, choices, present)
    label = choices.words(wish.field, wish.value)
    now = runtime.now(account.environment)
    try:
        change = ask_change(
            runtime.session, account.id, wish.field, wish.value, label, offer_ids, runtime.who(), now
        )
    except ValueError:
        # Another account's offers, or such as Allegro has lost meanwhile.
        return _page(runtime, wish, [Problem("change_nothing_ticked")])
    runtime.session.commit()
    ring_offer_changes(runtime)
    return go(url_for("allegro.changes.show", change_id=change.id))


def _mark_of(present: Mapping[str, int]) -> str:
    """What the seller has agreed to: offers that have become others meanwhile are asked about anew."""
    return mark_of_states(present)


def _confirm(account: Account, wish: Wish, choices: Choices, present: Mapping[str, int]) -> Response:
    """Offers on Allegro change at once, so it is said before what they have now and what they will have."""
    given = [("account", account.id), ("field", wish.field), ("value", wish.value)]
    given += [("q", wish.words), ("present", wish.present), ("all", "1" if wish.is_for_all else "")]
    if not wish.is_for_all:
        given += [("offer", each) for each in wish.offer_ids]
    return page_or_fragment(
        "allegro/changes/confirm.html",
        account=account,
        wish=wish,
        field=field_words(wish.field),
        value=choices.words(wish.field, wish.value),
        rows=[
            (choices.words(wish.field, now), count, now == wish.value)
            for now, count in sorted(present.items(), key=lambda pair: -pair[1])
        ],
        total=sum(present.values()),
        mark=_mark_of(present),
        sent=[(name, each) for name, each in given if each],
    )


def _offers(runtime: Runtime, account: Account, wish: Wish) -> tuple[Problem | None, Sequence[int]]:
    ids = wish.offer_ids
    if wish.is_for_all:
        ids = ids_of_changeable(runtime.session, wish.filter(account.id))
    return (None if ids else Problem("change_nothing_ticked")), ids


def read_wish(sent: MultiDict[str, str]) -> Wish:
    """`to` is the choice of the page, `field:value`; other pages lead here by `field` and `value`."""
    field, _, value = sent.get("to", "").partition(":")
    field, value = field or sent.get("field", ""), value or sent.get("value", "")
    if field not in CHOSEN_FROM_A_LIST:
        field, value = CHOSEN_FROM_A_LIST[0], ""
    ids = (int(each) for each in sent.getlist("offer") if each.isdecimal() and len(each) < 20)
    return Wish(
        field=field,
        value=value,
        words=sent.get("q", "")[:LONGEST_SEARCH].strip(),
        present=sent.get("present", "")[:LONGEST_SEARCH],
        offer_ids=[each for each in dict.fromkeys(ids) if 0 < each <= LARGEST_ID],
        is_for_all="all" in sent,
    )


def _choices(runtime: Runtime, account: Account) -> Choices:
    return choices_of(list_all_terms(runtime.session, account.id, tuple(KIND_BY_FIELD.values())))


def _page(runtime: Runtime, wish: Wish, problems: Sequence[Problem]) -> Response:
    account = chosen_account(runtime.session)
    if account is None:
        return page_or_fragment("allegro/changes/choose.html", "allegro/changes/_choose.html", account=None)
    choices = _choices(runtime, account)
    wanted, before_id = wish.filter(account.id), before_in_address()
    # One more than shown tells whether there is a next page.
    found = list_changeable(runtime.session, wanted, before_id, ROWS + 1)
    shown = found[:ROWS]
    is_whole = before_id is None and len(found) <= ROWS
    return page_or_fragment(
        "allegro/changes/choose.html",
        "allegro/changes/_choose.html",
        status=422 if problems else 200,
        account=account,
        accounts=list_linked_accounts(runtime.session),
        wish=wish,
        field=field_words(wish.field),
        value=choices.words(wish.field, wish.value) if choices.is_known(wish.field, wish.value) else "",
        groups=_groups(choices),
        presents=[(NOTHING, t("none")), *choices.all(wish.field)],
        total=len(shown) if is_whole else count_changeable(runtime.session, wanted),
        rows=[_row(each, wish, choices) for each in shown],
        errors=[sentence(each) for each in problems],
        is_filtered=bool(wish.words or wish.present),
        before_id=before_id,
        next_before=shown[-1].id if len(found) > ROWS else None,
    )


def _groups(choices: Choices) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choice „co”: groups with their values, as `field:value`."""
    return [
        (field_words(field), [(f"{field}:{value}", words) for value, words in choices.options[field]])
        for field in CHOSEN_FROM_A_LIST
        if choices.options[field]
    ]


def _row(offer: Offer, wish: Wish, choices: Choices) -> Row:
    present: str | None = getattr(offer, wish.field)
    return Row(
        id=offer.id,
        title=offer.title or offer.sku,
        allegro_offer_id=offer.allegro_offer_id,
        reference=offer.external_id,
        state=label_of_offer_state(offer.state),
        present=choices.words(wish.field, present),
        is_same=bool(wish.value) and present == wish.value,
        is_ticked=offer.id in wish.offer_ids,
    )
