"""An account is set up once; a new offer then needs no more than three decisions, and Allegro gets what the
pages show."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.terms import list_terms
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState
from allegro_module.domain.shop import Sku
from allegro_module.domain.terms import TermKind
from allegro_module.sync.categories import fetch_tree, refresh_parameters
from allegro_module.sync.offers import publish_offer
from allegro_module.sync.terms import fetch_terms
from tests.memory_shop import RING, a_product
from tests.web.browsing import form_in, press, words_of
from tests.web.conftest import NOW, SETTINGS, Host
from tests.web.linking_steps import link
from tests.web.offer_builders import OFFERS, RINGS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DECISIONS_MAX = 3
DEFAULTS = f"{SETTINGS}/defaults"
PRODUCT = a_product(
    # Names of its own: only the mapping knows what they mean at Allegro.
    attributes={"Kruszec": "złoto żółte", "Karatowość": "14 karatów", "Rozmiar": "15"},
    purchase_price=Money(Decimal(1000), "PLN"),
    vat_rate=None,
)


@dataclass
class Ear:
    """Stands before the simulator and keeps the offers that arrive."""

    app: WSGIApplication
    offers: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/sale/product-offers"):
            self.offers.append(json.loads(body))
        return self.app(environ, start_response)


@pytest.fixture
def ear(host: Host, monkeypatch: pytest.MonkeyPatch) -> Ear:
    """No queue here: the test does what the jobs would."""
    monkeypatch.setattr("allegro_module.web.offer_actions.ring_publish", lambda runtime, offer_id: True)
    ear = Ear(host.simulator)
    host.runtime.http_transport = httpx2.WSGITransport(app=ear)
    host.shop.add_product(PRODUCT, pieces=12)
    return ear


@pytest.fixture
def account(host: Host, ear: Ear, session: Session, browser: FlaskClient) -> Account:
    """Linked by the seller; its lists are fetched."""
    link(host, browser)
    account = session.scalars(select(Account)).one()
    browser.post(f"{SETTINGS}/accounts/{account.id}/confirm")
    api = host.runtime.api(account)
    fetch_tree(session, api, "simulator", NOW)
    refresh_parameters(session, api, "simulator", RINGS, NOW)
    fetch_terms(session, api, account, NOW)
    return session.scalars(select(Account)).one()


def ids_of(session: Session, account: Account, kind: TermKind) -> list[str]:
    return [each.known_id for each in list_terms(session, account.id, kind)]


def save(browser: FlaskClient, address: str, **changes: str) -> None:
    """The seller opens the form, fills a few fields and saves."""
    sent = form_in(browser.get(address).text, "defaults")
    for name, text in changes.items():
        sent[name.replace("__", ".")] = text
    assert browser.post(address, data=sent).status_code == 303


def set_up(session: Session, browser: FlaskClient, account: Account) -> None:
    """Once: template, mapping, and defaults of the account, the category, the brand and the product."""
    browser.post(
        f"{SETTINGS}/templates/new",
        data={
            "name": "Biżuteria",
            "layouts": ["text-image", "text"],
            "sections.0.items.0": "<h1>{name}</h1>",
            "sections.0.items.1": "{image_2}",
            "sections.1.items.0": "<p>{description}</p>",
            "deed": "save",
        },
        content_type="multipart/form-data",
    )
    mapping = f"{SETTINGS}/mapping"
    browser.post(f"{mapping}/category", data={"key": "pierscionki", "category": RINGS})
    for attribute, parameter in (("Kruszec", "206646"), ("Karatowość", "206647")):
        mapped = {"category": RINGS, "attribute": attribute, "parameter": parameter}
        browser.post(f"{mapping}/attribute", data=mapped)
    karats = {"category": RINGS, "parameter": "206647", "value": "14 karatów", "meant": "585"}
    browser.post(f"{mapping}/value", data=karats)
    changes = {
        "shipping_rate_id": ids_of(session, account, TermKind.SHIPPING_RATE)[-1],
        "handling_time": "P2D",
        "vat_rate": "23.00",
        "duration": "P30D",
        "quantity_buffer": "2",
        "price_rule__factor": "1,1",
        "price_rule__rounding": "99",
        "price_rule__min_margin": "15",
        "marketplaces__allegro-cz__mode": "rule",
        "marketplaces__allegro-cz__factor": "6",
        "marketplaces__allegro-sk__mode": "converts",
        "description_template_id": "1",
    }
    save(browser, DEFAULTS, **changes)
    added = browser.post(f"{DEFAULTS}/new/category", data={"key": "pierscionki"})
    save(browser, added.location, invoice="VAT_MARGIN", quantity_cap="8", handling_time="P3D")
    added = browser.post(f"{DEFAULTS}/new/product", data={"key": PRODUCT.sku})
    place = {"location__province": "SLASKIE", "location__city": "Tychy", "location__post_code": "43-100"}
    save(browser, added.location, **place)
    brand = f"{SETTINGS}/safety/brand?brand={PRODUCT.brand}"
    page = browser.get(brand).text
    rule = {
        "seen": page.partition('name="seen" value="')[2].partition('"')[0],
        "brand": str(PRODUCT.brand),
        "responsible_producer_id": ids_of(session, account, TermKind.RESPONSIBLE_PRODUCER)[0],
        "safety_kind": "text",
        "safety_text": "Nie dla dzieci poniżej 3 lat.",
    }
    assert browser.post(brand, data=rule, content_type="multipart/form-data").status_code == 303


def test_a_new_offer_is_what_was_set_up_once_and_arrives_as_the_pages_show_it(
    host: Host, ear: Ear, account: Account, session: Session, browser: FlaskClient
) -> None:
    set_up(session, browser, account)

    form = browser.post(f"{OFFERS}/new?sku={PRODUCT.sku}", data={"account": account.id}).location
    page = browser.get(form)
    # The shop does not say which stone it is: that is left to the seller.
    decisions: dict[str, Any] = {"parameters__206650": "206650_2"}
    assert press(browser, form, "publish", **decisions).status_code == 303
    session.rollback()
    offer = session.scalars(select(Offer)).one()
    publish_offer(
        session, host.runtime.api(offer.account), host.shop, offer.id, host.runtime.clock("simulator")
    )

    assert len(decisions) <= DECISIONS_MAX
    session.rollback()
    assert session.scalars(select(Offer)).one().state in (OfferState.ACTIVE, OfferState.VERIFYING)
    (sent,) = ear.offers
    shown = form_in(page.text)
    assert_as_shown(sent, shown)
    assert_as_set_up(sent, session, account)
    words = words_of(page).replace("\u00a0", " ")
    for origin in (
        "z profilu konta",
        "z kategorii Pierścionki",
        "z marki Bursztyn i Len",
        "z profilu produktu",
        "z mapowania",
        "z produktu",
        "jedyny na koncie",
    ):
        assert origin in words


def test_a_second_product_of_the_category_gets_what_the_first_has_taught(
    host: Host, ear: Ear, account: Account, session: Session, browser: FlaskClient
) -> None:
    host.simulator.world.switches.offer_creation = "created"
    # One name is the shop's own, and one value.
    taught = {"Kruszec": "złoto żółte", "Próba złota": "14 karatów", "Rozmiar": "15"}
    host.shop.add_product(replace(PRODUCT, attributes=taught), pieces=12)
    first = browser.post(f"{OFFERS}/new?sku={PRODUCT.sku}", data={"account": account.id}).location
    assert "parameters.206646" not in form_in(browser.get(first).text)
    assert browser.post(f"{first}/category", data={"category": RINGS}).status_code == 303
    chosen: dict[str, Any] = {
        "parameters__206646": "206646_3",
        "parameters__206647": "206647_3",
        "parameters__206650": "206650_2",
        "safety_text": "Nie dla dzieci poniżej 3 lat.",
        "responsible_producer_id": ids_of(session, account, TermKind.RESPONSIBLE_PRODUCER)[0],
        "shipping_rate_id": ids_of(session, account, TermKind.SHIPPING_RATE)[0],
    }
    # What the gold asks for shows once it is chosen.
    press(browser, first, "save", **chosen)
    assert press(browser, first, "publish", **chosen).status_code == 303
    session.rollback()
    (offer,) = session.scalars(select(Offer))
    clock = host.runtime.clock("simulator")
    publish_offer(session, host.runtime.api(offer.account), host.shop, offer.id, clock)
    session.rollback()
    assert session.scalars(select(Offer.state)).one() == OfferState.ACTIVE

    host.shop.add_product(replace(PRODUCT, sku=Sku("PZ-0200"), attributes=taught))
    second = browser.post(f"{OFFERS}/new?sku=PZ-0200", data={"account": account.id}).location

    page = browser.get(second)
    shown = form_in(page.text)
    assert words_of(page).count("z mapowania") >= 3
    assert {name: shown[name] for name in ("parameters.206646", "parameters.206647")} == {
        "parameters.206646": "206646_3",
        "parameters.206647": "206647_3",
    }
    session.rollback()
    assert session.scalars(select(Offer.category_id).where(Offer.sku == "PZ-0200")).one() == RINGS


def assert_as_shown(sent: dict[str, Any], shown: MultiDict[str, str]) -> None:
    """Member by member, what arrived is what stood in the field."""
    product = sent["productSet"][0]
    assert sent["name"] == shown["title"]
    assert sent["external"]["id"] == PRODUCT.sku
    assert sent["sellingMode"]["price"] == amount(shown["price"], "PLN")
    assert sent["stock"]["available"] == int(shown["quantity"])
    assert sent["additionalMarketplaces"] == {
        "allegro-cz": {"sellingMode": {"price": amount(shown["marketplaces.allegro-cz"], "CZK")}}
    }
    assert shown["marketplaces.allegro-sk"] == ""
    assert sent["delivery"] == {
        "shippingRates": {"id": shown["shipping_rate_id"]},
        "handlingTime": shown["handling_time"],
    }
    assert sent["afterSalesServices"] == {
        "returnPolicy": {"id": shown["return_policy_id"]},
        "impliedWarranty": {"id": shown["implied_warranty_id"]},
    }
    assert sent["payments"] == {"invoice": shown["invoice"]}
    assert sent["taxSettings"]["rates"] == [{"rate": shown["vat_rate"], "countryCode": "PL"}]
    assert sent["location"] == {
        "countryCode": shown["location.country"],
        "province": shown["location.province"],
        "city": shown["location.city"],
        "postCode": shown["location.post_code"],
    }
    assert sent["publication"] == {
        "status": "ACTIVE",
        "duration": shown["duration"],
        "republish": "is_republished" in shown,
    }
    assert product["responsibleProducer"] == {"type": "ID", "id": shown["responsible_producer_id"]}
    assert product["safetyInformation"] == {"type": "TEXT", "description": shown["safety_text"]}
    answers = {
        each["id"]: each.get("valuesIds") or each.get("values")
        for each in (*sent["parameters"], *product["product"]["parameters"])
    }
    for name, value in shown.items():
        if name.startswith("parameters.") and name.count(".") == 1 and value:
            assert answers[name.removeprefix("parameters.")] == [value]
    assert answers["225693"] == [shown["gtin"]]


def amount(text: str, currency: str) -> dict[str, str]:
    return {"amount": f"{Decimal(text.replace(',', '.')):.2f}", "currency": currency}


def assert_as_set_up(sent: dict[str, Any], session: Session, account: Account) -> None:
    """Each value stands for what the seller set: the nearest wins, the rules are kept."""
    product = sent["productSet"][0]
    assert sent["sellingMode"]["price"]["amount"] == "1373.99"
    assert sent["additionalMarketplaces"]["allegro-cz"]["sellingMode"]["price"]["amount"] == "8244.00"
    assert sent["stock"]["available"] == 8
    assert (sent["delivery"]["handlingTime"], sent["payments"]["invoice"]) == ("P3D", "VAT_MARGIN")
    assert sent["delivery"]["shippingRates"]["id"] == ids_of(session, account, TermKind.SHIPPING_RATE)[-1]
    assert sent["location"]["city"] == "Tychy"
    assert sent["publication"]["duration"] == "P30D"
    assert product["product"]["category"] == {"id": RINGS}
    assert {"id": "206647", "valuesIds": ["206647_3"]} in product["product"]["parameters"]
    (first, text), (body,) = (section["items"] for section in sent["description"]["sections"])
    assert first == {"type": "TEXT", "content": f"<h1>{RING.name}</h1>"}
    assert text == {"type": "IMAGE", "url": sent["images"][1]}
    assert "Klasyczny pierścionek" in body["content"]
