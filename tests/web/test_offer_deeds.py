"""Deeds of the offer list: ending, resuming, deleting a draft, listing a similar one; each once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import list_latest
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.domain.permissions import Permission
from tests.memory_shop import a_product
from tests.web.browsing import words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import OFFERS, a_category, an_offer, some_terms, stored

LISTED: dict[str, Any] = {
    "state": OfferState.ACTIVE,
    "allegro_offer_id": "18402771214",
    "listed_at": NOW,
}
ENDED = {**LISTED, "state": OfferState.ENDED, "quantity_text": "0", "quantity": 0}


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The queue's doorbell, which there is none of here."""
    rung: list[int] = []

    def ring(runtime: object, offer_id: int) -> bool:
        rung.append(offer_id)
        return True

    monkeypatch.setattr("allegro_module.web.offer_deeds.ring_publish", ring)
    return rung


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    some_terms(session, account)
    return account


def actions(session: Session) -> list[str]:
    return [entry.action for entry in list_latest(session)]


def count(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(Offer.id)).all())


def test_ending_asks_first_and_happens_once(
    host: Host, session: Session, account: Account, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account, **LISTED)

    asked = browser.get(f"{OFFERS}/1/end")
    assert "Zakończyć ofertę?" in words_of(asked) and "przez 60 dni" in words_of(asked)
    assert stored(host, 1).state == OfferState.ACTIVE
    answers = [browser.post(f"{OFFERS}/1/end") for _ in range(2)]

    offer = stored(host, 1)
    assert (offer.state, offer.wanted) == (OfferState.WAITING, Wanted.END)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert rung == [1] and actions(session) == ["offer_end_asked"]
    words = words_of(browser.get(OFFERS))
    assert "Kończymy ofertę" in words and "nic nie zrobiono" in words


def test_resuming_suggests_the_shops_stock_and_wants_at_least_one_piece(
    host: Host, session: Session, account: Account, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account, **ENDED)

    assert 'value="5"' in browser.get(f"{OFFERS}/1/resume").text
    for typed in ("", "0", "-1", "two", "1\0"):
        refused = browser.post(f"{OFFERS}/1/resume", data={"quantity": typed})
        assert refused.status_code == (422 if typed != "1\0" else 303), typed

    offer = stored(host, 1)
    assert (offer.state, offer.wanted, offer.quantity) == (OfferState.WAITING, Wanted.RESUME, 1)
    assert rung == [1]


def test_a_local_draft_goes_at_once_and_one_on_allegro_by_a_wish(
    host: Host, session: Session, account: Account, browser: FlaskClient, rung: list[int]
) -> None:
    an_offer(session, account)
    an_offer(session, account, external_id="S-2", state=OfferState.INACTIVE, allegro_offer_id="77")

    browser.post(f"{OFFERS}/1/delete")
    again = browser.post(f"{OFFERS}/1/delete")
    browser.post(f"{OFFERS}/2/delete")

    assert count(session) == 1 and again.status_code == 404
    offer = stored(host, 2)
    assert (offer.state, offer.wanted) == (OfferState.WAITING, Wanted.DELETE)
    assert rung == [2] and actions(session) == ["offer_draft_deleted", "offer_draft_deleted"]


@pytest.mark.parametrize(
    ("deed", "changes"),
    [
        ("end", {}),
        ("end", ENDED),
        ("resume", LISTED),
        ("delete", LISTED),
        ("delete", {**LISTED, "state": OfferState.REFUSED}),
        ("delete", {"state": OfferState.SENDING}),
    ],
)
def test_what_the_state_does_not_allow_is_not_done(
    host: Host,
    session: Session,
    account: Account,
    browser: FlaskClient,
    rung: list[int],
    deed: str,
    changes: dict[str, Any],
) -> None:
    was = an_offer(session, account, **changes).state

    assert browser.get(f"{OFFERS}/1/{deed}").status_code == 303
    assert browser.post(f"{OFFERS}/1/{deed}", data={"quantity": "3"}).status_code == 303

    assert stored(host, 1).state == was and rung == [] and actions(session) == []


