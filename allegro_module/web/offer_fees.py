"""The panel *Opłaty i marża*: what Allegro takes, what the goods cost, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.margins import Costs
from allegro_module.domain.money import Money
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import ShopProduct
from allegro_module.runtime import current_runtime
from allegro_module.sync.fees import (
    AT,
    FAILED,
    REFUSED,
    fees_are_stale,
    is_being_asked,
    may_be_asked,
    priced,
)
from allegro_module.web.formats import money, percent
from allegro_module.web.fragments import page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.security import requires

FRAGMENT = "allegro/offers/_fees.html"


@dataclass(frozen=True, slots=True)
class FeesView:
    """`rows` are words and amounts; `missing` says what is needed before anything can be counted."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    left: str = ""
    percent: str = ""
    listing: str = ""
    at: datetime | None = None
    missing: str = ""
    trouble: str = ""
    is_stale: bool = False
    is_running: bool = False
    has_purchase_price: bool = False


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/fees", "fees", fees, methods=["GET"])


@requires(Permission.LIST_OFFERS)
def fees(offer_id: int) -> Response:
    """The panel again, while a worker finds out."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if not wants_fragment():
        return redirect(url_for("allegro.offers.edit", offer_id=offer_id))
    view = fees_view(
        offer, offer.promotion, find_product(runtime, offer.sku), runtime.now(offer.account.environment)
    )
    return page_or_fragment(FRAGMENT, FRAGMENT, offer=offer, fees=view)


def fees_view(
    offer: Offer, promotion: Mapping[str, Any], product: ShopProduct | None, now: datetime
) -> FeesView:
    if not may_be_asked(offer):
        words = t("Choose the category.") if not offer.category_id else t("Enter the price.")
        return FeesView(missing=words)
    known = offer.fees or {}
    is_running = is_being_asked(offer, now)
    if AT not in known:
        return FeesView(is_stale=True, is_running=is_running)
    at = datetime.fromisoformat(known[AT])
    if known.get(FAILED):
        return FeesView(trouble=_trouble(known), at=at, is_stale=True, is_running=is_running)
    return _counted(offer, known, promotion, product, at, is_running=is_running)


def _trouble(known: Mapping[str, Any]) -> str:
    if known[FAILED] == REFUSED:
        return t("Allegro did not count them: %(words)s", words=known.get("words") or "–")
    return t("Allegro does not answer just now. Your offer is all right.")


def _counted(
    offer: Offer,
    known: Mapping[str, Any],
    promotion: Mapping[str, Any],
    product: ShopProduct | None,
    at: datetime,
    *,
    is_running: bool,
) -> FeesView:
    price, currency = priced(offer), offer.currency
    assert price is not None
    costs = Costs(
        price=price,
        commission=Decimal(known["commission"]),
        listing=Decimal(known["listing"]),
        promotion=_promotion_cost(known, promotion),
        purchase=_purchase_price(product, currency),
    )
    rows = [
        (t("Price"), money(Money(price, currency))),
        (t("Sales commission"), _off(costs.commission, currency)),
        (t("Promotion"), _off(costs.promotion, currency)),
    ]
    if costs.purchase is not None:
        rows.append((t("Purchase price"), _off(costs.purchase, currency)))
    return FeesView(
        rows=rows,
        left=money(Money(costs.left, currency)),
        percent=percent(costs.percent_of_price),
        listing=money(Money(costs.listing, currency)),
        at=at,
        is_stale=fees_are_stale(offer),
        is_running=is_running,
        has_purchase_price=costs.purchase is not None,
    )


def _off(amount: Decimal, currency: str) -> str:
    """„−149,88 zł”; nothing is taken as „0,00 zł”."""
    return money(Money(-amount, currency)) if amount else money(Money(amount, currency))


def _promotion_cost(known: Mapping[str, Any], promotion: Mapping[str, Any]) -> Decimal:
    """Of one cycle of each package that is chosen."""
    chosen = [promotion.get("base") or "", *(promotion.get("extra") or ())]
    packages = known.get("packages") or {}
    return sum((Decimal(packages[each]["fee"]) for each in chosen if each in packages), Decimal(0))


def _purchase_price(product: ShopProduct | None, currency: str) -> Decimal | None:
    cost = product.purchase_price if product is not None else None
    return cost.amount if cost is not None and cost.currency == currency else None


def package_costs(offer: Offer) -> dict[str, Money]:
    """What each promotion package costs a cycle, as far as Allegro has told."""
    known = offer.fees or {}
    return {
        name: Money(Decimal(each["fee"]), known.get("currency") or offer.currency)
        for name, each in (known.get("packages") or {}).items()
    }
