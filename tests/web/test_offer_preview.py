"""*Podgląd*: the buyer's page and the JSON that is sent, to the letter; what would change on Allegro."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import Category
from allegro_module.db.dictionaries import Dictionary
from allegro_module.domain.offers import OfferState
from allegro_module.domain.price_lists import DeliveryMethod
from allegro_module.sync.categories import fetch_tree, refresh_parameters
from allegro_module.sync.offers import ask_for_listing, publish_offer
from allegro_module.sync.terms import fetch_terms
from tests.web.browsing import words_of
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.offer_builders import (
    OFFERS,
    RINGS,
    a_category,
    an_account_of_the_simulator,
    an_offer,
    some_terms,
    stored,
)
from tests.web.price_list_builders import a_content, a_price_list, a_rate, save_methods

PREVIEW = f"{OFFERS}/1/preview"
ADDRESS = re.compile(r"(ref:|https?://).*")


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    account = a_linked_account(session, host)
    a_category(session)
    some_terms(session, account)
    return account


def json_in(page: str, name: str = "payload") -> Any:
    found = re.search(rf'<pre class="al-json" id="{name}"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return json.loads(html.unescape(found[1]))


def without_addresses(value: Any) -> Any:
    """Pictures have none before they are uploaded."""
    if isinstance(value, dict):
        return {name: without_addresses(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_addresses(member) for member in value]
    return ADDRESS.sub("an address", value) if isinstance(value, str) else value


class Heard:
    """A wire to the simulator that keeps what goes over it."""

    def __init__(self, simulator: Callable[..., Iterable[bytes]]) -> None:
        self.simulator = simulator
        self.bodies: dict[str, list[Any]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        if "json" in environ.get("CONTENT_TYPE", ""):
            request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            self.bodies.setdefault(request, []).append(json.loads(body))
        return self.simulator(environ, start_response)


def test_the_json_that_is_shown_is_the_json_that_is_sent(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    heard = Heard(host.simulator)
    host.runtime.http_transport = httpx2.WSGITransport(app=heard)
    account = an_account_of_the_simulator(session, host)
    api = host.runtime.api(account)
    fetch_tree(session, api, "simulator", NOW)
    refresh_parameters(session, api, "simulator", RINGS, NOW)
    fetch_terms(session, api, account, NOW)
    browser.post(f"{OFFERS}/new?sku=PZ-0142", data={"account": str(account.id)})
    browser.post(f"{OFFERS}/1/category", data={"category": RINGS})
    offer = stored(host, 1)
    offer.safety_text = "Nie dla dzieci poniżej 3 lat."
    session.commit()

    shown = json_in(browser.get(PREVIEW).text)
    ask_for_listing(stored(host, 1), NOW, "anna.k")
    session.commit()
    publish_offer(session, api, host.shop, 1, host.runtime.clock("simulator"))

    sent = heard.bodies["POST /sale/product-offers"]
    assert len(sent) == 1 and shown["images"][0].startswith("ref:")
    assert without_addresses(sent[0]) == without_addresses(shown)


def test_the_page_shows_what_a_buyer_will_see(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, warranty_id="warranty-1")

    page = browser.get(PREVIEW)
    words = words_of(page).replace("\u00a0", " ")

    assert "Tak zobaczy to kupujący; nic nie zostało wysłane." in words
    assert "Pierścionek złoty z bursztynem bałtyckim" in words and "1 249,00 zł" in words
    assert "5 szt." in words and "sprzedaje bursztyn_i_len" in words
    assert "Materiał złoto żółte" in words and "Próba złota 585" in words
    assert "Warunki zwrotów Nazwa return_policy" in words and "Gwarancja Nazwa warranty" in words
    assert "Nazwa responsible_producer" in words and "Nie dla dzieci poniżej 3 lat." in words
    assert "<p>Klasyczny pierścionek.</p>" in page.text
    assert f"{OFFERS}/1/images/0" in page.text


def test_what_is_missing_is_named_and_the_rest_is_shown(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(
        session,
        account,
        title="",
        price_text="abc",
        price=None,
        quantity_text="",
        quantity=None,
        images=[],
        category_id=None,
        parameters={},
        shipping_rate_id=None,
        description_html="",
        responsible_producer_id=None,
        safety_text="",
    )

    words = words_of(browser.get(PREVIEW))

    assert "Brakuje jeszcze" in words and "Tytuł: Wpisz tytuł" in words
    for phrase in ("Jeszcze bez tytułu", "Jeszcze bez ceny", "Jeszcze bez zdjęcia", "Jeszcze bez cech"):
        assert phrase in words


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<p onclick="alert(1)">x</p>',
        "<p><a href='javascript:alert(1)'>x</a></p>",
        "<svg/onload=alert(1)>",
    ],
)
def test_markup_that_is_not_allegros_is_never_markup_of_ours(
    session: Session, account: Account, browser: FlaskClient, markup: str
) -> None:
    sections = [{"items": [{"type": "TEXT", "content": markup}]}]
    an_offer(session, account, description_sections=sections, title=markup, safety_text=markup)

    page = browser.get(PREVIEW).text

    assert "<script>alert" not in page and 'onerror="' not in page and 'onclick="' not in page
    assert "<svg/onload" not in page and "href='javascript" not in page


def test_an_offer_on_allegro_shows_what_would_change_there(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    offer = an_offer(
        session,
        account,
        state=OfferState.ACTIVE,
        allegro_offer_id="18402771214",
        listed_at=NOW,
    )
    body = json_in(browser.get(PREVIEW).text)
    offer.sent = body
    offer.live = {**body, "id": "18402771214"}
    session.commit()
    unchanged = words_of(browser.get(PREVIEW))
    offer.title = "Pierścionek złoty z wielkim bursztynem"
    offer.price_text, offer.quantity_text = "1300", "7"
    offer.parameters = {**offer.parameters, "206647": {"values_ids": ["206647_4"]}}
    offer.description_html = "<p>Nowy opis pierścionka.</p>"
    offer.images = ["ring-2", "ring-1"]
    offer.implied_warranty_id = None
    offer.handling_time = "P2D"
    session.commit()

    page = browser.get(PREVIEW)
    words = words_of(page).replace("\u00a0", " ").partition("Strona oferty")[0]

    assert "Nic: na Allegro oferta jest taka jak tutaj." in unchanged
    assert (
        "Tytuł teraz Pierścionek złoty z bursztynem bałtyckim "
        "po zmianie Pierścionek złoty z wielkim bursztynem" in words
    )
    assert "Cena teraz 1 249,00 zł po zmianie 1 300,00 zł" in words
    assert "Liczba sztuk teraz 5 po zmianie 7" in words
    assert "Próba złota teraz 585 po zmianie 750" in words
    assert "Opis, sekcja 1 teraz Klasyczny pierścionek. po zmianie Nowy opis pierścionka." in words
    assert "24 godziny po zmianie 2 dni" in words
    assert f'src="{OFFERS}/1/images/1"' in page.text.partition('id="diff"')[2]
    patch = json_in(page.text, "patch")
    assert patch["sellingMode"] == {"price": {"amount": "1300.00", "currency": "PLN"}}
    assert "payments" not in patch


COURIER = DeliveryMethod("dpd", "Kurier DPD", marketplaces=("allegro-pl",))
LETTER = DeliveryMethod("letter", "Allegro Przesyłka polecona", marketplaces=("allegro-pl",))
PICKUP = DeliveryMethod("pickup", "Odbiór osobisty", marketplaces=("allegro-pl",))
CZECH = DeliveryMethod("czech", "Kurier do Czech", marketplaces=("allegro-cz",), destination_country="CZ")


@pytest.mark.parametrize(
    ("prices", "words", "first"),
    [
        ({"pickup": "0.00", "dpd": "13.99", "letter": "9.50"}, "dostawa od 9,50 zł", LETTER),
        ({"pickup": "0.00", "dpd": "0.00"}, "darmowa dostawa", COURIER),
        ({"pickup": "0.00"}, "odbiór osobisty", PICKUP),
        ({"pickup": "5.00", "czech": "4.00", "dpd": "13.99"}, "dostawa od 13,99 zł", COURIER),
    ],
)
def test_the_cheapest_delivery_is_one_that_brings_the_goods(
    session: Session,
    account: Account,
    browser: FlaskClient,
    prices: dict[str, str],
    words: str,
    first: DeliveryMethod,
) -> None:
    save_methods(session, COURIER, LETTER, PICKUP, CZECH)
    content = a_content("Cennik", *(a_rate(method, price) for method, price in prices.items()))
    a_price_list(session, account, "Cennik", base=content)
    an_offer(session, account, shipping_rate_id="id-Cennik")

    page = words_of(browser.get(PREVIEW)).replace("\u00a0", " ")

    assert f"Dostawa {words} wysyłka: 24 godziny {first.name}" in page


EXEMPT = [{"value": "EXEMPT", "label": "zw.", "exemptionRequired": True}]
KINDS = [
    {"id": "can", "name": "Puszka do 1 l", "marketplace": "allegro-pl", "price": "0.50", "currency": "PLN"},
    {"id": "jar", "name": "Butelka szklana", "marketplace": "allegro-pl", "price": "1.00", "currency": "PLN"},
]


def test_deposits_and_taxes_are_told_by_their_names_and_countries(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    account.base_marketplace = "allegro-pl"
    session.add(Dictionary(account_id=account.id, name="deposit_types", data={"rows": KINDS}, fetched_at=NOW))
    offer = an_offer(
        session,
        account,
        state=OfferState.ACTIVE,
        allegro_offer_id="18402771214",
        deposits=[{"id": "can", "quantity": 6}],
        vat_rate="EXEMPT",
        vat_exemption="VAT_EXEMPT_113",
        vat_rates_abroad={"CZ": "21.00", "SK": "23.00"},
    )
    body = json_in(browser.get(PREVIEW).text)
    session.get_one(Category, 1).taxes = {"rates": [{"countryCode": "PL", "values": EXEMPT}]}
    offer.sent, offer.live = body, {**body, "id": "18402771214"}
    offer.deposits = [{"id": "jar", "quantity": 2}]
    offer.vat_rate, offer.vat_exemption, offer.vat_rates_abroad = "23.00", "", {"CZ": "12.00"}
    session.commit()

    words = words_of(browser.get(PREVIEW)).replace("\u00a0", " ")
    offer.deposits = []
    session.commit()
    without = words_of(browser.get(PREVIEW)).replace("\u00a0", " ")

    for line in (
        "Kaucja za opakowania teraz 6 × Puszka do 1 l po zmianie 2 × Butelka szklana",
        "Stawka VAT teraz zw. po zmianie 23 %",
        "Stawka VAT, Czechy teraz 21 % po zmianie 12 %",
        "Stawka VAT, Słowacja teraz 23 % po zmianie –",
        "Podstawa zwolnienia z VAT teraz VAT_EXEMPT_113 po zmianie –",
        "plus kaucja za opakowanie, 2,00 zł za sztukę",
    ):
        assert line in words
    assert "Kaucja za opakowania teraz 6 × Puszka do 1 l po zmianie –" in without
    assert "plus kaucja" not in without


def test_a_slip_in_the_pieces_of_a_deposit_is_named_and_the_page_is_shown(
    session: Session, account: Account, browser: FlaskClient
) -> None:
    an_offer(session, account, deposits=[{"id": "can", "quantity": "pięć"}, {"id": "jar", "quantity": 2}])

    page = browser.get(PREVIEW)

    assert "Wpisz liczbę sztuk jako liczbę całkowitą" in words_of(page)
    assert json_in(page.text)["productSet"][0]["deposits"] == [{"id": "jar", "quantity": 2}]


def test_a_preview_asks_allegro_nothing(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    heard = Heard(host.simulator)
    host.runtime.http_transport = httpx2.WSGITransport(app=heard)
    an_offer(session, account)

    assert browser.get(PREVIEW).status_code == 200
    assert browser.get(f"{OFFERS}/99/preview").status_code == 404
    assert heard.bodies == {}
