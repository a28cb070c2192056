"""Allegro: the extension that a host mounts; the only place where everything is put together."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, appcontext_pushed

from allegro_module import cli
from allegro_module.domain.shop import Invoicing, ShopAdapter
from allegro_module.runtime import HostDatabase, Runtime
from allegro_module.schema import PREFIX, alembic_include_object
from allegro_module.settings import read_settings
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
