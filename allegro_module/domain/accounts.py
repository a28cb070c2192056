"""States of the link to an Allegro account, and where a seller ships from."""

from __future__ import annotations

import re
from enum import StrEnum


class LinkState(StrEnum):
    NOT_LINKED = "not_linked"
    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


#: Why an account must be linked again although its consent holds: it heals once right keys are saved.
KEYS_REFUSED = "Allegro does not know the application's Client ID and Client Secret"

#: Values of `location.province` that Allegro takes for Poland (openapi.json, Location).
PROVINCES = (
    "DOLNOSLASKIE",
    "KUJAWSKO_POMORSKIE",
    "LUBELSKIE",
    "LUBUSKIE",
    "LODZKIE",
    "MALOPOLSKIE",
    "MAZOWIECKIE",
    "OPOLSKIE",
    "PODKARPACKIE",
    "PODLASKIE",
    "POMORSKIE",
    "SLASKIE",
    "SWIETOKRZYSKIE",
    "WARMINSKO_MAZURSKIE",
    "WIELKOPOLSKIE",
    "ZACHODNIOPOMORSKIE",
)

POST_CODE_BY_COUNTRY = {
    "PL": re.compile(r"\d{2}-\d{3}"),
    "CZ": re.compile(r"\d{3} ?\d{2}"),
    "SK": re.compile(r"\d{3} ?\d{2}"),
    "HU": re.compile(r"\d{4}"),
}


def is_post_code(text: str, country: str) -> bool:
    pattern = POST_CODE_BY_COUNTRY.get(country)
    return bool(pattern.fullmatch(text)) if pattern else 2 <= len(text) <= 12
