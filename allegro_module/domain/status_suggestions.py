"""Which of the shop's statuses means which of Allegro's, guessed by its name: only ever a suggestion."""

from __future__ import annotations

from collections.abc import Sequence

from allegro_module.domain.orders import FulfillmentStatus
from allegro_module.domain.shop import Choice

#: Parts of names, Polish and English; the first row that fits wins, so the narrower words come first.
WORDS = {
    FulfillmentStatus.CANCELLED: "anulow cancel odrzuc",
    FulfillmentStatus.RETURNED: "zwróc zwrot return refund",
    FulfillmentStatus.PICKED_UP: "odebran dostarcz zrealiz zakończ delivered completed done",
    FulfillmentStatus.READY_FOR_PICKUP: "do_odbioru w_punkcie pickup",
    FulfillmentStatus.READY_FOR_SHIPMENT: "do_wysłania do_wysyłki spakowan gotowe packed ready",
    FulfillmentStatus.SENT: "wysłan nadan w_drodze sent shipped",
    FulfillmentStatus.PROCESSING: "realizacj pakowan przyjęt w_toku processing progress",
}


def suggested(statuses: Sequence[Choice]) -> tuple[dict[str, str], dict[str, str]]:
    """To Allegro by the shop's id, and to the shop by Allegro's status; RETURNED never goes to Allegro."""
    found = {choice.id: status for choice in statuses if (status := _meaning(choice)) is not None}
    to_shop: dict[str, str] = {}
    for id, status in found.items():
        to_shop.setdefault(str(status), id)
    to_allegro = {id: str(status) for id, status in found.items() if status is not FulfillmentStatus.RETURNED}
    return to_allegro, to_shop


def _meaning(choice: Choice) -> FulfillmentStatus | None:
    name = f"{choice.name} {choice.id}".lower().replace(" ", "_")
    return next(
        (status for status, words in WORDS.items() if any(word in name for word in words.split())), None
    )
