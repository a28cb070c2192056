"""The forms of returns, complaints and guarantees: what was typed, field by field, and what it means.

Fields are named by their path in the body that is sent. What cannot be read goes into the content as typed,
so that the rules complain at its field and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from allegro_module.domain.after_sales import (
    ADDRESS_FIELDS,
    BUYERS,
    OPTIONS,
    Content,
    Range,
    amount_of,
    cause_of,
    months_of,
    part,
    range_of,
    text,
)
from allegro_module.domain.terms import TermKind

Typed = Mapping[str, str]

YES = "1"
#: „FULL”, or range and cause together: „RESTRICTED:SEALED_MEDIA”, so that the two cannot disagree.
AVAILABILITY = "availability"
COVERED_BY = "returnCost.coveredBy"
ADDRESS = tuple(f"address.{name}" for name in ADDRESS_FIELDS)
CONTACT = ("contact.email", "contact.phoneNumber")
OPTION_FIELDS = tuple(f"options.{name}" for name in OPTIONS)
PERIODS = tuple(f"{buyer}.period" for buyer in BUYERS)
LIFETIMES = tuple(f"{buyer}.lifetime" for buyer in BUYERS)
FIELDS: Mapping[TermKind, tuple[str, ...]] = {
    TermKind.RETURN_POLICY: (
        "name", "isFulfillment", AVAILABILITY, "withdrawalPeriod", COVERED_BY,
        *ADDRESS, *CONTACT, *OPTION_FIELDS,
    ),
    TermKind.IMPLIED_WARRANTY: ("name", *PERIODS, *ADDRESS, "description"),
    TermKind.WARRANTY: ("name", "type", *PERIODS, *LIFETIMES, "attachment", "description"),
}  # fmt: skip
#: A number alone is meant in these units.
UNITS = {TermKind.RETURN_POLICY: "D", TermKind.IMPLIED_WARRANTY: "Y", TermKind.WARRANTY: "M"}


def read_typed(kind: TermKind, sent: Mapping[str, str]) -> dict[str, str]:
    """As it was typed, but for blanks around it, line ends of browsers and spaces that Allegro refuses."""
    return {
        name: "\n".join(sent.get(name, "").strip().replace("\u00a0", " ").splitlines())
        for name in FIELDS[kind]
    }


def typed_of(kind: TermKind, content: Content) -> dict[str, str]:
    """The content as the form shows it."""
    typed = {name: _shown(kind, name, _value_at(content, name)) for name in FIELDS[kind]}
    if AVAILABILITY in typed:
        typed[AVAILABILITY] = ":".join(filter(None, (range_of(content), cause_of(content))))
    if "attachment" in typed:
        typed["attachment"] = text(part(content, "attachment"), "id")
    return typed


def _shown(kind: TermKind, name: str, value: object) -> str:
    if isinstance(value, bool):
        return YES if value else ""
    if not isinstance(value, str):
        return ""
    if name in (*PERIODS, "withdrawalPeriod"):
        amount = months_of(value) if kind == TermKind.WARRANTY else amount_of(value, UNITS[kind])
        return value if amount is None else str(amount)
    return value


def _value_at(content: Content, path: str) -> object:
    *parents, name = path.split(".")
    for parent in parents:
        content = part(content, parent)
    return content.get(name)


def content_of(
    kind: TermKind, typed: Typed, before: Content, attachment: Content | None = None
) -> dict[str, Any]:
    """The body to be sent; `before` gives what no field says, `attachment` is a guarantee's file."""
    if kind == TermKind.RETURN_POLICY:
        return _return_policy(typed, before)
    if kind == TermKind.IMPLIED_WARRANTY:
        return {
            "name": typed["name"],
            **{buyer: {"period": _period(typed[f"{buyer}.period"], "Y")} for buyer in BUYERS},
            "address": _group(typed, "address", ADDRESS_FIELDS),
            **_description(typed),
        }
    return {
        "name": typed["name"],
        "type": typed["type"],
        **{buyer: _guarantee(typed, buyer) for buyer in BUYERS},
        **({"attachment": dict(attachment)} if attachment else {}),
        **_description(typed),
    }


def _return_policy(typed: Typed, before: Content) -> dict[str, Any]:
    """Where nothing can be returned the rest may be left out, and says nothing (facts.md 9)."""
    chosen, _, cause = typed[AVAILABILITY].partition(":")
    content: dict[str, Any] = {
        "name": typed["name"],
        "isFulfillment": before.get("isFulfillment", typed["isFulfillment"] == YES),
        "availability": {"range": chosen, **({"restrictionCause": _cause(cause, before)} if cause else {})},
    }
    if chosen != Range.DISABLED:
        content["withdrawalPeriod"] = _period(typed["withdrawalPeriod"], "D")
        content["returnCost"] = {"coveredBy": typed[COVERED_BY]}
        content["address"] = _group(typed, "address", ADDRESS_FIELDS)
        content["options"] = {name: typed[f"options.{name}"] == YES for name in OPTIONS}
    contact = {
        name: value for name, value in _group(typed, "contact", ("email", "phoneNumber")).items() if value
    }
    return {**content, **({"contact": contact} if contact else {})}


def _cause(name: str, before: Content) -> dict[str, Any]:
    """Allegro's description of the same cause stays with it."""
    if name == cause_of(before):
        return dict(part(part(before, "availability"), "restrictionCause"))
    return {"name": name}


def _group(typed: Typed, group: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: typed[f"{group}.{name}"] for name in names}


def _description(typed: Typed) -> dict[str, str]:
    return {"description": typed["description"]} if typed["description"] else {}


def _guarantee(typed: Typed, buyer: str) -> dict[str, Any]:
    if typed[f"{buyer}.lifetime"] == YES:
        return {"lifetime": True}
    return {"period": _period(typed[f"{buyer}.period"], "M"), "lifetime": False}


def _period(typed: str, unit: str) -> str:
    """„14” → „P14D”; what is no number stays as typed."""
    return f"P{int(typed)}{unit}" if re.fullmatch(r"[0-9]{1,4}", typed) else typed


def form_field(kind: TermKind, path: str) -> str:
    """The field that shows a problem at this path; empty where only the whole form can."""
    while path:
        if path in FIELDS[kind]:
            return path
        path = path.rpartition(".")[0]
    return ""
