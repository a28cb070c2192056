"""Purchases from plain words: those of a JSON body of control, or of the human page's forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from allegro_module.simulator import checkout
from allegro_module.simulator.buyers import BUYERS, buyer_named, company_invoice
from allegro_module.simulator.extras import extras_from
from allegro_module.simulator.forms import Form
from allegro_module.simulator.persons import Buyer, Invoice
from allegro_module.simulator.world import World

PROVIDERS = ("SELLER", "ALLEGRO")


def buy_as_asked(world: World, asked: Mapping[str, Any]) -> Form:
    buyer = buyer_named(asked.get("buyer") or BUYERS[0].login)
    provider = asked.get("provider") or "SELLER"
    if provider not in PROVIDERS:
        raise ValueError(f"there is no provider {provider}")
    rows = asked.get("items", [asked])
    items = [checkout.Item(str(row["offer"]), int(row.get("quantity", 1)), extras_from(row)) for row in rows]
    return checkout.buy(world, items, wishes_from(asked, buyer), buyer, provider)


def wishes_from(asked: Mapping[str, Any], buyer: Buyer) -> checkout.Wishes | None:
    """None where the buyer leaves the form empty: "pay": "none"."""
    pay = asked.get("pay") or "card"
    if pay == "none":
        return None
    recipient = asked.get("recipient")
    return checkout.Wishes(
        pay=checkout.Pay(pay),
        ship=checkout.Ship(asked.get("ship") or "courier"),
        invoice=invoice_from(asked.get("invoice"), buyer),
        message=asked.get("message") or None,
        smart=bool(asked.get("smart")),
        recipient=replace(buyer.home, **recipient) if recipient else None,
        features=tuple(asked.get("features") or ()),
        packages=int(asked.get("packages") or 1),
    )


def filled_from(asked: Mapping[str, Any], buyer: Buyer) -> checkout.Wishes:
    wishes = wishes_from(asked, buyer)
    if wishes is None:
        raise ValueError("a filled form needs a way of paying")
    return wishes


def invoice_from(asked: object, buyer: Buyer) -> Invoice | None:
    if asked in (None, "", "none"):
        return None
    if asked == "person":
        return Invoice(buyer.home)
    if asked == "company":
        return company_invoice(buyer)
    if isinstance(asked, Mapping):
        ids = tuple((str(kind), str(value)) for kind, value in asked.get("ids", ()))
        return Invoice(buyer.home, asked["company"], asked["nip"] if not ids else None, ids)
    raise ValueError(f"there is no invoice {asked}")
