"""What the host's own pages show of us by `macros/host.html`: a product's Allegro tab, an order's panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from allegro_module.db.accounts import get_account, list_linked_accounts
from allegro_module.db.offers import Offer, list_offers_of_product
from allegro_module.db.orders import find_order_by_shop_order
from allegro_module.db.pushes import list_pushes_of_kind
from allegro_module.domain.permissions import Permission
from allegro_module.domain.pushes import PushKind, PushState
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.labels import (
    Label,
    label_of_flag,
    label_of_offer_state,
    label_of_order,
    label_of_payment,
)
from allegro_module.web.ui import may_open


@dataclass(frozen=True, slots=True)
class ProductOffer:
    """`public_url` is the page buyers see."""

    title: str
    reference: str
    alias: str
    login: str
    state: Label
    problems: int
    allegro_offer_id: str | None
    public_url: str | None
    edit_url: str | None


@dataclass(frozen=True, slots=True)
class ProductOffers:
    """`account_id`: the only account, so that *Dodaj* leads to the form of the first offer at once."""

    offers: Sequence[ProductOffer]
    add_url: str | None
    account_id: int | None


@dataclass(frozen=True, slots=True)
class OrderPanel:
    number: str
    checkout_form_id: str
    alias: str
    login: str
    state: Label
    payment: Label
    flags: Sequence[Label]
    waybills: Sequence[str]
    page_url: str | None
    list_url: str | None


def template_globals() -> dict[str, Callable[..., Any]]:
    return {"al_product_offers": product_offers, "al_order": order}


def product_offers(sku: str) -> ProductOffers | None:
    """None for a visitor who may not see us."""
    runtime = current_runtime()
    if not runtime.may(Permission.VIEW):
        return None
    add_url = url_for("allegro.offers.new", sku=sku) if may_open("allegro.offers.new") else None
    found = list_offers_of_product(runtime.session, sku)
    accounts = [] if found else list_linked_accounts(runtime.session)
    only = accounts[0].id if len(accounts) == 1 else None
    return ProductOffers(offers_shown(runtime, found), add_url, only)


def offers_shown(runtime: Runtime, offers: Sequence[Offer]) -> list[ProductOffer]:
    return [_product_offer(runtime, offer) for offer in offers]


def _product_offer(runtime: Runtime, offer: Offer) -> ProductOffer:
    environment = runtime.environment(offer.account.environment)
    return ProductOffer(
        title=offer.title or offer.sku,
        reference=offer.external_id,
        alias=offer.account.alias,
        login=offer.account.login or "",
        state=label_of_offer_state(offer.state),
        problems=sum(not problem.is_warning for problem in offer.problems),
        allegro_offer_id=offer.allegro_offer_id,
        public_url=environment.offer_url(offer.allegro_offer_id) if offer.allegro_offer_id else None,
        edit_url=url_for("allegro.offers.edit", offer_id=offer.id)
        if may_open("allegro.offers.edit")
        else None,
    )


def order(shop_order_id: str) -> OrderPanel | None:
    """None when the order did not come from Allegro, or the visitor may not see us."""
    runtime = current_runtime()
    if not runtime.may(Permission.VIEW):
        return None
    found = find_order_by_shop_order(runtime.session, str(shop_order_id))
    if found is None:
        return None
    account = get_account(runtime.session, found.account_id)
    return OrderPanel(
        number=found.number,
        checkout_form_id=found.checkout_form_id,
        alias=account.alias,
        login=account.login or "",
        state=label_of_order(found.status, found.fulfillment_status),
        payment=label_of_payment(found.payment_type, found.is_paid),
        flags=[label_of_flag(flag) for flag in found.flags],
        waybills=_waybills(runtime, found.id),
        page_url=url_for("allegro.order.show", order_id=found.id) if may_open("allegro.order.show") else None,
        list_url=url_for("allegro.orders.index") if may_open("allegro.orders.index") else None,
    )


def _waybills(runtime: Runtime, order_id: int) -> list[str]:
    """Oldest first; those that Allegro refused are none."""
    gone = (PushState.REFUSED, PushState.DROPPED)
    pushes = list_pushes_of_kind(runtime.session, order_id, PushKind.SHIPMENT)
    return [str(push.payload["waybill"]) for push in pushes if push.state not in gone]
