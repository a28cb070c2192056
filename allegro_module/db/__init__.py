"""Rows of the module's own tables (`allegro_*`) in the host's database, and the queries on them."""

from allegro_module.db import (
    accounts,
    alarms,
    audit,
    categories,
    commands,
    cursors,
    failures,
    images,
    installation,
    links,
    offers,
    orders,
    schedule,
    terms,
)
from allegro_module.db.base import Base

__all__ = [
    "Base",
    "accounts",
    "alarms",
    "audit",
    "categories",
    "commands",
    "cursors",
    "failures",
    "images",
    "installation",
    "links",
    "offers",
    "orders",
    "schedule",
    "terms",
]
