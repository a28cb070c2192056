"""What the buttons of the offer form do, once what was typed stands in the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import redirect, url_for
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.audit import record
from allegro_module.db.offers import Offer
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.domain.problems import Problem
from allegro_module.jobs.queue import ring_publish
from allegro_module.sync.fees import ask_fees
from allegro_module.sync.offer_templates import save_as_template
from allegro_module.sync.offers import ask_for
from allegro_module.sync.terms import fetch_terms
from allegro_module.web import categories
from allegro_module.web.errors import note_of
from allegro_module.web.fragments import go, page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_bells import ring_fees
from allegro_module.web.offer_conflict_actions import CONFLICT_ACTIONS
from allegro_module.web.offer_facts import read_facts
from allegro_module.web.offer_form import form_view
from allegro_module.web.offer_page import (
    COMPLETE,
    FEES,
    PAGE,
    PREVIEW,
    PRODUCT,
    SAVED,
    STATES,
    Shown,
    context_of,
)
from allegro_module.web.offer_product_actions import PRODUCT_ACTIONS
from allegro_module.web.offer_saved import Action, Saved
from allegro_module.web.offer_templates import template_name
from allegro_module.web.offer_words import MISSING_YET
from allegro_module.web.ui import Note, tell


def _save_only(saved: Saved) -> Response:
    saved.runtime.session.commit()
    offer = saved.offer
    ring_fees(saved.runtime, offer)
    if not wants_fragment() and not offer.problems:
        tell("ok", t("Draft saved."))
        return redirect(url_for("allegro.offers.edit", offer_id=offer.id), 303)
    return saved.show(Shown(is_saved=True), status=422 if offer.problems else 200)


def _save_quietly(saved: Saved) -> Response:
    """While the seller types: the form itself stays as it is."""
    saved.runtime.session.commit()
    ring_fees(saved.runtime, saved.offer)
    view = form_view(read_facts(saved.runtime, saved.offer, saved.pictures))
    context = context_of(saved.runtime, saved.offer, Shown(is_saved=True, view=view))
    # The card of the product goes with the EAN.
    also = [PRODUCT] if "gtin" in saved.changed else []
    return page_or_fragment(PAGE, COMPLETE, STATES, SAVED, PREVIEW, FEES, *also, **context)


def _check(saved: Saved) -> Response:
    saved.offer.remember_problems(saved.problems)
    saved.runtime.session.commit()
    if saved.problems:
        return saved.show(Shown(is_saved=True), status=422 if must_correct(saved.problems) else 200)
    fine = Note("ok", t("Nothing is missing."), t("The offer can be listed."))
    return saved.show(Shown(fine, is_saved=True))


def _publish(saved: Saved) -> Response:
    return _ask(saved, Wanted.LIST)


def _publish_later(saved: Saved) -> Response:
    """*Wystaw później*: as listing, with a date that is Allegro's to keep."""
    if saved.offer.starting_at is None and saved.offer.first_listed_at is None:
        return _check(replace(saved, problems=[*saved.problems, Problem("start_required", "starting_at")]))
    return _ask(saved, Wanted.LIST)


def _draft_on_allegro(saved: Saved) -> Response:
    """An incomplete offer may be stored there too (facts.md 6.2), but it must be readable.

    What has been listed, or has its start planned, is no draft any more.
    """
    if saved.offer.first_listed_at is not None or saved.offer.state == OfferState.PLANNED:
        return _save_only(saved)
    readable = [each for each in saved.problems if not each.code.endswith(MISSING_YET)]
    return _ask(replace(saved, problems=readable), Wanted.DRAFT)


def _ask(saved: Saved, wanted: Wanted) -> Response:
    """With nothing to correct: the intention is committed, the bell is rung, the page shows the progress."""
    runtime, offer = saved.runtime, saved.offer
    if must_correct(saved.problems):
        return _check(saved)
    if not offer.account.is_working:
        runtime.session.commit()
        return saved.show(Shown(_not_working(offer), is_saved=True), status=409)
    ask_for(offer, wanted, runtime.now(offer.account.environment), runtime.who()[:100])
    runtime.session.commit()
    note = None if ring_publish(runtime, offer.id) else _queue_is_down()
    if wants_fragment():
        return saved.show(Shown(note))
    if note is not None:
        tell(note.kind, note.title, note.text)
    return redirect(url_for("allegro.offers.edit", offer_id=offer.id), 303)


