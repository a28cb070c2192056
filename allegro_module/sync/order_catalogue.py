"""The goods of checkout forms: our offers first, then signatures; the shop is asked for the rest alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.db.offers import skus_by_external_id, skus_by_offer_id
from allegro_module.domain.shop import ShopAdapter, Sku
from allegro_module.sync.order_mapping import Catalogue, sku_candidates


def catalogue_of(
    session: Session,
    shop: ShopAdapter,
    account_id: int,
    forms: Sequence[CheckoutForm],
    assigned: Mapping[str, str],
) -> Catalogue:
    """One query for our offers, one more for signatures. `assigned` is the seller's own, by line item."""
    lines = [line for form in forms for line in form.line_items]
    if not lines:
        return Catalogue()
    by_offer = skus_by_offer_id(session, account_id, list({line.offer.id for line in lines}))
    others = [line for line in lines if line.offer.id not in by_offer]
    external_ids = list({line.offer.external_id for line in others if line.offer.external_id})
    by_external = skus_by_external_id(session, account_id, external_ids) if external_ids else {}
    ours = Catalogue(by_offer, by_external, sku_by_line_id=assigned)
    wanted = {sku for line in others if ours.sku_of(line) is None for sku in sku_candidates(line)}
    wanted |= {sku for line in lines if line.tax is None and (sku := ours.sku_of(line))}
    return Catalogue(by_offer, by_external, _vat_rates(shop, wanted), assigned)


def _vat_rates(shop: ShopAdapter, skus: Collection[Sku]) -> dict[Sku, Decimal | None]:
    if not skus:
        return {}
    return {sku: product.vat_rate for sku, product in shop.products(skus).items()}
