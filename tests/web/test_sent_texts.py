"""What nobody types into a page: NUL, ids that no column holds, fields by the thousand."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from allegro_module.db import Base
from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.web.forms.price_list import MOST_UNKNOWN, read_typed
from tests.web import safety_builders, test_price_list_edit, test_templates, test_terms
from tests.web.conftest import NOW, SETTINGS, Host, a_linked_account
from tests.web.price_list_builders import a_price_list, save_methods
from tests.web.test_mapping import PARAMETERS, RINGS

NUL = "\x00"
DEFAULTS = {
    "safety_text": "Tekst",
    "location.shown": "1",
    "location.city": "Gdynia",
    "handling_time": "PT24H",
}
FORMS: Mapping[str, Mapping[str, object]] = {
    "price-lists/new": test_price_list_edit.TYPED,
    "price-lists/1": test_price_list_edit.TYPED,
    "price-lists/1/compare": {"mark": "x", "choice-name": "mine"},
    "price-lists/1/do": {"deed": "hide"},
    "terms/new/return_policy": test_terms.TYPED,
    "terms/new/implied_warranty": test_terms.COMPLAINTS,
    "terms/new/warranty": {**test_terms.GUARANTEE, "attachment": "a-1"},
    "terms/2": test_terms.TYPED,
    "terms/2/settle": {"mark": "x", "side.name": "mine"},
    "safety/new/producer": safety_builders.TYPED,
    "safety/new/person": safety_builders.TYPED,
    "safety/entries/3": {**safety_builders.TYPED, "version": "1"},
    "safety/brand": {"brand": "Las", "safety_kind": "text", "safety_text": "Tekst", "seen": "x"},
    "safety/account": {"safety_kind": "text", "safety_text": "Tekst", "responsible_producer_id": "p1"},
    "defaults": DEFAULTS,
    "templates/new": {**test_templates.TYPED, "deed": "save"},
    "mapping/category": {"key": "rings", "category": RINGS},
    "mapping/attribute": {"category": RINGS, "attribute": "Kruszec", "parameter": "1"},
    "mapping/value": {"category": RINGS, "parameter": "2", "value": "złote", "meant": "585"},
    "mapping/accept": {"key": "rings"},
    "mapping/delete": {"view": "categories", "key": "rings"},
    "offer-changes": {"to": "shipping_rate_id:id-1", "q": "x", "present": "y", "offer": "1"},
}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    """With a price list, a return policy and a producer, numbered so."""
    save_methods(session)
    account = a_linked_account(session, host)
    a_price_list(session, account)
    test_terms.a_term(session, account.id)
    safety_builders.an_entry(session, account.id)
    session.add(
        Category(
            environment="simulator",
            allegro_id=RINGS,
            name="Pierścionki",
            path="Pierścionki",
            is_leaf=True,
            options={},
            fetched_at=NOW,
            parameters=PARAMETERS,
            parameters_fetched_at=NOW,
        )
    )
    session.commit()
    return account


def with_nul(value: object) -> object:
    return [with_nul(each) for each in value] if isinstance(value, list) else f"{NUL}{value}{NUL}"


def stored_texts(session: Session) -> str:
    session.rollback()
    tables = Base.metadata.sorted_tables
    return "".join(repr(tuple(row)) for table in tables for row in session.execute(table.select()))


@pytest.mark.parametrize("path", FORMS)
def test_nul_in_every_field_breaks_no_page_and_reaches_no_row(
    browser: FlaskClient, session: Session, account: Account, path: str
) -> None:
    plain = {**FORMS[path], "account": account.id}
    spoilt = {name: with_nul(value) for name, value in FORMS[path].items()}

    for form in (*({**plain, name: value} for name, value in spoilt.items()), {**plain, **spoilt}):
        assert browser.post(f"{SETTINGS}/{path}", data=form).status_code < 500

    assert "\\x00" not in stored_texts(session)


@pytest.mark.parametrize("path", [path for path in FORMS if not re.search("[0-9]", path)])
def test_account_that_is_none_is_not_taken_for_the_first(
    browser: FlaskClient, session: Session, account: Account, path: str
) -> None:
    before = stored_texts(session)

    answer = browser.post(f"{SETTINGS}/{path}", data={**FORMS[path], "account": "abc"})

    assert answer.status_code == 404
    assert stored_texts(session) == before


@pytest.mark.parametrize(
    "address",
    [
        "price-lists/new?copy=",
        "terms/new/warranty?copy=",
        "safety/new/person?like=",
        "price-lists?account=",
        "terms?account=",
        "defaults?account=",
        "mapping?account=",
        "templates?account=",
        "offer-changes/new?account=",
    ],
)
@pytest.mark.parametrize("number", ["9" * 30, "abc", "٣"])
def test_id_that_no_column_holds_is_not_found(
    browser: FlaskClient, account: Account, address: str, number: str
) -> None:
    assert browser.get(f"{SETTINGS}/{address}{number}").status_code == 404


def test_nul_in_a_path_is_not_found(browser: FlaskClient, account: Account) -> None:
    assert browser.get(f"{SETTINGS}/safety/product/PZ%00").status_code == 404


def test_of_invented_delivery_methods_only_some_are_read() -> None:
    sent = MultiDict((f"rates.m{number}.on", "1") for number in range(10_000))
    sent.add("rates.dpd.first", "5")

    typed = read_typed(sent, {"dpd"})

    assert len(typed.rates) == MOST_UNKNOWN + 1
    assert typed.rate("dpd").first == "5"
