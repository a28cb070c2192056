"""The offer form: dates, taxes, deposits and promotion as they were typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from allegro_module.domain.problems import Problem
from allegro_module.web.formats import WARSAW

Sent = MultiDict[str, str]

#: As a browser sends them, and as a seller types them where it has no field for dates.
MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M")
TOKEN = re.compile(r"[A-Za-z0-9_.\-]{0,40}")
RATE = re.compile(r"[A-Z0-9.]{0,10}")
COUNTRY = re.compile(r"[A-Z]{2}")


def read_start(sent: Sent, stored: datetime | None) -> datetime | None:
    """In UTC; what cannot be read changes nothing (`start_problems` tells)."""
    if "starting_at" not in sent:
        return stored
    typed = sent["starting_at"].strip()
    if not typed:
        return None
    return _moment(typed) or stored


def start_problems(sent: Sent) -> list[Problem]:
    typed = sent.get("starting_at", "").strip()
    if not typed or _moment(typed):
        return []
    return [Problem("start_unreadable", "starting_at", {"value": typed[:40]})]


def _moment(typed: str) -> datetime | None:
    for form in MOMENTS:
        try:
            there = datetime.strptime(typed, form).replace(tzinfo=WARSAW)
            at = there.astimezone(UTC)
        except (ValueError, OverflowError):
            # The first hour of the year 1 is none of UTC.
            continue
        # In the hour that is skipped in spring there is no such time.
        is_there = at.astimezone(WARSAW).replace(tzinfo=None) == there.replace(tzinfo=None)
        return at if is_there else None
    return None


def start_to_edit(at: datetime | None) -> str:
    """For a field of the kind `datetime-local`."""
    return "" if at is None else at.astimezone(WARSAW).strftime("%Y-%m-%dT%H:%M")


def start_words(at: datetime | None) -> str:
    """„23.11.2026, 14:30”."""
    return "" if at is None else at.astimezone(WARSAW).strftime("%d.%m.%Y, %H:%M")


def read_token(sent: Sent, name: str, stored: str) -> str:
    typed = sent.get(name, stored).strip()
    return typed if TOKEN.fullmatch(typed) else stored


def read_rates_abroad(sent: Sent, stored: Mapping[str, str]) -> dict[str, str]:
    """By country; those that the page did not show stay."""
    rates = dict(stored)
    for country in sent.getlist("vat_rates_abroad.shown"):
        rate = sent.get(f"vat_rates_abroad.{country}", "").strip()
        if not COUNTRY.fullmatch(country) or not RATE.fullmatch(rate):
            continue
        rates.pop(country, None)
        if rate:
            rates[country] = rate
    return rates


def read_deposits(sent: Sent, stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pieces as a number; what is none stays as it was typed, for the rules to tell."""
    shown = list(dict.fromkeys(sent.getlist("deposits.shown")))
    kept = [dict(each) for each in stored if each["id"] not in shown]
    typed = {each: sent.get(f"deposits.{each}", "").strip()[:10] for each in shown}
    return kept + [
        {"id": key[:64], "quantity": int(text) if text.isascii() and text.isdigit() else text}
        for key, text in typed.items()
        if text not in ("", "0")
    ]


def read_promotion(sent: Sent, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The wish; what became of an earlier one goes with it only while the wish is the same."""
    if "promotion.shown" not in sent:
        return dict(stored)
    base = sent.get("promotion.base", "").strip()[:64]
    extra = [each[:64] for each in dict.fromkeys(sent.getlist("promotion.extra")) if each]
    if (base, extra) == (stored.get("base") or "", list(stored.get("extra") or ())):
        return dict(stored)
    wish: dict[str, Any] = {"base": base} if base else {}
    return {**wish, "extra": extra} if extra else wish
