"""Ending an offer, resuming it, deleting a draft: the question first, the deed by its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.offer_deeds import Deed
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.selling_formats import quantity_problems, read_quantity
from allegro_module.domain.shop import Sku
from allegro_module.jobs.queue import ring_publish
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.offer_life import deeds_now, do
from allegro_module.web.i18n import t
from allegro_module.web.offer_words import problem_sentence
from allegro_module.web.security import requires
from allegro_module.web.ui import tell


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:offer_id>/<deed>", "deed", ask, methods=["GET"])
    page.add_url_rule("/<int:offer_id>/<deed>", "do_deed", answer, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Question:
    """`points` say what follows; `pieces` is asked for only where it is not None."""

    title: str
    points: Sequence[str]
    yes: str
    no: str
    is_danger: bool
    pieces: str | None = None


@requires(Permission.LIST_OFFERS)
def ask(offer_id: int, deed: str) -> Response:
    runtime, wish = current_runtime(), _named(deed)
    offer = get_offer(runtime.session, offer_id)
    if wish not in deeds_now(offer):
        return _came_late(offer)
    return _show(offer, wish, _suggested(runtime, offer))


@requires(Permission.LIST_OFFERS)
def answer(offer_id: int, deed: str) -> Response:
    """Pressed twice it happens once: the second finds the offer on its way."""
    runtime, wish = current_runtime(), _named(deed)
    offer = get_offer(runtime.session, offer_id)
    typed = request.form.get("quantity", "").replace("\0", "")[:40]
    wrong = list(quantity_problems(typed)) if wish is Deed.RESUME else []
    if wrong:
        return _show(offer, wish, typed, wrong)
    is_local = offer.allegro_offer_id is None
    if not is_local and not offer.account.is_working:
        title = t("Account %(login)s does not work just now.", login=offer.account.login)
        tell("warn", title, t("Link it or switch it on in Account settings, then try again."))
        return _to_list()
    now, title = runtime.now(offer.account.environment), offer.title or offer.sku
    if not do(runtime.session, offer, wish, now, runtime.who()[:100], read_quantity(typed)):
        runtime.session.rollback()
        return _came_late(get_offer(runtime.session, offer_id))
    runtime.session.commit()
    if is_local:
        tell("ok", t("The draft “%(title)s” is deleted.", title=title))
    else:
        _tell_begun(runtime, offer_id, wish, title)
    return _to_list()


def _named(deed: str) -> Deed:
    return Deed(deed) if deed in set(Deed) else abort(404)


def _tell_begun(runtime: Runtime, offer_id: int, wish: Deed, title: str) -> None:
    if not ring_publish(runtime, offer_id):
        words = t("Nothing is lost: the offer waits. Tell the shop's administrator.")
        tell("warn", t("The queue does not answer, so sending begins later."), words)
        return
    begun = {
        Deed.END: t("The offer “%(title)s” is being ended.", title=title),
        Deed.RESUME: t("The offer “%(title)s” is being resumed.", title=title),
        Deed.DELETE: t("The draft “%(title)s” is being deleted on Allegro.", title=title),
    }
    tell("ok", begun[wish], t("The list shows what became of it."))


def _show(offer: Offer, wish: Deed, pieces: str, wrong: Sequence[Problem] = ()) -> FlaskResponse:
    html = render_template(
        "allegro/offers/deed.html",
        offer=offer,
        deed=wish.value,
        question=_question(offer, wish, pieces),
        errors=[problem_sentence(each) for each in wrong],
    )
    return make_response(html, 422 if wrong else 200)


def _question(offer: Offer, wish: Deed, pieces: str) -> Question:
    if wish is Deed.END:
        return _ending()
    if wish is Deed.RESUME:
        return _resuming(pieces)
    return _deleting(offer)


def _ending() -> Question:
    points = [
        t("It disappears from Allegro at once."),
        t("Orders that were placed stay."),
        t("An ended offer cannot be deleted, but it can be resumed for 60 days."),
    ]
    title, yes, no = t("End the offer?"), t("End the offer"), t("No, leave it")
    return Question(title, points, yes, no, is_danger=True)


def _resuming(pieces: str) -> Question:
    points = [
        t("The stock and the resuming go to Allegro in one request."),
        t("Resumed within 30 days, the offer keeps its popularity."),
    ]
    title, yes, no = t("Resume the offer?"), t("Resume the offer"), t("No, leave it")
    return Question(title, points, yes, no, is_danger=False, pieces=pieces)


def _deleting(offer: Offer) -> Question:
    where = (
        t("The draft is only here; nothing of it is on Allegro.")
        if offer.allegro_offer_id is None
        else t("The draft on Allegro is deleted, then the one here.")
    )
    points = [where, t("The product in the shop stays as it is.")]
    return Question(t("Delete the draft?"), points, t("Delete the draft"), t("No, leave it"), is_danger=True)


def _suggested(runtime: Runtime, offer: Offer) -> str:
    """What the shop has in stock; nothing when it has none."""
    pieces = runtime.shop.stock([Sku(offer.sku)]).get(Sku(offer.sku), 0)
    return str(pieces) if pieces > 0 else ""


def _came_late(offer: Offer) -> Response:
    text = t("Its state has changed in the meantime; look at the list.")
    tell("info", t("Nothing was done with the offer “%(title)s”.", title=offer.title or offer.sku), text)
    return _to_list()


def _to_list() -> Response:
    return redirect(url_for("allegro.offers.index"), 303)
