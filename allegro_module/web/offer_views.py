"""The list of offers as its template shows it: tabs with counts, rows with state, why and what next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from allegro_module.db.offers import Offer
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OPEN_STATES, OfferState
from allegro_module.runtime import Runtime
from allegro_module.web.i18n import marked, t
from allegro_module.web.labels import Label, label_of_offer_state
from allegro_module.web.offer_progress import story

PAGE_SIZE = 50

#: Tabs by their name in the address.
STATES_BY_TAB: Mapping[str, tuple[OfferState, ...]] = {
    "all": tuple(OfferState),
    "open": OPEN_STATES,
    "active": (OfferState.ACTIVE,),
    "drafts": (OfferState.DRAFT,),
    "attention": (OfferState.REFUSED,),
    "ended": (OfferState.ENDED,),
}
NAME_BY_TAB = {
    "all": marked("All"),
    "open": marked("Under way"),
    "active": marked("Active offers"),
    "drafts": marked("Drafts"),
    "attention": marked("Need attention"),
    "ended": marked("Ended offers"),
}
EMPTY_BY_TAB = {
    "open": marked("No offer is on its way just now."),
    "active": marked("No offer is active yet."),
    "drafts": marked("There are no drafts."),
    "attention": marked("All offers are in order."),
    "ended": marked("No offer has ended."),
}


@dataclass(frozen=True, slots=True)
class ListTab:
    name: str
    text: str
    address: str
    count: int
    is_current: bool

    @property
    def is_alarming(self) -> bool:
        return self.name == "attention" and self.count > 0


@dataclass(frozen=True, slots=True)
class OfferRow:
    """`price` is None while what was typed is no amount; then `price_text` shows it."""

    id: int
    title: str
    alias: str
    login: str
    allegro_offer_id: str | None
    reference: str
    price: Money | None
    price_text: str
    quantity_text: str
    state: Label
    story: str
    is_refused: bool
    has_image: bool
    public_url: str | None


def tabs(counts: Mapping[OfferState, int], current: str) -> list[ListTab]:
    return [
        ListTab(
            name=name,
            text=t(NAME_BY_TAB[name]),
            address=url_for("allegro.offers.index", tab=None if name == "all" else name),
            count=sum(counts.get(state, 0) for state in states),
            is_current=name == current,
        )
        for name, states in STATES_BY_TAB.items()
    ]


def empty_words(tab: str) -> str:
    """Why a tab has nothing to show, while there are offers elsewhere."""
    return t(EMPTY_BY_TAB[tab]) if tab in EMPTY_BY_TAB else t("No older offers.")


def rows(runtime: Runtime, offers: Sequence[Offer]) -> list[OfferRow]:
    return [_row(runtime, offer, runtime.now(offer.account.environment)) for offer in offers]


def _row(runtime: Runtime, offer: Offer, now: datetime) -> OfferRow:
    return OfferRow(
        id=offer.id,
        title=offer.title or offer.sku,
        alias=offer.account.alias,
        login=offer.account.login or "",
        allegro_offer_id=offer.allegro_offer_id,
        reference=offer.external_id,
        price=None if offer.price is None else Money(offer.price, offer.currency),
        price_text=offer.price_text,
        quantity_text=offer.quantity_text,
        state=label_of_offer_state(offer.state),
        story=story(offer, now),
        is_refused=offer.state == OfferState.REFUSED,
        has_image=bool(offer.images),
        public_url=public_address(runtime, offer),
    )


def public_address(runtime: Runtime, offer: Offer) -> str | None:
    """The page buyers see; one that was never active has none."""
    if not offer.allegro_offer_id or offer.listed_at is None:
        return None
    return runtime.environment(offer.account.environment).offer_url(offer.allegro_offer_id)
