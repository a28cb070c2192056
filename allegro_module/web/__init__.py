"""The admin pages under /backend/allegro/config, and the macros that the host puts into its own pages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from flask import Blueprint, Response, send_from_directory
from flask.blueprints import BlueprintSetupState

from allegro_module.runtime import Runtime
from allegro_module.schema import resource_dir
from allegro_module.web import (
    connection,
    defaults,
    errors,
    host,
    mapping,
    offer_changes,
    offer_templates,
    offers,
    order_page,
    order_rules,
    orders,
    price_lists,
    prints,
    quick,
    safety,
    schedule,
    security,
    templates,
    terms,
)
from allegro_module.web.globals import template_globals
from allegro_module.web.i18n import remember_language
from allegro_module.web.sent_texts import drop_nul

PREFIX = "/backend/allegro/config"


def create_blueprint(runtime: Runtime) -> Blueprint:
    """One blueprint per page, nested in ours: nothing is registered by being imported."""
    blueprint = Blueprint(
        "allegro",
        __name__,
        url_prefix=PREFIX,
        template_folder=str(resource_dir("templates")),
        static_folder=str(resource_dir("static") / "allegro"),
        static_url_path="/static",
    )
    security.protect(blueprint)
    errors.handle_errors(blueprint)
    blueprint.before_request(drop_nul)
    blueprint.before_request(remember_language)
    blueprint.add_url_rule("/bootstrap/<path:filename>", "bootstrap", bootstrap)
    for page in (connection.create_blueprint(), offers.create_blueprint(), orders.create_blueprint()):
        blueprint.register_blueprint(page)
    blueprint.register_blueprint(order_rules.create_blueprint())
    blueprint.register_blueprint(offer_changes.create_blueprint())
    blueprint.register_blueprint(offer_templates.create_blueprint())
    blueprint.register_blueprint(quick.create_blueprint())
    blueprint.register_blueprint(schedule.create_blueprint())
    blueprint.register_blueprint(defaults.create_blueprint())
    blueprint.register_blueprint(order_page.create_blueprint())
    blueprint.register_blueprint(terms.create_blueprint())
    blueprint.register_blueprint(price_lists.create_blueprint())
    blueprint.register_blueprint(safety.create_blueprint())
    blueprint.register_blueprint(templates.create_blueprint())
    blueprint.register_blueprint(mapping.create_blueprint())

    def set_globals(state: BlueprintSetupState) -> None:
        state.app.jinja_env.globals.update(template_globals(), allegro_layout=runtime.layout)
        state.app.jinja_env.globals.update(host.template_globals())

    blueprint.record_once(set_globals)
    blueprint.register_blueprint(prints.create_blueprint())
    return blueprint


def bootstrap(filename: str) -> Response:
    """Bootstrap's css and icons as Bootstrap-Flask brings them, for hosts whose layout lacks them."""
    return send_from_directory(_bootstrap_css_dir(), filename, max_age=7 * 24 * 3600)


def _bootstrap_css_dir() -> Path:
    spec = importlib.util.find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise RuntimeError("Bootstrap-Flask is not installed")
    return Path(spec.origin).parent / "static" / "bootstrap5" / "css"
