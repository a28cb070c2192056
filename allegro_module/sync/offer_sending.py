"""Sending an offer whole, or of one that is listed what the seller changed; each intention is kept before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from allegro_module.client import AllegroClient
from allegro_module.client.offers import OfferDetails, OfferStatus
from allegro_module.db.offers import Offer
from allegro_module.db.terms import list_terms
from allegro_module.domain.offers import OfferState, Step, Trouble, Wanted
from allegro_module.domain.parameters import Parameter
from allegro_module.signals import announce
from allegro_module.sync.catalogue import catalogue_of
from allegro_module.sync.commands import remember_answer
from allegro_module.sync.offer_body import Ingredients, body_of
from allegro_module.sync.offer_claims import ClaimedOffer
from allegro_module.sync.offer_conflicts import conflict_problems
from allegro_module.sync.offer_flights import Sending
from allegro_module.sync.offer_outcomes import remember_details, remember_refusal, standing
from allegro_module.sync.offer_patch import Merge, has_array, merge
from allegro_module.sync.offer_runs import Run
from allegro_module.sync.offer_shapes import own_value_ids, without_given

LIVE = (OfferStatus.ACTIVE, OfferStatus.ACTIVATING)
#: States in which "nothing had to be sent" is all there is to say.
SETTLED = (OfferState.ACTIVE, OfferState.INACTIVE, OfferState.PLANNED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What of the row is needed between its transactions."""

    account_id: int
    environment: str
    wanted: Wanted
    category_id: str | None
    allegro_offer_id: str | None
    allegro_status: str
    #: A creation went out before; it may have come to something that we lost sight of.
    was_sent: bool
    #: An earlier try of this wish was cut off or not answered: what it came to is looked at first.
    looks_first: bool
    #: As Allegro shows it now, where we have looked.
    live: OfferDetails | None = None

    @property
    def activates(self) -> bool:
        """It lies there unpublished. One that has ended unseen is not brought back: that is told."""
        is_live = self.live is not None and self.live.offer.status in LIVE
        return self.wanted == Wanted.LIST and self.allegro_status not in LIVE and not is_live


@dataclass(frozen=True, slots=True)
class Errand:
    work: ClaimedOffer
    api: AllegroClient
    run: Run
    plan: Plan

    @property
    def known_id(self) -> str:
        assert self.plan.allegro_offer_id is not None
        return self.plan.allegro_offer_id

    def with_plan(self, **changes: Any) -> Errand:
        return replace(self, plan=replace(self.plan, **changes))

    def having_looked(self) -> Errand:
        return self.with_plan(live=self.api.offers.details(self.known_id))


def send(errand: Errand, ingredients: Ingredients) -> Sending[None]:
    """Raises AllegroError."""
    if errand.plan.allegro_offer_id is None:
        yield from _create(errand, ingredients)
    else:
        yield from _change(errand, ingredients)


def _create(errand: Errand, ingredients: Ingredients) -> Sending[None]:
    work = errand.work
    body = body_of(work.session, work.offer, ingredients, work.now())
    work.session.rollback()
    with work.put() as offer:
        intend(offer, body, work.now())
    answer = yield errand.api.offers.creation(body)
    remember_answer(work, answer, ingredients.parameters)


def intend(offer: Offer, sending: Mapping[str, Any] | None, now: datetime) -> None:
    """To be committed before it is sent: from then on a creation may exist."""
    offer.step = Step.CREATING
    offer.images_done = offer.images_total
    offer.sending = dict(sending) if sending is not None else None
    if offer.allegro_offer_id is None:
        offer.create_sent_at = now
        offer.first_sent_at = offer.first_sent_at or now


@dataclass(frozen=True, slots=True)
class Comparison:
    body: dict[str, Any]
    merge: Merge


def _change(errand: Errand, ingredients: Ingredients) -> Sending[None]:
    """Arrays replace arrays whole, so before that, and before nothing is sent, we look at what is there."""
    found = _compare(errand, ingredients)
    patch = found.merge.patch
    if errand.plan.live is None and (has_array(patch) or not (patch or errand.plan.activates)):
        errand = errand.having_looked()
        found = _compare(errand, ingredients)
        patch = found.merge.patch
    if found.merge.conflicts:
        _remember_conflicts(errand, found.merge, ingredients.parameters)
        return
    activates = errand.plan.activates or _takes_start_back(patch)
    body = found.body if activates else standing(found.body, "")
    if activates:
        patch = _activating(patch, body)
    if not patch:
        _remember_sameness(errand, body, ingredients.parameters)
        return
    with errand.work.put() as offer:
        intend(offer, body, errand.work.now())
    answer = yield errand.api.offers.change(errand.known_id, patch)
    remember_answer(errand.work, answer, ingredients.parameters)


def _compare(errand: Errand, ingredients: Ingredients) -> Comparison:
    """Leaves no transaction open."""
    work, live = errand.work, errand.plan.live
    offer = work.offer
    body = body_of(work.session, offer, ingredients, work.now())
    catalogue = catalogue_of(work.session, offer)
    known = without_given(offer.live, catalogue)
    now_there = without_given(live.content, catalogue) if live is not None else known
    merged = merge(body, offer.sent, now_there, known, own_value_ids(ingredients.parameters))
    work.session.rollback()
    return Comparison(body, merged)


def _takes_start_back(patch: Mapping[str, Any]) -> bool:
    """No source says what becomes of an offer whose plan is deleted: the order to begin is sent along."""
    publication = patch.get("publication") or {}
    return "startingAt" in publication and publication["startingAt"] is None


def _activating(patch: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Stock and status together, as two calls have no order (facts.md 6.7)."""
    publication = {**patch.get("publication", {}), "status": OfferStatus.ACTIVE}
    return {**patch, "stock": body["stock"], "publication": publication}


def _remember_conflicts(errand: Errand, merged: Merge, parameters: Sequence[Parameter]) -> None:
    """Nothing is sent. What Allegro shows is known from now on: who saves again has seen it."""
    work, live = errand.work, errand.plan.live
    with work.change() as offer:
        if live is not None:
            offer.live = dict(live.content)
        names = {
            each.allegro_id: each.name
            for each in list_terms(work.session, offer.account_id)
            if each.allegro_id
        }
        problems = conflict_problems(merged.conflicts, parameters, names)
        fact = remember_refusal(offer, problems, work.now())
    announce(fact)


def _remember_sameness(errand: Errand, body: Mapping[str, Any], parameters: Sequence[Parameter]) -> None:
    """All that is wanted stands there: nothing is sent, which is said unless an earlier try had sent it."""
    work, live = errand.work, errand.plan.live
    assert live is not None
    with work.change() as offer:
        offer.sending = dict(body)
        fact = remember_details(offer, live, parameters, work.now())
        if offer.state in SETTLED and not errand.plan.looks_first:
            offer.trouble = Trouble.UNCHANGED
    if fact is not None:
        announce(fact)
