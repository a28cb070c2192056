"""Scopes in the visitor's language: why the module asks for one, what does not work without it."""

from __future__ import annotations

from allegro_module.domain import scope_texts
from allegro_module.web.i18n import t


def why(name: str) -> str:
    """Of a scope of `domain/scopes.SCOPES`, such as allegro:api:orders:read."""
    text = scope_texts.why(name)
    return t(text) if text else ""


def without(name: str) -> str:
    return t(scope_texts.without(name))
