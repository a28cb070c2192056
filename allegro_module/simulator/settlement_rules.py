"""Rules for an offer's terms: price list, returns, complaints, guarantee, VAT, place of dispatch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from allegro_module.simulator.background import Background, Wish
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.delivery import PriceList
from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.tax_settings import refused_part
from allegro_module.simulator.terms import Condition

DEFAULT = "default"
# Where both Polish companies of the simulated world dispatch from, unless an offer says otherwise.
HOME = {"countryCode": "PL", "province": "POMORSKIE", "city": "Gdańsk", "postCode": "80-833"}
PROVINCES = (
    "DOLNOSLASKIE",
    "KUJAWSKO_POMORSKIE",
    "LUBELSKIE",
    "LUBUSKIE",
    "LODZKIE",
    "MALOPOLSKIE",
    "MAZOWIECKIE",
    "OPOLSKIE",
    "PODKARPACKIE",
    "PODLASKIE",
    "POMORSKIE",
    "SLASKIE",
    "SWIETOKRZYSKIE",
    "WARMINSKO_MAZURSKIE",
    "WIELKOPOLSKIE",
    "ZACHODNIOPOMORSKIE",
)
POLISH_POST_CODE = re.compile(r"\d{2}-\d{3}")
AFTER_SALES = {"returnPolicy": "ReturnPolicy", "impliedWarranty": "ImpliedWarranty", "warranty": "Warranty"}


def settle_terms(
    wish: Wish, ground: Background, *, is_advertisement: bool
) -> tuple[dict[str, Any], list[Finding]]:
    """The terms by id, defaults put in, and what is wrong with them; `shippingRates` among them."""
    asked = wish.get("afterSalesServices") or {}
    books = {
        "returnPolicy": ground.terms.return_policies,
        "impliedWarranty": ground.terms.implied_warranties,
        "warranty": ground.terms.warranties,
    }
    settled: dict[str, Any] = {}
    findings = _location_findings(wish)
    rates = (wish.get("delivery") or {}).get("shippingRates")
    settled["shippingRates"], found = _price_list(rates, ground, needed=not is_advertisement)
    findings += found
    for name, book in books.items():
        needed = name != "warranty" and ground.seller.is_company and not is_advertisement
        settled[name], found = _condition(name, asked.get(name), book, ground, needed=needed)
        findings += found
    return settled, findings


Reference = dict[str, str] | None


def _price_list(asked: Wish | None, ground: Background, *, needed: bool) -> tuple[Reference, list[Finding]]:
    path, book = "delivery.shippingRates", ground.delivery
    if asked and "id" in asked:
        chosen = book.find(asked["id"])
        if chosen is not None and chosen.seller_id != ground.seller.id:
            return None, [finding("SHIPPING_RATES_ACCESS_DENIED", path, name=asked["id"])]
        if chosen is not None and chosen.is_fulfillment:
            return None, [finding("VALIDATION_FAILED", path, says="rates.fulfillment")]
        if chosen is not None:
            return {"id": chosen.id}, []
    own = [item for item in book.of(ground.seller.id) if not item.is_fulfillment]
    return _chosen("ShippingRates", path, asked, own, needed=needed)


def _condition(
    name: str, asked: Wish | None, book: Mapping[str, Condition], ground: Background, *, needed: bool
) -> tuple[Reference, list[Finding]]:
    path = f"afterSalesServices.{name}"
    if asked and "id" in asked:
        chosen = book.get(asked["id"])
        if chosen is not None and chosen.seller_id != ground.seller.id:
            return None, [finding("AfterSalesServiceConditionsOwnedBySeller", path, name=asked["id"])]
        if chosen is not None:
            return {"id": chosen.id}, []
    own = [item for item in book.values() if item.seller_id == ground.seller.id]
    return _chosen(AFTER_SALES[name], path, asked, own, needed=needed)


def _chosen(
    stem: str, path: str, asked: Wish | None, own: list[Any], *, needed: bool
) -> tuple[Reference, list[Finding]]:
    """By id or name; without a wish the only one there is, else the one named `default`."""
    found: list[PriceList | Condition] = own
    if asked:
        key = "id" if "id" in asked else "name"
        found = [item for item in own if getattr(item, key) == asked.get(key)]
        name = str(asked.get(key))
        if not found:
            metadata = {"requestedName": name, "defaultName": DEFAULT}
            code = f"{stem}NotFoundException"
            return None, [finding(code, path, name=name, metadata=metadata)]
    elif not needed:
        return None, []
    elif len(own) > 1:
        found = [item for item in own if item.name == DEFAULT]
    if len(found) == 1:
        return {"id": found[0].id}, []
    return None, [_without_default(stem, path, own)]


def _without_default(stem: str, path: str, own: list[Any]) -> Finding:
    if own or stem == "ShippingRates":
        metadata = {"defaultName": DEFAULT}
        return finding(
            f"Default{stem}NotFoundException", path, gap=True, metadata=metadata, says="terms.no_default"
        )
    return finding(f"{stem}NotDefinedException", path, gap=True, says="terms.none")


def location_of(wish: Wish) -> dict[str, Any]:
    return dict(wish.get("location") or HOME)


def _location_findings(wish: Wish) -> list[Finding]:
    location = location_of(wish)
    found = []
    if location.get("countryCode", "PL") == "PL":
        if location.get("province") not in PROVINCES:
            found.append(_invalid("location.province", location.get("province")))
        if not POLISH_POST_CODE.fullmatch(location.get("postCode") or ""):
            found.append(_invalid("location.postCode", location.get("postCode")))
    if not (location.get("city") or "").strip() or len(location["city"]) > 50:
        found.append(_invalid("location.city", location.get("city")))
    return found


def _invalid(path: str, value: object) -> Finding:
    return finding("VALIDATION_FAILED", path, value=value)


def tax_findings(settings: Wish | None, category: Category | None) -> list[Finding]:
    if not settings or category is None:
        return []
    part = refused_part(category.tax, settings)
    if part is None:
        return []
    return [finding("SETTING_NOT_SUPPORTED_IN_CATEGORY", f"taxSettings.{part}")]
