"""Rows of the module's own tables (`allegro_*`) in the host's database, and the queries on them."""

from allegro_module.db import (
    accounts,
    audit,
    categories,
    commands,
    cursors,
    failures,
    images,
    offers,
    orders,
    schedule,
    terms,
)
from allegro_module.db.base import Base

__all__ = [
    "Base",
    "accounts",
    "audit",
    "categories",
    "commands",
    "cursors",
    "failures",
    "images",
    "offers",
    "orders",
    "schedule",
    "terms",
]
