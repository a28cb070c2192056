"""Allegro's value into the draft, where a field was changed both here and there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allegro_module.db.offers import Offer
from allegro_module.domain.offer_choices import AUCTION_DURATIONS, DURATIONS, HANDLING_TIMES
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.three_way import is_same
from allegro_module.sync.offer_shapes import as_request, own_value_ids

Json = Mapping[str, Any]
Put = Callable[[Offer, Any], None]
PARAMETER, MARKETPLACE = "parameters.", "marketplaces."


def _into(column: str, empty: Any = "") -> Put:
    return lambda offer, value: setattr(offer, column, empty if value is None else value)


def _period_into(column: str, listed: Sequence[str]) -> Put:
    """Allegro answers in hours what the form lists in days (facts.md 6.6)."""

    def put(offer: Offer, value: Any) -> None:
        setattr(offer, column, next((each for each in listed if is_same(each, value or "")), value or ""))

    return put


def _amount_into(column: str) -> Put:
    return lambda offer, value: setattr(offer, column, _amount(value))


def _amount(price: Json | None) -> str:
    return str((price or {}).get("amount") or "").replace(".", ",")


#: By field of the form: where Allegro has it, and how it is put into the row.
FIELDS: Mapping[str, tuple[str, Put]] = {
    "title": ("name", _into("title")),
    "price": ("sellingMode.price", _amount_into("price_text")),
    "starting_price": ("sellingMode.startingPrice", _amount_into("starting_price_text")),
    "minimal_price": ("sellingMode.minimalPrice", _amount_into("minimal_price_text")),
    "unit": ("stock.unit", _into("unit", "UNIT")),
    "invoice": ("payments.invoice", _into("invoice", "NO_INVOICE")),
    "handling_time": ("delivery.handlingTime", _period_into("handling_time", HANDLING_TIMES)),
    "shipping_rate_id": ("delivery.shippingRates.id", _into("shipping_rate_id", None)),
    "return_policy_id": ("afterSalesServices.returnPolicy.id", _into("return_policy_id", None)),
    "implied_warranty_id": ("afterSalesServices.impliedWarranty.id", _into("implied_warranty_id", None)),
    "warranty_id": ("afterSalesServices.warranty.id", _into("warranty_id", None)),
    "duration": ("publication.duration", _period_into("duration", (*DURATIONS, *AUCTION_DURATIONS))),
    "is_republished": ("publication.republish", _into("is_republished", False)),
    "is_business_only": ("b2b.buyableOnlyByBusiness", _into("is_business_only", False)),
    "additional_services_id": ("additionalServices.id", _into("additional_services_id", None)),
    "size_table_id": ("sizeTable.id", _into("size_table_id", None)),
}


def may_take_theirs(field: str) -> bool:
    """Descriptions, products and taxes of Allegro's have no simple place in the row."""
    return field in FIELDS or field == "gtin" or field.startswith((PARAMETER, MARKETPLACE))


def take_theirs(offer: Offer, field: str, parameters: Sequence[Parameter]) -> bool:
    """What the details showed last; False where they are not known or the field cannot be taken."""
    if offer.live is None or not may_take_theirs(field):
        return False
    theirs = as_request(offer.live, own_value_ids(parameters))
    if field == "gtin":
        _take_gtin(offer, theirs, parameters)
    elif field.startswith(PARAMETER):
        _take_answer(offer, theirs, field.removeprefix(PARAMETER))
    elif field.startswith(MARKETPLACE):
        name = field.removeprefix(MARKETPLACE)
        price = _at(theirs, f"additionalMarketplaces.{name}.sellingMode.price")
        offer.marketplaces = {**offer.marketplaces, name: {"price_text": _amount(price)}}
    else:
        path, put = FIELDS[field]
        put(offer, _at(theirs, path))
    return True


def _at(theirs: Json, path: str) -> Any:
    found: Any = theirs
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _rows(theirs: Json) -> dict[str, Json]:
    """Answers by their parameter: the offer's, and those of its first product."""
    first: Json = next(iter(theirs.get("productSet") or ()), {})
    both = (first.get("product") or {}).get("parameters") or (), theirs.get("parameters") or ()
    return {row["id"]: row for rows in both for row in rows}


def _take_answer(offer: Offer, theirs: Json, parameter_id: str) -> None:
    answers = {key: value for key, value in offer.parameters.items() if key != parameter_id}
    if row := _rows(theirs).get(parameter_id):
        answers[parameter_id] = {
            "values": list(row.get("values") or ()),
            "values_ids": list(row.get("valuesIds") or ()),
            "range": {side: str(bound) for side, bound in (row.get("rangeValue") or {}).items()},
        }
    offer.parameters = answers


def _take_gtin(offer: Offer, theirs: Json, parameters: Sequence[Parameter]) -> None:
    rows = _rows(theirs)
    found = [rows[each.id].get("values") or () for each in parameters if each.is_gtin and each.id in rows]
    offer.gtin = next((str(value) for values in found for value in values), "")
