"""What the editor of terms shows: fields as typed, what is wrong, how they stand against Allegro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.wrappers import Response

from allegro_module.db.accounts import Account
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.problems import Problem
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.runtime import current_runtime
from allegro_module.web.after_sales_words import (
    COVERERS,
    OPTION_NAMES,
    WARRANTORS,
    availability_choices,
    field_name,
)
from allegro_module.web.formats import number
from allegro_module.web.forms.terms import form_field
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import marked, t
from allegro_module.web.order_countries import countries_with
from allegro_module.web.sentences import sentence
from allegro_module.web.term_words import is_under_way, label_of_term, sentence_of_term
from allegro_module.web.terms_chosen import mark_of
from allegro_module.web.terms_files import file_choices
from allegro_module.web.terms_rows import asked_at_in_address, content_now, is_awaited, wanted_name

TITLES: Mapping[TermKind, str] = {
    TermKind.RETURN_POLICY: marked("New terms of returns"),
    TermKind.IMPLIED_WARRANTY: marked("New terms of complaints"),
    TermKind.WARRANTY: marked("New warranty"),
}
PAGE = "allegro/terms/edit.html"
STATE = "allegro/terms/_state.html"


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else has saved meanwhile."""

    label: str
    mine: str
    saved: str


@dataclass(frozen=True, slots=True)
class Editor:
    """`term` is None for a new one; `problems` stand at fields of the form or over all of it."""

    kind: TermKind
    account: Account
    typed: Mapping[str, str]
    term: SellingTerm | None = None
    problems: Sequence[Problem] = ()
    clashes: Sequence[Clash] = ()
    is_changed: bool = False
    offers: int = 0

    @property
    def title(self) -> str:
        return wanted_name(self.term) if self.term else t(TITLES[self.kind])

    @property
    def errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            found.setdefault(form_field(self.kind, problem.field), []).append(words_of(problem))
        return found

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        return summary_of(self.kind, self.problems)

    @property
    def has_content(self) -> bool:
        return self.term is None or bool(content_now(self.term))

    @property
    def may_save(self) -> bool:
        return self.has_content and (self.term is None or self.term.state != TermState.GONE)


def summary_of(kind: TermKind, problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Field, its name, the sentence: what stands on top of the form."""
    entries = ((form_field(kind, problem.field), problem) for problem in problems)
    return [(field, field_name(field) if field else "", words_of(problem)) for field, problem in entries]


def words_of(problem: Problem) -> str:
    """With large numbers in groups: „10 240”."""
    params = {
        name: number(int(text)) if text.isascii() and text.isdigit() else text
        for name, text in problem.params.items()
    }
    return sentence(replace(problem, params=params))


def show(editor: Editor, status: int = 200) -> Response:
    term = editor.term
    now = current_runtime().now(editor.account.environment)
    asked_at = asked_at_in_address()
    before = content_now(term) if term else {}
    return page_or_fragment(
        PAGE,
        STATE,
        status=status,
        editor=editor,
        account=editor.account,
        term=term,
        mark=mark_of(term) if term else "",
        label=label_of_term(term) if term else None,
        advice=sentence_of_term(term) if term else "",
        is_watched=term is not None and is_under_way(term),
        is_awaited=is_awaited(asked_at, now) and not editor.has_content,
        asked=int(asked_at.timestamp()) if asked_at else None,
        countries=countries_with(editor.typed.get("address.countryCode", "")),
        availabilities=availability_choices(editor.typed.get("availability", "")),
        coverers=[(code, t(words), "") for code, words in COVERERS.items()],
        warrantors=[(code, t(words), "") for code, words in WARRANTORS.items()],
        files=file_choices(current_runtime(), editor.account, editor.typed, before),
        options=[(f"options.{name}", t(words)) for name, words in OPTION_NAMES.items()],
    )
