"""The offer form: taxes, deposits and promotion as they were typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

Sent = MultiDict[str, str]

TOKEN = re.compile(r"[A-Za-z0-9_.\-]{0,40}")
RATE = re.compile(r"[A-Z0-9.]{0,10}")
COUNTRY = re.compile(r"[A-Z]{2}")


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
