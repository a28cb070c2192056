"""Allegro's details of an offer in the shape in which we send one, so that both can be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from allegro_module.domain.parameters import Parameter
from allegro_module.domain.three_way import cleaned, is_same

Json = Mapping[str, Any]
#: Members that both the answer and the request have, alike.
ALIKE = (
    "name",
    "images",
    "delivery",
    "afterSalesServices",
    "payments",
    "taxSettings",
    "location",
    "external",
    "additionalServices",
    "sizeTable",
    "aiCoCreatedContent",
)
OF_PUBLICATION = ("duration", "startingAt", "republish")
OF_STOCK = ("available", "unit")
OF_ELEMENT = ("responsiblePerson", "marketedBeforeGPSRObligation", "deposits")


def as_request(live: Json, own_value_ids: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Without what only Allegro says. Labels of dictionary values are left out, own texts stay."""
    request: dict[str, Any] = {name: live[name] for name in ALIKE if live.get(name)}
    request["parameters"] = [_parameter(each, own_value_ids) for each in live.get("parameters") or ()]
    request["productSet"] = [_element(each, own_value_ids) for each in live.get("productSet") or ()]
    request["description"] = {"sections": _sections(live)}
    request["sellingMode"] = _selling_mode(live.get("sellingMode") or {})
    request["stock"] = _some(live.get("stock"), OF_STOCK)
    request["publication"] = _some(live.get("publication"), OF_PUBLICATION)
    request["additionalMarketplaces"] = _abroad(live.get("additionalMarketplaces") or {})
    if (live.get("b2b") or {}).get("buyableOnlyByBusiness"):
        request["b2b"] = {"buyableOnlyByBusiness": True}
    return cleaned(request) or {}


def without_given(live: Json | None, catalogue: Json | None) -> Json | None:
    """Details without the producer that Allegro took from its catalogue: the seller has none of this id, so
    sent back it would be refused, and left out it comes from there again (facts.md 6.10)."""
    told = ((catalogue or {}).get("productSafety") or {}).get("responsibleProducers") or ()
    given = {each.get("id") for each in told}
    if live is None or not given:
        return live
    elements = [
        {**each, "responsibleProducer": None}
        if (each.get("responsibleProducer") or {}).get("id") in given
        else each
        for each in live.get("productSet") or ()
    ]
    return {**live, "productSet": elements}


def _some(part: Json | None, names: Collection[str]) -> dict[str, Any]:
    return {name: part[name] for name in names if part and part.get(name) is not None}


def _selling_mode(mode: Json) -> dict[str, Any]:
    return {name: value for name, value in mode.items() if value is not None}


def _abroad(marketplaces: Json) -> dict[str, Any]:
    """Of a price that Allegro converted nothing is said."""
    prices = {
        name: ((each or {}).get("sellingMode") or {}).get("price") for name, each in marketplaces.items()
    }
    return {name: {"sellingMode": {"price": price}} for name, price in prices.items() if price}


def _sections(live: Json) -> list[Any]:
    return list((live.get("description") or {}).get("sections") or ())


def _element(element: Json, own_value_ids: frozenset[str]) -> dict[str, Any]:
    product = element.get("product") or {}
    made: dict[str, Any] = {
        "product": {
            "id": product.get("id"),
            "parameters": [_parameter(each, own_value_ids) for each in product.get("parameters") or ()],
        },
        **{name: element[name] for name in OF_ELEMENT if element.get(name)},
    }
    if ((element.get("quantity") or {}).get("value") or 1) != 1:
        made["quantity"] = element["quantity"]
    if producer := (element.get("responsibleProducer") or {}).get("id"):
        made["responsibleProducer"] = {"type": "ID", "id": producer}
    safety = element.get("safetyInformation") or {}
    # Withdrawn from requests (facts.md 6.10).
    if safety and safety.get("type") != "NO_SAFETY_INFORMATION":
        made["safetyInformation"] = safety
    return made


def _parameter(entry: Json, own_value_ids: frozenset[str]) -> dict[str, Any]:
    """As the category takes it: ids alone, own texts beside the id for such (facts.md 7.3)."""
    ids = list(entry.get("valuesIds") or ())
    made: dict[str, Any] = {"id": entry.get("id")}
    if ids:
        made["valuesIds"] = ids
    if entry.get("rangeValue"):
        made["rangeValue"] = entry["rangeValue"]
    elif entry.get("values") and (not ids or not own_value_ids.isdisjoint(ids)):
        made["values"] = list(entry["values"])
    return made


def own_value_ids(parameters: Iterable[Parameter]) -> frozenset[str]:
    """Dictionary values that stand beside an own text."""
    return frozenset(each.ambiguous_value_id or "" for each in parameters if each.takes_own_value)


def id_of_row(row: Json) -> str:
    return str(row.get("id") or row.get("url") or "")


def is_same_row(one: Json | None, other: Json | None) -> bool:
    """Parameters whose ids are known on both sides need no texts; the order of values does not count."""
    if one is None or other is None:
        return one is None and other is None
    return is_same(_bare(one, other), _bare(other, one))


def _bare(row: Json, other: Json) -> dict[str, Any]:
    bare = dict(row)
    if row.get("valuesIds") and other.get("valuesIds"):
        bare["valuesIds"] = sorted(row["valuesIds"])
        if not (row.get("values") and other.get("values")):
            bare.pop("values", None)
    return bare
