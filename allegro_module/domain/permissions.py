"""Permissions: what a host may allow its users to do here."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    VIEW = "view"
    LIST_OFFERS = "list_offers"
    HANDLE_ORDERS = "handle_orders"
    SETTINGS = "settings"
