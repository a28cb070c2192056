"""Answering with the offer form: the whole page, or the fragments of it that an action changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response

from allegro_module.db.offers import Offer
from allegro_module.domain.listing import Picture
from allegro_module.runtime import Runtime
from allegro_module.web.conflicts import Difference
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.offer_both_changed import both_changed
from allegro_module.web.offer_facts import find_product, read_facts
from allegro_module.web.offer_fees import fees_view
from allegro_module.web.offer_form import FormView, form_view
from allegro_module.web.offer_progress import is_running, progress
from allegro_module.web.offer_views import public_address
from allegro_module.web.ui import Note

PAGE = "allegro/offers/edit.html"
FORM = "allegro/offers/_form.html"
COMPLETE = "allegro/offers/_complete.html"
PREVIEW = "allegro/offers/_described.html"
PRODUCT = "allegro/offers/_product.html"
FEES = "allegro/offers/_fees.html"
SAVED = "allegro/offers/_saved.html"
STATES = "allegro/offers/_states.html"
TITLE = "allegro/offers/_title.html"
STATUS = "allegro/offers/_status.html"
HEAD = "allegro/_head.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says beside the form: notes of this answer, and both versions after a collision.

    `is_outcome`: the page waited for what became of a listing, and here it is. `is_settled`: the button that
    had the focus is gone, so the note takes it.
    """

    note: Note | None = None
    is_saved: bool = False
    is_outcome: bool = False
    is_settled: bool = False
    differences: Sequence[Difference] = ()
    view: FormView | None = None


def show_form(
    runtime: Runtime,
    offer: Offer,
    shown: Shown,
    pictures: Mapping[str, Picture] | None = None,
    status: int = 200,
) -> Response:
    view = shown.view or form_view(read_facts(runtime, offer, pictures))
    context = context_of(runtime, offer, replace(shown, view=view))
    return page_or_fragment(PAGE, TITLE, FORM, HEAD, status=status, **context)


def context_of(runtime: Runtime, offer: Offer, shown: Shown) -> dict[str, Any]:
    now = runtime.now(offer.account.environment)
    product = find_product(runtime, offer.sku)
    return {
        "offer": offer,
        "both_changed": () if is_running(offer) else both_changed(offer),
        "view": shown.view,
        "shown": shown,
        "is_running": is_running(offer),
        "progress": progress(offer, now),
        "public_url": public_address(runtime, offer),
        "product": product,
        "fees": fees_view(offer, offer.promotion, product, now),
    }
