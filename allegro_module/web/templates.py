"""The pages *Szablony opisów*: the list, copies, deletion; the editor stands in `template_editor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from allegro_module.db.audit import record
from allegro_module.db.description_templates import (
    DescriptionTemplate,
    NoSuchTemplate,
    get_template,
    image_data,
    list_templates,
)
from allegro_module.db.template_uses import Uses, list_offers_with_template, uses_of_templates
from allegro_module.domain.listing import IMAGES_MAX
from allegro_module.domain.permissions import Permission
from allegro_module.domain.shop import Sku
from allegro_module.runtime import current_runtime
from allegro_module.web import template_editor
from allegro_module.web.account_choice import chosen_account
from allegro_module.web.forms.template import NAME_MAX
from allegro_module.web.i18n import t
from allegro_module.web.security import requires
from allegro_module.web.template_words import profile_words, starts
from allegro_module.web.thumbnails import small_copy, thumbnail
from allegro_module.web.ui import id_sent, page_now, tell

LIST = "allegro/templates/index.html"
DELETE = "allegro/templates/delete.html"
NOTHING = Uses()


def create_blueprint() -> Blueprint:
    page = Blueprint("templates", __name__, url_prefix="/templates")
    for rule in ("", "/"):
        page.add_url_rule(rule, "index", index, methods=["GET"])
    template_editor.add_rules(page)
    page.add_url_rule("/<int:template_id>/copy", "copy", copy, methods=["POST"])
    page.add_url_rule("/<int:template_id>/delete", "delete", delete, methods=["GET", "POST"])
    page.add_url_rule("/images/<int:image_id>", "image", image, methods=["GET"])
    page.add_url_rule("/product-images/<int:place>", "product_image", product_image, methods=["GET"])
    return page


@requires(Permission.SETTINGS)
def index() -> str:
    session = current_runtime().session
    uses = uses_of_templates(session)
    return render_template(
        LIST,
        account=chosen_account(session),
        rows=[(template, uses.get(template.id, NOTHING)) for template in list_templates(session)],
        starts=starts(),
    )


@requires(Permission.SETTINGS)
def copy(template_id: int) -> Response:
    runtime = current_runtime()
    session, now, back = runtime.session, page_now(), _account()
    template = found(template_id)
    taken = [each.name.casefold() for each in list_templates(session)]
    twin = DescriptionTemplate(
        name=_free_name(template.name, taken),
        sections=list(template.sections),
        changed_at=now,
        changed_by=runtime.who()[:100],
    )
    session.add(twin)
    session.flush()
    record(session, now, runtime.who(), "template_saved", twin.name, {"from": template.name})
    session.commit()
    tell("ok", t("Copied as “%(name)s”.", name=twin.name))
    return redirect(url_for("allegro.templates.edit", template_id=twin.id, **back), 303)


def _free_name(name: str, taken: Sequence[str]) -> str:
    number = 1
    made = _copy_name(name, number)
    while made.casefold() in taken:
        number += 1
        made = _copy_name(name, number)
    return made


def _copy_name(name: str, number: int) -> str:
    ending = t("(copy)") if number == 1 else t("(copy %(number)s)", number=number)
    return f"{name[: NAME_MAX - len(ending) - 1]} {ending}"


@requires(Permission.SETTINGS)
def delete(template_id: int) -> Response | str | tuple[str, int]:
    """The question, and who stands in the way; offers and profiles keep what they use."""
    runtime = current_runtime()
    session, template, back = runtime.session, found(template_id), _account()
    uses = uses_of_templates(session).get(template.id, NOTHING)
    if request.method == "POST" and uses.are_none:
        record(session, page_now(), runtime.who(), "template_deleted", template.name)
        session.delete(template)
        session.commit()
        tell("ok", t("The template has been deleted."))
        return redirect(url_for("allegro.templates.index", **back), 303)
    page = render_template(
        DELETE,
        template=template,
        uses=uses,
        profiles=[profile_words(*each) for each in uses.profiles],
        offers=list_offers_with_template(session, template.id) if uses.offers else [],
    )
    return (page, 409) if request.method == "POST" else page


@requires(Permission.VIEW)
def image(image_id: int) -> FlaskResponse:
    """A small copy of a picture that was uploaded for templates."""
    return _picture(small_copy(image_data(current_runtime().session, image_id)))


@requires(Permission.VIEW)
def product_image(place: int) -> FlaskResponse:
    """A small copy of a product's picture; the product is `?sku=`."""
    runtime = current_runtime()
    sku = Sku(request.args.get("sku", "")[:100])
    product = runtime.shop.products([sku]).get(sku)
    refs = product.images[:IMAGES_MAX] if product else ()
    return _picture(thumbnail(runtime, refs[place]) if place < len(refs) else None)


def _picture(content: bytes | None) -> FlaskResponse:
    if content is None:
        abort(404)
    return FlaskResponse(content, mimetype="image/jpeg")


def found(template_id: int) -> DescriptionTemplate:
    try:
        return get_template(current_runtime().session, template_id)
    except NoSuchTemplate:
        abort(404)


def _account() -> Mapping[str, Any]:
    """The account whose settings the visitor came from; templates belong to all of them."""
    account_id = id_sent("account")
    return {} if account_id is None else {"account": account_id}
