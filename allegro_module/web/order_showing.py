"""Ground for the views of an order's page: the order in hand, the page drawn, the way back after a deed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import PushKind
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.i18n import t
from allegro_module.web.labels import sentence
from allegro_module.web.order_view import NOTHING_TYPED, Typed, read_page
from allegro_module.web.order_words import status_word, title_of_push
from allegro_module.web.ui import tell

PAGE = "allegro/order/show.html"


@dataclass(frozen=True, slots=True)
class Hand:
    """An order in the hands of a seller: who does something with it, and when."""

    runtime: Runtime
    order: Order
    account: Account

    @property
    def session(self) -> Session:
        return self.runtime.session

    @property
    def who(self) -> str:
        return self.runtime.who()

    @property
    def now(self) -> datetime:
        return self.runtime.now(self.account.environment)

    def done(self, anchor: str | None = None) -> Response:
        """Keep the deed, and back to the page."""
        self.session.commit()
        return self.back(anchor)

    def back(self, anchor: str | None = None) -> Response:
        address = url_for("allegro.order.show", order_id=self.order.id, _anchor=anchor)
        return redirect(address, 303)

    def refuse(self, typed: Typed, status: int = 422) -> Response:
        """Nothing is kept; what was typed stands in the form again."""
        self.session.rollback()
        return show_order(self, typed, status=status)


def hand(order_id: int) -> Hand:
    runtime = current_runtime()
    order = runtime.session.get(Order, order_id)
    if order is None:
        abort(404)
    return Hand(runtime, order, get_account(runtime.session, order.account_id))


def show_order(
    shown: Hand, typed: Typed = NOTHING_TYPED, search: tuple[str, str] | None = None, status: int = 200
) -> Response:
    page = read_page(shown.runtime, shown.order, typed, search)
    return make_response(render_template(PAGE, view=page, order=page.order), status)


def tell_outcome(outcome: Push | Problem | None) -> None:
    """Of a wish for Allegro; None: there is nothing to be sent."""
    if isinstance(outcome, Problem):
        tell("warn", t("Allegro is not told."), sentence(outcome))
    elif outcome is not None:
        tell("ok", _wish(outcome))


def _wish(push: Push) -> str:
    if push.kind == PushKind.STATUS:
        return t("Allegro will be told the status “%(status)s”.", status=status_word(push.payload["status"]))
    return t("Allegro will be told: %(what)s.", what=title_of_push(push))
