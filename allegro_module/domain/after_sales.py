"""Returns, complaints and guarantees: what Allegro takes, asked before it is asked (facts.md 9).

Contents are shaped as the body that is sent; a problem's field is the path in it, with dots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from allegro_module.domain.countries import COUNTRIES
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind

Content = Mapping[str, Any]

KINDS = (TermKind.RETURN_POLICY, TermKind.IMPLIED_WARRANTY, TermKind.WARRANTY)
#: Without these two and a delivery price list a fresh account cannot sell (facts.md 9).
NEEDED_KINDS = (TermKind.RETURN_POLICY, TermKind.IMPLIED_WARRANTY)


class Range(StrEnum):
    FULL = "FULL"
    RESTRICTED = "RESTRICTED"
    DISABLED = "DISABLED"


class CoveredBy(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"


class Warrantor(StrEnum):
    MANUFACTURER = "MANUFACTURER"
    SELLER = "SELLER"


CAUSES: Mapping[str, tuple[str, ...]] = {
    Range.RESTRICTED: (
        "SEALED_MEDIA",
        "SEALED_ITEM_NO_RETURN_DUE_HEALTH_OR_HYGIENE",
        "INSEPARABLY_LINKED",
        "NOT_RECORDED_DIGITAL_CONTENT",
    ),
    Range.DISABLED: (
        "CUSTOM_ITEM",
        "SHORT_SHELF_LIFE",
        "PRESS",
        "MEDICINAL_PRODUCT",
        "VALUE_DEPENDENT_ON_FINANCIAL_MARKET",
    ),
}
#: Still in old policies, not to be chosen any more (openapi.json, RestrictionCause).
OUTDATED_CAUSES = ("ALCOHOL", "FULLY_IMPLEMENTED_SERVICE", "BOOKED_SERVICE")
ONLY_IN_POLAND = "MEDICINAL_PRODUCT"
HOME = "allegro-pl"
OPTIONS = (
    "cashOnDeliveryNotAllowed",
    "freeAccessoriesReturnRequired",
    "refundLoweredByReceivedDiscount",
    "businessReturnAllowed",
    "collectBySellerOnly",
)
ADDRESS_FIELDS = ("name", "street", "postCode", "city", "countryCode")
BUYERS = ("individual", "corporate")

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_240
LONGEST_LINE = 200
#: The law's least: fourteen days to withdraw, two years of the seller's liability.
FEWEST_DAYS = 14
FEWEST_YEARS = 2
LONGEST_BY_COUNTRY: Mapping[str, Mapping[str, int]] = {
    "PL": {"street": 35, "city": 30},
    "CZ": {"name": 50, "street": 35, "city": 30},
    "SK": {"name": 50, "street": 35, "city": 30},
}
POST_CODE_SHAPES = {"PL": r"\d{2}-\d{3}", "CZ": r"\d{3} \d{2}", "SK": r"\d{3} \d{2}"}
POST_CODE_ELSEWHERE = r"[A-Za-z0-9 -]{1,16}"
#: Letters, parted by spaces, dashes or dots.
CITY = r"[^\W\d_]+([ .-]+[^\W\d_]+)*\.?"
PHONE = r"\+?\d[\d ()-]{5,18}\d"
EMAIL = r"[^\s@<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
#: A non-breaking space is refused as well (#7119).
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00a0\u2028\u2029]")
#: More digits are no period that anybody means.
PERIOD = re.compile(r"P([0-9]{1,4})([DMY])")


def amount_of(period: str, unit: str) -> int | None:
    """„P14D” in days is 14; None for another unit and for what is no period."""
    found = PERIOD.fullmatch(period)
    return int(found[1]) if found and found[2] == unit else None


def months_of(period: str) -> int | None:
    """Guarantees made elsewhere may be counted in years."""
    years = amount_of(period, "Y")
    return amount_of(period, "M") if years is None else years * 12


def part(content: Content, name: str) -> Content:
    """A member that is an object; empty where it is left out or null."""
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}


def text(content: Content, name: str) -> str:
    found = content.get(name)
    return found if isinstance(found, str) else ""


def range_of(policy: Content) -> str:
    return text(part(policy, "availability"), "range")


def cause_of(policy: Content) -> str:
    return text(part(part(policy, "availability"), "restrictionCause"), "name")


def after_sales_problems(
    kind: TermKind, content: Content, base: Content | None = None, marketplace: str = HOME
) -> list[Problem]:
    """What keeps the content from being sent, one problem a field.

    `base` is what Allegro has now, `marketplace` the account's own.
    """
    found: dict[str, Problem] = {}
    medicine = _medicine_problems(content, marketplace)
    for problem in (*_name_problems(content), *RULES[kind](content, base or {}), *medicine):
        found.setdefault(problem.field, problem)
    return list(found.values())


def _name_problems(content: Content) -> Iterator[Problem]:
    yield from _line_problems("name", text(content, "name"), LONGEST_NAME)


def _line_problems(field: str, value: str, longest: int) -> Iterator[Problem]:
    if not value.strip():
        yield Problem("required", field)
    elif not value.isprintable():
        yield Problem("text_not_printable", field)
    elif len(value) > longest:
        yield Problem("text_too_long", field, {"max": str(longest)})


def _description_problems(content: Content) -> Iterator[Problem]:
    description = text(content, "description")
    if len(description) > LONGEST_DESCRIPTION:
        yield Problem("text_too_long", "description", {"max": str(LONGEST_DESCRIPTION)})
    if UNPRINTABLE.search(description):
        yield Problem("text_not_printable", "description")


def _return_policy(policy: Content, base: Content) -> Iterator[Problem]:
    if base and policy.get("isFulfillment") != base.get("isFulfillment", False):
        yield Problem("fulfillment_unchangeable", "isFulfillment")
    yield from _availability_problems(policy, base)
    is_needed = range_of(policy) != Range.DISABLED
    if is_needed or policy.get("withdrawalPeriod") is not None:
        yield from _withdrawal_problems(text(policy, "withdrawalPeriod"))
    is_cost_wrong = text(part(policy, "returnCost"), "coveredBy") not in set(CoveredBy)
    if is_cost_wrong and (is_needed or policy.get("returnCost") is not None):
        yield Problem("choice_required", "returnCost.coveredBy")
    if is_needed or policy.get("address") is not None:
        yield from _address_problems(part(policy, "address"), LONGEST_BY_COUNTRY)
    if is_needed or policy.get("options") is not None:
        options = part(policy, "options")
        yield from (
            Problem("choice_required", f"options.{name}")
            for name in OPTIONS
            if not isinstance(options.get(name), bool)
        )
    yield from _contact_problems(part(policy, "contact"))


def _availability_problems(policy: Content, base: Content) -> Iterator[Problem]:
    field = "availability.restrictionCause.name"
    chosen, cause = range_of(policy), cause_of(policy)
    if chosen not in set(Range):
        yield Problem("choice_required", "availability.range")
    elif chosen == Range.FULL:
        if cause:
            yield Problem("return_cause_not_with_full", field)
    elif not cause:
        yield Problem("return_cause_required", field)
    elif cause in OUTDATED_CAUSES:
        if (chosen, cause) != (range_of(base), cause_of(base)):
            yield Problem("return_cause_outdated", field)
    elif cause not in CAUSES[chosen]:
        yield Problem("return_cause_not_for_range", field)


def _medicine_problems(content: Content, marketplace: str) -> Iterator[Problem]:
    if cause_of(content) == ONLY_IN_POLAND and marketplace != HOME:
        yield Problem("return_cause_only_in_poland", "availability.restrictionCause.name")


def _withdrawal_problems(period: str) -> Iterator[Problem]:
    days = amount_of(period, "D")
    if not period:
        yield Problem("required", "withdrawalPeriod")
    elif days is None:
        yield Problem("days_not_whole", "withdrawalPeriod")
    elif days < FEWEST_DAYS:
        yield Problem("days_too_few", "withdrawalPeriod", {"min": str(FEWEST_DAYS)})


def _address_problems(address: Content, lengths: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    country = text(address, "countryCode")
    longest = lengths.get(country, {})
    for name in ("name", "street", "city"):
        yield from _line_problems(f"address.{name}", text(address, name), longest.get(name, LONGEST_LINE))
    if country == "PL" and not re.fullmatch(CITY, text(address, "city")):
        yield Problem("city_letters", "address.city")
    yield from _post_code_problems(text(address, "postCode"), country)
    if country not in COUNTRIES:
        yield Problem("country_code_format", "address.countryCode")


def _post_code_problems(post_code: str, country: str) -> Iterator[Problem]:
    field = "address.postCode"
    if not post_code.strip():
        yield Problem("required", field)
    elif not re.fullmatch(POST_CODE_SHAPES.get(country, POST_CODE_ELSEWHERE), post_code, re.ASCII):
        codes = {"PL": "post_code_format", "CZ": "post_code_format_cz", "SK": "post_code_format_cz"}
        yield Problem(codes.get(country, "post_code_format_abroad"), field)


def _contact_problems(contact: Content) -> Iterator[Problem]:
    email, phone = text(contact, "email"), text(contact, "phoneNumber")
    if email and not re.fullmatch(EMAIL, email):
        yield Problem("email_format", "contact.email")
    if phone and not re.fullmatch(PHONE, phone, re.ASCII):
        yield Problem("phone_format", "contact.phoneNumber")


def _implied_warranty(terms: Content, base: Content) -> Iterator[Problem]:
    for buyer in BUYERS:
        field = f"{buyer}.period"
        period = text(part(terms, buyer), "period")
        years = amount_of(period, "Y")
        if not period:
            yield Problem("required", field)
        elif years is None:
            yield Problem("years_not_whole", field)
        elif years < FEWEST_YEARS and period != text(part(base, buyer), "period"):
            yield Problem("years_too_few", field, {"min": str(FEWEST_YEARS)})
    yield from _address_problems(part(terms, "address"), {})
    yield from _description_problems(terms)


def _warranty(guarantee: Content, base: Content) -> Iterator[Problem]:
    if text(guarantee, "type") not in set(Warrantor):
        yield Problem("choice_required", "type")
    for buyer in BUYERS:
        granted = part(guarantee, buyer)
        field = f"{buyer}.period"
        period = text(granted, "period")
        if not period:
            if granted.get("lifetime") is not True:
                yield Problem("required", field)
        elif not amount_of(period, "M"):
            yield Problem("months_not_whole", field)
    yield from _description_problems(guarantee)


RULES: Mapping[TermKind, Callable[[Content, Content], Iterator[Problem]]] = {
    TermKind.RETURN_POLICY: _return_policy,
    TermKind.IMPLIED_WARRANTY: _implied_warranty,
    TermKind.WARRANTY: _warranty,
}


def proposed(kind: TermKind, address: Mapping[str, str]) -> dict[str, Any]:
    """What the law asks for, as a start for one's own terms."""
    full_address = {name: address.get(name, "") for name in ADDRESS_FIELDS}
    if kind == TermKind.RETURN_POLICY:
        return {
            "name": "",
            "isFulfillment": False,
            "availability": {"range": Range.FULL.value},
            "withdrawalPeriod": f"P{FEWEST_DAYS}D",
            "returnCost": {"coveredBy": CoveredBy.BUYER.value},
            "address": full_address,
            "options": dict.fromkeys(OPTIONS, False),
        }
    if kind == TermKind.IMPLIED_WARRANTY:
        period = {"period": f"P{FEWEST_YEARS}Y"}
        return {"name": "", "individual": period, "corporate": dict(period), "address": full_address}
    months = {"period": "P24M", "lifetime": False}
    return {
        "name": "",
        "type": Warrantor.MANUFACTURER.value,
        "individual": months,
        "corporate": dict(months),
    }
