"""Rules that bodies of many resources share: texts of some length, e-mails, periods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from allegro_module.simulator.findings import Finding, violation

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]{2,}")
PHONE = re.compile(r"\+?[\d\s()-]{5,30}")
URL = re.compile(r"https?://[^\s/?#]+\.[^\s]+")
# Line ends and tabs apart; a non-breaking space was seen to be refused as well (#7119).
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00a0\u2028\u2029]")
ROUGH_SPACE = re.compile(r"^\s|\s$|[^\S ]| {2}")


def text_findings(body: Mapping[str, Any], path: str, most: int) -> Iterator[Finding]:
    """A text that must be there, at the end of the dotted path."""
    text = _at(body, path)
    if not (text or "").strip():
        yield violation(path, "body.missing")
    elif len(text) > most:
        yield violation(path, "body.too_long", most=most)


def tidy_findings(body: Mapping[str, Any], path: str, most: int) -> Iterator[Finding]:
    """Besides: spaces only one at a time and within, no other white space."""
    yield from text_findings(body, path, most)
    text = _at(body, path) or ""
    if text.strip() and ROUGH_SPACE.search(text):
        yield violation(path, "body.spaces")


def description_findings(body: Mapping[str, Any], most: int) -> Iterator[Finding]:
    text = body.get("description") or ""
    if len(text) > most:
        yield violation("description", "body.too_long", most=most)
    if FORBIDDEN.search(text):
        yield violation("description", "body.characters")


def shape_findings(
    body: Mapping[str, Any], path: str, shape: re.Pattern[str], most: int
) -> Iterator[Finding]:
    """A text that may be left out."""
    text = _at(body, path)
    if text is None:
        return
    if len(text) > most:
        yield violation(path, "body.too_long", most=most)
    elif not shape.fullmatch(text):
        yield violation(path, "body.shape", value=text)


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for step in path.split("."):
        value = (value or {}).get(step)
    return value


def without_nulls(value: Any) -> Any:
    """As answers tell it."""
    if isinstance(value, Mapping):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value
