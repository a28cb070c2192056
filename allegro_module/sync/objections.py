"""Allegro's objections → problems at the fields of our form, in Allegro's words (facts.md 4.1, 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from allegro_module.client.errors import Objection
from allegro_module.db.offers import Offer
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import WHOLE_FORM, Problem
from allegro_module.domain.taxes import country_of

#: The first that matches the path decides; a number in it is the picture's.
FIELD_BY_PATH = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (r"^(productSet\[\d+\]\.product\.)?images\[(?P<number>\d+)\]", "images"),
        (r"^(productSet\[\d+\]\.product\.)?images", "images"),
        (r"^(productSet\[\d+\]\.product\.)?name$", "title"),
        (r"^((productSet\[\d+\]\.product\.)?category|/sale/categories/)", "category_id"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.quantity", "set"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.product\.id", "set"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.responsibleProducer", "set.{}.producer"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.responsiblePerson", "set.{}.person"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.safetyInformation\.description", "set.{}.safety_text"),
        (r"^productSet\[(?P<number>[1-9]\d*)\]\.(safetyInformation|marketedBefore)", "set.{}.safety"),
        (r"^productSet\[\d+\]\.product\.id", "product_id"),
        (r"^productSet\[\d+\]\.quantity", "product_quantity"),
        (r"^productSet\[\d+\]\.deposits", "deposits"),
        (r"^productSet\[\d+\]\.responsibleProducer", "responsible_producer_id"),
        (r"^productSet\[\d+\]\.responsiblePerson", "responsible_person_id"),
        (r"^productSet\[\d+\]\.safetyInformation", "safety_text"),
        (r"^productSet\[\d+\]\.marketedBeforeGPSRObligation", "is_before_gpsr"),
        (r"^sellingMode\.startingPrice", "starting_price"),
        (r"^sellingMode\.minimalPrice", "minimal_price"),
        (r"^sellingMode\.format", "selling_format"),
        (r"^(sellingMode|prices?)\b", "price"),
        (r"^additionalMarketplaces\.(?P<number>[\w-]+)", "marketplaces"),
        (r"^publication\.duration", "duration"),
        (r"^publication\.republish", "is_republished"),
        (r"^publication\.startingAt", "starting_at"),
        (r"^b2b\b", "is_business_only"),
        (r"^aiCoCreatedContent\b", "images"),
        (r"^sizeTable\b", "size_table_id"),
        (r"^additionalServices\b", "additional_services_id"),
        (r"^stock\.unit", "unit"),
        (r"^stock\b", "quantity"),
        (r"^description\b", "description"),
        (r"^delivery\.handlingTime", "handling_time"),
        (r"^delivery\b", "shipping_rate_id"),
        (r"^afterSalesServices\.returnPolicy", "return_policy_id"),
        (r"^afterSalesServices\.impliedWarranty", "implied_warranty_id"),
        (r"^afterSalesServices\.warranty", "warranty_id"),
        (r"^location\b", "location"),
        (r"^taxSettings\.subject", "vat_subject"),
        (r"^taxSettings\.exemption", "vat_exemption"),
        (r"^taxSettings\b", "vat_rate"),
        (r"^payments\b", "invoice"),
    )
)
#: For objections without a path that we know; tried on the code.
FIELD_BY_CODE = tuple(
    (re.compile(pattern, re.IGNORECASE), field)
    for pattern, field in (
        (r"MultipleProductsFound|ProductNotFound|DuplicateDetection|offerCounter", "product_id"),
        (r"ProductConstraintViolation|ProductValidation|ValidTemporaryProduct|ProductLanguage", "product_id"),
        (r"RemoveProduct|ProductizationMinLimit|(CATEGORY|PARAMETER)_MISMATCH", "product_id"),
        (r"gtin|MatchingProductForData", "gtin"),
        (r"RequiredProductName|MaxWordLength|StringLength|CharacterNotAllowed", "title"),
        (r"CATEGORY_NOT_EXISTS|MissedCategory|ChangeCategory|CategorySellingRestrictions", "category_id"),
        (r"SETTING_NOT_SUPPORTED_IN_CATEGORY", "vat_rate"),
        (r"ShippingRates|SHIPPING_RATES", "shipping_rate_id"),
        (r"ReturnPolicy|AfterSalesServiceConditions", "return_policy_id"),
        (r"ImpliedWarranty", "implied_warranty_id"),
        (r"RESPONSIBLE_PRODUCER|ResponsibleProducer", "responsible_producer_id"),
        (r"MARKETED_BEFORE_GPSR", "is_before_gpsr"),
        (r"PRODUCT_SAFETY|SAFETY_INFORMATION", "safety_text"),
        (r"image|gallery|DownloadError", "images"),
        (r"SizeTable", "size_table_id"),
        (r"AdditionalServices", "additional_services_id"),
        (r"BaseMarketplaceInAdditional", "marketplaces"),
        (r"B2B_OFFER_LIMIT", "is_business_only"),
        (r"price", "price"),
        (r"stock|quantity", "quantity"),
    )
)
ABOUT_PARAMETERS = re.compile(r"Parameter|DependencyValidator|PARAMETER_MISMATCH")
#: A further product of a set.
FURTHER = re.compile(r"^productSet\[(?P<number>[1-9]\d*)\]")
RATE = re.compile(r"^taxSettings\.rates\[(?P<number>\d+)\]")
PARAMETER_PATH = re.compile(r"(^|\.)parameters\b")
#: Where Allegro names products in place of which the data were taken.
ABOUT_PRODUCTS = frozenset({"PARAMETER_MISMATCH", "CATEGORY_MISMATCH", "MultipleProductsFoundException"})
PRODUCT_KEYS = ("productId", "existingProductId", "foundProductsIds")
#: What was sent and what the product has, in words.
DIFFERENCE = {
    "name": ("parameterName",),
    "parameter_id": ("parameterId",),
    "mine": ("requestedCategoryName", "currentParameterValue"),
    "theirs": ("existingCategoryName", "expectedParameterValue"),
}
SEPARATORS = re.compile(r"[,;\s\[\]\"']+")
ID = re.compile(r"(?<![\w-])[\w-]+(?![\w-])")
#: In a sentence a short number may mean anything.
LONG_ID = re.compile(r"(?<![\w-])\d{4,}(?![\w-])")
#: Allegro forgets uploads before their time.
PICTURES_GONE = frozenset({"OfferImagesNotFoundException", "OfferImagesNotAvailableException"})


def are_pictures_gone(objections: Sequence[Objection]) -> bool:
    return any(objection.code in PICTURES_GONE for objection in objections)


def are_about_parameters(objections: Sequence[Objection]) -> bool:
    """Our copy of the category's parameters may be out of date."""
    return any(ABOUT_PARAMETERS.search(objection.code) for objection in objections)


