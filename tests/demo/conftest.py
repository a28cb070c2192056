"""The demo shop in a folder and a database of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient

from allegro_module.demo import create_app
from allegro_module.demo.adapter import DemoShop
from allegro_module.demo.models import db

PASSWORD = "bursztynowa-komnata"


def make_app(home: Path, database_url: str | None = None) -> Flask:
    return create_app(
        {
            "SHOP_HOME": str(home),
            "SHOP_DATABASE_URL": database_url,
            "SHOP_ADMIN_PASSWORD": PASSWORD,
            "SHOP_SECRET_KEY": "tests",
            "ALLEGRO_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "TESTING": True,
        }
    )


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """In its context, on both kinds of database."""
    app = make_app(tmp_path / "home", database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def shop(app: Flask) -> DemoShop:
    return DemoShop(db)


@pytest.fixture(scope="session")
def opened_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a shop that is filled and has our tables; made once, copied for each visitor."""
    home = tmp_path_factory.mktemp("opened")
    app = make_app(home)
    result = app.test_cli_runner().invoke(args=["allegro", "db", "upgrade"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        db.engine.dispose()
    return home


@pytest.fixture
def client(tmp_path: Path, opened_shop: Path) -> FlaskClient:
    """A visitor who is not logged in."""
    shutil.copytree(opened_shop, tmp_path / "home")
    return make_app(tmp_path / "home").test_client()


def token_of(client: FlaskClient, address: str) -> str:
    """The CSRF token in the form at this address."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found, f"no form at {address}"
    return found[1]


def log_in(client: FlaskClient) -> FlaskClient:
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token_of(client, "/login")}
    assert client.post("/login", data=form).status_code == 302
    return client
