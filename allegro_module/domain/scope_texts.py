"""Why the module asks for a scope, and what does not work without it."""

from __future__ import annotations

from allegro_module.domain.scopes import PREFIX
from allegro_module.domain.texts import marked

NOT_USED = marked("Nothing stops working: this version does not use it.")

#: By the scope's short name: why, and without.
WORDS = {
    "profile:read": (
        marked("To see which account it is linked with."),
        marked("The account cannot be linked, nor the link tested."),
    ),
    "profile:write": (
        marked("To look after the points of delivery and the company's data; not used yet."),
        NOT_USED,
    ),
    "sale:offers:read": (
        marked("To follow the offers' states and find offers that are there already."),
        marked("States of offers are not read, and a lost answer of Allegro cannot be checked."),
    ),
    "sale:offers:write": (
        marked("To list offers, upload their photos, change and end them."),
        marked("No offer can be listed, changed or ended."),
    ),
    "sale:settings:read": (
        marked("To read price lists, return policies and complaint terms."),
        marked("There are no price lists and terms to choose from, so no offer can be completed."),
    ),
    "sale:settings:write": (
        marked("To create and change price lists and terms."),
        marked("Price lists and terms can only be changed at Allegro itself."),
    ),
    "orders:read": (
        marked("To import orders."),
        marked("Orders are not imported."),
    ),
    "orders:write": (
        marked("To pass on the state of orders, parcel numbers and invoices."),
        marked("Allegro and the buyer do not learn that an order is being prepared or has been sent."),
    ),
    "shipments:read": (marked("To read parcels booked in Wysyłam z Allegro; not used yet."), NOT_USED),
    "shipments:write": (marked("To book parcels in Wysyłam z Allegro; not used yet."), NOT_USED),
    "ratings": (marked("To read and answer ratings; not used yet."), NOT_USED),
    "disputes": (marked("To handle complaints and discussions; not used yet."), NOT_USED),
    "bids": (marked("To follow bids in auctions; not used yet."), NOT_USED),
    "messaging": (marked("To read and answer messages of buyers; not used yet."), NOT_USED),
    "billing:read": (
        marked("To show Allegro's fees."),
        marked("Allegro's fees are not shown."),
    ),
    "payments:read": (
        marked("To match payments with orders."),
        marked("Payments are known only as far as the orders tell them."),
    ),
    "payments:write": (marked("To give money back; not used yet."), NOT_USED),
    "campaigns": (marked("To enter offers into campaigns; not used yet."), NOT_USED),
    "fulfillment:read": (marked("To read stock at One Fulfillment; not used yet."), NOT_USED),
    "fulfillment:write": (marked("To announce deliveries to One Fulfillment; not used yet."), NOT_USED),
    "affiliate:read": (marked("To read the affiliate programme; not used yet."), NOT_USED),
    "affiliate:write": (marked("To manage the affiliate programme; not used yet."), NOT_USED),
}


def why(name: str) -> str:
    """In English; `name` as in a token."""
    return _words(name)[0]


def without(name: str) -> str:
    return _words(name)[1]


def _words(name: str) -> tuple[str, str]:
    return WORDS.get(name.removeprefix(PREFIX), ("", NOT_USED))
