"""Allegro's objections → problems at the fields of our form, in Allegro's words (facts.md 4.1, 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from allegro_module.client.errors import Objection
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import WHOLE_FORM, Problem

#: The first that matches the path decides; a number in it is the picture's.
FIELD_BY_PATH = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (r"^(productSet\[\d+\]\.product\.)?images\[(?P<number>\d+)\]", "images"),
        (r"^(productSet\[\d+\]\.product\.)?images", "images"),
        (r"^(productSet\[\d+\]\.product\.)?name$", "title"),
        (r"^((productSet\[\d+\]\.product\.)?category|/sale/categories/)", "category_id"),
        (r"^productSet\[\d+\]\.product\.id", "gtin"),
        (r"^productSet\[\d+\]\.responsibleProducer", "responsible_producer_id"),
        (r"^productSet\[\d+\]\.responsiblePerson", "responsible_person_id"),
        (r"^productSet\[\d+\]\.safetyInformation", "safety_text"),
        (r"^productSet\[\d+\]\.marketedBeforeGPSRObligation", "is_before_gpsr"),
        (r"^(sellingMode|prices?)\b", "price"),
        (r"^additionalMarketplaces\.(?P<number>[\w-]+)", "marketplaces"),
        (r"^publication\.duration", "duration"),
        (r"^publication\.republish", "is_republished"),
        (r"^stock\b", "quantity"),
        (r"^description\b", "description"),
        (r"^delivery\.handlingTime", "handling_time"),
        (r"^delivery\b", "shipping_rate_id"),
        (r"^afterSalesServices\.returnPolicy", "return_policy_id"),
        (r"^afterSalesServices\.impliedWarranty", "implied_warranty_id"),
        (r"^afterSalesServices\.warranty", "warranty_id"),
        (r"^location\b", "location"),
        (r"^taxSettings\b", "vat_rate"),
        (r"^payments\b", "invoice"),
    )
)
#: For objections without a path that we know; tried on the code.
FIELD_BY_CODE = tuple(
    (re.compile(pattern, re.IGNORECASE), field)
    for pattern, field in (
        (r"gtin|MultipleProductsFound|DuplicateDetection|MatchingProductForData|ProductNotFound", "gtin"),
        (r"RequiredProductName|MaxWordLength|StringLength", "title"),
        (r"CATEGORY_MISMATCH|CATEGORY_NOT_EXISTS|MissedCategory|ChangeCategory", "category_id"),
        (r"SETTING_NOT_SUPPORTED_IN_CATEGORY", "vat_rate"),
        (r"CategorySellingRestrictions", "category_id"),
        (r"ShippingRates|SHIPPING_RATES", "shipping_rate_id"),
        (r"ReturnPolicy", "return_policy_id"),
        (r"ImpliedWarranty", "implied_warranty_id"),
        (r"RESPONSIBLE_PRODUCER|ResponsibleProducer", "responsible_producer_id"),
        (r"PRODUCT_SAFETY|SAFETY_INFORMATION", "safety_text"),
        (r"MARKETED_BEFORE_GPSR", "is_before_gpsr"),
        (r"image|gallery|DownloadError", "images"),
        (r"price", "price"),
        (r"stock|quantity", "quantity"),
    )
)
PARAMETER_PATH = re.compile(r"(^|\.)parameters\b")
SEPARATORS = re.compile(r"[,;\s\[\]\"']+")
ID = re.compile(r"(?<![\w-])[\w-]+(?![\w-])")
#: In a sentence a short number may mean anything.
LONG_ID = re.compile(r"(?<![\w-])\d{4,}(?![\w-])")
#: Allegro forgets uploads before their time.
PICTURES_GONE = frozenset({"OfferImagesNotFoundException", "OfferImagesNotAvailableException"})


def are_pictures_gone(objections: Sequence[Objection]) -> bool:
    return any(objection.code in PICTURES_GONE for objection in objections)


def problems_at_fields(objections: Sequence[Objection], parameters: Sequence[Parameter]) -> list[Problem]:
    """Each objection at its field, or at the whole form; none is left out."""
    by_id = {parameter.id: parameter for parameter in parameters}
    found = [problem for objection in objections for problem in _problems(objection, by_id)]
    return list({(each.code, each.field, each.text): each for each in found}.values())


def _problems(objection: Objection, by_id: Mapping[str, Parameter]) -> Iterator[Problem]:
    about = _parameters(objection, by_id)
    text = _with_names(objection, about)
    for parameter in about:
        field = "gtin" if parameter.is_gtin else f"parameters.{parameter.id}"
        yield Problem(objection.code, field, {"name": parameter.name}, text)
    if not about:
        yield Problem(objection.code, _field(objection), {}, text)


def _parameters(objection: Objection, by_id: Mapping[str, Parameter]) -> list[Parameter]:
    """Those it is about, as far as the category has them."""
    metadata = objection.metadata
    missing = re.split(SEPARATORS, metadata.get("missingParameterIds", ""))
    named = [metadata.get("parameterId", ""), *missing]
    if not any(named) and PARAMETER_PATH.search(objection.path or ""):
        named = LONG_ID.findall(f"{objection.message or ''} {objection.details or ''}")
    return [by_id[each] for each in dict.fromkeys(named) if each in by_id]


def _field(objection: Objection) -> str:
    path = objection.path or ""
    for pattern, field in FIELD_BY_PATH:
        if found := pattern.search(path):
            number = found.groupdict().get("number")
            return f"{field}.{number}" if number else field
    for pattern, field in FIELD_BY_CODE:
        if pattern.search(objection.code):
            return field
    return WHOLE_FORM


def _with_names(objection: Objection, about: Sequence[Parameter]) -> str:
    """Allegro's sentence with names in the place of the ids that it is about."""
    names = {parameter.id: parameter.name for parameter in about}
    for parameter in about:
        names |= {value.id: value.name for value in parameter.dictionary.values()}
    for key, value in objection.metadata.items():
        if key.endswith("Id") and (name := objection.metadata.get(key.removesuffix("Id") + "Name")):
            names[value] = name
    return ID.sub(
        lambda found: f"„{names[found.group()]}”" if found.group() in names else found.group(), objection.text
    )