def problems_at_fields(
    objections: Sequence[Objection], parameters: Sequence[Parameter], rate_fields: Sequence[str] = ()
) -> list[Problem]:
    """Each objection at its field, or at the whole form; none is left out.

    `rate_fields`: whose rates of VAT were sent, in their order.
    """
    by_id = {parameter.id: parameter for parameter in parameters}
    found = [problem for objection in objections for problem in _problems(objection, by_id, rate_fields)]
    return list({(each.code, each.field, each.text): each for each in found}.values())


def _problems(
    objection: Objection, by_id: Mapping[str, Parameter], rate_fields: Sequence[str]
) -> Iterator[Problem]:
    about = _parameters(objection, by_id)
    text = _with_names(objection, about)
    # Without words for a seller, ours for the code are better than Allegro's technical ones.
    params = {} if objection.user_message else {"technical": "1"}
    further = FURTHER.search(objection.path or "")
    if objection.code in ABOUT_PRODUCTS:
        # Whatever it is that differs, choosing a product is the way out.
        field = f"set.{further['number']}" if further else "product_id"
        yield Problem(objection.code, field, {**params, **_products(objection)}, text)
        return
    if about and further:
        # A further product has no features in the form: it is answered for by another one.
        yield Problem(objection.code, f"set.{further['number']}", params, text)
        return
    for parameter in about:
        field = "gtin" if parameter.is_gtin else f"parameters.{parameter.id}"
        yield Problem(objection.code, field, {"name": parameter.name, **params}, text)
    if not about:
        yield Problem(objection.code, _field(objection, rate_fields), params, text)


def _products(objection: Objection) -> dict[str, str]:
    """`products`: ids of the catalogue's that the data fit, by comma; what differs, here and there
    (facts.md 4.3)."""
    metadata = objection.metadata
    ids = dict.fromkeys(
        each for key in PRODUCT_KEYS for each in re.split(SEPARATORS, metadata.get(key, "")) if each
    )
    told = {
        name: metadata.get(key, "") for name, keys in DIFFERENCE.items() for key in keys if key in metadata
    }
    return {name: value for name, value in {"products": ",".join(ids), **told}.items() if value}


def _parameters(objection: Objection, by_id: Mapping[str, Parameter]) -> list[Parameter]:
    """Those it is about, as far as the category has them."""
    metadata = objection.metadata
    missing = re.split(SEPARATORS, metadata.get("missingParameterIds", ""))
    named = [metadata.get("parameterId", ""), *missing]
    if not any(named) and PARAMETER_PATH.search(objection.path or ""):
        named = LONG_ID.findall(f"{objection.message or ''} {objection.details or ''}")
    return [by_id[each] for each in dict.fromkeys(named) if each in by_id]


def field_at(path: str) -> str:
    for pattern, field in FIELD_BY_PATH:
        if found := pattern.search(path):
            number = found.groupdict().get("number")
            return field.format(number) if "{}" in field else f"{field}.{number}" if number else field
    return WHOLE_FORM


def rate_fields_of(offer: Offer) -> list[str]:
    """By what is on its way, else by what was sent last."""
    settings = (offer.sending or offer.sent or {}).get("taxSettings") or {}
    home = country_of(offer.account.base_marketplace)
    countries = [each.get("countryCode") or home for each in settings.get("rates") or ()]
    return ["vat_rate" if country == home else f"vat_rates_abroad.{country}" for country in countries]


def _field(objection: Objection, rate_fields: Sequence[str]) -> str:
    rate = RATE.search(objection.path or "")
    if rate and int(rate["number"]) < len(rate_fields):
        return rate_fields[int(rate["number"])]
    if field := field_at(objection.path or ""):
        return field
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