def test_an_account_that_does_not_work_is_told_and_nothing_is_done(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    account.is_enabled = False
    an_offer(session, account, **LISTED)

    browser.post(f"{OFFERS}/1/end")

    assert stored(host, 1).state == OfferState.ACTIVE
    assert "teraz nie działa" in words_of(browser.get(OFFERS))


def test_who_may_only_look_does_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)
    host.allowed = {str(Permission.VIEW)}

    for deed in ("delete", "similar"):
        assert browser.get(f"{OFFERS}/1/{deed}").status_code == 403
        assert browser.post(f"{OFFERS}/1/{deed}").status_code == 403


# Wystaw podobną ------------------------------------------------------------------------------------------


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def test_a_similar_one_is_made_once_however_often_the_button_is_pressed(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    a_category(session)
    an_offer(session, account, **LISTED)
    sent = {"account": "1", "sku": "PZ-0142", "key": key_in(browser.get(f"{OFFERS}/1/similar").text)}

    first, second = (browser.post(f"{OFFERS}/1/similar", data=sent) for _ in range(2))

    assert first.location == second.location == f"{OFFERS}/2" and count(session) == 2
    clone = stored(host, 2)
    assert (clone.external_id, clone.cloned_from, clone.state) == ("PZ-0142~2", 1, OfferState.DRAFT)
    assert "PZ-0142~2" in words_of(browser.get(f"{OFFERS}/2"))
    assert actions(session) == ["offer_cloned"]


def test_another_page_of_the_same_choice_makes_another_one(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account)

    for _ in range(2):
        key = key_in(browser.get(f"{OFFERS}/1/similar").text)
        browser.post(f"{OFFERS}/1/similar", data={"account": "1", "sku": "PZ-0142", "key": key})

    assert count(session) == 3


def test_another_account_is_told_what_was_not_carried_over(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    other = a_linked_account(
        session, host, "len_outlet", application=account.application, alias="LO", seller_id="1002"
    )
    an_offer(session, account, warranty_id="warranty-1", size_table_id="sizes")

    assert "len_outlet" in words_of(browser.get(f"{OFFERS}/1/similar"))
    browser.post(f"{OFFERS}/1/similar", data={"account": str(other.id), "sku": "PZ-0142"})
    words = words_of(browser.get(OFFERS))

    assert stored(host, 2).account_id == other.id
    assert "Nie przeniesiono na to konto:" in words and "Gwarancja" in words


def test_another_product_is_searched_in_the_shop(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    host.shop.add_product(a_product("KS-9", name="Kolczyki srebrne z bursztynem"))
    an_offer(session, account)

    found = browser.get(f"{OFFERS}/1/similar?q=kolczyki")
    browser.post(f"{OFFERS}/1/similar", data={"account": "1", "sku": "KS-9"})

    assert "Kolczyki srebrne z bursztynem" in words_of(found)
    assert "Nie ma innego" in words_of(browser.get(f"{OFFERS}/1/similar?q=nic-takiego"))
    assert (stored(host, 2).sku, stored(host, 2).title) == ("KS-9", "Kolczyki srebrne z bursztynem")


def test_the_sixth_offer_of_a_product_is_warned_of(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    for number in range(5):
        an_offer(session, account, external_id=f"S-{number}", **{**LISTED, "allegro_offer_id": str(number)})

    assert "Jest już 5 ofert tego produktu" in words_of(browser.get(f"{OFFERS}/1/similar"))


@pytest.mark.parametrize("sent", [{}, {"account": "99"}, {"account": "1", "sku": "NOPE"}, {"account": "x"}])
def test_a_choice_that_there_is_not_makes_nothing(
    session: Session, account: Account, browser: FlaskClient, sent: dict[str, str]
) -> None:
    an_offer(session, account)

    assert browser.post(f"{OFFERS}/1/similar", data=sent).status_code == 404
    assert count(session) == 1
