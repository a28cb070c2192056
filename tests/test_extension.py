"""Mounting the plugin: what a host sees when it starts."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

import allegro_module
from allegro_module import Allegro, WrongSettings, alembic_include_object
from allegro_module.extension import URL_PREFIX
from allegro_module.sealing import new_key
from tests.memory_shop import MemoryShop


def a_host(**config: str) -> tuple[Flask, SQLAlchemy]:
    app = Flask("host")
    app.config.update(
        SECRET_KEY="of the host",
        SQLALCHEMY_DATABASE_URI="sqlite://",
        ALLEGRO_ENCRYPTION_KEYS=new_key(),
        ALLEGRO_APP_NAME="Bursztyn-i-Len",
        ALLEGRO_APP_URL="https://bursztyn.example/allegro",
    )
    app.config.update(config)
    return app, SQLAlchemy(app)


def test_without_the_hosts_word_every_page_answers_403() -> None:
    app, db = a_host()

    Allegro(app, db=db, shop=MemoryShop())

    for page in ("", "/offers", "/orders"):
        assert app.test_client().get(URL_PREFIX + page).status_code == 403


def test_init_app_serves_an_app_that_is_made_later() -> None:
    app, db = a_host()
    allegro = Allegro(db=db, shop=MemoryShop())

    allegro.init_app(app)

    assert "allegro" in app.extensions
    assert "allegro" in app.cli.commands


def test_wrong_configuration_stops_the_start_with_every_wrong_key_named() -> None:
    app, db = a_host(ALLEGRO_ENCRYPTION_KEYS="", ALLEGRO_APP_URL="nowhere")

    with pytest.raises(WrongSettings) as stopped:
        Allegro(app, db=db, shop=MemoryShop())

    assert "ALLEGRO_ENCRYPTION_KEYS" in str(stopped.value)
    assert "ALLEGRO_APP_URL" in str(stopped.value)


@pytest.mark.parametrize(
    ("options", "warnings"),
    [({}, 1), ({"include_object": lambda *_: True}, 1), ({"include_object": alembic_include_object}, 0)],
)
def test_a_host_whose_migrations_would_drop_our_tables_is_warned(
    options: dict[str, object], warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    app, db = a_host()
    Allegro(app, db=db, shop=MemoryShop())
    Migrate(app, db, **options)

    with caplog.at_level(logging.WARNING, "allegro_module"):
        for _ in range(2):
            with app.app_context():
                pass

    assert caplog.text.count("would drop the tables") == warnings


def test_the_public_names_are_there() -> None:
    assert all(hasattr(allegro_module, name) for name in allegro_module.__all__)
    with pytest.raises(AttributeError):
        _ = allegro_module.no_such_name


SHOP_WITHOUT_KEYS = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from allegro_module import Allegro

app = Flask("shop")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
Allegro(app, db=SQLAlchemy(app), shop=None)
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).resolve().parent.parent)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALLEGRO_")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**clean, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [["allegro", "status"], ["run"]])
def test_wrong_configuration_is_one_message_on_the_command_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "shop.py").write_text(SHOP_WITHOUT_KEYS)

    result = run(tmp_path, "flask", "--app", "shop", *command)

    assert result.returncode == 1
    assert result.stderr.startswith("Error: allegro_module cannot start:")
    assert "ALLEGRO_ENCRYPTION_KEYS" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_first_key_is_made_without_any_configuration(tmp_path: Path) -> None:
    result = run(tmp_path, "allegro_module.sealing")

    assert Fernet(result.stdout.strip())
    assert result.stderr == ""
