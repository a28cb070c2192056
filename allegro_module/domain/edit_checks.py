"""What is wrong with a seller's own values for an order (`order_edits.EDITABLE`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from allegro_module.domain.countries import COUNTRIES
from allegro_module.domain.order_edits import RECIPIENT, SELLER_NOTE
from allegro_module.domain.problems import Problem

LONGEST_LINE = 100
LONGEST_NOTE = 1000
POST_CODE_IN_POLAND = r"\d{2}-\d{3}"
POST_CODE_ABROAD = r"[A-Za-z0-9][A-Za-z0-9 -]{1,11}"
PHONE = r"\+?\d[\d ()-]{5,18}\d"
NEEDED = ("street", "city", "post_code", "country_code")


def problems_of(values: Mapping[str, str]) -> list[Problem]:
    """One for each field at most; names that are not among `values` are not asked for."""
    found = {problem.field: problem for problem in reversed([*_complaints(values)])}
    return [found[name] for name in values if name in found]


def _complaints(values: Mapping[str, str]) -> Iterator[Problem]:
    recipient = {
        name.removeprefix(RECIPIENT): value for name, value in values.items() if name.startswith(RECIPIENT)
    }
    for name, value in recipient.items():
        yield from _of_line(RECIPIENT + name, value)
    yield from _missing(recipient)
    yield from _misshapen(recipient)
    if len(values.get(SELLER_NOTE, "")) > LONGEST_NOTE:
        yield Problem("text_too_long", SELLER_NOTE, {"max": str(LONGEST_NOTE)})


def _of_line(field: str, value: str) -> Iterator[Problem]:
    if not value.isprintable():
        yield Problem("text_not_printable", field)
    if len(value) > LONGEST_LINE:
        yield Problem("text_too_long", field, {"max": str(LONGEST_LINE)})


def _missing(recipient: Mapping[str, str]) -> Iterator[Problem]:
    for name in NEEDED:
        if name in recipient and not recipient[name]:
            yield Problem("required", RECIPIENT + name)
    if recipient.get("last_name") == "" and recipient.get("company") == "":
        yield Problem("recipient_required", RECIPIENT + "last_name")


def _misshapen(recipient: Mapping[str, str]) -> Iterator[Problem]:
    country, post_code = recipient.get("country_code"), recipient.get("post_code", "")
    if country and country not in COUNTRIES:
        yield Problem("country_code_format", RECIPIENT + "country_code")
    shape = POST_CODE_IN_POLAND if country == "PL" else POST_CODE_ABROAD
    if post_code and not re.fullmatch(shape, post_code, re.ASCII):
        code = "post_code_format" if country == "PL" else "post_code_format_abroad"
        yield Problem(code, RECIPIENT + "post_code")
    phone = recipient.get("phone", "")
    if phone and not re.fullmatch(PHONE, phone, re.ASCII):
        yield Problem("phone_format", RECIPIENT + "phone")
