"""Mapping: which category, parameter and value of Allegro's stands for the shop's own."""

from __future__ import annotations

from enum import StrEnum


class MappedBy(StrEnum):
    """A seller's word is never overwritten by what we think."""

    SELLER = "seller"
    #: From what the seller chose in an offer that was listed.
    LEARNED = "learned"
    #: Suggested by Allegro; used only once the seller accepts it.
    SUGGESTED = "suggested"


#: As a category id: for every category that has no mapping of its own.
ANY_CATEGORY = ""
