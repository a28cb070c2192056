"""The scope picker: a tick for each permission Allegro knows, with its reason; and the same in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allegro_module.db.accounts import Application
from allegro_module.domain import scopes
from allegro_module.web import scope_words
from allegro_module.web.i18n import n, t


@dataclass(frozen=True, slots=True)
class ScopeTick:
    """`why` the module asks for it; `without`: what stops when a needed one is left out."""

    name: str
    is_needed: bool
    is_on: bool
    why: str
    without: str


def scope_ticks(chosen: Sequence[str]) -> list[ScopeTick]:
    return [
        ScopeTick(
            scope.name,
            scope.is_needed,
            scope.name in chosen,
            scope_words.why(scope.name),
            scope_words.without(scope.name) if scope.is_needed else "",
        )
        for scope in scopes.SCOPES
    ]


def scopes_in_short(application: Application | None) -> str:
    """For the simple view."""
    if application is not None and not application.scopes:
        return t("All permissions that the application has at Allegro")
    asked = scopes.in_order(application.scopes.split()) if application else scopes.NEEDED
    needed = len([name for name in asked if name in scopes.NEEDED])
    if needed == len(asked) == len(scopes.NEEDED):
        return n("%(num)s permission needed", "%(num)s permissions needed", needed)
    words = n("%(num)s permission", "%(num)s permissions", len(asked))
    return t(
        "%(chosen)s, of those needed %(needed)s of %(all)s",
        chosen=words,
        needed=needed,
        all=len(scopes.NEEDED),
    )
