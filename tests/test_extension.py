"""Mounting the plugin: what a host sees when it starts."""

from __future__ import annotations

import logging

import pytest
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
