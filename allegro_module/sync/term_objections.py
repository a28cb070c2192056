"""What Allegro says against a wish → problems at the fields of our forms, in Allegro's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from allegro_module.client.errors import Objection, Refused
from allegro_module.domain.problems import WHOLE_FORM, Problem
from allegro_module.domain.terms import TermKind

RATE = re.compile(r"^rates\[(\d+)\]\.?(.*)$")
#: The first whose beginning fits; a method that Allegro does not accept stands at its price.
COLUMN_BY_MEMBER = (
    ("maxQuantityPerPackage", "quantity"),
    ("maxPackageWeight", "weight"),
    ("shippingTime.to", "time_to"),
    ("shippingTime", "time_from"),
    ("", "first"),
)
FIELD_BY_MEMBER = {"dispatchCountry": "dispatch_country"}
INDEX = re.compile(r"\[(\d+)\]")
#: The address of the resource, or a query: no member of the body.
NO_MEMBER = re.compile(r"[/?]")


def problems_of(kind: TermKind, content: Mapping[str, Any], refusal: Refused) -> list[Problem]:
    """Each at its field or at the whole form."""
    found = [Problem(each.code, _field(kind, content, each), {}, each.text) for each in refusal.objections]
    return list({(each.code, each.field, each.text): each for each in found}.values())


def _field(kind: TermKind, content: Mapping[str, Any], objection: Objection) -> str:
    path = (objection.path or "").strip()
    if not path or NO_MEMBER.search(path):
        return WHOLE_FORM
    if kind is TermKind.SHIPPING_RATE:
        return _field_of_price_list(content, path)
    return INDEX.sub(r".\1", path)


def _field_of_price_list(content: Mapping[str, Any], path: str) -> str:
    rate = RATE.match(path)
    if rate is None:
        return FIELD_BY_MEMBER.get(path, path)
    rows, index = content.get("rates") or [], int(rate[1])
    if index >= len(rows):
        return WHOLE_FORM
    column = next(column for member, column in COLUMN_BY_MEMBER if rate[2].startswith(member))
    return f"rates.{rows[index]['deliveryMethod']['id']}.{column}"
