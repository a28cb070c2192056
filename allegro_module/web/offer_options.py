"""What the fields of the offer form offer to choose from, and where their values came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allegro_module.db.accounts import Account
from allegro_module.db.terms import TermKind
from allegro_module.domain.listing import read_price
from allegro_module.domain.marketplaces import CURRENCIES, additional_to, currency_of
from allegro_module.domain.money import Money
from allegro_module.domain.offer_choices import DURATIONS, HANDLING_TIMES, INVOICES, VAT_RATES
from allegro_module.sync.offer_mapping import to_tax_rate
from allegro_module.web.default_words import choosable_terms, source_words, unlisted_term
from allegro_module.web.formats import money
from allegro_module.web.forms.offer import (
    FORM_FIELD_BY_COLUMN,
    Choices,
    is_same_answer,
    price_abroad,
)
from allegro_module.web.i18n import t
from allegro_module.web.marketplace_words import SIGNS, marketplace_name
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_words import INVOICE_NAMES, duration_name, handling_time_name, vat_rate_name
from allegro_module.web.regions import place_words


def options_of(facts: Facts) -> dict[str, list[tuple[str, str]]]:
    choices = facts.choices
    return {
        "vat_rate": [
            (rate, vat_rate_name(rate)) for rate in dict.fromkeys([*VAT_RATES, vat_rate_of(choices)]) if rate
        ],
        "invoice": [(each, t(INVOICE_NAMES[each])) for each in INVOICES],
        "handling_time": [(each, handling_time_name(each)) for each in HANDLING_TIMES],
        "shipping_rate_id": _terms(facts, TermKind.SHIPPING_RATE, choices.shipping_rate_id),
        "return_policy_id": _terms(facts, TermKind.RETURN_POLICY, choices.return_policy_id),
        "implied_warranty_id": _terms(facts, TermKind.IMPLIED_WARRANTY, choices.implied_warranty_id),
        "warranty_id": _terms(facts, TermKind.WARRANTY, choices.warranty_id),
        "responsible_producer_id": _terms(
            facts, TermKind.RESPONSIBLE_PRODUCER, choices.responsible_producer_id
        ),
        "responsible_person_id": _terms(facts, TermKind.RESPONSIBLE_PERSON, choices.responsible_person_id),
        "duration": [(each, duration_name(each)) for each in DURATIONS],
        "description_template_id": [(str(each.id), each.name) for each in facts.templates],
    }


def _terms(facts: Facts, kind: TermKind, chosen: str | None) -> list[tuple[str, str]]:
    """One that was chosen and is gone from Allegro stays in the list, so that nothing changes unseen."""
    known = choosable_terms(facts.terms, kind)
    if chosen and chosen not in dict(known):
        known.append((chosen, unlisted_term(facts.terms, kind, chosen)))
    return known


def vat_rate_of(choices: Choices) -> str:
    return to_tax_rate(choices.vat_rate) if choices.vat_rate else ""


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


def promotion_words(facts: Facts) -> str:
    """What a profile asked for is shown, as it costs money."""
    wish = facts.choices.promotion
    ids = [wish.get("base") or "", *(wish.get("extra") or ())]
    return ", ".join(facts.packages.get(each, each) for each in ids if each)


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
        return bool(vat_rate_of(facts.choices) == default)
    holder = facts.choices if hasattr(facts.choices, column) else facts.offer
    value = getattr(holder, column)
    return bool((list(value) if isinstance(value, tuple) else value) == default)
