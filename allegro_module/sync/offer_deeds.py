"""What a worker does for each wish of a seller: list, keep as a draft, end, resume, take a draft away.

Each runs under a claim, with no transaction open while we wait for Allegro, and remembers its own outcome.
What Allegro refuses or cannot do now is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete

from allegro_module.client.errors import Busy, Refused
from allegro_module.client.offers import OfferAnswer, OfferStatus
from allegro_module.db.commands import Command
from allegro_module.db.offer_changes import OfferChangeItem
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import Step, Wanted
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.problems import Problem
from allegro_module.domain.selling_formats import quantity_problems, read_quantity
from allegro_module.signals import announce
from allegro_module.sync.catalogue import catalogue_of
from allegro_module.sync.commands import remember_answer
from allegro_module.sync.images import forget_uploads
from allegro_module.sync.objections import are_pictures_gone
from allegro_module.sync.offer_body import Ingredients
from allegro_module.sync.offer_check import check_with
from allegro_module.sync.offer_claims import ClaimedOffer
from allegro_module.sync.offer_content import Content, content_of, upload_files, upload_pictures
from allegro_module.sync.offer_flights import Sending
from allegro_module.sync.offer_outcomes import remember_loss, remember_refusal
from allegro_module.sync.offer_search import find_lost, read_lost
from allegro_module.sync.offer_sending import LIVE, Errand, intend, send
from allegro_module.sync.product_sets import contents_of_set

Deed = Callable[[Errand], Sending[None]]

log = logging.getLogger(__name__)


def carry_out(errand: Errand) -> Sending[None]:
    """Raises AllegroError, FileRefused, ClaimLost."""
    yield from DEEDS[errand.plan.wanted](_with_earlier(errand))


def _with_earlier(errand: Errand) -> Errand:
    """What we made before and lost sight of is found again; what may have changed already is looked at."""
    plan = errand.plan
    if plan.allegro_offer_id is None:
        return _find_earlier(errand) if plan.was_sent else errand
    return errand.having_looked() if plan.looks_first and plan.wanted != Wanted.DELETE else errand


def _find_earlier(errand: Errand) -> Errand:
    work = errand.work
    found = find_lost(errand.api, read_lost(work.session, work.offer_id))
    if found is None:
        return errand
    log.info("offer %s was found on Allegro as %s", work.offer_id, found.offer.id)
    with work.change() as offer:
        offer.allegro_offer_id = found.offer.id
    return errand.with_plan(allegro_offer_id=found.offer.id, live=found)


def _list(errand: Errand) -> Sending[None]:
    """1. Check the rules again.  2. Upload files and pictures, each remembered at once.  3. Send it."""
    prepared = _prepare(errand)
    if prepared is None:
        return
    content, parameters = prepared
    files = upload_files(errand.work, errand.api, content)
    try:
        yield from send(errand, _with_pictures(errand, content, parameters, files))
    except Refused as refusal:
        if not are_pictures_gone(refusal.objections):
            raise
        log.warning("offer %s: %s", errand.work.offer_id, refusal)
        _forget_pictures(errand)
        # Pictures that Allegro forgot before their time are uploaded anew, once.
        yield from send(errand, _with_pictures(errand, replace(content, in_use=()), parameters, files))


def _prepare(errand: Errand) -> tuple[Content, Sequence[Parameter]] | None:
    """What is to be sent; None when the seller has something to correct first.

    A draft may lack what an offer must have.
    """
    work, run, session = errand.work, errand.run, errand.work.session
    goods = run.goods(work, errand.api)
    offer = work.offer
    problems: list[Problem] = []
    if errand.plan.wanted != Wanted.DRAFT:
        pictures, terms = run.pictures(offer.images), run.terms(offer.account_id)
        problems = check_with(
            offer, pictures, goods, terms, catalogue_of(session, offer), contents_of_set(session, offer)
        )
    content = content_of(session, offer, run.product)
    session.rollback()
    known = {problem.code for problem in problems}
    problems += [problem for problem in content.problems if problem.code not in known]
    if problems:
        refuse(work, problems)
        return None
    return content, (goods and goods.parameters) or ()


def refuse(work: ClaimedOffer, problems: Sequence[Problem], trace_id: str | None = None) -> None:
    with work.change() as offer:
        fact = remember_refusal(offer, problems, work.now(), trace_id)
    announce(fact)


def _with_pictures(
    errand: Errand, content: Content, parameters: Sequence[Parameter], files: Mapping[int, str]
) -> Ingredients:
    work = errand.work
    if len(content.refs) > content.own:
        with work.change() as offer:
            offer.images_total = len(content.refs)
    pictures = upload_pictures(work, errand.api, errand.run, errand.plan.account_id, content)
    return Ingredients(parameters, pictures, content.sections, files)


def _forget_pictures(errand: Errand) -> None:
    work = errand.work
    errand.run.forget()
    with work.change() as offer:
        gone = [str(each) for each in (offer.sending or {}).get("images") or ()]
        forget_uploads(work.session, errand.plan.account_id, gone)
        offer.create_sent_at = None
        offer.step = Step.IMAGES
        offer.images_done = 0


def _end(errand: Errand) -> Sending[None]:
    """Ended already counts as done, whoever did it."""
    live = errand.plan.live
    if live is not None and live.offer.status not in LIVE:
        remember_answer(errand.work, OfferAnswer(live))
        return
    _begin_change(errand, None)
    try:
        answer = yield errand.api.offers.change(
            errand.known_id, {"publication": {"status": OfferStatus.ENDED}}
        )
    except Refused as refusal:
        if refusal.is_missing:
            raise
        answer = OfferAnswer(errand.api.offers.details(errand.known_id))
        if answer.offer.status in LIVE:
            raise
    remember_answer(errand.work, answer)


def _resume(errand: Errand) -> Sending[None]:
    """Stock and status in one request, nothing else (facts.md 6.7)."""
    live, work = errand.plan.live, errand.work
    if live is not None and live.offer.status in LIVE:
        remember_answer(work, OfferAnswer(live))
        return
    offer = work.offer
    problems, sent = list(quantity_problems(offer.quantity_text)), offer.sent
    available = read_quantity(offer.quantity_text)
    if problems:
        refuse(work, problems)
        return
    patch: dict[str, Any] = {
        "stock": {"available": available},
        "publication": {"status": OfferStatus.ACTIVE},
    }
    _begin_change(errand, _resumed(sent, patch) if sent is not None else None)
    remember_answer(work, (yield errand.api.offers.change(errand.known_id, patch)))


def _resumed(sent: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    joined = {name: {**(sent.get(name) or {}), **part} for name, part in patch.items()}
    return {**sent, **joined}


def _begin_change(errand: Errand, sending: Mapping[str, Any] | None) -> None:
    with errand.work.change() as offer:
        intend(offer, sending, errand.work.now())


def _delete(errand: Errand) -> Sending[None]:
    """The draft at Allegro, then the row. Gone already is gone; two 404 prove it.

    It is rare enough to be waited for.
    """
    yield from ()
    if errand.plan.allegro_offer_id is not None:
        try:
            errand.api.offers.delete_draft(errand.known_id)
        except Refused as refusal:
            if not refusal.is_missing:
                raise
            _prove_missing(errand)
    with errand.work.change() as offer:
        forget_offer(errand, offer)


def _prove_missing(errand: Errand) -> None:
    try:
        errand.api.offers.details(errand.known_id)
    except Refused as refusal:
        if refusal.is_missing:
            return
        raise
    raise Busy(f"offer {errand.known_id} could not be found, but is there")


def forget_offer(errand: Errand, offer: Offer) -> None:
    session = errand.work.session
    session.execute(delete(Command).where(Command.offer_id == offer.id))
    session.execute(delete(OfferChangeItem).where(OfferChangeItem.offer_id == offer.id))
    session.execute(delete(Offer).where(Offer.id == offer.id))
    errand.work.forget()


def _known(deed: Deed) -> Deed:
    """A deed on what Allegro has; what it does not have is told to be lost."""

    def on_known(errand: Errand) -> Sending[None]:
        if errand.plan.allegro_offer_id is not None:
            yield from deed(errand)
            return
        work = errand.work
        with work.change() as offer:
            fact = remember_loss(offer, work.now())
        announce(fact)

    return on_known


DEEDS: Mapping[Wanted, Deed] = {
    Wanted.LIST: _list,
    Wanted.DRAFT: _list,
    Wanted.END: _known(_end),
    Wanted.RESUME: _known(_resume),
    Wanted.DELETE: _delete,
}
