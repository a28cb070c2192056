"""The demo shop's application: its own parts first, then the plugin, mounted in one line."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError

from allegro_module import Allegro, alembic_include_object
from allegro_module.demo import commands, door, formats, order_pages, pages, product_pages
from allegro_module.demo.adapter import DemoShop
from allegro_module.demo.configuration import shop_config
from allegro_module.demo.database import prepare_tables, tune_sqlite
from allegro_module.demo.invoices import DemoInvoicing
from allegro_module.demo.models import db

log = logging.getLogger(__name__)

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Configured by the environment; `config` is laid over it. Raises allegro_module.WrongSettings."""
    settings = shop_config({**os.environ, **(config or {})})
    app = Flask("allegro_module.demo", instance_path=str(settings["SHOP_HOME"]))
    app.config.from_mapping({**(config or {}), **settings})
    db.init_app(app)
    tune_sqlite(app)
    Migrate(app, db, include_object=alembic_include_object)
    Bootstrap5(app)
    CSRFProtect(app)
    formats.register(app)
    door.guard(app)
    for blueprint in (door.pages, pages.pages, product_pages.pages, order_pages.pages):
        app.register_blueprint(blueprint)
    app.cli.add_command(commands.shop)
    app.after_request(set_content_policy)
    app.extensions["shop_allegro"] = Allegro(
        app,
        db=db,
        shop=DemoShop(db),
        allow=door.may,
        who=door.user_name,
        layout="shop/admin.html",
        invoicing=DemoInvoicing(db),
    )
    try:
        prepare_tables(app)
    except SQLAlchemyError as wrong:
        log.warning("the shop's tables could not be prepared: %s", wrong)
    return app


def set_content_policy(response: Response) -> Response:
    """For the shop's own pages; the plugin sets its own, which must win."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    return response
