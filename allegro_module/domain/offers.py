"""States of an offer on its way to Allegro and after."""

from __future__ import annotations

from enum import StrEnum


class OfferState(StrEnum):
    DRAFT = "draft"
    #: The seller asked for listing; a worker has not taken it yet.
    WAITING = "waiting"
    #: A worker uploads pictures and creates the offer.
    SENDING = "sending"
    #: The answer of the creation was lost; we look on Allegro for what became of it.
    CHECKING = "checking"
    #: Allegro has the offer and verifies it (an operation runs).
    VERIFYING = "verifying"
    ACTIVE = "active"
    #: Allegro will publish it at the time that the seller chose.
    PLANNED = "planned"
    #: A draft that lies on Allegro.
    INACTIVE = "inactive"
    ENDED = "ended"
    #: Allegro named problems; the seller corrects them.
    REFUSED = "refused"


#: What a worker still has to bring to an end.
OPEN_STATES = (OfferState.WAITING, OfferState.SENDING, OfferState.CHECKING, OfferState.VERIFYING)
#: Nothing of it is at Allegro yet.
TO_SEND = (OfferState.WAITING, OfferState.SENDING)
#: The seller may change the offer and ask for listing again.
EDITABLE_STATES = (
    OfferState.DRAFT,
    OfferState.REFUSED,
    OfferState.ACTIVE,
    OfferState.PLANNED,
    OfferState.INACTIVE,
    OfferState.ENDED,
)


class Wanted(StrEnum):
    """What a waiting offer waits for."""

    LIST = "list"
    #: Made or changed on Allegro without being published.
    DRAFT = "draft"
    END = "end"
    #: Stock and ACTIVE in one request (facts.md 6.7).
    RESUME = "resume"
    #: A draft on Allegro is taken away; then the row goes too.
    DELETE = "delete"


class ProductMatch(StrEnum):
    """How the offer stands to Allegro's catalogue."""

    #: Nobody has looked yet, or the code has changed since.
    UNKNOWN = "unknown"
    SEARCHING = "searching"
    #: The one product with the code.
    FOUND = "found"
    #: Several have it: the seller chooses.
    SEVERAL = "several"
    NONE = "none"
    #: The seller's own choice.
    CHOSEN = "chosen"
    #: The seller wants the product's data sent, not a product of the catalogue.
    DECLINED = "declined"
    FAILED = "failed"


class Step(StrEnum):
    """What the progress shows while an offer is being listed."""

    QUEUED = "queued"
    IMAGES = "images"
    CREATING = "creating"
    VERIFYING = "verifying"
    DONE = "done"


class Trouble(StrEnum):
    """Why an offer has to wait although the seller has nothing to correct."""

    UNAVAILABLE = "unavailable"
    NOT_CONNECTED = "not_connected"
    #: The seller has not let us read offers.
    SCOPE_MISSING = "scope_missing"
    BUSY = "busy"
    UNEXPECTED = "unexpected"
    #: Verified for longer than the two hours that Allegro names (facts.md 6.2).
    SLOW = "slow"
    #: Said once, of an offer that was saved as it stands at Allegro.
    UNCHANGED = "unchanged"


def external_id_for(sku: str, taken: set[str]) -> str:
    """The SKU, then SKU~2 and so on: unique within the account, at most 100 characters (facts.md 6.2)."""
    if sku[:100] not in taken:
        return sku[:100]
    number = 2
    while (candidate := f"{sku[: 100 - len(f'~{number}')]}~{number}") in taken:
        number += 1
    return candidate
