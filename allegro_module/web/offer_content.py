"""Deeds of *Zdjęcia* and *Opisy* in the offer form: each changes what was typed, which is then saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from allegro_module.db.offers import Offer
from allegro_module.domain.description_sections import Layout, Section
from allegro_module.domain.problems import Problem
from allegro_module.domain.shop import ShopProduct
from allegro_module.runtime import Runtime
from allegro_module.sync.description_import import imported
from allegro_module.web.forms.offer import Choices
from allegro_module.web.forms.offer_content import (
    Sent,
    after_section_deed,
    moved,
    with_sections,
    with_text_appended,
    without_sections,
)
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_facts import described, read_facts
from allegro_module.web.offer_form import form_view
from allegro_module.web.offer_page import COMPLETE, PAGE, SAVED, STATES, Shown, context_of
from allegro_module.web.offer_saved import Saved
from allegro_module.web.template_words import change_words
from allegro_module.web.ui import Note

PICTURES = "allegro/offers/_pictures.html"
DESCRIPTION = "allegro/offers/_description.html"
#: As long as what description templates take over.
IMPORT_MAX = 200_000


@dataclass(frozen=True, slots=True)
class ContentDeed:
    """What a button of these sections made of the form, and what there is to say about it.

    `refs` are pictures that the offer did not have, `touched` the section that was moved or added.
    """

    part: str
    sent: Sent
    refs: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    note: Note | None = None
    lines: Sequence[str] = ()
    touched: int | None = None
    address: str = ""
    pasted: str = ""

    def show(self, saved: Saved) -> Response:
        """Only its own section and what stands beside the form: the rest stays as it is being typed."""
        saved.runtime.session.commit()
        view = form_view(read_facts(saved.runtime, saved.offer, saved.pictures))
        context: dict[str, Any] = context_of(saved.runtime, saved.offer, Shown(is_saved=True, view=view))
        status = 422 if self.problems else 200
        return page_or_fragment(
            PAGE, self.part, COMPLETE, STATES, SAVED, status=status, **context, content=self
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """`read` makes choices of a form, as saving does."""

    runtime: Runtime
    offer: Offer
    product: ShopProduct | None
    read: Callable[[Sent], Choices]


def content_deed(desk: Desk, sent: Sent) -> ContentDeed | None:
    """None for buttons of other sections."""
    action, _, rest = sent.get("action", "").partition(":")
    if action == "move":
        return ContentDeed(PICTURES, moved(sent, rest))
    if action != "sections":
        return None
    deed = SECTION_DEEDS.get(rest)
    if deed is not None:
        return deed(desk, sent)
    changed, touched = after_section_deed(sent, rest)
    return ContentDeed(DESCRIPTION, changed, touched=touched)


def _make_own(desk: Desk, sent: Sent) -> ContentDeed:
    """What the template renders becomes sections of the offer's own; nothing yet: one empty text."""
    made = described(desk.runtime.session, desk.offer, desk.read(without_sections(sent)), desk.product)
    sections: Sequence[Section] = made or [Layout.TEXT.empty_section()]
    return ContentDeed(DESCRIPTION, with_sections(sent, sections), touched=0)


def _back_to_template(desk: Desk, sent: Sent) -> ContentDeed:
    return ContentDeed(DESCRIPTION, without_sections(sent))


def _import(desk: Desk, sent: Sent) -> ContentDeed:
    """What was pasted becomes the last section."""
    pasted = sent.get("pasted", "")[:IMPORT_MAX]
    made = imported(pasted)
    if not made.html:
        note = Note("warn", t("There are no words in what was pasted."))
        return ContentDeed(DESCRIPTION, sent, note=note, pasted=pasted)
    changed = with_text_appended(sent, made.html)
    note = Note("ok", t("The pasted text is the last section now."))
    last = len(changed.getlist("layouts")) - 1
    return ContentDeed(DESCRIPTION, changed, note=note, lines=change_words(made.changes), touched=last)


SECTION_DEEDS: Mapping[str, Callable[[Desk, Sent], ContentDeed]] = {
    "own": _make_own,
    "template": _back_to_template,
    "import": _import,
}
