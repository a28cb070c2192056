"""What the editor of a price list shows: groups of methods, limits, problems at fields, what changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.price_list_texts import amount_text, days_text, number_of
from allegro_module.domain.price_lists import (
    DeliveryMethod,
    Group,
    ListType,
    fits_country,
    group_of,
    is_electronic,
)
from allegro_module.domain.problems import Problem
from allegro_module.web.formats import by_alphabet
from allegro_module.web.forms.price_list import PARTS, RATES, TypedList, TypedRate
from allegro_module.web.i18n import t
from allegro_module.web.labels import country_name
from allegro_module.web.price_list_rows import Smart, smart_of
from allegro_module.web.price_list_words import (
    GROUPS,
    ChangeLine,
    change_lines,
    currency_sign,
    facts_of,
    limit_words,
    problem_entries,
    short_words_of,
    words_of,
)

#: With more switched-off rows than this a list in use opens without them.
MANY_OFF = 40
PARCEL_COUNTRIES = ("PL", "CZ", "SK", "HU")


@dataclass(frozen=True, slots=True)
class MethodRow:
    method: DeliveryMethod
    name: str
    facts: str
    sign: str
    typed: TypedRate
    was: TypedRate
    #: By part, and "" for the row: sentences.
    problems: Mapping[str, str]
    #: Why it cannot be sent, though it is in the list.
    trouble: str
    #: Of the model before 2026: shown, never sent.
    next_item: str
    #: In days, where the seller sets none.
    usual_from: str
    usual_to: str
    #: What a price over Allegro's limit is answered; empty where there is none.
    over: str

    @property
    def limit(self) -> str:
        """The largest price, as scripts read it."""
        return "" if self.method.max_rate is None else f"{self.method.max_rate:f}"


@dataclass(frozen=True, slots=True)
class MethodGroup:
    title: str
    rows: Sequence[MethodRow]


@dataclass(frozen=True, slots=True)
class Draft:
    """An editor's state: what was typed, what it is compared with, what is wrong with it."""

    account: Account
    typed: TypedList
    methods: Mapping[str, DeliveryMethod]
    before: Mapping[str, Any]
    content: Mapping[str, Any]
    term: SellingTerm | None = None
    problems: Sequence[Problem] = ()
    #: What the search field says.
    sought: str = ""


@dataclass(frozen=True, slots=True)
class View:
    groups: Sequence[MethodGroup]
    on: int
    shown: int
    #: Methods that no row shows.
    elsewhere: int
    #: A search that no method fits.
    is_nothing_found: bool
    shows_off: bool
    takes_time: bool
    has_next_item: bool
    problems: Sequence[tuple[str, str, str]]
    errors: Mapping[str, str]
    changes: Sequence[ChangeLine]
    smart: Smart
    countries: Sequence[tuple[str, str]]
    destinations: Sequence[tuple[str, str]]


def in_page_order(methods: Iterable[DeliveryMethod], home: str) -> dict[str, DeliveryMethod]:
    """By their ids, in the order in which the editor shows them."""
    groups = list(GROUPS)
    ordered = sorted(methods, key=lambda method: groups.index(group_of(method, home)))
    return {each.id: each for each in ordered}


def view_of(draft: Draft, was: TypedList) -> View:
    errors = {each.field: short_words_of(each) for each in reversed(draft.problems)}
    by_method = _by_method(errors)
    rows = [
        _row(method, draft, was, by_method)
        for method in draft.methods.values()
        if _is_shown(method, draft, was)
    ]
    rows += [_unknown_row(each, draft, was, by_method) for each in draft.typed.rates if _is_lost(each, draft)]
    on = sum(row.typed.is_on for row in rows)
    return View(
        _grouped(rows, draft.account.country),
        on,
        len(rows),
        sum(method.is_allowed and not method.is_gone for method in draft.methods.values())
        - sum(row.method.is_allowed and not row.method.is_gone for row in rows),
        bool(draft.sought) and not any(draft.sought.casefold() in row.name.casefold() for row in rows),
        not on or len(rows) - on <= MANY_OFF,
        any(row.method.takes_time or row.typed.time_from or row.typed.time_to for row in rows),
        any(row.next_item for row in rows),
        problem_entries(draft.problems, draft.methods),
        errors,
        change_lines(was, draft.typed, draft.methods),
        smart_of(draft.content, draft.methods),
        _countries(draft),
        _destinations(rows),
    )


