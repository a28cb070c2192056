"""What the fields of the offer form offer to choose from, and where their values came from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allegro_module.db.accounts import Account
from allegro_module.db.terms import TermKind
from allegro_module.domain.marketplaces import BASE, CURRENCIES, additional_to, currency_of
from allegro_module.domain.money import Money
from allegro_module.domain.offer_choices import AUCTION_DURATIONS, DURATIONS, HANDLING_TIMES, INVOICES, UNITS
from allegro_module.domain.selling_formats import SellingFormat, read_price
from allegro_module.web.default_words import choosable_terms, source_words, unlisted_term
from allegro_module.web.formats import money
from allegro_module.web.forms.offer import (
    FORM_FIELD_BY_COLUMN,
    Choices,
    price_abroad,
)
from allegro_module.web.forms.offer_answers import is_same_answer
from allegro_module.web.i18n import t
from allegro_module.web.marketplace_words import SIGNS, marketplace_name
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_taxes import vat_choices, vat_rate_of
from allegro_module.web.offer_words import (
    FORMAT_NAMES,
    INVOICE_NAMES,
    UNIT_NAMES,
    duration_name,
    handling_time_name,
)
from allegro_module.web.regions import place_words


def options_of(facts: Facts) -> dict[str, list[tuple[str, str]]]:
    choices = facts.choices
    return {
        "vat_rate": vat_choices(facts.category, facts.offer.account),
        "selling_format": [(each, t(FORMAT_NAMES[each])) for each in SellingFormat],
        "unit": [(each, t(UNIT_NAMES[each])) for each in UNITS],
        "additional_services_id": _listed(facts, "additional_services", choices.additional_services_id),
        "size_table_id": _listed(facts, "size_tables", choices.size_table_id),
        "invoice": [(each, t(INVOICE_NAMES[each])) for each in INVOICES],
        "handling_time": [(each, handling_time_name(each)) for each in _handling_times(choices)],
        "shipping_rate_id": _terms(facts, TermKind.SHIPPING_RATE, choices.shipping_rate_id),
        "return_policy_id": _terms(facts, TermKind.RETURN_POLICY, choices.return_policy_id),
        "implied_warranty_id": _terms(facts, TermKind.IMPLIED_WARRANTY, choices.implied_warranty_id),
        "warranty_id": _terms(facts, TermKind.WARRANTY, choices.warranty_id),
        "responsible_producer_id": _terms(
            facts, TermKind.RESPONSIBLE_PRODUCER, choices.responsible_producer_id
        ),
        "responsible_person_id": _terms(facts, TermKind.RESPONSIBLE_PERSON, choices.responsible_person_id),
        "duration": [(each, duration_name(each)) for each in _durations(choices)],
        "description_template_id": [(str(each.id), each.name) for each in facts.templates],
    }


def _terms(facts: Facts, kind: TermKind, chosen: str | None) -> list[tuple[str, str]]:
    """One that was chosen and is gone from Allegro stays in the list, so that nothing changes unseen."""
    known = choosable_terms(facts.terms, kind)
    if chosen and chosen not in dict(known):
        known.append((chosen, unlisted_term(facts.terms, kind, chosen)))
    return known


def _handling_times(choices: Choices) -> tuple[str, ...]:
    """Another one that was taken from Allegro stays, so that nothing changes unseen."""
    chosen = choices.handling_time
    return HANDLING_TIMES if not chosen or chosen in HANDLING_TIMES else (chosen, *HANDLING_TIMES)


def _durations(choices: Choices) -> tuple[str, ...]:
    """What goes with the format; another that was chosen stays, so that nothing changes unseen."""
    fitting = AUCTION_DURATIONS if choices.selling_format == SellingFormat.AUCTION else DURATIONS
    return fitting if choices.duration in fitting else (choices.duration, *fitting)


def durations_by_format() -> list[tuple[str, list[tuple[str, str]]]]:
    lists = {SellingFormat.BUY_NOW: DURATIONS, SellingFormat.AUCTION: AUCTION_DURATIONS}
    return [(name, [(each, duration_name(each)) for each in known]) for name, known in lists.items()]


def _listed(facts: Facts, name: str, chosen: str | None) -> list[tuple[str, str]]:
    """Of a dictionary of the account; one that was chosen and is gone stays in the list."""
    rows = facts.dictionaries.get(name, {}).get("rows") or ()
    known = [(each["id"], each["name"]) for each in rows]
    return [*known, (chosen, t("no longer on Allegro"))] if chosen and chosen not in dict(known) else known


@dataclass(frozen=True, slots=True)
class Deposit:
    """`pieces` as typed."""

    id: str
    name: str
    price: str
    pieces: str


def deposits_of(facts: Facts) -> list[Deposit]:
    """Kinds of the account's own marketplace; empty where Allegro names none.

    One that was chosen and is gone stays in the list, so that it can be taken out.
    """
    here = facts.offer.account.base_marketplace or BASE
    chosen = {each["id"]: str(each.get("quantity", "")) for each in facts.choices.deposits}
    rows = facts.dictionaries.get("deposit_types", {}).get("rows") or ()
    known = [
        Deposit(each["id"], each["name"], _deposit_price(each), chosen.pop(each["id"], ""))
        for each in rows
        if each.get("marketplace") in (None, here)
    ]
    gone = chosen if rows else {}
    return [*known, *(Deposit(each, t("no longer on Allegro"), "", text) for each, text in gone.items())]


def _deposit_price(row: dict[str, Any]) -> str:
    return money(Money(Decimal(row["price"]), row["currency"])) if row.get("price") else ""


def price_words(text: str, currency: str) -> str:
    price = read_price(text, currency)
    return "" if price is None else money(Money(price, currency))


def origin_words(account: Account) -> str:
    """„pomorskie, 80-831 Gdańsk”; empty when it has not been set."""
    return place_words(account.province or "", account.post_code or "", account.city or "")


@dataclass(frozen=True, slots=True)
class PriceAbroad:
    id: str
    name: str
    sign: str
    typed: str
    #: The offer names it: without a price Allegro converts by the seller's wish.
    is_asked: bool


def prices_abroad(facts: Facts) -> list[PriceAbroad]:
    """The consumer marketplaces, and whatever others the offer names."""
    own = additional_to(facts.offer.account.base_marketplace)
    shown = [each for each in own if each in CURRENCIES or each in facts.choices.marketplaces]
    return [
        PriceAbroad(
            each,
            marketplace_name(each),
            SIGNS[currency_of(each)],
            price_abroad(facts.choices, each),
            each in facts.choices.marketplaces,
        )
        for each in shown
    ]


def origins(facts: Facts) -> dict[str, str]:
    """Where a value came from, as long as it is what a new offer would hold now."""
    found = {"external_id": t("from the SKU")} if facts.offer.external_id == facts.offer.sku else {}
    for column, value in (facts.defaults or {}).items():
        words = source_words(value.source)
        if words and is_default(facts, column, value.value):
            found[FORM_FIELD_BY_COLUMN.get(column, column)] = words
    for parameter_id, answer in facts.mapped.items():
        if is_same_answer(answer, facts.choices.parameters.get(parameter_id)):
            found[f"parameters.{parameter_id}"] = t("from the mapping")
    return found


def is_default(facts: Facts, column: str, default: Any) -> bool:
    """Compared as they are meant: „1249” is „1249,00”."""
    if column == "price_text":
        currency = facts.offer.currency
        return read_price(facts.choices.price_text, currency) == read_price(default, currency)
    if column == "vat_rate":
        return bool(vat_rate_of(facts.choices.vat_rate) == default)
    holder = facts.choices if hasattr(facts.choices, column) else facts.offer
    value = getattr(holder, column)
    return bool((list(value) if isinstance(value, tuple) else value) == default)
