"""The page *Szablony ofert*: what was kept by *Zapisz jako szablon*; renamed and deleted here."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from allegro_module.db.accounts import list_linked_accounts
from allegro_module.db.audit import record
from allegro_module.db.offer_templates import OfferTemplate, list_offer_templates
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import current_runtime
from allegro_module.web.account_choice import chosen_account
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.ui import page_now, tell

NAME_MAX = 100


def create_blueprint() -> Blueprint:
    page = Blueprint("offer_templates", __name__, url_prefix="/offer-templates")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    page.add_url_rule("/<int:template_id>/name", "rename", rename, methods=["POST"])
    page.add_url_rule("/<int:template_id>/delete", "delete", delete, methods=["POST"])
    return page


@requires(Permission.LIST_OFFERS)
def index() -> str:
    session = current_runtime().session
    account = chosen_account(session)
    return render_template(
        "allegro/offer_templates/index.html",
        account=account,
        accounts=list_linked_accounts(session),
        templates=list_offer_templates(session, account.id) if account else [],
        name_max=NAME_MAX,
    )


@requires(Permission.LIST_OFFERS)
def rename(template_id: int) -> Response:
    runtime, template = current_runtime(), _found(template_id)
    before, account_id, name = template.name, template.account_id, template_name()
    if not name:
        tell("bad", t("Give the template a name."))
        return _back(account_id)
    template.name = name
    record(
        runtime.session,
        page_now(),
        runtime.who(),
        "offer_template_renamed",
        name,
        {"name": f"{before} → {name}"},
    )
    try:
        runtime.session.commit()
    except IntegrityError:
        runtime.session.rollback()
        tell("bad", t("There is a template “%(name)s” already.", name=name))
        return _back(account_id)
    tell("ok", t("The template is called “%(name)s” now.", name=name))
    return _back(account_id)


@requires(Permission.LIST_OFFERS)
def delete(template_id: int) -> Response:
    """Offers that began with it stay as they are."""
    runtime, template = current_runtime(), _found(template_id)
    account_id = template.account_id
    record(runtime.session, page_now(), runtime.who(), "offer_template_deleted", template.name)
    runtime.session.delete(template)
    runtime.session.commit()
    tell("ok", t("The template has been deleted."))
    return _back(account_id)


def template_name() -> str:
    """As typed, blanks made single."""
    return " ".join(request.form.get("template_name", "").replace("\x00", "").split())[:NAME_MAX].strip()


def _found(template_id: int) -> OfferTemplate:
    return current_runtime().session.get(OfferTemplate, template_id) or abort(404)


def _back(account_id: int) -> Response:
    return redirect(url_for("allegro.offer_templates.index", account=account_id), 303)
