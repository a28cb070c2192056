"""Choosing an offer's category: by suggestion, by search in our copy of Allegro's tree, or level by level."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.categories import Category, find_category
from allegro_module.db.category_uses import remember_use, set_favourite
from allegro_module.db.offers import Offer, claim_edit, get_offer
from allegro_module.domain.category_lock import is_category_locked
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_fetch_categories
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.categories import parameters_are_fresh, refresh_parameters
from allegro_module.sync.category_suggestions import ask_for_suggestions
from allegro_module.sync.drafts import choose_category
from allegro_module.web.category_picker import REASONS, picker_of
from allegro_module.web.errors import note_of
from allegro_module.web.fragments import go, page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_progress import is_running
from allegro_module.web.security import requires
from allegro_module.web.ui import Note, tell

PAGE = "allegro/categories/index.html"
PICKER = "allegro/categories/_picker.html"
SUGGESTIONS = "allegro/categories/_suggestions.html"


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/category", "category", category, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/category", "choose_category", choose, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/category/tree", "fetch_tree", fetch_tree, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/category/suggest", "suggest_category", suggest, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/category/star", "star_category", star, methods=["POST"])


@requires(Permission.LIST_OFFERS)
def category(offer_id: int) -> Response:
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if is_running(offer):
        return go(url_for("allegro.offers.edit", offer_id=offer_id))
    picker = picker_of(runtime, offer)
    if picker.has_tree and "waiting" in request.args:
        # The page that waited for the tree has no search field yet.
        return go(url_for("allegro.offers.category", offer_id=offer_id))
    return page_or_fragment(PAGE, PICKER, offer=offer, picker=picker, reasons=REASONS)


@requires(Permission.LIST_OFFERS)
def suggest(offer_id: int) -> Response:
    """Ask Allegro which categories suit the EAN and the title."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    product = find_product(runtime, offer.sku)
    title = offer.title or (product.name if product else "")
    now = runtime.now(offer.account.environment)
    shop_category = product.category_id if product else None
    note, found = None, None
    try:
        with runtime.api_for_page(offer.account) as api:
            found = ask_for_suggestions(runtime.session, api, offer, title, shop_category, now)
    except AllegroError as error:
        runtime.session.rollback()
        note = note_of(error)
    offer = get_offer(runtime.session, offer_id)
    picker = picker_of(runtime, offer, found)
    return page_or_fragment(PAGE, SUGGESTIONS, offer=offer, picker=picker, reasons=REASONS, note=note)


@requires(Permission.LIST_OFFERS)
def star(offer_id: int) -> Response:
    """Make the category a favourite, or no longer one."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    environment, starred = offer.account.environment, request.form.get("category", "")
    if find_category(runtime.session, environment, starred) is not None:
        is_favourite = request.form.get("favourite") == "1"
        set_favourite(runtime.session, environment, starred, is_favourite=is_favourite)
        runtime.session.commit()
    if not wants_fragment():
        q, parent = request.args.get("q"), request.args.get("parent")
        return redirect(url_for("allegro.offers.category", offer_id=offer_id, q=q, parent=parent), 303)
    offer = get_offer(runtime.session, offer_id)
    return page_or_fragment(PAGE, PICKER, offer=offer, picker=picker_of(runtime, offer), reasons=REASONS)


@requires(Permission.LIST_OFFERS)
def choose(offer_id: int) -> Response:
    """Keep the choice, then see to the category's parameters: without them it cannot be filled in."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    environment, chosen = offer.account.environment, request.form.get("category", "")
    found = find_category(runtime.session, environment, chosen)
    if note := _objection(offer, found, runtime.now(environment)):
        tell(note.kind, note.title, note.text)
        return redirect(url_for("allegro.offers.category", offer_id=offer_id), 303)
    if _keep(runtime, offer, chosen):
        remember_use(runtime.session, environment, chosen, runtime.now(environment))
        runtime.session.commit()
        if note := learn(runtime, offer_id):
            tell(note.kind, note.title, note.text)
    return redirect(url_for("allegro.offers.edit", offer_id=offer_id, _anchor="section-6"), 303)


def _objection(offer: Offer, found: Category | None, now: datetime) -> Note | None:
    """Why the offer cannot go there."""
    if found is None or not found.is_leaf:
        title = t("This category cannot take offers.")
        return Note("warn", title, t("Choose one at the end of a branch."))
    if found.allegro_id != offer.category_id and is_category_locked(offer.first_listed_at, now):
        title = t("The category can no longer be changed.")
        text = t("Allegro allows it only for 12 hours after the first publication. List the product anew.")
        return Note("warn", title, text)
    return None


def learn(runtime: Runtime, offer_id: int) -> Note | None:
    """Fetch the parameters of the offer's category, answer what the product tells; a note of what failed."""
    category_id = get_offer(runtime.session, offer_id).category_id
    if category_id is None:
        return None
    note = _fetch(runtime, offer_id, category_id)
    if note is None:
        _answer_parameters(runtime, offer_id, category_id)
    return note


def _keep(runtime: Runtime, offer: Offer, category_id: str) -> bool:
    session, offer_id = runtime.session, offer.id
    if not claim_edit(session, offer_id, offer.version):
        session.rollback()
        title = t("The offer is on its way to Allegro, so it cannot be changed now.")
        tell("warn", title, t("Wait for the outcome, then change it."))
        return False
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    offer.category_id = category_id
    offer.changed_at = runtime.now(offer.account.environment)
    offer.changed_by = runtime.who()[:100]
    offer.remember_problems([each for each in offer.problems if not _is_about_category(each.field)])
    session.commit()
    return True


def _is_about_category(field: str) -> bool:
    return field == "category_id" or field.startswith("parameters.")


def _fetch(runtime: Runtime, offer_id: int, category_id: str) -> Note | None:
    """Without an answer an older copy will do."""
    account = get_offer(runtime.session, offer_id).account
    environment = account.environment
    now = runtime.now(environment)
    if parameters_are_fresh(find_category(runtime.session, environment, category_id), now):
        return None
    try:
        with runtime.api_for_page(account) as api:
            refresh_parameters(runtime.session, api, environment, category_id, now)
    except AllegroError as error:
        runtime.session.rollback()
        known = find_category(runtime.session, environment, category_id)
        if known is not None and known.parameters_fetched_at is not None:
            return None
        why = note_of(error)
        title = t("The category is chosen, its features could not be fetched.")
        return Note("warn", title, f"{why.title} {why.text}")
    return None


def _answer_parameters(runtime: Runtime, offer_id: int, category_id: str) -> None:
    """Keep the answers that fit the category and guess the rest from the product."""
    session = runtime.session
    offer = get_offer(session, offer_id)
    product = find_product(runtime, offer.sku)
    if not claim_edit(session, offer_id, offer.version):
        session.rollback()
        return
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    choose_category(session, offer, category_id, product)
    session.commit()


@requires(Permission.LIST_OFFERS)
def fetch_tree(offer_id: int) -> Response:
    """*Pobierz teraz*: the tree takes minutes, so a worker does it; the page looks for it by itself."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if not ring_fetch_categories(runtime, offer.account_id):
        title = t("The queue does not answer, so fetching begins later.")
        tell("warn", title, t("Nothing is lost. Tell the shop's administrator."))
    return redirect(url_for("allegro.offers.category", offer_id=offer_id), 303)
