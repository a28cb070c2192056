"""The offer form: shown, saved, checked, listed; and how far a listing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from flask import Blueprint, abort, redirect, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from allegro_module.db.description_templates import find_template
from allegro_module.db.offers import Offer, claim_edit, get_offer
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.product_match import expect_match
from allegro_module.web.conflicts import differences
from allegro_module.web.forms.offer import (
    Choices,
    Offered,
    Sent,
    apply,
    changed_fields,
    choices_of,
    read_choices,
    readable,
)
from allegro_module.web.forms.offer_product import changed_in_set, pieces_problems
from allegro_module.web.forms.offer_start import start_problems, unread_start
from allegro_module.web.fragments import page_or_fragment, wants_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_actions import action_named
from allegro_module.web.offer_bells import ring_after_saving
from allegro_module.web.offer_content import ContentDeed, Desk, content_deed
from allegro_module.web.offer_facts import (
    Ground,
    check,
    described,
    find_product,
    picture_refs,
    read_facts,
    read_ground,
)
from allegro_module.web.offer_form import form_view
from allegro_module.web.offer_objections import still_told
from allegro_module.web.offer_page import PAGE, STATUS, Shown, show_form
from allegro_module.web.offer_parameters import search_values
from allegro_module.web.offer_progress import is_running, progress
from allegro_module.web.offer_saved import Saved
from allegro_module.web.offer_taxes import vat_choices
from allegro_module.web.offer_words import MISSING_YET
from allegro_module.web.security import requires
from allegro_module.web.thumbnails import thumbnail
from allegro_module.web.ui import Note

#: A quick offer in which the seller typed one of these is an ordinary one from then on.
TAKEN_FROM_CATALOGUE = frozenset({"title", "images", "description", "description_sections"})


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/<int:offer_id>", "save", save, methods=["POST"])
    page.add_url_rule("/<int:offer_id>/status", "status", status, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/image", "image", image, methods=["GET"], defaults={"place": None})
    page.add_url_rule("/<int:offer_id>/images/<int:place>", "image", image, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/values/<parameter_id>", "values", values, methods=["GET"])


@requires(Permission.LIST_OFFERS)
def edit(offer_id: int) -> FlaskResponse:
    runtime = current_runtime()
    return show_form(runtime, get_offer(runtime.session, offer_id), Shown())


@requires(Permission.LIST_OFFERS)
def status(offer_id: int) -> Response:
    """The progress; once there is an outcome, the whole form with what Allegro said at its fields."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    if not wants_fragment():
        return redirect(url_for("allegro.offers.edit", offer_id=offer_id))
    if not is_running(offer):
        return show_form(runtime, offer, Shown(is_outcome=True))
    now = runtime.now(offer.account.environment)
    return page_or_fragment(PAGE, STATUS, offer=offer, progress=progress(offer, now))


@requires(Permission.LIST_OFFERS)
def save(offer_id: int) -> Response:
    return keep(offer_id, readable(request.form))


