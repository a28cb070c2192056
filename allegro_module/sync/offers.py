"""Bringing a seller's wish for an offer to Allegro, once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused, Unavailable, Unexpected
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.offers import NoSuchOffer, Offer, get_offer, list_offers_to_settle
from allegro_module.domain.offers import OPEN_STATES, TO_SEND, OfferState, Step, Wanted
from allegro_module.domain.scopes import WRITE_OFFERS
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.shop import ShopAdapter
from allegro_module.signals import announce
from allegro_module.sync.categories import forget_parameters
from allegro_module.sync.commands import look_at_verification, look_for_lost_offer
from allegro_module.sync.faults import put_aside
from allegro_module.sync.images import FileRefused
from allegro_module.sync.mapping_lessons import learn_from_listed
from allegro_module.sync.objections import are_about_parameters, problems_at_fields
from allegro_module.sync.offer_check import parameters_of, scope_problem
from allegro_module.sync.offer_claims import ClaimedOffer, ClaimLost, state_of, take
from allegro_module.sync.offer_deeds import carry_out, refuse
from allegro_module.sync.offer_outcomes import remember_refusal, search_later, send_later
from allegro_module.sync.offer_sending import Errand, Plan

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
AUTH_PATHS = "/auth/"


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
    work = take(session, offer_id, TO_SEND, now)
    if work is None:
        return state_of(session, offer_id)
    try:
        _publish(work, api, shop)
        return _learned(session, shop, offer_id, now())
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
        return state_of(session, offer_id)
    except NoSuchOffer:
        return None


def _publish(work: ClaimedOffer, api: AllegroClient, shop: ShopAdapter) -> None:
    plan = _begin(work)
    if plan is None:
        return
    try:
        carry_out(Errand(work, api, shop, plan))
    except FileRefused as refused:
        refuse(work, refused.problems)
    except Refused as refusal:
        _remember_refusal(work, refusal, plan)
    except AllegroError as trouble:
        if isinstance(trouble, NotConnected) and trouble.reason is Reason.SCOPE_MISSING:
            refuse(work, [scope_problem(trouble.scope or WRITE_OFFERS)], trouble.trace_id)
        else:
            _remember_trouble(work, trouble)


def _begin(work: ClaimedOffer) -> Plan | None:
    """None when an earlier try was cut off after its creation had been sent: that one is looked for first."""
    with work.change() as offer:
        if offer.create_sent_at is not None:
            search_later(offer, work.now())
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
        offer.become(OfferState.SENDING, work.now())
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
        problems = problems_at_fields(refusal.objections, parameters)
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
    state = state_of(session, offer_id)
    try:
        if state in TO_SEND:
            return publish_offer(session, api, shop, offer_id, now)
        if state is OfferState.CHECKING:
            look_for_lost_offer(session, api, offer_id, now)
        elif state in (OfferState.VERIFYING, OfferState.PLANNED):
            look_at_verification(session, api, offer_id, now)
        return _learned(session, shop, offer_id, now())
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
    return state_of(session, offer_id)


def _learned(session: Session, shop: ShopAdapter, offer_id: int, now: datetime) -> OfferState:
    """The state that an offer has come to; one that is listed is learned from."""
    state = state_of(session, offer_id)
    if state is OfferState.ACTIVE:
        learn_from_listed(session, shop, offer_id, now)
    return state


def settle_offers(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    shop: ShopAdapter,
    clock_of: Callable[[str], Clock],
    *,
    waits_its_turn: bool = True,
) -> dict[int, OfferState | None]:
    """One look at each offer whose outcome is open and, if it waits its turn, whose time has come.

    Answers the state of each afterwards.
    """
    settled: dict[int, OfferState | None] = {}
    for offer_id in _due_offers(session, clock_of) if waits_its_turn else _open_offers(session):
        account = get_offer(session, offer_id).account
        api, now = api_of(account), clock_of(account.environment)
        try:
            settled[offer_id] = settle_offer(session, api, shop, offer_id, now)
        except Exception as fault:
            put_aside(session, log, f"offer {offer_id}", fault)
    return settled


def _open_offers(session: Session) -> Sequence[int]:
    offer_ids = list_offers_to_settle(session, None)
    session.rollback()
    return offer_ids


def _due_offers(session: Session, clock_of: Callable[[str], Clock]) -> list[int]:
    """Each environment has its own clock."""
    environments = {account.environment for account in list_working_accounts(session)}
    nows = {name: clock_of(name)() for name in environments}
    candidates = list_offers_to_settle(session, max(nows.values())) if nows else []
    due = session.execute(
        select(Offer.id, Offer.next_look_at, Account.environment)
        .join(Account)
        .where(Offer.id.in_(candidates))
    ).all()
    session.rollback()
    return [
        each.id for each in due if each.next_look_at is None or each.next_look_at <= nows[each.environment]
    ]
