"""The panel *Opłaty i marża*: what Allegro would take, asked once for each category and price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.domain.margins import Costs
from allegro_module.sync.fees import ask_fees, fees_are_stale, fingerprint, is_being_asked, remember_asking
from tests.web.conftest import NOW, Host
from tests.web.offer_builders import (
    OFFERS,
    a_category,
    an_account_of_the_simulator,
    an_offer,
    some_terms,
    stored,
)

PREVIEW = "/pricing/offer-fee-preview"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = an_account_of_the_simulator(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def fields_of(page: str) -> dict[str, Any]:
    """What the form holds beside its texts: the version."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return {"version": found[1]}


def panel(browser: FlaskClient, offer_id: int) -> str:
    answer = browser.get(f"{OFFERS}/{offer_id}/fees", headers={"X-Allegro-Fragment": "1"})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("\xa0", " ")


def ask(host: Host, session: Session, offer_id: int) -> Mapping[str, Any]:
    account = stored(host, offer_id).account
    ask_fees(session, host.runtime.api(account), offer_id, NOW)
    return stored(host, offer_id).fees or {}


def test_what_is_left_is_the_price_less_all_that_others_take() -> None:
    costs = Costs(
        price=Decimal("1249.00"),
        commission=Decimal("149.88"),
        promotion=Decimal("24.90"),
        purchase=Decimal("820.00"),
    )
    assert costs.left == Decimal("254.22")
    assert costs.percent_of_price.quantize(Decimal("0.1")) == Decimal("20.4")


def test_the_commission_of_the_category_is_shown_with_the_margin(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    """Of 1,249 zł the simulator's jewellery takes 13.5 %."""
    offer = an_offer(session, account)
    assert "Jeszcze nie policzono" in panel(browser, offer.id)
    fees = ask(host, session, offer.id)
    assert Decimal(fees["commission"]) == Decimal("168.62")
    words = panel(browser, offer.id)
    assert "1 249,00 zł" in words and "168,62 zł" in words and "Zostaje" in words
    assert "Policz opłaty" not in words


def test_each_package_shows_its_price_and_only_chosen_ones_are_taken_off(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account, promotion={"base": "emphasized10d", "extra": []})
    offer.fees = {
        "of": fingerprint(offer),
        "at": NOW.isoformat(),
        "currency": "PLN",
        "commission": "100.00",
        "listing": "0",
        "packages": {
            "emphasized10d": {"fee": "24.90", "cycle": "PT240H"},
            "departmentPage": {"fee": "49.00", "cycle": "PT240H"},
        },
    }
    session.commit()
    words = panel(browser, offer.id)
    assert "−24,90 zł" in words and "−49,00" not in words
    assert "1 124,10 zł" in words


def test_a_changed_price_makes_the_figures_old_and_asks_again(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    ask(host, session, offer.id)
    offer = stored(host, offer.id)
    assert not fees_are_stale(offer)
    offer.price_text = "1 300,00"
    assert fees_are_stale(offer)
    session.commit()
    words = panel(browser, offer.id)
    assert "zmieniły się" in words and "Policz opłaty" in words


def test_counting_does_not_collide_with_the_open_form(host: Host, session: Session, account: Account) -> None:
    offer = an_offer(session, account)
    before = offer.version
    ask(host, session, offer.id)
    assert stored(host, offer.id).version == before


def test_a_silent_allegro_is_not_the_sellers_mistake(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    host.simulator.faults.status(f"POST {PREVIEW}", 503)
    ask(host, session, offer.id)
    words = panel(browser, offer.id)
    assert "Allegro teraz nie odpowiada" in words and "w porządku" in words


def test_without_price_nothing_is_asked(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account, price_text="drogo")
    assert ask(host, session, offer.id) == {}
    assert "Wpisz cenę" in panel(browser, offer.id)


def test_the_button_counts_at_once_and_keeps_what_was_typed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(session, account)
    page = browser.get(f"{OFFERS}/{offer.id}").text
    sent = {**fields_of(page), "title": "Pierścionek złoty bardzo ładny", "price": "1249", "action": "fees"}
    answer = browser.post(f"{OFFERS}/{offer.id}", data=sent)
    assert answer.status_code == 200
    assert "168,62" in answer.text
    assert stored(host, offer.id).title == "Pierścionek złoty bardzo ładny"


def test_a_worker_that_never_answers_is_not_waited_for_for_ever(
    host: Host, session: Session, account: Account
) -> None:
    offer = an_offer(session, account)
    remember_asking(session, offer, NOW)
    session.commit()
    offer = stored(host, offer.id)
    assert is_being_asked(offer, NOW)
    assert not is_being_asked(offer, NOW.replace(year=NOW.year + 1))
