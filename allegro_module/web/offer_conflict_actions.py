"""*Zostaw moje* and *Weź z Allegro*, of a field that was changed on both sides."""

from __future__ import annotations

from werkzeug.wrappers import Response

from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_theirs import take_theirs
from allegro_module.web.offer_page import Shown
from allegro_module.web.offer_saved import Saved


def keep_mine(saved: Saved) -> Response:
    """It is sent the next time: what Allegro shows was seen."""
    return _settle(saved)


def take_from_allegro(saved: Saved) -> Response:
    """In the place of what was typed there; the other fields stay as they are typed."""
    take_theirs(saved.offer, _field(saved), parameters_of(saved.runtime.session, saved.offer))
    return _settle(saved)


def _field(saved: Saved) -> str:
    return saved.sent.get("action", "").partition(":")[2]


def _settle(saved: Saved) -> Response:
    offer = saved.offer
    left = [each for each in offer.problems if each.field != _field(saved)]
    offer.remember_problems(left)
    if not left:
        offer.problems_at, offer.trace_id = None, ""
    saved.runtime.session.commit()
    return saved.show(Shown(is_saved=True))


CONFLICT_ACTIONS = {"mine": keep_mine, "theirs": take_from_allegro}
