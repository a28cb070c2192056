"""What a seller may do with an offer besides editing it, by how far it is."""

from __future__ import annotations

from enum import StrEnum

from allegro_module.domain.offers import OfferState, Wanted


class Deed(StrEnum):
    END = "end"
    RESUME = "resume"
    #: Of a draft.
    DELETE = "delete"


WANTED_BY_DEED = {Deed.END: Wanted.END, Deed.RESUME: Wanted.RESUME, Deed.DELETE: Wanted.DELETE}
DRAFTS = (OfferState.DRAFT, OfferState.INACTIVE, OfferState.REFUSED)


def deeds_of(state: str, *, is_on_allegro: bool, was_listed: bool) -> list[Deed]:
    """Those that the state allows; an offer on its way allows none."""
    if state in (OfferState.ACTIVE, OfferState.PLANNED):
        return [Deed.END] if is_on_allegro else []
    if state == OfferState.ENDED:
        return [Deed.RESUME] if is_on_allegro else []
    # What was listed once is ended, never deleted (facts.md 6.1).
    return [Deed.DELETE] if state in DRAFTS and not was_listed else []
