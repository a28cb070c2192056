"""Choosing an offer's category: search in our copy of Allegro's tree, or level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from allegro_module.client.errors import AllegroError
from allegro_module.db.categories import Category, find_category, has_tree, list_children, search_leaves
from allegro_module.db.offers import Offer, claim_edit, get_offer
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_fetch_categories
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.categories import parameters_are_fresh, refresh_parameters
from allegro_module.sync.drafts import choose_category
from allegro_module.web.errors import note_of
from allegro_module.web.formats import by_alphabet
from allegro_module.web.fragments import go, page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import find_product
from allegro_module.web.offer_progress import is_running
from allegro_module.web.security import requires
from allegro_module.web.ui import Note, tell

PAGE = "allegro/categories/index.html"
PICKER = "allegro/categories/_picker.html"
FOUND_AT_MOST = 30


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/category", "category", category, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/category", "choose_category", choose, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/category/tree", "fetch_tree", fetch_tree, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Picker:
    """`trail` leads from the root to the level that is open; `found` is None without a search."""

    has_tree: bool
    text: str
    found: Sequence[Category] | None
    is_cut: bool
    trail: Sequence[Category]
    children: Sequence[Category]
    chosen_id: str | None


@requires(Permission.LIST_OFFERS)
def category(offer_id: int) -> Response:
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if is_running(offer):
        return go(url_for("allegro.offers.edit", offer_id=offer_id))
    picker = _picker(runtime, offer)
    if picker.has_tree and "waiting" in request.args:
        # The page that waited for the tree has no search field yet.
        return go(url_for("allegro.offers.category", offer_id=offer_id))
    return page_or_fragment(PAGE, PICKER, offer=offer, picker=picker)


def _picker(runtime: Runtime, offer: Offer) -> Picker:
    session, environment = runtime.session, offer.account.environment
    parent_id = request.args.get("parent") or None
    text = _wanted(runtime, offer, parent_id)
    # One more than shown tells whether the search must be narrowed.
    found = search_leaves(session, environment, text, FOUND_AT_MOST + 1) if text else None
    trail = _trail(runtime, environment, parent_id)
    children = list_children(session, environment, trail[-1].allegro_id if trail else None)
    return Picker(
        has_tree=has_tree(session, environment),
        text=text,
        found=by_path(found[:FOUND_AT_MOST]) if found is not None else None,
        is_cut=found is not None and len(found) > FOUND_AT_MOST,
        trail=trail,
        children=sorted(children, key=lambda each: by_alphabet(each.name)),
        chosen_id=offer.category_id,
    )


def by_path(found: Sequence[Category]) -> list[Category]:
    """The database knows the order of plain letters only."""
    return sorted(found, key=lambda each: by_alphabet(each.path))


def _wanted(runtime: Runtime, offer: Offer, parent_id: str | None) -> str:
    """What is searched for; at first what the shop calls the product's category."""
    if "q" in request.args or parent_id is not None or offer.category_id:
        return request.args.get("q", "").strip()[:100]
    product = find_product(runtime, offer.sku)
    name = (product.category_name or "") if product else ""
    return name if search_leaves(runtime.session, offer.account.environment, name, 1) else ""


def _trail(runtime: Runtime, environment: str, category_id: str | None) -> list[Category]:
    trail: list[Category] = []
    while category_id is not None and all(each.allegro_id != category_id for each in trail):
        found = find_category(runtime.session, environment, category_id)
        if found is None:
            break
        trail.insert(0, found)
        category_id = found.parent_id
    return trail


@requires(Permission.LIST_OFFERS)
def choose(offer_id: int) -> Response:
    """Keep the choice, then see to the category's parameters: without them it cannot be filled in."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    chosen = request.form.get("category", "")
    found = find_category(runtime.session, offer.account.environment, chosen)
    if found is None or not found.is_leaf:
        tell("warn", t("This category cannot take offers."), t("Choose one at the end of a branch."))
        return redirect(url_for("allegro.offers.category", offer_id=offer_id), 303)
    if _keep(runtime, offer, chosen) and (note := learn(runtime, offer_id)):
        tell(note.kind, note.title, note.text)
    return redirect(url_for("allegro.offers.edit", offer_id=offer_id, _anchor="section-6"), 303)


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
        if known is not None and known.parameters is not None:
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
