"""„Zapisz i Wystaw”: bringing an offer onto Allegro, once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused, Unavailable, Unexpected
from allegro_module.client.offer_requests import ProductOfferRequest
from allegro_module.client.offers import OfferAnswer
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.offers import Offer, get_offer, list_offers_to_settle
from allegro_module.domain.listing import read_price, read_quantity
from allegro_module.domain.offers import OPEN_STATES, TO_SEND, OfferState, Step
from allegro_module.domain.problems import Problem
from allegro_module.domain.scopes import WRITE_OFFERS
from allegro_module.domain.shop import ShopAdapter
from allegro_module.signals import announce
from allegro_module.sync.categories import refresh_parameters
from allegro_module.sync.commands import look_at_verification, look_for_lost_offer, remember_answer
from allegro_module.sync.faults import put_aside
from allegro_module.sync.images import FileRefused, forget_uploads
from allegro_module.sync.mapping_lessons import learn_from_listed
from allegro_module.sync.objections import are_pictures_gone, problems_at_fields
from allegro_module.sync.offer_check import check_offer, parameters_of, scope_problem
from allegro_module.sync.offer_claims import ClaimedOffer, ClaimLost, state_of, take
from allegro_module.sync.offer_content import NO_CONTENT, Content, make_content, upload_files, upload_pictures
from allegro_module.sync.offer_mapping import Uploaded, to_product_offer
from allegro_module.sync.offer_outcomes import remember_refusal, search_later, send_later
from allegro_module.sync.offer_search import find_lost, read_lost

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
AUTH_PATHS = "/auth/"


def ask_for_listing(offer: Offer, now: datetime, who: str) -> bool:
    """The seller wants it listed: the intention is this row, the queue only a doorbell.

    False while an earlier wish is still under way: that one is brought to its end.
    """
    if offer.state in OPEN_STATES:
        return False
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
    offer.changed_at = now
    offer.changed_by = who
    return True


@dataclass(frozen=True, slots=True)
class Plan:
    """What of the row is needed between its transactions."""

    account_id: int
    environment: str
    category_id: str | None
    allegro_offer_id: str | None
    #: A creation went out before; it may have come to something that we lost sight of.
    was_sent: bool
    content: Content = NO_CONTENT
    attachment_ids: Sequence[str] = ()


def publish_offer(
    session: Session, api: AllegroClient, shop: ShopAdapter, offer_id: int, now: Clock
) -> OfferState:
    """Send an offer that waits for it; answer how far it is. What Allegro says is remembered at the row.

    1. Claim it.  2. Check the rules again.  3. Upload its files and pictures, each remembered at once.
    4. Remember the intention.  5. Send it.  6. Remember the outcome and tell the shop.
    Who dies on the way leaves a claim that runs out: before 4 it is begun again, after 4 it is looked for on
    Allegro. No transaction is open while we wait for Allegro.      Raises NoSuchOffer.
    """
    work = take(session, offer_id, TO_SEND, now)
    if work is not None:
        try:
            _list(work, api, shop)
            learn_from_listed(session, shop, offer_id, now())
        except ClaimLost:
            log.warning("offer %s was taken over by another worker", offer_id)
    return state_of(session, offer_id)


def _list(work: ClaimedOffer, api: AllegroClient, shop: ShopAdapter) -> None:
    plan = _begin(work)
    if plan is None:
        return
    try:
        checked = _with_content(work, api, shop, plan)
        if checked is None:
            return
        plan = checked
        plan = _find_earlier(work, api, plan)
        plan = replace(plan, attachment_ids=upload_files(work, api, plan.content))
        answer = _send_with_pictures(work, api, shop, plan)
    except FileRefused as refused:
        _remember_problems(work, refused.problems)
    except Refused as refusal:
        _remember_refusal(work, refusal, plan)
    except AllegroError as trouble:
        if isinstance(trouble, NotConnected) and trouble.reason is Reason.SCOPE_MISSING:
            _remember_problems(work, [scope_problem(trouble.scope or WRITE_OFFERS)])
        else:
            _remember_trouble(work, trouble)
    else:
        remember_answer(work, answer)


def _begin(work: ClaimedOffer) -> Plan | None:
    """None when an earlier try was cut off after its creation had been sent: that one is looked for first."""
    with work.change() as offer:
        if offer.create_sent_at is not None:
            search_later(offer, work.now())
            offer.next_look_at = None
            return None
        offer.become(OfferState.SENDING, work.now())
        offer.step = Step.IMAGES
        offer.trouble = ""
        offer.images_done = 0
        offer.images_total = len(offer.images)
        return Plan(
            offer.account_id,
            offer.account.environment,
            offer.category_id,
            offer.allegro_offer_id,
            offer.first_sent_at is not None,
        )


def _with_content(work: ClaimedOffer, api: AllegroClient, shop: ShopAdapter, plan: Plan) -> Plan | None:
    """The plan with what is to be sent; None when the seller has something to correct first."""
    session = work.session
    if plan.category_id:
        refresh_parameters(session, api, plan.environment, plan.category_id, work.now())
    problems = check_offer(session, shop, get_offer(session, work.offer_id))
    content = make_content(session, shop, work.offer_id)
    session.rollback()
    known = {problem.code for problem in problems}
    problems += [problem for problem in content.problems if problem.code not in known]
    if problems:
        _remember_problems(work, problems)
        return None
    with work.change() as offer:
        offer.images_total = len(content.refs)
    return replace(plan, content=content)


def _find_earlier(work: ClaimedOffer, api: AllegroClient, plan: Plan) -> Plan:
    """What we made before and lost sight of is changed, not made again."""
    if plan.allegro_offer_id is not None or not plan.was_sent:
        return plan
    found = find_lost(api, read_lost(work.session, work.offer_id))
    if found is None:
        return plan
    log.info("offer %s was found on Allegro as %s", work.offer_id, found.id)
    with work.change() as offer:
        offer.allegro_offer_id = found.id
    return replace(plan, allegro_offer_id=found.id)


def _send_with_pictures(work: ClaimedOffer, api: AllegroClient, shop: ShopAdapter, plan: Plan) -> OfferAnswer:
    """Pictures that Allegro forgot before their time are uploaded anew, once."""
    pictures = upload_pictures(work, api, shop, plan.account_id, plan.content)
    try:
        return _send(work, api, plan, pictures)
    except Refused as refusal:
        if not are_pictures_gone(refusal.objections):
            raise
        log.warning("offer %s: %s", work.offer_id, refusal)
    with work.change() as offer:
        forget_uploads(work.session, plan.account_id, pictures.all)
        offer.create_sent_at = None
        offer.step = Step.IMAGES
        offer.images_done = 0
    return _send(work, api, plan, upload_pictures(work, api, shop, plan.account_id, plan.content))


def _send(work: ClaimedOffer, api: AllegroClient, plan: Plan, pictures: Uploaded) -> OfferAnswer:
    request = _intend(work, plan, pictures)
    if plan.allegro_offer_id is not None:
        # A change of the whole: sent twice it does the same, so nothing need be remembered of it.
        return api.offers.patch(plan.allegro_offer_id, request)
    return api.offers.create(request)


def _intend(work: ClaimedOffer, plan: Plan, pictures: Uploaded) -> ProductOfferRequest:
    """Commit that a creation is about to be sent: from now on it may exist."""
    with work.change() as offer:
        offer.step = Step.CREATING
        if offer.allegro_offer_id is None:
            offer.create_sent_at = work.now()
            offer.first_sent_at = offer.first_sent_at or offer.create_sent_at
        parameters = parameters_of(work.session, offer)
        return to_product_offer(offer, parameters, pictures, plan.content.sections, plan.attachment_ids)


def _remember_problems(work: ClaimedOffer, problems: Sequence[Problem]) -> None:
    with work.change() as offer:
        fact = remember_refusal(offer, problems, work.now())
    announce(fact)


def _remember_refusal(work: ClaimedOffer, refusal: Refused, plan: Plan) -> None:
    if refusal.is_missing and plan.allegro_offer_id is not None and plan.allegro_offer_id in refusal.path:
        # One 404 does not prove that it is gone.
        with work.change() as offer:
            search_later(offer, work.now())
        return
    with work.change() as offer:
        parameters = parameters_of(work.session, offer)
        fact = remember_refusal(offer, problems_at_fields(refusal.objections, parameters), work.now())
    announce(fact)


def _remember_trouble(work: ClaimedOffer, trouble: AllegroError) -> None:
    level = logging.ERROR if isinstance(trouble, Unexpected) else logging.WARNING
    log.log(level, "offer %s: %s", work.offer_id, trouble)
    with work.change() as offer:
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
) -> OfferState:
    """One look at an offer whose outcome is open. Raises NoSuchOffer."""
    state = state_of(session, offer_id)
    try:
        if state in TO_SEND:
            return publish_offer(session, api, shop, offer_id, now)
        if state is OfferState.CHECKING:
            look_for_lost_offer(session, api, offer_id, now)
        elif state is OfferState.VERIFYING:
            look_at_verification(session, api, offer_id, now)
        learn_from_listed(session, shop, offer_id, now())
    except ClaimLost:
        log.warning("offer %s was taken over by another worker", offer_id)
    return state_of(session, offer_id)


def settle_offers(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    shop: ShopAdapter,
    clock_of: Callable[[str], Clock],
    *,
    waits_its_turn: bool = True,
) -> dict[int, OfferState]:
    """One look at each offer whose outcome is open and, if it waits its turn, whose time has come.

    Answers the state of each afterwards.
    """
    settled: dict[int, OfferState] = {}
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
