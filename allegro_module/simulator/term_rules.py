"""What return policies, complaint terms and guarantees must be: more than the description of the API asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from allegro_module.simulator.body_rules import (
    EMAIL,
    PHONE,
    description_findings,
    shape_findings,
    text_findings,
)
from allegro_module.simulator.findings import Finding, finding, violation
from allegro_module.simulator.offer_schema import FLAG, TEXT, Nullable, Shape

ADDRESS: Mapping[str, Shape] = {
    "name": TEXT,
    "street": TEXT,
    "postCode": TEXT,
    "city": TEXT,
    "countryCode": TEXT,
}
OPTIONS: Mapping[str, Shape] = {
    "cashOnDeliveryNotAllowed": FLAG,
    "freeAccessoriesReturnRequired": FLAG,
    "refundLoweredByReceivedDiscount": FLAG,
    "businessReturnAllowed": FLAG,
    "collectBySellerOnly": FLAG,
}
RETURN_POLICY: Mapping[str, Shape] = {
    "name": TEXT,
    "isFulfillment": FLAG,
    "availability": {"range": TEXT, "restrictionCause": Nullable({"name": TEXT, "description": TEXT})},
    "withdrawalPeriod": Nullable(TEXT),
    "returnCost": Nullable({"coveredBy": TEXT}),
    "address": Nullable(ADDRESS),
    "contact": Nullable({"phoneNumber": Nullable(TEXT), "email": Nullable(TEXT)}),
    "options": Nullable(OPTIONS),
}
COMPLAINTS: Mapping[str, Shape] = {
    "name": TEXT,
    "individual": {"period": TEXT},
    "corporate": {"period": TEXT},
    "address": ADDRESS,
    "description": Nullable(TEXT),
}
GUARANTEE_PERIOD: Mapping[str, Shape] = {"period": Nullable(TEXT), "lifetime": FLAG}
GUARANTEE: Mapping[str, Shape] = {
    "name": TEXT,
    "type": TEXT,
    "individual": GUARANTEE_PERIOD,
    "corporate": GUARANTEE_PERIOD,
    "attachment": Nullable({"id": TEXT, "name": TEXT}),
    "description": Nullable(TEXT),
}
CAUSES: Mapping[str, tuple[str, ...]] = {
    "FULL": (),
    "RESTRICTED": (
        "SEALED_MEDIA",
        "SEALED_ITEM_NO_RETURN_DUE_HEALTH_OR_HYGIENE",
        "INSEPARABLY_LINKED",
        "NOT_RECORDED_DIGITAL_CONTENT",
    ),
    "DISABLED": (
        "CUSTOM_ITEM",
        "SHORT_SHELF_LIFE",
        "PRESS",
        "MEDICINAL_PRODUCT",
        "VALUE_DEPENDENT_ON_FINANCIAL_MARKET",
    ),
}
ONLY_IN_POLAND = "MEDICINAL_PRODUCT"
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_240
FEWEST_DAYS = 14
FEWEST_YEARS = 2
DAYS = re.compile(r"P(\d{1,4})D")
YEARS = re.compile(r"P(\d{1,3})Y")
MONTHS = re.compile(r"P(\d{1,4})M")
COUNTRY = re.compile(r"[A-Z]{2}")
# By country: longest name, street, city. Others may have 200 of each.
LENGTHS = {"PL": (200, 35, 30), "CZ": (50, 35, 30), "SK": (50, 35, 30)}
POST_CODES = {
    "PL": re.compile(r"\d{2}-\d{3}"),
    "CZ": re.compile(r"\d{3} \d{2}"),
    "SK": re.compile(r"\d{3} \d{2}"),
}
ANY_POST_CODE = re.compile(r"[A-Za-z0-9 -]{1,16}")
CITY = re.compile(r"[^\W\d_]+([ .-]+[^\W\d_]+)*\.?")


def return_policy_findings(body: Mapping[str, Any], marketplace: str) -> Iterator[Finding]:
    yield from text_findings(body, "name", LONGEST_NAME)
    availability = body.get("availability") or {}
    reach = str(availability.get("range"))
    if reach not in CAUSES:
        yield violation("availability.range", "returns.range", value=reach)
        return
    yield from _cause(reach, (availability.get("restrictionCause") or {}).get("name"), marketplace)
    if reach != "DISABLED":
        yield from _needed(body)
    yield from _period(body.get("withdrawalPeriod"), DAYS, FEWEST_DAYS, "withdrawalPeriod", "returns.period")
    covered_by = (body.get("returnCost") or {}).get("coveredBy")
    if body.get("returnCost") is not None and covered_by not in ("SELLER", "BUYER"):
        yield violation("returnCost.coveredBy", "returns.cost", value=covered_by)
    if body.get("address") is not None:
        yield from _address(body["address"], LENGTHS)
    if body.get("contact") is not None:
        yield from shape_findings(body, "contact.email", EMAIL, 200)
        yield from shape_findings(body, "contact.phoneNumber", PHONE, 30)
    options = body.get("options")
    if options is not None and set(options) != set(OPTIONS):
        yield finding("AVAILABILITY_ENABLED_RETURN_OPTIONS_INVALID", None)


def _cause(reach: str, cause: str | None, marketplace: str) -> Iterator[Finding]:
    path = "availability.restrictionCause.name"
    fitting = [name for name in CAUSES[reach] if name != ONLY_IN_POLAND or marketplace == "allegro-pl"]
    if reach == "FULL" and cause is not None:
        yield violation(path, "returns.no_cause")
    elif reach != "FULL" and cause not in fitting:
        yield violation(path, "returns.cause", value=cause, range=reach)


def _needed(body: Mapping[str, Any]) -> Iterator[Finding]:
    """What may be missing only from a policy without returns; of options no path was told (KSB)."""
    for name in ("withdrawalPeriod", "returnCost", "address"):
        if body.get(name) is None:
            yield violation(name, "body.missing")
    if body.get("options") is None:
        yield finding("AVAILABILITY_ENABLED_RETURN_OPTIONS_INVALID", None)


def _period(text: str | None, shape: re.Pattern[str], fewest: int, path: str, says: str) -> Iterator[Finding]:
    if text is None:
        return
    match = shape.fullmatch(text)
    if match is None or int(match[1]) < fewest:
        yield violation(path, says, value=text, least=fewest)


def _address(address: Mapping[str, Any], lengths: Mapping[str, tuple[int, int, int]]) -> Iterator[Finding]:
    country = address.get("countryCode") or ""
    most = lengths.get(country, (LONGEST_NAME, 200, 200))
    for name, length in zip(("name", "street", "city"), most, strict=True):
        yield from text_findings({"address": address}, f"address.{name}", length)
    if not COUNTRY.fullmatch(country):
        yield violation("address.countryCode", "body.shape", value=country)
    post_code = address.get("postCode") or ""
    if not POST_CODES.get(country, ANY_POST_CODE).fullmatch(post_code):
        yield violation("address.postCode", "body.shape", value=post_code)
    city = address.get("city") or ""
    if country == "PL" and city.strip() and not CITY.fullmatch(city):
        yield violation("address.city", "body.letters")


def complaints_findings(body: Mapping[str, Any], corporate_years: int) -> Iterator[Finding]:
    """All three were demanded of those who left them out (#7119)."""
    yield from text_findings(body, "name", LONGEST_NAME)
    for name, fewest in (("individual", FEWEST_YEARS), ("corporate", corporate_years)):
        period = (body.get(name) or {}).get("period")
        if period is None:
            yield violation(f"{name}.period", "body.missing")
        yield from _period(period, YEARS, fewest, f"{name}.period", "complaints.period")
    if body.get("address") is None:
        yield violation("address", "body.missing")
    else:
        yield from _address(body["address"], {})
    yield from description_findings(body, LONGEST_DESCRIPTION)


def guarantee_findings(body: Mapping[str, Any]) -> Iterator[Finding]:
    """Both kinds of buyers must be named, against the description (KSB)."""
    yield from text_findings(body, "name", LONGEST_NAME)
    if body.get("type") not in ("MANUFACTURER", "SELLER"):
        yield violation("type", "guarantee.type", value=body.get("type"))
    for name in ("individual", "corporate"):
        asked = body.get(name)
        if asked is None:
            yield violation(name, "body.missing")
        elif asked.get("period") is None and not asked.get("lifetime"):
            yield violation(f"{name}.period", "body.missing")
        else:
            yield from _period(asked.get("period"), MONTHS, 1, f"{name}.period", "guarantee.period")
    yield from description_findings(body, LONGEST_DESCRIPTION)
