"""Limits of Allegro for products of its catalogue in offers (facts.md 3.3)."""

from __future__ import annotations

#: Products in one offer, the first one among them.
PRODUCTS_MAX = 10
#: Active offers of one product in state New.
SAME_PRODUCT_MAX = 5