def must_correct(problems: Sequence[Problem]) -> bool:
    return any(not problem.is_warning for problem in problems)


def _queue_is_down() -> Note:
    title = t("The queue does not answer, so sending begins later.")
    return Note("warn", title, t("Nothing is lost: the offer waits. Tell the shop's administrator."))


def _not_working(offer: Offer) -> Note:
    account = offer.account
    if account.state == LinkState.CONNECTED:
        title = t("Account %(login)s is switched off.", login=account.login)
        return Note(
            "warn", title, t("The draft is saved. Switch the account on in Account settings, then list.")
        )
    title = t("Account %(login)s is not linked.", login=account.login)
    return Note("bad", title, t("The draft is saved. Link the account again, then list."))


def _keep_as_template(saved: Saved) -> Response:
    """*Zapisz jako szablon*; one of the same name is replaced."""
    runtime, offer, name = saved.runtime, saved.offer, template_name()
    if not name:
        runtime.session.commit()
        note = Note("warn", t("Give the template a name."), t("The offer is saved."))
        return saved.show(Shown(note, is_saved=True), status=422)
    now = runtime.now(offer.account.environment)
    is_replaced = save_as_template(runtime.session, offer, name, now, runtime.who()[:100])
    record(
        runtime.session, now, runtime.who(), "offer_template_saved", name, {"account": offer.account.alias}
    )
    runtime.session.commit()
    words = t("It took the place of the older one.") if is_replaced else t("New offers may begin with it.")
    return saved.show(Shown(Note("ok", t("Saved as template “%(name)s”.", name=name), words), is_saved=True))


def _choose_category(saved: Saved) -> Response:
    saved.runtime.session.commit()
    return go(url_for("allegro.offers.category", offer_id=saved.offer.id))


def _fetch_terms(saved: Saved) -> Response:
    """Ask Allegro now: the seller has just made a price list there and waits for it."""
    runtime = saved.runtime
    runtime.session.commit()
    account = saved.offer.account
    try:
        with runtime.api_for_page(account) as api:
            fetch_terms(runtime.session, api, account, runtime.now(account.environment), with_contents=False)
    except AllegroError as error:
        return saved.show(Shown(note_of(error), is_saved=True))
    return saved.show(Shown(Note("ok", t("Terms fetched from Allegro.")), is_saved=True))


def _count_fees(saved: Saved) -> Response:
    """*Policz opłaty*: the seller waits for the answer."""
    runtime, offer = saved.runtime, saved.offer
    runtime.session.commit()
    if not offer.account.is_working:
        return saved.show(Shown(_not_working(offer), is_saved=True), status=409)
    with runtime.api_for_page(offer.account) as api:
        ask_fees(runtime.session, api, offer.id, runtime.now(offer.account.environment))
    return saved.show(Shown(is_saved=True))


def _fetch_parameters(saved: Saved) -> Response:
    """*Ponów* of a category whose parameters could not be fetched when it was chosen."""
    saved.runtime.session.commit()
    return saved.show(Shown(categories.learn(saved.runtime, saved.offer.id), is_saved=True))


ACTIONS: Mapping[str, Action] = {
    "save": _save_only,
    "refresh": _save_only,
    "move": _save_only,
    "autosave": _save_quietly,
    "check": _check,
    "publish": _publish,
    "later": _publish_later,
    "draft": _draft_on_allegro,
    "template": _keep_as_template,
    "category": _choose_category,
    "terms": _fetch_terms,
    "parameters": _fetch_parameters,
    "fees": _count_fees,
    **PRODUCT_ACTIONS,
    **CONFLICT_ACTIONS,
}


def action_named(name: str) -> Action:
    return ACTIONS.get(name, _save_only)
