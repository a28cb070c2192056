"""Selling terms: what an account keeps at Allegro for its offers, and how our copy of each stands."""

from __future__ import annotations

from enum import StrEnum


class TermKind(StrEnum):
    #: Cennik dostawy.
    SHIPPING_RATE = "shipping_rate"
    RETURN_POLICY = "return_policy"
    #: Warunki reklamacji.
    IMPLIED_WARRANTY = "implied_warranty"
    #: Gwarancja.
    WARRANTY = "warranty"
    RESPONSIBLE_PRODUCER = "responsible_producer"
    RESPONSIBLE_PERSON = "responsible_person"


class TermState(StrEnum):
    #: As on Allegro, as far as we know.
    SAME = "same"
    #: The seller's wish is stored and not yet on Allegro.
    WAITING = "waiting"
    #: Allegro named problems; the wish stays as typed.
    REFUSED = "refused"
    #: Changed on both sides: the seller chooses, nothing is sent meanwhile.
    CONFLICT = "conflict"
    #: Not on Allegro any more.
    GONE = "gone"


#: A new list over this is refused; none can be deleted (facts.md 3.3).
PRICE_LISTS_MAX = 250
