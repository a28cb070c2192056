"""Texts, in the language spoken to this visitor.

The domain stays apart from the host's: no text of ours picks up, or overwrites, a translation of the shop.
"""

from __future__ import annotations

import sys
from typing import Any

from flask import has_request_context, request, session
from markupsafe import Markup, escape

from allegro_module.domain.texts import marked as marked
from allegro_module.translations import translations as translations

DEFAULT_LANGUAGE = "pl"
LANGUAGES = ("pl", "en")
SESSION_KEY = "allegro_language"


def language() -> str:
    """Polish, unless this visitor chose otherwise or the host's Flask-Babel speaks a language of ours."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    chosen = session.get(SESSION_KEY)
    if chosen in LANGUAGES:
        return str(chosen)
    return _language_of_host() or DEFAULT_LANGUAGE


def remember_language() -> None:
    """Keep the choice of `?lang=en`."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        session[SESSION_KEY] = chosen


def _language_of_host() -> str | None:
    flask_babel = sys.modules.get("flask_babel")
    locale = flask_babel.get_locale() if flask_babel else None
    return locale.language if locale and locale.language in LANGUAGES else None


def t(text: str, /, **params: Any) -> str:
    """`text` in the visitor's language. A parameter that is Markup makes it all Markup, the rest escaped."""
    return _filled(translations(language()).gettext(text), params)


def n(one: str, many: str, num: int, /, **params: Any) -> str:
    """Like `t`, with the plural form that `num` asks for."""
    return _filled(translations(language()).ngettext(one, many, num), {"num": num, **params})


def _filled(text: str, params: dict[str, Any]) -> str:
    if not params:
        return text
    if any(hasattr(value, "__html__") for value in params.values()):
        return Markup(escape(text)) % params  # noqa: S704
    return text % params
