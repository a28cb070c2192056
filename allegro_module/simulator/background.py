"""What an offer is judged against: its seller, the time, the catalogue, the seller's conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.attachments import AttachmentBook
from allegro_module.simulator.catalogue import Catalogue
from allegro_module.simulator.delivery import DeliveryBook
from allegro_module.simulator.images import ImageBook
from allegro_module.simulator.terms import TermsBook


@dataclass(frozen=True)
class Published:
    """What is remembered of an offer that is being edited."""

    status: str
    category_id: str | None
    first_published_at: datetime | None
    starting_at: str | None = None
    duration: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many offers an account has, or may have."""

    drafts: int
    live: int
    for_business: int
    of_a_product: int = 0


@dataclass(frozen=True)
class Background:
    """`live_in_new` counts the seller's other live offers of a product in state New."""

    seller: Seller
    now: datetime
    language: str
    catalogue: Catalogue
    images: ImageBook
    delivery: DeliveryBook
    terms: TermsBook
    attachments: AttachmentBook
    new_id: Callable[[], str]
    live_in_new: Callable[[str], int]
    counts: Callable[[], Counts]
    limits: Counts
    earlier: Published | None = None


Wish = Mapping[str, Any]
