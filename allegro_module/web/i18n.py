"""Texts: our own gettext domain, read from its .po file at run time, and the language spoken to this visitor.

The domain stays apart from the host's: no text of ours picks up, or overwrites, a translation of the shop.
"""

from __future__ import annotations

import sys
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import has_request_context, request, session
from markupsafe import Markup, escape

DOMAIN = "allegro"
DEFAULT_LANGUAGE = "pl"
LANGUAGES = ("pl", "en")
SESSION_KEY = "allegro_language"
_FOLDER = Path(__file__).resolve().parent.parent / "translations"


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


@cache
def translations(spoken: str) -> NullTranslations:
    path = _FOLDER / spoken / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=spoken, domain=DOMAIN))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def t(text: str, /, **params: Any) -> str:
    """`text` in the visitor's language. A parameter that is Markup makes it all Markup, the rest escaped."""
    return _filled(translations(language()).gettext(text), params)


def n(one: str, many: str, num: int, /, **params: Any) -> str:
    """Like `t`, with the plural form that `num` asks for."""
    return _filled(translations(language()).ngettext(one, many, num), {"num": num, **params})


def marked(text: str) -> str:
    """Mark a text for extraction where it is translated later."""
    return text


def _filled(text: str, params: dict[str, Any]) -> str:
    if not params:
        return text
    if any(hasattr(value, "__html__") for value in params.values()):
        return Markup(escape(text)) % params  # noqa: S704
    return text % params
