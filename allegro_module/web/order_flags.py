"""What is unusual about an order, and what the seller should do about it."""

from __future__ import annotations

from dataclasses import dataclass

from allegro_module.db.orders import Order
from allegro_module.domain.orders import QUIET_FLAGS, Flag
from allegro_module.domain.shop import PositionKind, ShopOrder
from allegro_module.sync.order_rows import LASTING_FLAGS
from allegro_module.web.formats import money
from allegro_module.web.i18n import marked, t
from allegro_module.web.order_life import is_cancelled, is_handled_here
from allegro_module.web.order_surcharge import Surcharge
from allegro_module.web.order_words import words_of_canceller

#: What to do about what is unusual.
ADVICE = {
    Flag.SUM_DIFFERS: (
        marked("The sum of the items differs from what Allegro asks."),
        marked("Compare the order at Allegro before you issue the invoice; the total here is Allegro's."),
    ),
    Flag.UNMATCHED_LINE: (
        marked("An item was not recognised."),
        marked("Assign a product to it below; its stock is then taken."),
    ),
    Flag.SURCHARGE_APART: (
        marked("The buyer paid a surcharge after the purchase."),
        marked("It is not part of the total below. Mind it on the invoice."),
    ),
    Flag.CANCELLED_LATE: (
        marked("Cancelled when it was already packed or sent."),
        marked("Stop the parcel, or wait until it comes back; the stock has been returned."),
    ),
    Flag.ADDRESS_CHANGED: (
        marked("The buyer changed the address after your own change or after sending."),
        marked("Compare the address with the parcel."),
    ),
    Flag.TAKEN_UP_AGAIN: (
        marked("The order was cancelled and then taken up again."),
        marked("Its stock went back once and is not taken again: check the number of pieces."),
    ),
    Flag.PUSH_REFUSED: (
        marked("Allegro refused something about this order."),
        marked("The reason stands under “What goes to Allegro”. Correct it and try again."),
    ),
    Flag.UNKNOWN_STATUS: (
        marked("Allegro gives this order a state that is not known here."),
        marked("Look at the order at Allegro before you do anything with it."),
    ),
    Flag.FULFILLED_BY_ALLEGRO: (
        marked("Allegro packs and sends this order (One Fulfillment)."),
        marked("Do not pack it; the shop's stock is left alone."),
    ),
}


@dataclass(frozen=True, slots=True)
class FlagNote:
    """`flag` is set where the seller can say that he has dealt with it."""

    kind: str
    title: str
    text: str
    flag: str = ""


def notes_of(order: Order, content: ShopOrder | None, surcharge: Surcharge | None) -> list[FlagNote]:
    """What the seller must know before anything is packed."""
    notes = []
    if is_cancelled(order):
        title = f"{t('Cancelled')} {words_of_canceller(order.cancelled_by)}".strip()
        notes.append(FlagNote("warn", f"{title}.", t("Do not pack it.")))
    for flag in (Flag(each) for each in order.flags if each in ADVICE):
        if flag is Flag.UNMATCHED_LINE and not is_handled_here(order):
            continue
        title, todo = _advice(flag, content, surcharge)
        kind = "info" if flag in QUIET_FLAGS else "warn"
        notes.append(FlagNote(kind, title, todo, flag if flag in LASTING_FLAGS else ""))
    return notes


def _advice(flag: Flag, content: ShopOrder | None, surcharge: Surcharge | None) -> tuple[str, str]:
    """With the amount, or the number of lines, where it is known."""
    if flag is Flag.SURCHARGE_APART and surcharge:
        amount = money(surcharge.amount)
        title = t("The buyer paid a surcharge of %(amount)s after the purchase.", amount=amount)
        return title, t(ADVICE[flag][1])
    count = _unmatched(content) if flag is Flag.UNMATCHED_LINE else 0
    if count > 1:
        return (
            t("Items not recognised: %(count)s.", count=count),
            t("Assign a product to each of them below; its stock is then taken."),
        )
    title, todo = ADVICE[flag]
    return t(title), t(todo)


def _unmatched(content: ShopOrder | None) -> int:
    positions = content.positions if content else ()
    return sum(each.kind is PositionKind.GOODS and each.sku is None for each in positions)
