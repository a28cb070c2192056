"""Allegro: the extension that a host mounts; the only place where everything is put together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime

from flask import Flask, appcontext_pushed, has_request_context

from allegro_module import cli
from allegro_module.db.accounts import Account
from allegro_module.db.order_events import note_event
from allegro_module.db.orders import Order, find_order_by_shop_order
from allegro_module.db.pushes import Push
from allegro_module.domain.orders import EventKind, FulfillmentStatus
from allegro_module.domain.problems import Problem
from allegro_module.domain.pushes import PushKind, Waybill
from allegro_module.domain.shop import Invoice, Invoicing, ShopAdapter
from allegro_module.runtime import HostDatabase, Runtime, current_runtime
from allegro_module.schema import PREFIX, alembic_include_object
from allegro_module.settings import read_settings
from allegro_module.sync.order_intentions import (
    ask_invoice,
    ask_shipment,
    ask_status,
    shop_status_changed,
)
from allegro_module.web import create_blueprint

log = logging.getLogger("allegro_module")

URL_PREFIX = "/backend/allegro/config"


def nobody(permission: str) -> bool:
    """Without the host's word nobody may do anything."""
    return False


class Allegro:
    """`Allegro(app, db=db, shop=MyShop(), allow=may, who=user_name, layout="admin.html")`.

    `allow(permission)` is asked for each page ("view", "list_offers", "handle_orders", "settings");
    without it every page answers 403. `who()` names the user for the audit log. `layout` is the host's base
    template with the blocks `title`, `head` and `content`. Raises WrongSettings, which names every wrong key.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        db: HostDatabase,
        shop: ShopAdapter,
        allow: Callable[[str], bool] = nobody,
        who: Callable[[], str] = lambda: "",
        layout: str = "allegro/_plain.html",
        invoicing: Invoicing | None = None,
    ) -> None:
        self._db = db
        self._shop = shop
        self._allow = allow
        self._who = who
        self._layout = layout
        self._invoicing = invoicing
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        runtime = Runtime(
            app=app,
            settings=read_settings(app.config),
            db=self._db,
            shop=self._shop,
            allow=self._allow,
            who=self._who,
            layout=self._layout,
            invoicing=self._invoicing,
        )
        app.extensions["allegro"] = runtime
        app.register_blueprint(create_blueprint(runtime), url_prefix=URL_PREFIX)
        app.cli.add_command(cli.group)
        _watch_migrate(app)

    # What the shop did with an order. Each writes a row in the host's transaction, which the host commits,
    # and jobs tell Allegro. Orders that did not come from Allegro are left alone. What Allegro would
    # refuse anyway is answered as a Problem and noted in the order's history.

    def order_status_changed(self, shop_order_id: str, status_id: str) -> Problem | None:
        """The order has another status in the shop; the seller's table says what that is at Allegro."""
        return self._ask(
            PushKind.STATUS,
            shop_order_id,
            lambda runtime, order, who, now: shop_status_changed(runtime.session, order, status_id, who, now),
        )

    def order_shipped(
        self,
        shop_order_id: str,
        carrier_id: str,
        waybill: str,
        line_item_ids: Collection[str] = (),
        carrier_name: str = "",
    ) -> Problem | None:
        """A parcel has its tracking number; without `line_item_ids` it holds the whole order.

        `carrier_id` is one of Allegro's, or OTHER with a `carrier_name`.
        """
        parcel = Waybill(carrier_id, waybill, carrier_name, tuple(line_item_ids))
        return self._ask(
            PushKind.SHIPMENT,
            shop_order_id,
            lambda runtime, order, who, now: ask_shipment(runtime.session, order, parcel, who, now),
        )

    def order_cancelled(self, shop_order_id: str) -> Problem | None:
        """The seller cancelled it. Allegro gives no money back for that by itself (facts.md 5.5)."""
        return self._ask(
            PushKind.STATUS,
            shop_order_id,
            lambda runtime, order, who, now: ask_status(
                runtime.session, order, FulfillmentStatus.CANCELLED, who, now, is_from_shop=True
            ),
        )

    def invoice_issued(self, shop_order_id: str, invoice: Invoice) -> Problem | None:
        """The order has its invoice: a PDF for the buyer, and perhaps a number of KSeF."""
        return self._ask(
            PushKind.INVOICE,
            shop_order_id,
            lambda runtime, order, who, now: ask_invoice(runtime.session, order, invoice, who, now),
        )

    def _ask(
        self,
        kind: PushKind,
        shop_order_id: str,
        ask: Callable[[Runtime, Order, str, datetime], Push | Problem | None],
    ) -> Problem | None:
        runtime = current_runtime()
        order = find_order_by_shop_order(runtime.session, shop_order_id)
        if order is None:
            return None
        environment = runtime.session.get_one(Account, order.account_id).environment
        # Outside of requests there is nobody to ask for.
        who = runtime.who() if has_request_context() else ""
        now = runtime.now(environment)
        asked = ask(runtime, order, who, now)
        if not isinstance(asked, Problem):
            return None
        note_event(runtime.session, order.id, EventKind.REFUSED, now, who, kind=str(kind), trouble=asked.code)
        return asked


def _watch_migrate(app: Flask) -> None:
    """The host may call Migrate(app, …) after us: look at each context until it has, then never again."""

    def look(sender: Flask, **_: object) -> None:
        if "migrate" in sender.extensions:
            appcontext_pushed.disconnect(look, sender)
            warn_if_migrations_would_drop_us(sender)

    appcontext_pushed.connect(look, app, weak=False)


def warn_if_migrations_would_drop_us(app: Flask) -> None:
    """Say so in the log when the host's Flask-Migrate does not leave our tables alone."""
    include = getattr(app.extensions["migrate"], "configure_args", {}).get("include_object")
    if include is alembic_include_object:
        return
    if include is None or include(None, f"{PREFIX}account", "table", True, None):
        log.warning(
            "flask db migrate would drop the tables of allegro_module: "
            "write Migrate(app, db, include_object=allegro_module.alembic_include_object)"
        )
