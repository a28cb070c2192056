"""Rules of the house that a machine can check: imports, documentation, translations."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from allegro_module import signals
from allegro_module.cli import group
from allegro_module.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
POLISH = ROOT / "allegro_module/translations/pl/LC_MESSAGES/allegro.po"
KEYWORDS = {"al_t": None, "al_n": (1, 2), "t": None, "n": (1, 2), "marked": None}


def test_rooms_import_only_downstairs() -> None:
    """The contracts of setup.cfg hold."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--config", "setup.cfg"], cwd=ROOT, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Settings)])
def test_config_key_stands_in_the_readme(field: str) -> None:
    assert f"ALLEGRO_{field.upper()}" in README


@pytest.mark.parametrize(
    "signal", [name for name in vars(signals) if re.match("(offer|order|connection)_", name)]
)
def test_signal_stands_in_the_readme(signal: str) -> None:
    assert f"`{signal}`" in README


@pytest.mark.parametrize("command", list(group.commands))
def test_command_stands_in_the_readme(command: str) -> None:
    assert f"flask allegro {command}" in README


@cache
def texts_in_the_source() -> set[object]:
    found: set[object] = set()
    for folder, method in (("allegro_module", "python"), ("templates", "jinja2")):
        pattern = "**.py" if method == "python" else "**.html"
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, [(pattern, method)], keywords=KEYWORDS):
            found.add(message)
    return found


def test_every_text_has_a_polish_translation() -> None:
    """Polish comes first: a text without its translation would stand in English on a seller's page."""
    with POLISH.open("rb") as source:
        catalogue = read_po(source, locale="pl")

    missing = [text for text in texts_in_the_source() if not is_translated(catalogue, text)]

    assert not missing


def is_translated(catalogue: object, text: object) -> bool:
    message = catalogue.get(text if isinstance(text, str) else text[0])  # type: ignore[attr-defined,index]
    strings = (
        message.string if message and isinstance(message.string, tuple) else (message and message.string,)
    )
    return bool(message) and all(strings) and not message.fuzzy


def test_no_translation_is_left_over() -> None:
    with POLISH.open("rb") as source:
        catalogue = read_po(source, locale="pl")
    used = {text if isinstance(text, str) else text[0] for text in texts_in_the_source()}  # type: ignore[index]

    left_over = [m.id for m in catalogue if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in used]

    assert not left_over


def test_pages_have_no_inline_script_or_style() -> None:
    """Our Content-Security-Policy would silence them."""
    guilty = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*(src=|application/json))", path.read_text())
    ]

    assert not guilty
