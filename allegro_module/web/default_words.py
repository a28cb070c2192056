"""Default settings in words: what a value is called, and where one comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allegro_module.db.description_templates import DescriptionTemplate
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.marketplaces import currency_of
from allegro_module.domain.price_rules import Rounding
from allegro_module.domain.profiles import Found, Scope
from allegro_module.domain.terms import TermKind
from allegro_module.sync.draft_values import Kind, Source
from allegro_module.web.i18n import marked, n, t
from allegro_module.web.marketplace_words import MARKETPLACE_NAMES, SIGNS, marketplace_name
from allegro_module.web.offer_words import INVOICE_NAMES, duration_name, handling_time_name, vat_rate_name
from allegro_module.web.regions import place_words

FIELD_NAMES: Mapping[str, str] = {
    "shipping_rate_id": marked("Delivery price list"),
    "return_policy_id": marked("Returns"),
    "implied_warranty_id": marked("Complaints"),
    "warranty_id": marked("Warranty"),
    "handling_time": marked("Handling time"),
    "vat_rate": marked("VAT rate"),
    "invoice": marked("Invoice"),
    "location": marked("Where you send from"),
    "duration": marked("Duration"),
    "is_republished": marked("Renewing"),
    "quantity_buffer": marked("Pieces kept for the shop"),
    "quantity_cap": marked("At most on Allegro"),
    "price_rule": marked("Price rule"),
    "description_template_id": marked("Description template"),
    "promotion": marked("Promotion"),
    "marketplaces": marked("Foreign marketplaces"),
    "responsible_producer_id": marked("Producer"),
    "responsible_person_id": marked("Responsible person"),
    "safety_text": marked("Safety information"),
    "safety_attachments": marked("Safety files"),
    "is_before_gpsr": marked("Put on the market before 13 December 2024"),
}
PART_NAMES: Mapping[str, str] = {
    "province": marked("Region"),
    "city": marked("Town"),
    "post_code": marked("Postcode"),
    "factor": marked("Times"),
    "addition": marked("Plus"),
    "rounding": marked("Rounding"),
    "min_margin": marked("Lowest margin"),
}
KINDS: Mapping[str, TermKind] = {
    "shipping_rate_id": TermKind.SHIPPING_RATE,
    "return_policy_id": TermKind.RETURN_POLICY,
    "implied_warranty_id": TermKind.IMPLIED_WARRANTY,
    "warranty_id": TermKind.WARRANTY,
    "responsible_producer_id": TermKind.RESPONSIBLE_PRODUCER,
    "responsible_person_id": TermKind.RESPONSIBLE_PERSON,
}
ROUNDINGS: Mapping[str, str] = {
    Rounding.NONE: marked("to the hundredth"),
    Rounding.NINES: marked("up to .99"),
    Rounding.WHOLE: marked("up to .00"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids stand for: Allegro's terms, our templates, promotion packages."""

    terms: Sequence[SellingTerm]
    templates: Sequence[DescriptionTemplate]
    packages: Mapping[str, str]

    def of_terms(self, kind: TermKind) -> list[tuple[str, str]]:
        return [(term.known_id, term.name) for term in self.terms if term.kind == kind]

    def choosable(self, kind: TermKind) -> list[tuple[str, str]]:
        return choosable_terms(self.terms, kind)


def choosable_terms(terms: Sequence[SellingTerm], kind: TermKind) -> list[tuple[str, str]]:
    """What is for One Fulfillment is not for goods that the seller sends."""
    return [(term.known_id, term.name) for term in terms if term.kind == kind and not term.is_fulfillment]


def unlisted_term(terms: Sequence[SellingTerm], kind: TermKind, chosen: str) -> str:
    """What one that was chosen is called although nobody can choose it any more."""
    name = next((each.name for each in terms if each.kind == kind and each.known_id == chosen), None)
    return t("no longer on Allegro") if name is None else t("%(name)s – for One Fulfillment only", name=name)


def field_label(field: str) -> str:
    """`marketplaces.allegro-cz.factor` → „Rynki zagraniczne, Allegro Czechy, Mnożnik”."""
    name, *parts = field.split(".")
    words = [t(FIELD_NAMES[name]) if name in FIELD_NAMES else name]
    for part in parts:
        known = PART_NAMES.get(part) or MARKETPLACE_NAMES.get(part)
        words.append(t(known) if known else part)
    return ", ".join(words)


