"""A small host shop for the tests of our pages: its own layout, a login that is just a set of permissions."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jinja2
import pytest
from cryptography.fernet import Fernet
from flask import Flask, has_app_context, render_template
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from allegro_module.db import Base
from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.extension import Allegro
from allegro_module.runtime import Runtime
from allegro_module.simulator import Simulator, create_simulator
from tests.memory_shop import MemoryShop, a_shop

_FOLDER = tempfile.TemporaryDirectory()
NOW = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
SETTINGS = "/backend/allegro/config"
ORDERS = "/backend/allegro/config/orders"

LAYOUT = """<!doctype html><html lang="pl"><head><title>{% block title %}Sklep{% endblock %}</title>
{% block head %}<meta name="host" content="bursztyn">{% endblock %}</head>
<body><main>{% block content %}{% endblock %}</main></body></html>"""
PRODUCT = """{% extends "admin.html" %}{% block content %}
{% from "allegro/macros/host.html" import product_tab, order_panel %}
<h1>Produkt</h1>{{ product_tab(sku) }}{{ order_panel(order_id) }}{% endblock %}"""


class Visitor(FlaskClient):
    """With the fixture `session` requests share the test's session: neither goes by what it remembers."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        self._forget()
        try:
            return super().open(*args, **kwargs)
        finally:
            self._forget()

    def _forget(self) -> None:
        if has_app_context():
            session = self.application.extensions["allegro"].session
            session.flush()
            session.expire_all()


@dataclass
class Host:
    """`allowed` are the permissions of whoever is logged in; `now` is what the clock says."""

    app: Flask
    shop: MemoryShop
    simulator: Simulator
    allowed: set[str] = field(default_factory=lambda: {str(each) for each in Permission})
    now: datetime = NOW

    @property
    def runtime(self) -> Runtime:
        runtime = self.app.extensions["allegro"]
        assert isinstance(runtime, Runtime)
        return runtime

    def browser(self) -> FlaskClient:
        return self.app.test_client()


def make_host(folder: Path, *, has_csrf_of_its_own: bool = False, layout: str = "admin.html") -> Host:
    app = Flask("host")
    app.test_client_class = Visitor
    app.config.update(
        TESTING=True,
        SECRET_KEY="of the host",
        WTF_CSRF_ENABLED=has_csrf_of_its_own,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/host.sqlite3",
        ALLEGRO_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        ALLEGRO_APP_NAME="Bursztyn-i-Len",
        ALLEGRO_APP_URL="https://bursztyn-i-len.example/allegro",
        ALLEGRO_SIMULATOR_URL="http://simulator.test",
        ALLEGRO_REDIS_URL="redis://127.0.0.1:1/0",
    )
    own = jinja2.DictLoader({"admin.html": LAYOUT, "product.html": PRODUCT})
    app.jinja_loader = jinja2.ChoiceLoader([own])
    if has_csrf_of_its_own:
        CSRFProtect(app)
    db = SQLAlchemy(app)
    host = Host(app, a_shop(), create_simulator())
    Allegro(
        app,
        db=db,
        shop=host.shop,
        allow=lambda wish: wish in host.allowed,
        who=lambda: "anna.k",
        layout=layout,
    )
    host.runtime.wall_clock = lambda: host.now
    host.runtime.http_transport = httpx2.WSGITransport(app=host.simulator)
    app.add_url_rule(
        "/product/<sku>/<order_id>", "product", lambda **names: render_template("product.html", **names)
    )
    shutil.copyfile(_empty_database(), folder / "host.sqlite3")
    return host


@cache
def _empty_database() -> Path:
    """Our tables, made once for all tests of a process."""
    path = Path(_FOLDER.name) / "empty.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return make_host(tmp_path)


@pytest.fixture
def browser(host: Host) -> FlaskClient:
    return host.browser()


@pytest.fixture
def session(host: Host) -> Iterator[Session]:
    with host.app.app_context():
        yield host.runtime.session
        host.runtime.session.rollback()


def an_application(session: Session, host: Host, environment: str = "simulator") -> Application:
    application = Application(
        environment=environment,
        client_id="demo-client-id",
        sealed_client_secret=host.runtime.seal.close("demo-client-secret"),
        created_at=NOW,
        changed_at=NOW,
        changed_by="anna.k",
    )
    session.add(application)
    session.flush()
    return application


def a_linked_account(
    session: Session, host: Host, login: str = "bursztyn_i_len", **changes: object
) -> Account:
    """Committed, so that the pages see it."""
    environment = str(changes.pop("environment", "simulator"))
    application = changes.pop("application", None) or an_application(session, host, environment)
    account = Account(
        application=application,
        environment=environment,
        alias=str(changes.pop("alias", "BL")),
        seller_id=str(changes.pop("seller_id", "1001")),
        login=login,
        company="Bursztyn i Len",
        is_company=True,
        country="PL",
        province="POMORSKIE",
        city="Gdańsk",
        post_code="80-831",
        state=LinkState.CONNECTED,
        state_since=NOW - timedelta(days=2),
        sealed_access_token=host.runtime.seal.close("access"),
        sealed_refresh_token=host.runtime.seal.close("refresh"),
        token_expires_at=NOW + timedelta(hours=10),
        refreshed_at=NOW - timedelta(hours=2),
        created_at=NOW - timedelta(days=2),
    )
    for name, value in changes.items():
        setattr(account, name, value)
    session.add(account)
    session.commit()
    return account
