"""What the fields of the offer form offer to choose from, and where their values came from."""

from __future__ import annotations

from allegro_module.db.accounts import Account
from allegro_module.db.terms import TermKind
from allegro_module.domain.listing import read_price
from allegro_module.domain.money import Money
from allegro_module.sync.descriptions import to_allegro_html
from allegro_module.sync.offer_mapping import to_tax_rate
from allegro_module.web.formats import money
from allegro_module.web.forms.offer import HANDLING_TIMES, INVOICES, VAT_RATES, Choices
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import Facts
from allegro_module.web.offer_words import INVOICE_NAMES, handling_time_name, vat_rate_name
from allegro_module.web.regions import province_choices


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
    }


def _terms(facts: Facts, kind: TermKind, chosen: str | None) -> list[tuple[str, str]]:
    """One that was chosen and is gone from Allegro stays in the list, so that nothing changes unseen."""
    known = [(term.known_id, term.name) for term in facts.terms if term.kind == kind]
    if chosen and chosen not in dict(known):
        known.append((chosen, t("no longer on Allegro")))
    return known


def vat_rate_of(choices: Choices) -> str:
    return to_tax_rate(choices.vat_rate) if choices.vat_rate else ""


def price_words(text: str, currency: str) -> str:
    price = read_price(text, currency)
    return "" if price is None else money(Money(price, currency))


def origin_words(account: Account) -> str:
    """„pomorskie, 80-831 Gdańsk”; empty when it has not been set."""
    province = dict(province_choices()).get(account.province or "", "")
    town = " ".join(part for part in (account.post_code, account.city) if part)
    return ", ".join(part for part in (province, town) if part)


def origins(facts: Facts) -> dict[str, str]:
    """Where a value came from, as long as it is still that."""
    product, choices = facts.product, facts.choices
    found = {"external_id": t("from the SKU")} if facts.offer.external_id == facts.offer.sku else {}
    if product is None:
        return found
    from_product = {
        "gtin": bool(product.gtin) and choices.gtin == product.gtin,
        "title": choices.title == product.name,
        "price": read_price(choices.price_text, facts.offer.currency) == product.price.amount,
        "vat_rate": product.vat_rate is not None
        and vat_rate_of(choices) == to_tax_rate(str(product.vat_rate)),
        "description": choices.description_html == to_allegro_html(product.description_html),
    }
    return found | {name: t("from the product") for name, is_same in from_product.items() if is_same}
