"""What Allegro would take for an offer, asked before listing and kept at its row."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, Refused
from allegro_module.client.payloads import amount_of
from allegro_module.client.pricing import FeeLine, FeePreview
from allegro_module.db.dictionaries import find_dictionary
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.marketplaces import BASE
from allegro_module.domain.selling_formats import SellingFormat, read_price

log = logging.getLogger(__name__)

#: So long the page waits for what a worker was asked to find out.
ASKED_FOR = timedelta(seconds=45)
#: Those that the preview knows (openapi.json, Promotion).
PACKAGES = ("emphasized10d", "emphasized1d", "departmentPage")
COMMISSION, LISTING = "commissionFee", "listingFee"
#: Keys of `Offer.fees`.
OF, AT, ASKED_AT, FAILED = "of", "at", "asked_at", "failed"
SILENT, REFUSED = "silent", "refused"


def priced(offer: Offer) -> Decimal | None:
    """The price that the commission is taken of: an auction's least."""
    is_auction = offer.selling_format == SellingFormat.AUCTION
    texts = [offer.price_text]
    if is_auction:
        texts += [offer.minimal_price_text, offer.starting_price_text]
    found = (read_price(text or "", offer.currency) for text in texts)
    return next((price for price in found if price is not None), None)


def may_be_asked(offer: Offer) -> bool:
    """Without category and price there is nothing to count."""
    return bool(offer.category_id) and priced(offer) is not None


def fingerprint(offer: Offer) -> str:
    """What the fees depend on; which packages are chosen does not matter, as all are asked for."""
    return f"{offer.category_id} {offer.selling_format} {priced(offer)} {offer.currency}"


def fees_are_stale(offer: Offer) -> bool:
    """They may be asked for, and what is known was counted for something else."""
    return may_be_asked(offer) and (offer.fees or {}).get(OF) != fingerprint(offer)


def remember_asking(session: Session, offer: Offer, now: datetime) -> None:
    """A worker has been asked; what was known stays until it answers."""
    _write(session, offer.id, {**(offer.fees or {}), ASKED_AT: now.isoformat()})


def is_being_asked(offer: Offer, now: datetime) -> bool:
    asked_at: str = (offer.fees or {}).get(ASKED_AT) or ""
    is_recent = bool(asked_at) and now - datetime.fromisoformat(asked_at) < ASKED_FOR
    return is_recent and fees_are_stale(offer)


def ask_fees(session: Session, api: AllegroClient, offer_id: int, now: datetime) -> None:
    """One call; the answer, or why there is none, is kept. Raises NoSuchOffer.

    The row's version stays: fees are no change of the seller's, whose open form must not collide with them.
    """
    offer = get_offer(session, offer_id)
    if not may_be_asked(offer):
        session.rollback()
        return
    of, question = fingerprint(offer), _question(session, offer)
    session.rollback()
    fees: dict[str, Any] = {OF: of, AT: now.isoformat()}
    try:
        fees |= _told(api.pricing.preview(question))
    except Refused as refusal:
        log.warning("fees of offer %s: %s", offer_id, refusal)
        words = "; ".join(each.text for each in refusal.objections if each.text)
        fees |= {FAILED: REFUSED, "words": words[:300]}
    except AllegroError as trouble:
        log.warning("fees of offer %s: %s", offer_id, trouble)
        fees |= {FAILED: SILENT}
    _write(session, offer_id, fees)
    session.commit()


def _write(session: Session, offer_id: int, fees: Mapping[str, Any]) -> None:
    session.execute(
        update(Offer).where(Offer.id == offer_id).values(fees=dict(fees)),
        execution_options={"synchronize_session": False},
    )


def _question(session: Session, offer: Offer) -> dict[str, Any]:
    """Every package is asked for, so that each shows its price before it is chosen."""
    known = find_dictionary(session, offer.account_id, "promotion_packages")
    here = known.get(offer.account.base_marketplace or BASE) or {}
    sold = {each["id"] for kind in here.values() for each in kind}
    price = priced(offer)
    assert price is not None
    amount = amount_of(price, offer.currency)
    name = "startingPrice" if offer.selling_format == SellingFormat.AUCTION else "price"
    return {
        "name": offer.title or offer.sku,
        "category": {"id": offer.category_id},
        "sellingMode": {
            "format": offer.selling_format,
            name: {"amount": str(amount.amount), "currency": amount.currency},
        },
        "promotion": {each: True for each in PACKAGES if each in sold},
    }


def _told(preview: FeePreview) -> dict[str, Any]:
    """{"currency", "commission", "listing", "packages": {id: {"fee", "cycle"}}}, amounts as texts."""
    lines = [each for each in (*(preview.commissions or ()), *(preview.quotes or ())) if each.fee is not None]
    packages = {
        each.type.removesuffix("Fee"): {"fee": str(each.fee.amount), "cycle": each.cycle_duration or ""}
        for each in lines
        if each.type and each.fee and each.type.removesuffix("Fee") in PACKAGES
    }
    commissions = [each for each in lines if each in (preview.commissions or ())]
    return {
        "currency": next((each.fee.currency for each in lines if each.fee), ""),
        "commission": str(_sum(commissions)),
        "listing": str(_sum(each for each in lines if each.type == LISTING)),
        "packages": packages,
    }


def _sum(lines: Iterable[FeeLine]) -> Decimal:
    return sum((each.fee.amount for each in lines if each.fee), Decimal(0))
