"""Bringing a seller's wish for an offer to Allegro, once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused, Unavailable, Unexpected
from allegro_module.db.accounts import Account
from allegro_module.db.offers import NoSuchOffer, Offer
from allegro_module.domain.offers import OPEN_STATES, TO_SEND, OfferState, Step, Wanted
from allegro_module.domain.scopes import WRITE_OFFERS
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.shop import ShopAdapter
from allegro_module.signals import announce
from allegro_module.sync.categories import forget_parameters
from allegro_module.sync.commands import look_at_verification, look_for_lost_offer
from allegro_module.sync.faults import put_aside
from allegro_module.sync.images import FileRefused
from allegro_module.sync.mapping_lessons import has_lesson, learn_from_listed
from allegro_module.sync.objections import are_about_parameters, problems_at_fields, rate_fields_of
from allegro_module.sync.offer_check import parameters_of, scope_problem
from allegro_module.sync.offer_claims import ClaimedOffer, ClaimLost, state_of, take_and
from allegro_module.sync.offer_deeds import carry_out, refuse
from allegro_module.sync.offer_flights import Flights, Landed, Sending, fly
from allegro_module.sync.offer_outcomes import remember_refusal, search_later, send_later
from allegro_module.sync.offer_runs import Run
from allegro_module.sync.offer_sending import Errand, Plan
from allegro_module.sync.offer_turns import Clock, Turn, doors_of, due_turns, open_turns

log = logging.getLogger(__name__)

AUTH_PATHS = "/auth/"
#: Offers whose lessons are kept in one transaction.
LESSONS_AT_ONCE = 50
#: Offers read together, after which a run looks anew at the accounts: access may have been withdrawn.
ASKS_AGAIN_AFTER = 20


def ask_for(offer: Offer, wanted: Wanted, now: datetime, who: str) -> bool:
    """The seller wants it: the intention is this row, the queue only a doorbell.

    False while an earlier wish is still under way: that one is brought to its end.
    """
    if offer.state in OPEN_STATES:
        return False
    offer.wanted = wanted
    offer.price = read_price(offer.price_text, offer.currency)
    offer.quantity = read_quantity(offer.quantity_text)
    offer.become(OfferState.WAITING, now)
    offer.step = Step.QUEUED
    offer.looks = 0
    offer.next_look_at = None
    offer.trouble = ""
    offer.images_done = 0
    offer.images_total = len(offer.images)
    offer.remember_problems([])
    offer.problems_at = None
    offer.trace_id = ""
    offer.changed_at = now
    offer.changed_by = who
    return True


def ask_for_listing(offer: Offer, now: datetime, who: str) -> bool:
    return ask_for(offer, Wanted.LIST, now, who)


def publish_offer(
    session: Session, api: AllegroClient, shop: ShopAdapter, offer_id: int, now: Clock
) -> OfferState | None:
    """Do what the offer waits for; answer how far it is, None when it was a draft to be taken away.

    1. Claim it.  2. Make ready what is sent.  3. Remember the intention.  4. Send it.
    5. Remember the outcome and tell the shop.
    Who dies on the way leaves a claim that runs out. Then a creation that may have been sent is looked for on
    Allegro, and a change that may have been made is looked at, before anything is sent again.
    No transaction is open while we wait for Allegro.      Raises NoSuchOffer.
    """
    run = Run(session, shop)
    work = fly(_publish(run, api, offer_id, now))
    return _end(run, work, offer_id, now)


def _end(run: Run, work: ClaimedOffer | None, offer_id: int, now: Clock) -> OfferState | None:
    state = _come_to(run, work, offer_id)
    _learn(run, now)
    return state


def _publish(run: Run, api: AllegroClient, offer_id: int, now: Clock) -> Sending[ClaimedOffer | None]:
    """None when somebody else works on it, or has taken it over."""
    copy = run.take_copy(offer_id)
    taken = take_and(run.session, offer_id, TO_SEND, now, lambda offer: _begin(offer, now()), copy)
    if taken is None:
        return None
    work, plan = taken
    try:
        if plan is not None:
            yield from _carry_out(Errand(work, api, run, plan))
        return work
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
        return None


def _carry_out(errand: Errand) -> Sending[None]:
    work = errand.work
    try:
        yield from carry_out(errand)
    except FileRefused as refused:
        refuse(work, refused.problems)
    except Refused as refusal:
        errand.run.forget()
        _remember_refusal(work, refusal, errand.plan)
    except AllegroError as trouble:
        if isinstance(trouble, NotConnected) and trouble.reason is Reason.SCOPE_MISSING:
            refuse(work, [scope_problem(trouble.scope or WRITE_OFFERS)], trouble.trace_id)
        else:
            _remember_trouble(work, trouble)


def _begin(offer: Offer, now: datetime) -> Plan | None:
    """None when an earlier try was cut off after its creation had been sent: that one is looked for first."""
    if offer.create_sent_at is not None:
        search_later(offer, now)
        offer.next_look_at = None
        return None
    plan = Plan(
        account_id=offer.account_id,
        environment=offer.account.environment,
        wanted=Wanted(offer.wanted),
        category_id=offer.category_id,
        allegro_offer_id=offer.allegro_offer_id,
        allegro_status=offer.allegro_status,
        was_sent=offer.first_sent_at is not None,
        looks_first=bool(offer.trouble) or offer.state == OfferState.SENDING,
    )
    offer.become(OfferState.SENDING, now)
    offer.step = Step.IMAGES
    offer.trouble = ""
    offer.images_done = 0
    offer.images_total = 0 if plan.wanted in (Wanted.END, Wanted.RESUME) else len(offer.images)
    return plan


def _remember_refusal(work: ClaimedOffer, refusal: Refused, plan: Plan) -> None:
    if refusal.is_missing and plan.allegro_offer_id is not None and plan.allegro_offer_id in refusal.path:
        # One 404 does not prove that it is gone.
        with work.change() as offer:
            search_later(offer, work.now())
        return
    with work.change() as offer:
        parameters = parameters_of(work.session, offer)
        problems = problems_at_fields(refusal.objections, parameters, rate_fields_of(offer))
        if plan.category_id and are_about_parameters(refusal.objections):
            forget_parameters(work.session, plan.environment, plan.category_id)
        fact = remember_refusal(offer, problems, work.now(), refusal.trace_id)
    announce(fact)


def _remember_trouble(work: ClaimedOffer, trouble: AllegroError) -> None:
    level = logging.ERROR if isinstance(trouble, Unexpected) else logging.WARNING
    log.log(level, "offer %s: %s", work.offer_id, trouble)
    with work.change() as offer:
        offer.trace_id = (trouble.trace_id or "")[:100]
        if offer.create_sent_at is not None and _may_exist(trouble):
            search_later(offer, work.now(), trouble)
        else:
            send_later(offer, work.now(), trouble)


def _may_exist(trouble: AllegroError) -> bool:
    """The creation may have had its effect, although we saw no good answer to it."""
    if trouble.path.startswith(AUTH_PATHS):
        return False
    if isinstance(trouble, Unavailable):
        return not trouble.is_sure_nothing_happened
    return isinstance(trouble, Unexpected)


def settle_offer(
    session: Session, api: AllegroClient, shop: ShopAdapter, offer_id: int, now: Clock
) -> OfferState | None:
    """One look at an offer whose outcome is open; None when it was taken away. Raises NoSuchOffer."""
    run = Run(session, shop)
    work = fly(_settle(run, api, offer_id, state_of(session, offer_id), now))
    return _end(run, work, offer_id, now)


def _settle(
    run: Run, api: AllegroClient, offer_id: int, state: OfferState, now: Clock
) -> Sending[ClaimedOffer | None]:
    try:
        if state in TO_SEND:
            return (yield from _publish(run, api, offer_id, now))
        if state is OfferState.CHECKING:
            return look_for_lost_offer(run.session, api, offer_id, now)
        if state in (OfferState.VERIFYING, OfferState.PLANNED):
            return look_at_verification(run.session, api, offer_id, now)
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
    return None


def _come_to(run: Run, work: ClaimedOffer | None, offer_id: int) -> OfferState | None:
    """The state that an offer has come to, None when it was taken away; one that is listed has a lesson.

    Raises NoSuchOffer for one that nobody worked on.
    """
    if work is None:
        return state_of(run.session, offer_id)
    try:
        offer = work.offer
    except NoSuchOffer:
        run.session.rollback()
        return None
    if has_lesson(offer):
        run.lessons.append(offer)
    return OfferState(offer.state)


def _learn(run: Run, now: Clock) -> None:
    """Once for all: lessons of one category are in the same rows."""
    if run.lessons:
        learn_from_listed(run.session, run.lessons, run.product, now())
        run.lessons.clear()


def settle_offers(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    shop: ShopAdapter,
    clock_of: Callable[[str], Clock],
    *,
    waits_its_turn: bool = True,
    most_away: int = 1,
) -> dict[int, OfferState | None]:
    """One look at each offer whose outcome is open and, if it waits its turn, whose time has come.

    Up to `most_away` writes are waited for at a time. Answers the state of each offer afterwards.
    """
    settled: dict[int, OfferState | None] = {}
    turns = due_turns(session, clock_of) if waits_its_turn else open_turns(session)
    run = Run(session, shop, [each.sku for each in turns])
    doors: dict[int, tuple[AllegroClient, Clock]] = {}
    with Flights[Turn, ClaimedOffer | None](most_away) as flights:
        for number, each in enumerate(turns):
            if number % ASKS_AGAIN_AFTER == 0:
                doors.clear()
                near = turns[number : number + ASKS_AGAIN_AFTER]
                run.read_ahead([turn.offer_id for turn in near if turn.state in TO_SEND])
            if each.account_id not in doors:
                doors[each.account_id] = doors_of(session, each.account_id, api_of, clock_of)
            api, now = doors[each.account_id]
            sending = _settle(run, api, each.offer_id, each.state, now)
            for landed in flights.begin(each, sending):
                _note(run, landed, settled, now)
        for landed in flights.rest():
            _note(run, landed, settled, now)
    if turns:
        _learn(run, now)
    return settled


def _note(
    run: Run, landed: Landed[Turn, ClaimedOffer | None], settled: dict[int, OfferState | None], now: Clock
) -> None:
    """The state that it has come to; a fault of one offer is put aside, so that the others are settled."""
    offer_id = landed.key.offer_id
    try:
        if landed.fault is not None:
            raise landed.fault
        settled[offer_id] = _come_to(run, landed.value, offer_id)
        if len(run.lessons) >= LESSONS_AT_ONCE:
            _learn(run, now)
    except Exception as fault:
        put_aside(run.session, log, f"offer {offer_id}", fault)
        run.lessons.clear()