def _is_shown(method: DeliveryMethod, draft: Draft, was: TypedList) -> bool:
    if draft.typed.rate(method.id).is_touched or was.rate(method.id).is_on:
        return True
    if method.is_gone or not method.is_allowed:
        return False
    if draft.sought:
        return draft.sought.casefold() in method.name.casefold()
    is_for_type = is_electronic(method) == (draft.typed.type == ListType.ELECTRONIC)
    return is_for_type and fits_country(method, draft.typed.dispatch_country)


def _is_lost(method_id: str, draft: Draft) -> bool:
    return draft.typed.rate(method_id).is_on and method_id not in draft.methods


Errors = Mapping[str, Mapping[str, str]]


def _by_method(errors: Mapping[str, str]) -> Errors:
    """By method and part; the part is empty for what concerns the whole row."""
    found: dict[str, dict[str, str]] = {}
    for name, text in errors.items():
        method, _, part = name.removeprefix(RATES).rpartition(".")
        if not name.startswith(RATES):
            continue
        if part not in PARTS:
            method, part = name.removeprefix(RATES), ""
        found.setdefault(method, {})[part] = text
    return found


def _row(method: DeliveryMethod, draft: Draft, was: TypedList, errors: Errors) -> MethodRow:
    typed = draft.typed.rate(method.id)
    parts = errors.get(method.id, {})
    return MethodRow(
        method,
        method.name,
        _facts(method, draft.account.country),
        currency_sign(method.currency),
        typed,
        was.rate(method.id),
        parts,
        _trouble(method) if typed.is_on and "" not in parts else "",
        _next_item(draft.term, method.id),
        days_text(method.time_from),
        days_text(method.time_to),
        limit_words(method),
    )


def _unknown_row(method_id: str, draft: Draft, was: TypedList, errors: Errors) -> MethodRow:
    """Kept visible, so that the seller can switch it off."""
    lost = DeliveryMethod(method_id, t("Unknown method"), is_gone=True, takes_weight=True)
    return _row(lost, draft, was, errors)


def _facts(method: DeliveryMethod, home: str) -> str:
    """Groups that hold both kinds of payment say which one it is."""
    facts = facts_of(method)
    if method.is_cash_on_delivery and group_of(method, home) is not Group.ON_DELIVERY:
        return " · ".join(filter(None, [t("paid on delivery"), facts]))
    return facts


def _trouble(method: DeliveryMethod) -> str:
    code = "method_gone" if method.is_gone else "" if method.is_allowed else "method_not_allowed"
    return words_of(Problem(code)) if code else ""


def _next_item(term: SellingTerm | None, method_id: str) -> str:
    stored = (term.details if term else {}).get("next_item_rates") or {}
    value = stored.get(method_id) if isinstance(stored, Mapping) else None
    if isinstance(value, Mapping):
        value = value.get("amount")
    amount = number_of(str(value or ""))
    return amount_text(str(value)) if amount else ""


def _grouped(rows: Sequence[MethodRow], home: str) -> list[MethodGroup]:
    by_group: dict[Group, list[MethodRow]] = {group: [] for group in GROUPS}
    for row in rows:
        by_group[group_of(row.method, home)].append(row)
    return [MethodGroup(t(GROUPS[group]), found) for group, found in by_group.items() if found]


def _countries(draft: Draft) -> list[tuple[str, str]]:
    """Where methods leave from, and what is chosen already."""
    known = {method.dispatch_country for method in draft.methods.values() if method.dispatch_country}
    codes = known | {draft.account.country, draft.typed.dispatch_country, *PARCEL_COUNTRIES} - {""}
    return sorted(
        ((code, country_name(code)) for code in codes if code), key=lambda each: by_alphabet(each[1])
    )


def _destinations(rows: Sequence[MethodRow]) -> list[tuple[str, str]]:
    codes = {row.method.destination_country for row in rows if row.method.destination_country}
    return sorted(((code, country_name(code)) for code in codes), key=lambda each: by_alphabet(each[1]))
