"""Offers and products of a deleted category move to the one that takes its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allegro_module.simulator.world import World


def rehouse(world: World, category_id: str, redirect_id: str | None) -> None:
    """ValueError when there is something in it and no place for that."""
    catalogue, book = world.catalogue, world.offers
    offers = [offer for offer in book.offers.values() if offer.content.category_id == category_id]
    products = [item for item in catalogue.products.values() if item.category_id == category_id]
    if redirect_id is None and (offers or products):
        raise ValueError("the category holds offers or products: say where they go")
    if redirect_id is None:
        return
    catalogue.rehouse(category_id, redirect_id)
    for offer in offers:
        offer.content = replace(offer.content, category_id=redirect_id)
        offer.wish = _renamed(offer.wish, category_id, redirect_id)


def _renamed(wish: Any, old: str, new: str) -> Any:
    """The wish with its category, wherever it stands, exchanged."""
    if isinstance(wish, list):
        return [_renamed(item, old, new) for item in wish]
    if not isinstance(wish, dict):
        return wish
    return {
        name: {"id": new} if name == "category" and value == {"id": old} else _renamed(value, old, new)
        for name, value in wish.items()
    }
