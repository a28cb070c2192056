"""States of the link to an Allegro account, and where a seller ships from."""

from __future__ import annotations

import re
from enum import StrEnum


class LinkState(StrEnum):
    NOT_LINKED = "not_linked"
    #: Linked, and waiting for the seller's word that it is the right account; nothing runs until then.
    UNCONFIRMED = "unconfirmed"
    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


#: The account's tokens are there and are kept alive.
HOLDS_TOKENS = frozenset({LinkState.UNCONFIRMED, LinkState.CONNECTED})


class GrantType(StrEnum):
    """The kind of an application, chosen when it is registered and for ever (facts.md 1.3)."""

    AUTHORIZATION_CODE = "authorization_code"
    DEVICE_CODE = "device_code"


#: Why an account must be linked again although its consent holds: it heals once right keys are saved.
KEYS_REFUSED = "Allegro does not know the application's Client ID and Client Secret"
#: A token fresh from a renewal was answered 401 as well.
FRESH_ACCESS_REFUSED = "Allegro refuses even access that it has just renewed"

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
