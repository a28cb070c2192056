"""Marketplaces of Allegro's beside the base one, and in which money each counts (facts.md 1.2)."""

from __future__ import annotations

BASE = "allegro-pl"
#: Consumer marketplaces in the order of the pages; a business one counts as its twin.
CURRENCIES = {"allegro-pl": "PLN", "allegro-cz": "CZK", "allegro-sk": "EUR", "allegro-hu": "HUF"}
MARKETPLACES = (*CURRENCIES, *(name.replace("allegro-", "allegro-business-") for name in CURRENCIES))


def twin_of(marketplace: str) -> str:
    return marketplace.replace("allegro-business-", "allegro-")


def currency_of(marketplace: str) -> str:
    """Raises KeyError for one that we do not know."""
    return CURRENCIES[twin_of(marketplace)]


def additional_to(base: str | None) -> list[str]:
    """Where an offer may be seen besides its base marketplace and the twin of that."""
    own = twin_of(base or BASE)
    return [each for each in MARKETPLACES if twin_of(each) != own]
