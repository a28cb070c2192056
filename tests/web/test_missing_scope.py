"""What a seller reads where a scope is missing: its name and its price, never "not connected"."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.client.errors import NotConnected, Reason
from allegro_module.db.cursors import Cursor
from allegro_module.domain.scopes import NEEDED, READ_ORDERS, READ_SETTINGS, SCOPES
from allegro_module.web.errors import note_of
from allegro_module.web.scope_words import why, without
from tests.web.browsing import words_of
from tests.web.conftest import NOW, ORDERS, Host, a_linked_account


def test_orders_page_says_that_orders_may_not_be_read(
    browser: FlaskClient, session: Session, host: Host
) -> None:
    account = a_linked_account(session, host, scopes=" ".join(set(NEEDED) - {READ_ORDERS}))
    session.add(
        Cursor(account_id=account.id, started_at=NOW, last_success_at=NOW, last_message="Nothing new.")
    )
    session.commit()

    words = words_of(browser.get(ORDERS))

    assert "Zamówienia nie są pobierane: nie przyznano uprawnienia orders:read." in words
    assert "Konto nie jest połączone" not in words


def test_note_names_the_scope_and_what_does_not_work_without_it(host: Host) -> None:
    with host.app.test_request_context():
        note = note_of(NotConnected(Reason.SCOPE_MISSING, scope=READ_SETTINGS))

    assert (note.kind, note.title) == ("warn", "Nie przyznano uprawnienia sale:settings:read.")
    assert note.text.startswith("Nie ma z czego wybrać cennika")
    assert "Połącz konto ponownie" in note.text


@pytest.mark.parametrize("name", [scope.name for scope in SCOPES])
def test_every_scope_has_its_reason_and_its_price_in_polish(name: str) -> None:
    assert why(name)
    assert without(name)
    assert without(name).endswith(".")


def test_scope_of_another_version_breaks_nothing() -> None:
    assert why("allegro:api:ads") == ""
    assert without("allegro:api:ads")
