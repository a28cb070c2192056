"""Shop orders for tests of rules: as plain as can be, changed where a test needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allegro_module.domain.shop import ShopOrder, Sku
from allegro_module.testing import an_order


def a_shop_order(**changes: Any) -> ShopOrder:
    return replace(an_order("form-1", Sku("PZ-0142")), **changes)
