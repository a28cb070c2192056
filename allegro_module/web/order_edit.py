"""*Tryb edycji*: the seller's own recipient in place of the buyer's, for the shop and the prints."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request
from werkzeug.wrappers import Response

from allegro_module.domain.edit_checks import problems_of
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.sync import order_deeds as deeds
from allegro_module.sync.order_rebuilding import shop_orders_of
from allegro_module.web.i18n import t
from allegro_module.web.order_showing import Hand, hand, show_order
from allegro_module.web.order_view import Clash, Typed, recipient_of
from allegro_module.web.order_words import RESTORED, field_word
from allegro_module.web.security import requires
from allegro_module.web.ui import tell

FORM = "edit"
SHOWN = "shown."


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/<int:order_id>/edit", "edit", edit, methods=["GET"])
    page.add_url_rule("/<int:order_id>/edit", "save", save, methods=["POST"])
    page.add_url_rule("/<int:order_id>/restore", "restore", restore, methods=["POST"])


@requires(Permission.HANDLE_ORDERS)
def edit(order_id: int) -> Response:
    held = hand(order_id)
    return show_order(held, Typed(FORM, _recipient(held)))


@requires(Permission.HANDLE_ORDERS)
def save(order_id: int) -> Response:
    """Only what differs from what was shown; a field that somebody else changed meanwhile is asked about."""
    held = hand(order_id)
    saved = _recipient(held)
    sent = {name: request.form.get(name, "").strip() for name in saved}
    shown = {name: request.form.get(SHOWN + name, saved[name]) for name in saved}
    clashes = [
        Clash(field_word(name), sent[name] or "–", saved[name] or "–")
        for name in saved
        if shown[name].strip() != saved[name].strip() and sent[name] != saved[name]
    ]
    if clashes:
        return held.refuse(Typed(FORM, sent, clashes=clashes), status=409)
    problems = [] if sent == saved else _keep(held, sent, saved)
    if problems:
        return held.refuse(Typed(FORM, sent, problems=problems))
    tell(
        "ok",
        t("The recipient's data are saved."),
        t("The shop and the prints get them; Allegro is not told."),
    )
    return held.done("delivery")


def _keep(held: Hand, sent: Mapping[str, str], saved: Mapping[str, str]) -> list[Problem]:
    """All are looked at, as a postcode depends on its country; the changed ones are kept."""
    problems = problems_of(sent)
    if problems:
        return problems
    changed = {name: value for name, value in sent.items() if value != saved[name]}
    found = deeds.edit_order(held.session, held.runtime.shop, held.order, changed, held.who, held.now)
    return list(found)


@requires(Permission.HANDLE_ORDERS)
def restore(order_id: int) -> Response:
    """*Przywróć dane z Allegro*."""
    held = hand(order_id)
    deeds.drop_edits(held.session, held.runtime.shop, held.order, held.who, held.now)
    tell("ok", t(RESTORED))
    return held.done("delivery")


def _recipient(held: Hand) -> dict[str, str]:
    """As it stands now."""
    found = shop_orders_of(held.session, held.runtime.shop, [held.order])
    return recipient_of(found.get(held.order.id))
