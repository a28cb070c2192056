"""The editor of a description template: sections, pictures, an import, a preview that needs no saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.audit import record
from allegro_module.db.description_templates import (
    DescriptionTemplate,
    TemplateImage,
    find_template,
    list_images,
    list_templates,
)
from allegro_module.domain.description_sections import Section, Text, read_sections, refs_of, to_json
from allegro_module.domain.listing import BYTES_MAX, IMAGES_MAX
from allegro_module.domain.permissions import Permission
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopProduct
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.description_import import imported
from allegro_module.sync.description_templates import OURS
from allegro_module.sync.template_images import keep_image, templates_with
from allegro_module.web.account_choice import chosen_account
from allegro_module.web.forms.template import Typed, after_deed, problems_with, read_typed
from allegro_module.web.fragments import go, page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.section_builder import (
    AddressOf,
    PictureChoice,
    built_sections,
    label_of_place,
    own_picture_choices,
)
from allegro_module.web.security import requires
from allegro_module.web.sentences import sentence
from allegro_module.web.template_preview import pick_product, picture_address, preview_of, suggestions
from allegro_module.web.template_words import change_words, chips, layout_choices, starts
from allegro_module.web.ui import page_now, tell

PAGE = "allegro/templates/edit.html"
FORM = "allegro/templates/_form.html"
PREVIEW = "allegro/templates/_preview.html"
FORGET = "forget:"
IMPORT_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Note:
    kind: str
    title: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """One request: the template (None: a new one), what was typed, and what there is to say about it."""

    runtime: Runtime
    template: DescriptionTemplate | None
    typed: Typed
    problems: Sequence[Problem] = ()
    notes: Sequence[Note] = ()
    version: int = 0
    is_conflict: bool = False
    is_changed: bool = False
    pasted: str = ""
    wanted_product: str = field(default="")

    def show(self) -> Response:
        status = 409 if self.is_conflict else 422 if self.problems else 200
        return page_or_fragment(PAGE, FORM, status=status, **_context(self))


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/new", "new", new, methods=["GET"])
    page.add_url_rule("/new", "create", act, methods=["POST"])
    page.add_url_rule("/<int:template_id>", "edit", edit, methods=["GET"])
    page.add_url_rule("/<int:template_id>", "save", act, methods=["POST"])
    page.add_url_rule("/preview", "preview", preview, methods=["POST"])


@requires(Permission.SETTINGS)
def new() -> Response:
    runtime = current_runtime()
    wanted = request.args.get("start", "full")
    start = next((each for each in starts() if each.key == wanted), None) or abort(404)
    return Desk(runtime, None, Typed("", start.sections)).show()


@requires(Permission.SETTINGS)
def edit(template_id: int) -> Response:
    runtime = current_runtime()
    template = find_template(runtime.session, template_id) or abort(404)
    typed = Typed(template.name, read_sections(template.sections))
    return Desk(runtime, template, typed, version=template.version).show()


@requires(Permission.SETTINGS)
def preview() -> Response:
    """Of the unsaved form; nothing is kept, nobody is asked but the shop."""
    runtime = current_runtime()
    typed = read_typed(request.form)
    product = pick_product(runtime, request.form.get("product", ""))
    return page_or_fragment(PREVIEW, PREVIEW, preview=preview_of(runtime, typed.sections, product))


@requires(Permission.SETTINGS)
def act(template_id: int | None = None) -> BaseResponse:
    """Whatever button was pressed: *Zapisz*, or one that only changes what is being typed."""
    desk = _desk(template_id)
    deed = request.form.get("deed", "save")
    if deed in ("save", "overwrite"):
        return _save(desk, overwrite=deed == "overwrite")
    if deed == "import":
        return _import(desk).show()
    if deed == "upload":
        return _upload(desk).show()
    if deed.startswith(FORGET):
        return _forget(desk, deed.removeprefix(FORGET)).show()
    return replace(desk, typed=after_deed(desk.typed, deed)).show()


def _desk(template_id: int | None) -> Desk:
    runtime, sent = current_runtime(), request.form
    # The page that is shown after a deed stands under an account.
    chosen_account(runtime.session)
    template = None
    if template_id is not None:
        template = find_template(runtime.session, template_id) or abort(404)
    return Desk(
        runtime,
        template,
        read_typed(sent),
        version=sent.get("version", 0, type=int),
        is_changed=True,
        pasted=sent.get("pasted", "")[:IMPORT_MAX],
        wanted_product=sent.get("product", ""),
    )


def _save(desk: Desk, *, overwrite: bool) -> BaseResponse:
    session, template = desk.runtime.session, desk.template
    others = [each.name for each in list_templates(session) if each is not template]
    if problems := problems_with(desk.typed, others):
        return replace(desk, problems=problems).show()
    version = request.form.get("seen_version", 0, type=int) if overwrite else desk.version
    if template is not None and template.version != version:
        return replace(desk, is_conflict=True).show()
    try:
        saved_id = _keep(desk)
    except StaleDataError:
        session.rollback()
        return replace(desk, template=_read_anew(desk), is_conflict=True).show()
    except IntegrityError:
        session.rollback()
        taken = Problem("template_name_taken", "name", {"name": desk.typed.name})
        return replace(desk, template=_read_anew(desk), problems=[taken]).show()
    tell("ok", t("Template saved."))
    account = request.form.get("account") or None
    return go(
        url_for(
            "allegro.templates.edit",
            template_id=saved_id,
            account=account,
            product=desk.wanted_product or None,
        )
    )


def _read_anew(desk: Desk) -> DescriptionTemplate | None:
    """As another one has left it; gone in between: then what was typed is a new one."""
    return find_template(desk.runtime.session, desk.template.id) if desk.template else None


def _keep(desk: Desk) -> int:
    runtime, typed = desk.runtime, desk.typed
    session, now = runtime.session, page_now()
    template = desk.template or DescriptionTemplate()
    details = {"name": f"{template.name or ''} → {typed.name}"} if template.name != typed.name else {}
    template.name = typed.name
    template.sections = to_json(typed.sections)
    template.changed_at, template.changed_by = now, runtime.who()[:100]
    session.add(template)
    record(session, now, runtime.who(), "template_saved", typed.name, details)
    session.commit()
    return template.id


def _import(desk: Desk) -> Desk:
    """What was pasted becomes the last section."""
    made = imported(desk.pasted)
    if not made.html:
        return replace(desk, notes=[Note("warn", t("There are no words in what was pasted."))])
    sections = (*desk.typed.sections, Section((Text(made.html),)))
    typed = replace(desk.typed, sections=sections, touched=len(sections) - 1)
    note = Note("ok", t("The pasted text is the last section now."), change_words(made.changes))
    return replace(desk, typed=typed, notes=[note], pasted="")


def _upload(desk: Desk) -> Desk:
    file = request.files.get("file")
    # One byte more than allowed is enough to know that it is too much.
    data = file.stream.read(BYTES_MAX + 1) if file else b""
    session, now = desk.runtime.session, page_now()
    kept = keep_image(session, (file and file.filename) or "", data, now)
    if isinstance(kept, Problem):
        return replace(desk, problems=[kept])
    record(session, now, desk.runtime.who(), "template_image_added", kept.name)
    session.commit()
    note = Note("ok", t("The picture “%(name)s” can be chosen in sections now.", name=kept.name))
    return replace(desk, notes=[note])


def _forget(desk: Desk, number: str) -> Desk:
    session = desk.runtime.session
    image = session.get(TemplateImage, int(number)) if number.isdecimal() and len(number) < 10 else None
    if image is None:
        return desk
    ref = f"{OURS}{image.id}"
    names = templates_with(session, ref)
    if names or ref in refs_of(desk.typed.sections):
        title = t("The picture stays: it stands in a template.")
        return replace(desk, notes=[Note("warn", title, names)])
    record(session, page_now(), desk.runtime.who(), "template_image_removed", image.name)
    session.delete(image)
    session.commit()
    return replace(desk, notes=[Note("ok", t("The picture has been removed."))])


def _context(desk: Desk) -> dict[str, Any]:
    runtime, typed = desk.runtime, desk.typed
    wanted = desk.wanted_product or request.args.get("product", "")
    product = pick_product(runtime, wanted)
    images = list_images(runtime.session)
    return {
        "account": chosen_account(runtime.session),
        "template": desk.template,
        "typed": typed,
        "version": desk.version,
        "is_conflict": desk.is_conflict,
        "is_changed": desk.is_changed,
        "notes": desk.notes,
        "pasted": desk.pasted,
        "problems": [_entry(problem, typed) for problem in desk.problems],
        "errors": _errors(desk.problems),
        "sections": built_sections(typed.sections, _address_of(product)),
        "layouts": layout_choices(),
        "chips": chips(product),
        "picture_choices": _picture_choices(images, product),
        "images": images,
        "products": suggestions(runtime),
        "wanted_product": wanted or (product.sku if product else ""),
        "preview": preview_of(runtime, typed.sections, product),
    }


def _entry(problem: Problem, typed: Typed) -> tuple[str, str, str]:
    return problem.field, _label(problem.field, typed), sentence(problem)


def _label(name: str, typed: Typed) -> str:
    names = {"name": t("Name"), "file": t("Picture")}
    return names.get(name) or label_of_place(name, typed.sections)


def _errors(problems: Sequence[Problem]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(sentence(problem))
    return found


def _picture_choices(images: Sequence[TemplateImage], product: ShopProduct | None) -> list[PictureChoice]:
    numbers = range(1, IMAGES_MAX + 1)
    words = {f"{{image_{number}}}": t("Product's picture %(number)s", number=number) for number in numbers}
    shown_at = _address_of(product)
    of_product = [(ref, text, shown_at(ref)) for ref, text in words.items()]
    return [*of_product, *own_picture_choices(images, shown_at)]


def _address_of(product: ShopProduct | None) -> AddressOf:
    refs = product.images[:IMAGES_MAX] if product else ()
    return lambda ref: picture_address(ref, product, refs)
