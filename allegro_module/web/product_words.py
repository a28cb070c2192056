"""A product of Allegro's catalogue as sellers see it: shown in the admin panel only (facts.md 6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from allegro_module.sync.catalogue import REQUIREMENTS, Content
from allegro_module.web.formats import number
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label

LISTED = Label(marked("verified by Allegro"), "patch-check-fill", "ok")
PROPOSED = Label(marked("waits for verification"), "hourglass-split", "wait")
WITHDRAWN = Label(marked("withdrawn from the catalogue"), "x-octagon", "bad")
BY_STATUS = {"LISTED": LISTED, "PROPOSED": PROPOSED, "NOT_LISTED": WITHDRAWN, "REMOVED": WITHDRAWN}
SAFE = Label(marked("has safety data (GPSR)"), "shield-check", "ok")
SAFE_IN_PART = Label(marked("safety data (GPSR) in part"), "shield-exclamation", "warn")
NOT_SAFE = Label(marked("no safety data (GPSR)"), "shield-x", "warn")


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """`parameters` and `requirements`: pairs of a name and its words; no `safety` before we have its data."""

    id: str
    name: str
    picture: str
    category: str
    status: Label | None
    safety: Label | None
    parameters: Sequence[tuple[str, str]]
    requirements: Sequence[tuple[str, str]]


def shown_product(content: Content, status: str = "") -> ShownProduct:
    """`status` is what Allegro last told of the offer's product, where our copy is older."""
    known = status or (content.get("publication") or {}).get("status") or ""
    wanted = content.get(REQUIREMENTS) or {}
    return ShownProduct(
        id=content["id"],
        name=content.get("name") or t("Data of the product not fetched yet"),
        picture=picture_of(content),
        category=category_of(content),
        status=BY_STATUS[known].translated() if known in BY_STATUS else None,
        safety=safety_of(content).translated() if content.get("name") else None,
        parameters=_in_words(content.get("parameters") or ()),
        requirements=_in_words(wanted.get("parameters") or ()),
    )


def picture_of(content: Content) -> str:
    """The address that Allegro gave; the browser asks it of Allegro's picture host only (CSP)."""
    addresses = (each.get("url") or "" for each in content.get("images") or ())
    return next((each for each in addresses if urlsplit(each).scheme in ("http", "https")), "")


def category_of(content: Content) -> str:
    steps = (content.get("category") or {}).get("path") or ()
    return " › ".join(step.get("name") or step.get("id") or "" for step in steps)


def safety_of(content: Content) -> Label:
    """Producer and safety information both spare the seller his own."""
    safety = content.get("productSafety") or {}
    has = [bool(safety.get("responsibleProducers")), bool(safety.get("safetyInformation"))]
    if all(has):
        return SAFE
    return SAFE_IN_PART if any(has) else NOT_SAFE


def _in_words(entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found = [(entry.get("name") or entry.get("id") or "", _value(entry)) for entry in entries]
    return [(name, words) for name, words in found if words]


def bound_words(bound: Any) -> str:
    """„65” of Allegro's „65.0”."""
    try:
        return number(Decimal(str(bound)))
    except InvalidOperation:
        return str(bound or "")


def _value(entry: Mapping[str, Any]) -> str:
    bounds = entry.get("rangeValue") or {}
    if bounds:
        low, high = (bound_words(bounds.get(side)) for side in ("from", "to"))
        words = t("%(low)s to %(high)s", low=low, high=high)
    else:
        words = ", ".join(str(each) for each in entry.get("valuesLabels") or entry.get("values") or ())
    unit = entry.get("unit") or ""
    return f"{words} {unit}".strip() if words else ""
