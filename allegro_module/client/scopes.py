"""Which scope a call needs, for refusals that do not name it (openapi.json, `security` of each operation)."""

from __future__ import annotations

from allegro_module.domain.scopes import (
    READ_OFFERS,
    READ_ORDERS,
    READ_PROFILE,
    READ_SETTINGS,
    WRITE_OFFERS,
    WRITE_ORDERS,
    WRITE_SETTINGS,
)

READS = ("GET", "HEAD")
OFFERS = (READ_OFFERS, WRITE_OFFERS)
SETTINGS = (READ_SETTINGS, WRITE_SETTINGS)
ORDERS = (READ_ORDERS, WRITE_ORDERS)
#: By how the path begins: to read, to write. What is not here needs none, or is not called by us.
BY_PATH = (
    ("/me", (READ_PROFILE, READ_PROFILE)),
    ("/order/checkout-forms", ORDERS),
    ("/order/event", ORDERS),
    ("/sale/product-offers", OFFERS),
    ("/sale/products", OFFERS),
    ("/sale/offers", OFFERS),
    ("/sale/images", OFFERS),
    ("/sale/offer-attachments", OFFERS),
    ("/sale/offer-modification-commands", (WRITE_OFFERS, WRITE_OFFERS)),
    ("/sale/shipping-rates", SETTINGS),
    ("/sale/responsible-", SETTINGS),
    ("/after-sales-service-conditions/", SETTINGS),
)


def scope_of(method: str, path: str) -> str | None:
    for beginning, (to_read, to_write) in BY_PATH:
        if path.startswith(beginning):
            return to_read if method in READS else to_write
    return None