def value_words(field: str, value: Any, names: Names) -> str:
    """In one line; an id that nothing is known of any more says so."""
    if value in ("", None) and field in (*KINDS, "description_template_id"):
        return t("none")
    if field in KINDS:
        return dict(names.of_terms(KINDS[field])).get(value, t("no longer on Allegro"))
    if field == "description_template_id":
        return next((each.name for each in names.templates if each.id == value), t("deleted"))
    words = WORDS.get(field)
    return words(value, names) if words else str(value)


def _location(value: Mapping[str, str] | None, _names: Names) -> str:
    if not value:
        return t("the account's")
    return place_words(value.get("province") or "", value.get("post_code") or "", value.get("city") or "")


def rule_words(rule: Mapping[str, Any], sign: str = "zł") -> str:
    """„× 1,10 + 2,00 zł, w górę do ,99, marża co najmniej 15 %”."""
    factor, addition = Decimal(rule.get("factor") or 1), Decimal(rule.get("addition") or 0)
    parts = [f"×\u00a0{_comma(factor)}"]
    if addition:
        parts[0] += f" {'+' if addition > 0 else '−'}\u00a0{_comma(abs(addition))}\u00a0{sign}"
    if (rounding := rule.get("rounding") or Rounding.NONE) != Rounding.NONE:
        parts.append(t(ROUNDINGS[rounding]))
    if rule.get("min_margin"):
        parts.append(t("margin at least %(percent)s %%", percent=_comma(Decimal(rule["min_margin"]))))
    return ", ".join(parts)


def _comma(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", ",")


def _marketplaces(value: Mapping[str, Mapping[str, Any]], _names: Names) -> str:
    parts = [f"{marketplace_name(name)}: {_abroad_words(name, rule)}" for name, rule in (value or {}).items()]
    return "; ".join(parts) or t("none")


def _abroad_words(marketplace: str, rule: Mapping[str, Any]) -> str:
    """A rule of a profile, or the price of an offer."""
    sign = SIGNS[currency_of(marketplace)]
    if "price_text" in rule:
        return f"{rule['price_text']}\u00a0{sign}" if rule["price_text"] else t("converted by Allegro")
    return rule_words(rule, sign) if rule else t("converted by Allegro")


def _promotion(value: Mapping[str, Any], names: Names) -> str:
    ids = [value.get("base") or "", *(value.get("extra") or ())] if value else []
    return ", ".join(names.packages.get(each, each) for each in ids if each) or t("none")


def _pieces(value: Any, _names: Names) -> str:
    return n("%(num)s piece", "%(num)s pieces", int(value))


def _yes_or_no(value: Any, _names: Names) -> str:
    return t("yes") if value else t("no")


WORDS: Mapping[str, Callable[[Any, Names], str]] = {
    "location": _location,
    "marketplaces": _marketplaces,
    "promotion": _promotion,
    "quantity_buffer": _pieces,
    "quantity_cap": _pieces,
    "is_republished": _yes_or_no,
    "is_before_gpsr": _yes_or_no,
    "price_rule": lambda value, _: rule_words(value),
    "duration": lambda value, _: duration_name(value),
    "handling_time": lambda value, _: handling_time_name(value),
    "vat_rate": lambda value, _: vat_rate_name(value) if value else t("as on Allegro"),
    "invoice": lambda value, _: t(INVOICE_NAMES[value]) if value in INVOICE_NAMES else str(value),
    "safety_text": lambda value, _: value if len(value) < 100 else f"{value[:100]}…",
    "safety_attachments": lambda value, _: n("%(num)s file", "%(num)s files", len(value or ())),
}


def scope_words(scope: Scope, label: str) -> str:
    if scope is Scope.ACCOUNT:
        return t("from the account's defaults")
    words = {
        Scope.CATEGORY: t("from category %(name)s", name=label),
        Scope.BRAND: t("from brand %(name)s", name=label),
        Scope.PRODUCT: t("from this product's defaults"),
    }
    return words[scope]


def found_words(field: str, found: Found, label: str, names: Names) -> str:
    """„Kurier 24 h (z profilu konta)”."""
    return f"{value_words(field, found.value, names)} ({scope_words(found.scope, label or found.key)})"


def source_words(source: Source) -> str:
    if source.kind is Kind.PROFILE and source.scope is not None:
        return scope_words(source.scope, source.label)
    words = {
        Kind.PRODUCT: t("from the product"),
        Kind.MAPPING: t("from the mapping"),
        Kind.ONLY: t("the account's only one"),
        Kind.NAMED_DEFAULT: t("named “default” on Allegro"),
        Kind.BRAND_NAME: t("by the brand %(name)s", name=source.label),
    }
    return words.get(source.kind, "")
