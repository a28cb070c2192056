"""Scopes: what an application may ask a seller for, and which ones this module needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PREFIX = "allegro:api:"


@dataclass(frozen=True, slots=True)
class Scope:
    """`name` as in a token; `is_needed` scopes are asked for unless the seller takes them out."""

    name: str
    is_needed: bool

    @property
    def short(self) -> str:
        return self.name.removeprefix(PREFIX)


def _scopes(is_needed: bool, *names: str) -> tuple[Scope, ...]:
    return tuple(Scope(PREFIX + name, is_needed) for name in names)


#: All of them, in the order of Allegro's own page (facts.md 2.9).
SCOPES = (
    *_scopes(True, "profile:read"),
    *_scopes(False, "profile:write"),
    *_scopes(True, "sale:offers:read", "sale:offers:write", "sale:settings:read", "sale:settings:write"),
    *_scopes(True, "orders:read", "orders:write"),
    *_scopes(False, "shipments:read", "shipments:write", "ratings", "disputes", "bids", "messaging"),
    *_scopes(True, "billing:read", "payments:read"),
    *_scopes(False, "payments:write", "campaigns", "fulfillment:read", "fulfillment:write"),
    *_scopes(False, "affiliate:read", "affiliate:write"),
)
SCOPE_BY_NAME = {scope.name: scope for scope in SCOPES}
NEEDED = tuple(scope.name for scope in SCOPES if scope.is_needed)

READ_PROFILE = PREFIX + "profile:read"
READ_OFFERS = PREFIX + "sale:offers:read"
WRITE_OFFERS = PREFIX + "sale:offers:write"
READ_SETTINGS = PREFIX + "sale:settings:read"
WRITE_SETTINGS = PREFIX + "sale:settings:write"
READ_ORDERS = PREFIX + "orders:read"
WRITE_ORDERS = PREFIX + "orders:write"


def missing(granted: str, wanted: Iterable[str] = NEEDED) -> tuple[str, ...]:
    """Which of `wanted` the space separated `granted` lacks; a token that names no scopes has them all."""
    held = set(granted.split())
    if not any(name.startswith(PREFIX) for name in held):
        # Older tokens say only "allegro_api" (facts.md 2.4).
        return ()
    return tuple(name for name in wanted if name not in held)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Known ones only, each once, in the order of Allegro's page."""
    wanted = set(names)
    return tuple(scope.name for scope in SCOPES if scope.name in wanted)