def keep(offer_id: int, sent: Sent, deed: ContentDeed | None = None) -> Response:
    """Keep what was typed; then do what the pressed button says, or show what the deed has made of it."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    # Looked at before the first write: the shop's pictures may be slow, and a write holds others up.
    ground = read_ground(runtime, offer, added=deed.refs if deed else ())
    read = _reader(offer, ground)
    deed = deed or content_deed(Desk(runtime, offer, ground.product, read), sent)
    if deed:
        sent = deed.sent
    typed = read(sent)
    unreadable = [*start_problems(sent), *pieces_problems(sent), *_gone_template(runtime, typed)]
    if any(each.field == "description_template_id" for each in unreadable):
        typed = replace(typed, description_template_id=None)
    if not claim_edit(runtime.session, offer_id, sent.get("version", -1, int)):
        return _collision(runtime, offer_id, typed, unreadable)
    offer = runtime.session.get_one(Offer, offer_id, populate_existing=True)
    before = list(offer.images)
    changed = _write(runtime, offer, typed)
    # What cannot be read is told with what was typed, and not once more by the rules.
    told = {(each.code, each.field) for each in unreadable}
    found = [each for each in check(runtime, offer, ground) if (each.code, each.field) not in told]
    problems = [*unreadable, *found, *(deed.problems if deed else ())]
    _remember(offer, problems, still_told(offer.problems, changed, before, offer.images))
    is_expected = "gtin" in changed and expect_match(offer)
    saved = Saved(runtime, offer, sent, problems, ground.pictures, changed)
    answer = deed.show(saved) if deed else action_named(sent.get("action", "save").partition(":")[0])(saved)
    ring_after_saving(runtime, offer_id, is_match_expected=is_expected)
    return answer


def _reader(offer: Offer, ground: Ground) -> Callable[[Sent], Choices]:
    offered = Offered(
        ground.parameters,
        list(ground.pictures),
        [each for each, _ in vat_choices(ground.category, offer.account)],
    )
    stored = choices_of(offer)
    return lambda sent: read_choices(sent, offered, stored)


def _gone_template(runtime: Runtime, typed: Choices) -> list[Problem]:
    """One that was deleted in another tab is told, and not kept."""
    chosen = typed.description_template_id
    is_gone = chosen is not None and find_template(runtime.session, chosen) is None
    return [Problem("choice_unknown", "description_template_id")] if is_gone else []


def _write(runtime: Runtime, offer: Offer, typed: Choices) -> list[str]:
    """The choices into the row; the fields that they change."""
    before = choices_of(offer)
    changed = changed_fields(before, typed)
    changed += changed_in_set(before.more_products, typed.more_products)
    apply(typed, offer)
    if not TAKEN_FROM_CATALOGUE.isdisjoint(changed):
        offer.is_quick = False
    offer.changed_at = runtime.now(offer.account.environment)
    offer.changed_by = runtime.who()[:100]
    return changed


def _remember(offer: Offer, problems: Sequence[Problem], objections: Iterable[Problem]) -> None:
    objections = list(objections)
    if not objections:
        offer.problems_at, offer.trace_id = None, ""
    wrong = [each for each in problems if not each.code.endswith(MISSING_YET)]
    offer.remember_problems([*objections, *wrong])


def _collision(runtime: Runtime, offer_id: int, typed: Choices, unreadable: Sequence[Problem]) -> Response:
    """Somebody saved a newer version, or it is on its way: nothing is overwritten, both are shown."""
    runtime.session.rollback()
    offer = get_offer(runtime.session, offer_id)
    facts = read_facts(runtime, offer)
    both = differences(facts, typed)
    note = _collision_note(offer, bool(both))
    if is_running(offer):
        return show_form(runtime, offer, Shown(note, differences=both), status=409)
    shown = described(runtime.session, offer, typed, facts.product)
    others = unread_start(facts.shown_problems)
    told = [*(each for each in facts.shown_problems if each not in others), *unreadable]
    view = form_view(replace(facts, choices=typed, sections=shown, shown_problems=told))
    return show_form(runtime, offer, Shown(note, differences=both, view=view), status=409)


def _collision_note(offer: Offer, is_different: bool) -> Note:
    if is_running(offer):
        title = t("The offer is on its way to Allegro, so it cannot be changed now.")
        return Note("warn", title, t("Wait for the outcome, then change it."))
    who = offer.changed_by or t("somebody else")
    title = t("%(who)s has saved this offer in the meantime.", who=who)
    if not is_different:
        return Note("info", title, t("Your version is the same."))
    words = t("Your version is not saved yet. Save once more to keep it, or load the saved one.")
    return Note("warn", title, words)


@requires(Permission.VIEW)
def image(offer_id: int, place: int | None) -> FlaskResponse:
    """A small copy of one of the product's pictures; without a place the offer's first, else its."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    refs = offer.images[:1] if place is None else ()
    refs = refs or picture_refs(offer, find_product(runtime, offer.sku))
    ref = next(iter(refs[place or 0 : (place or 0) + 1]), None)
    content = thumbnail(runtime, ref) if ref is not None else None
    if content is None:
        abort(404)
    return FlaskResponse(content, mimetype="image/jpeg")


@requires(Permission.LIST_OFFERS)
def values(offer_id: int, parameter_id: str) -> FlaskResponse:
    """Values of a long dictionary that fit what is being typed."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    parameters = parameters_of(runtime.session, offer)
    parameter = next((each for each in parameters if each.id == parameter_id), None)
    if parameter is None:
        abort(404)
    found = search_values(parameter, request.args.get("q", "")[:100], request.args.getlist("parent"))
    return page_or_fragment(
        "allegro/offers/_values.html", "allegro/offers/_values.html", parameter_id=parameter_id, options=found
    )
