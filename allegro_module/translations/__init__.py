"""The catalogues: our own gettext domain in each language, read from its .po file at run time."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DOMAIN = "allegro"
_FOLDER = Path(__file__).resolve().parent


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
