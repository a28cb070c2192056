"""An offer between what was typed and what its form's buttons do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Response

from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.listing import Picture
from allegro_module.domain.problems import Problem
from allegro_module.runtime import Runtime
from allegro_module.web.forms.offer import Sent
from allegro_module.web.offer_page import Shown, show_form


@dataclass(frozen=True, slots=True)
class Saved:
    """An offer whose row holds what was typed, not committed yet; `problems` are all that it has now."""

    runtime: Runtime
    offer: Offer
    sent: Sent
    problems: Sequence[Problem]
    pictures: Mapping[str, Picture]
    #: Names of fields that differ from what was stored.
    changed: Sequence[str]

    def show(self, shown: Shown, status: int = 200) -> Response:
        """The form as it is now; flows may have changed the row since."""
        offer = get_offer(self.runtime.session, self.offer.id)
        return show_form(self.runtime, offer, shown, self.pictures, status)


Action = Callable[[Saved], Response]
