"""The members an offer's body may have, their kinds, where null may stand (after Allegro's OpenAPI file)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.http import Members


class Kind(Enum):
    TEXT = "string"
    WHOLE = "integer"
    FLAG = "boolean"


@dataclass(frozen=True)
class ListOf:
    inner: Shape


@dataclass(frozen=True)
class Nullable:
    inner: Shape


Shape: TypeAlias = "Kind | ListOf | Nullable | Mapping[str, Shape]"
TEXT, WHOLE, FLAG = Kind.TEXT, Kind.WHOLE, Kind.FLAG
# An object with members of any name.
ANY_NAME = "*"

ID: Shape = {"id": TEXT}
ID_OR_NAME: Shape = {"id": TEXT, "name": TEXT}
PRICE: Shape = {"amount": TEXT, "currency": TEXT}
PARAMETERS: Shape = ListOf(
    {
        "id": TEXT,
        "name": TEXT,
        "rangeValue": {"from": TEXT, "to": TEXT},
        "values": ListOf(TEXT),
        "valuesIds": ListOf(TEXT),
    }
)
PRODUCT: Shape = {
    "name": TEXT,
    "category": ID,
    "id": TEXT,
    "idType": TEXT,
    "parameters": PARAMETERS,
    "images": ListOf(TEXT),
}
COMPONENT: Shape = {"name": Nullable(TEXT), "ingredients": ListOf({"name": TEXT})}
PRODUCT_SET: Shape = ListOf(
    {
        "product": PRODUCT,
        "quantity": {"value": WHOLE},
        "responsiblePerson": ID_OR_NAME,
        "responsibleProducer": {"type": TEXT, "id": TEXT, "name": TEXT},
        "safetyInformation": {"type": TEXT, "description": TEXT, "attachments": ListOf(ID)},
        "marketedBeforeGPSRObligation": Nullable(FLAG),
        "deposits": ListOf({"id": TEXT, "quantity": WHOLE}),
        "composition": Nullable({"components": ListOf(COMPONENT)}),
    }
)
SELLING_MODE: Shape = {
    "format": TEXT,
    "price": PRICE,
    "minimalPrice": Nullable(PRICE),
    "startingPrice": Nullable(PRICE),
}
PUBLICATION: Shape = {
    "duration": Nullable(TEXT),
    "startingAt": TEXT,
    "endingAt": TEXT,
    "status": TEXT,
    "republish": FLAG,
}
DELIVERY: Shape = {
    "handlingTime": TEXT,
    "shippingRates": ID_OR_NAME,
    "additionalInfo": TEXT,
    "shipmentDate": TEXT,
}
AFTER_SALES: Shape = {"impliedWarranty": ID_OR_NAME, "returnPolicy": ID_OR_NAME, "warranty": ID_OR_NAME}
TAXES: Shape = {
    "rates": ListOf({"rate": TEXT, "countryCode": TEXT}),
    "subject": TEXT,
    "exemption": TEXT,
}
DESCRIPTION: Shape = {"sections": ListOf({"items": ListOf({"type": TEXT, "content": TEXT, "url": TEXT})})}
COMPATIBILITY: Shape = {
    "items": ListOf({"type": TEXT, "text": TEXT, "id": TEXT, "additionalInfo": ListOf({"value": TEXT})})
}
EDITED: Mapping[str, Shape] = {
    "productSet": PRODUCT_SET,
    "b2b": {"buyableOnlyByBusiness": FLAG},
    "attachments": ListOf(ID),
    "fundraisingCampaign": ID_OR_NAME,
    "additionalServices": ID_OR_NAME,
    "stock": {"available": WHOLE, "unit": TEXT},
    "delivery": DELIVERY,
    "publication": PUBLICATION,
    "additionalMarketplaces": {ANY_NAME: {"sellingMode": {"price": PRICE}}},
    "compatibilityList": COMPATIBILITY,
    "language": TEXT,
    "aiCoCreatedContent": {"images": ListOf({"url": TEXT})},
    "category": ID,
    "name": TEXT,
    "parameters": PARAMETERS,
    "afterSalesServices": AFTER_SALES,
    "sizeTable": Nullable(ID_OR_NAME),
    "contact": ID_OR_NAME,
    "discounts": {"wholesalePriceList": ID_OR_NAME},
    "payments": {"invoice": TEXT},
    "sellingMode": SELLING_MODE,
    "location": {"city": TEXT, "countryCode": TEXT, "postCode": TEXT, "province": TEXT},
    "images": ListOf(TEXT),
    "description": DESCRIPTION,
    "external": ID,
    "taxSettings": Nullable(TAXES),
    "messageToSellerSettings": Nullable({"mode": TEXT, "hint": TEXT}),
}
# A merge patch deletes by null; the language of an offer cannot be deleted (seen: 400 JsonMappingException).
NEVER_NULL = ("language",)


def members(shape: Shape) -> Members | None:
    """The tree of permitted names that `Call.json` wants."""
    if isinstance(shape, ListOf | Nullable):
        return members(shape.inner)
    if isinstance(shape, Kind) or ANY_NAME in shape:
        return None
    return {name: members(inner) for name, inner in shape.items()}


OFFER_MEMBERS = members(EDITED)


def faults_of_kind(body: Mapping[str, Any], *, patch: bool) -> list[Finding]:
    """Members of a wrong kind, and nulls where none may stand; a patch may hold nulls outside its lists."""
    return list(_faults(body, EDITED, "", patch))


def kind_findings(body: Mapping[str, Any], shape: Mapping[str, Shape]) -> list[Finding]:
    """The same for the body of another resource."""
    return list(_faults(body, shape, "", patch=False))


def _faults(value: Any, shape: Shape, path: str, patch: bool) -> Iterator[Finding]:
    if value is None:
        if not isinstance(shape, Nullable) and (not patch or path in NEVER_NULL):
            yield finding("JsonMappingException", path, kind="not null")
    elif isinstance(shape, Nullable):
        yield from _faults(value, shape.inner, path, patch)
    elif isinstance(shape, ListOf):
        yield from _faults_of_list(value, shape.inner, path)
    elif isinstance(shape, Kind):
        if not _is(value, shape):
            yield finding("JsonMappingException", path, kind=shape.value)
    else:
        yield from _faults_of_object(value, shape, path, patch)


def _faults_of_list(value: Any, inner: Shape, path: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield finding("JsonMappingException", path, kind="array")
        return
    for index, item in enumerate(value):
        place = f"{path}[{index}]"
        if isinstance(item, dict) and _unlinks(item):
            yield finding("RemoveProductException", f"{place}.product.id")
        else:
            yield from _faults(item, inner, place, patch=False)


def _unlinks(item: Mapping[str, Any]) -> bool:
    product = item.get("product", {})
    return product is None or (isinstance(product, dict) and product.get("id", "") is None)


def _faults_of_object(value: Any, shape: Mapping[str, Shape], path: str, patch: bool) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield finding("JsonMappingException", path, kind="object")
        return
    for name, inner in value.items():
        place = f"{path}.{name}" if path else name
        known = shape.get(name, shape.get(ANY_NAME))
        if known is None:
            metadata = {"propertyName": name, "propertyPath": place}
            yield finding("UnknownJSONProperty", place, metadata=metadata)
        else:
            yield from _faults(inner, known, place, patch)


def _is(value: object, kind: Kind) -> bool:
    if kind is TEXT:
        return isinstance(value, str)
    if kind is FLAG:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool)
