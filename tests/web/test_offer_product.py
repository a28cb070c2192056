"""Produkt Allegro: found by the EAN, chosen, refused, compared, several of them sold together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import AuditEntry
from allegro_module.db.catalogue import CatalogueProduct
from allegro_module.domain.offers import OfferState, ProductMatch
from allegro_module.domain.parameters import CONDITION_ID
from allegro_module.domain.problems import Problem, to_json
from allegro_module.jobs.products import match_product, match_products
from allegro_module.sync.product_match import expect_match
from allegro_module.web.product_words import bound_words
from tests.web.conftest import NOW, Host
from tests.web.offer_builders import OFFERS, a_category, an_account_of_the_simulator, an_offer, stored

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RING_EAN = "5901234123457"
RING = "3ba63646-1b6c-59ab-aefe-3071118212cb"
NECKLACE_EAN = "5901234123990"
NECKLACES = ["d7187e51-36cc-4999-861e-a4336aa165f0", "17ef2e7a-a759-42e9-84c2-93bf1a578ba6"]
SONY_EAN = "4548736132542"
SONY = "661aafc4-c0ec-5876-9e69-ec4a4ae6e7cb"
NOBODYS_EAN = "5907700000130"
FRAGMENT = {"X-Allegro-Fragment": "1"}


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    a_category(session)
    return an_account_of_the_simulator(session, host)


def searching(session: Session, account: Account, gtin: str, **changes: object) -> int:
    changes = {"product_match": ProductMatch.SEARCHING, "gtin": gtin, **changes}
    return an_offer(session, account, **changes).id


def card(browser: FlaskClient, offer_id: int) -> str:
    return browser.get(f"{OFFERS}/{offer_id}/product", headers=FRAGMENT).text


@pytest.fixture
def asked(host: Host) -> list[str]:
    """Paths of the catalogue that Allegro was asked for."""
    paths: list[str] = []

    def listen(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/sale/products"):
            paths.append(environ["PATH_INFO"])
        return host.simulator(environ, start_response)

    host.runtime.http_transport = httpx2.WSGITransport(app=listen)
    return paths


def test_the_one_product_with_the_ean_is_taken_and_the_open_form_is_not_overtaken(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, RING_EAN)
    version = stored(host, offer_id).version

    match_product(offer_id)

    offer = stored(host, offer_id)
    assert (offer.product_match, offer.product_id, offer.version) == (ProductMatch.FOUND, RING, version)
    shown = card(browser, offer_id)
    assert "Pierścionek złoty z bursztynem bałtyckim próba 585 rozmiar 14" in shown
    assert "zweryfikowany" in shown
    assert "bez danych GPSR" in shown


def test_the_card_says_that_it_is_looking_and_asks_again(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, RING_EAN)

    shown = card(browser, offer_id)

    assert "Szukam w katalogu Allegro…" in shown
    assert "data-al-poll" in shown


def test_an_offer_without_a_category_takes_the_products_with_what_it_demands(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, SONY_EAN, category_id=None, parameters={})

    match_product(offer_id)

    offer = stored(host, offer_id)
    assert offer.category_id == "257100"
    assert offer.parameters[CONDITION_ID] == {"values_ids": ["11323_1"]}
    shown = card(browser, offer_id)
    assert "Allegro wymaga w ofertach tego produktu:" in shown
    assert "ma dane GPSR" in shown


def test_several_products_with_the_ean_are_for_the_seller_to_choose(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, NECKLACE_EAN)

    match_product(offer_id)

    offer = stored(host, offer_id)
    assert (offer.product_match, offer.product_id) == (ProductMatch.SEVERAL, None)
    assert "Ten EAN ma kilka produktów." in card(browser, offer_id)
    page = browser.get(f"{OFFERS}/{offer_id}/products").text
    assert all(product_id in page for product_id in NECKLACES)
    assert "czeka na weryfikację" in page


def test_an_ean_that_the_catalogue_lacks_is_told(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, NOBODYS_EAN)

    match_product(offer_id)

    assert stored(host, offer_id).product_match == ProductMatch.NONE
    assert "W katalogu Allegro nie ma produktu z tym EAN." in card(browser, offer_id)


def test_while_allegro_is_silent_the_offer_waits_for_the_schedule(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, RING_EAN)
    host.simulator.faults.status("GET /sale/products", 503, times=10)

    match_product(offer_id)

    assert stored(host, offer_id).product_match == ProductMatch.FAILED
    assert "Katalog Allegro nie odpowiada." in card(browser, offer_id)
    host.simulator.faults.clear()
    match_products(account.id)
    assert stored(host, offer_id).product_id == RING


@pytest.mark.parametrize("choice", [ProductMatch.DECLINED, ProductMatch.CHOSEN])
def test_a_late_answer_does_not_override_the_seller(
    host: Host, session: Session, account: Account, choice: ProductMatch
) -> None:
    offer_id = searching(session, account, RING_EAN, product_match=choice, product_id="own")

    match_product(offer_id)

    offer = stored(host, offer_id)
    assert (offer.product_match, offer.product_id) == (choice, "own")


def test_a_new_ean_forgets_what_another_one_found(session: Session, account: Account) -> None:
    offer = an_offer(session, account, product_match=ProductMatch.FOUND, product_id=RING, gtin=NECKLACE_EAN)

    assert expect_match(offer)
    assert (offer.product_match, offer.product_id) == (ProductMatch.SEARCHING, None)
    offer.gtin = "5901234123458"
    assert not expect_match(offer)
    assert offer.product_match == ProductMatch.UNKNOWN


def test_a_search_by_name_is_asked_of_allegro_once_a_day(
    host: Host, session: Session, account: Account, browser: FlaskClient, asked: list[str]
) -> None:
    offer_id = an_offer(session, account).id
    question = {"q": "Słuchawki  Sony", "mode": ""}

    page = browser.post(f"{OFFERS}/{offer_id}/products/search", data=question, follow_redirects=True).text
    browser.post(f"{OFFERS}/{offer_id}/products/search", data={**question, "q": "słuchawki sony"})

    assert "Słuchawki bezprzewodowe Sony WH-1000XM5 czarne" in page
    assert asked == ["/sale/products"]
    host.now = NOW + timedelta(hours=25)
    assert "Naciśnij Szukaj" in browser.get(f"{OFFERS}/{offer_id}/products", query_string=question).text


def test_the_manufacturers_code_finds_a_product(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer(session, account).id
    question = {"q": "WH1000XM5B.CE7", "mode": "MPN"}

    page = browser.post(f"{OFFERS}/{offer_id}/products/search", data=question, follow_redirects=True).text

    assert "WH-1000XM5" in page


def test_the_pages_of_the_picker_never_ask_allegro(
    session: Session, account: Account, browser: FlaskClient, asked: list[str]
) -> None:
    offer_id = an_offer(session, account, product_id=RING, product_match=ProductMatch.CHOSEN).id

    for path in ("products", "product", "products/differences", "products?q=Lalka&mode="):
        browser.get(f"{OFFERS}/{offer_id}/{path}", headers=FRAGMENT)

    assert asked == []


def chosen(browser: FlaskClient, offer_id: int, product_id: str, **more: str) -> None:
    data = {"product": product_id, **more}
    assert browser.post(f"{OFFERS}/{offer_id}/products", data=data).status_code == 303


def test_the_chosen_product_is_kept_whole_and_told_in_the_history(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = searching(session, account, NECKLACE_EAN, category_id=None, parameters={})

    chosen(browser, offer_id, NECKLACES[1])

    offer = stored(host, offer_id)
    assert (offer.product_match, offer.product_id) == (ProductMatch.CHOSEN, NECKLACES[1])
    assert offer.category_id == "123430"
    assert session.scalars(select(AuditEntry.action)).all() == ["product_chosen"]


def test_a_product_that_nobody_knows_is_not_chosen(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer(session, account).id

    chosen(browser, offer_id, "00000000-0000-0000-0000-000000000000")

    assert stored(host, offer_id).product_id is None


def test_an_offer_on_its_way_keeps_its_product(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer(session, account, state=OfferState.WAITING).id

    chosen(browser, offer_id, RING)

    assert stored(host, offer_id).product_id is None


def test_a_set_takes_each_product_once_and_ten_at_most(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer(session, account, product_id=RING, product_match=ProductMatch.CHOSEN).id

    for product_id in (SONY, SONY, RING):
        chosen(browser, offer_id, product_id, to="set")

    offer = stored(host, offer_id)
    assert offer.more_products == [{"product_id": SONY, "quantity": 1}]
    offer.more_products = [{"product_id": f"p{number}", "quantity": 1} for number in range(9)]
    session.commit()
    chosen(browser, offer_id, SONY, to="set")
    assert len(stored(host, offer_id).more_products) == 9


def test_five_active_offers_of_the_product_are_warned_of(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    product = {"product_id": RING, "product_match": ProductMatch.CHOSEN}
    for number in range(5):
        an_offer(session, account, state=OfferState.ACTIVE, external_id=f"R~{number}", **product)
    offer_id = an_offer(session, account, **product).id

    assert "Masz już pięć aktywnych ofert tego produktu." in card(browser, offer_id)


MISMATCH = Problem("PARAMETER_MISMATCH", "parameters.206646", {"name": "Materiał", "products": RING}, "…")


def disputed(session: Session, account: Account) -> int:
    """Allegro holds the offer, of silver, against the golden ring."""
    answers = {CONDITION_ID: {"values_ids": ["11323_1"]}, "206646": {"values_ids": ["206646_1"]}}
    offer = an_offer(
        session, account, state=OfferState.REFUSED, parameters=answers, product_match=ProductMatch.DECLINED
    )
    offer.problems_json = [to_json(MISMATCH)]
    session.commit()
    return offer.id


def test_both_versions_stand_side_by_side_and_the_catalogues_is_taken(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = disputed(session, account)
    address = f"{OFFERS}/{offer_id}/products/differences"

    assert "Porównaj i zdecyduj" in card(browser, offer_id)
    page = browser.post(address, data={"fetch": "1"}, follow_redirects=True).text
    assert all(words in page for words in ("Materiał", "złoto żółte", "srebro"))
    browser.post(address, data={"parameters.206646": "catalogue", "parameters.225693": "catalogue"})

    offer = stored(host, offer_id)
    assert (offer.product_match, offer.product_id) == (ProductMatch.CHOSEN, RING)
    assert offer.parameters["206646"] == {"values_ids": ["206646_3"]}
    assert offer.problems == []


def test_who_keeps_his_own_data_chooses_another_product(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = disputed(session, account)
    address = f"{OFFERS}/{offer_id}/products/differences"
    browser.post(address, data={"fetch": "1"})

    answer = browser.post(address, data={"parameters.206646": "own", "parameters.225693": "catalogue"})

    assert answer.location.endswith(f"/offers/{offer_id}/products")
    assert stored(host, offer_id).product_id is None


def test_a_product_that_waited_for_verification_is_looked_at_daily(
    host: Host, session: Session, account: Account
) -> None:
    offer_id = an_offer(
        session, account, state=OfferState.ACTIVE, product_id=RING, product_status="PROPOSED"
    ).id

    match_products(account.id)

    assert stored(host, offer_id).product_status == "LISTED"
    assert session.scalars(select(CatalogueProduct.allegro_id)).all() == [RING]


def test_a_product_that_allegro_linked_by_itself_is_read_at_once(
    host: Host, session: Session, account: Account, browser: FlaskClient, asked: list[str]
) -> None:
    """The answer to a listing names it by its id alone."""
    listed = {"product_match": ProductMatch.FOUND, "state": OfferState.ACTIVE, "allegro_offer_id": "1"}
    offer_id = an_offer(session, account, product_id=RING, title="Pierścionek na prezent", **listed).id

    shown = card(browser, offer_id)

    assert "Pierścionek na prezent" in shown
    assert "Nazwa pojawi się po odczytaniu z katalogu." in shown
    assert f'data-al-poll="{OFFERS}/{offer_id}/product?name=1"' in shown
    assert not asked

    match_product(offer_id)
    match_product(offer_id)

    shown = browser.get(f"{OFFERS}/{offer_id}/product?name=1", headers=FRAGMENT).text
    assert "Pierścionek złoty z bursztynem bałtyckim próba 585 rozmiar 14" in shown
    assert "data-al-poll" not in shown
    assert asked == [f"/sale/products/{RING}"]


def test_a_product_that_the_catalogue_does_not_tell_is_not_asked_for_again(
    host: Host, session: Session, account: Account, browser: FlaskClient, asked: list[str]
) -> None:
    listed = {"product_match": ProductMatch.FOUND, "state": OfferState.ACTIVE, "allegro_offer_id": "1"}
    offer_id = an_offer(session, account, product_id="gone", **listed).id

    match_product(offer_id)
    match_product(offer_id)

    assert "data-al-poll" not in card(browser, offer_id)
    assert asked == ["/sale/products/gone"]


def test_a_further_product_is_not_searched_for_by_the_offers_own_code_and_words_are_a_name(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer(session, account, product_id=RING, gtin=RING_EAN).id
    address = f"{OFFERS}/{offer_id}/products"

    assert f'value="{RING_EAN}"' in browser.get(address).text
    assert f'value="{RING_EAN}"' not in browser.get(f"{address}?to=set").text
    answer = browser.post(f"{address}/search", data={"q": "pierścionek", "mode": "GTIN", "to": "set"})
    assert "mode=&" in answer.headers["Location"]


def test_bounds_of_the_catalogue_are_told_without_needless_zeros() -> None:
    assert (bound_words("65.0"), bound_words("2.5"), bound_words(None)) == ("65", "2,5", "")
