"""Products of the catalogue all the way to Allegro: by EAN only, as a set, against the offer's own data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.quick_lists import QuickList
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.offers import OfferState, ProductMatch, Wanted
from allegro_module.jobs import tasks
from allegro_module.jobs.quick import make_quick_offers, prepare_quick_list
from allegro_module.sync.catalogue import products_named
from allegro_module.sync.offers import ask_for
from tests.web.conftest import NOW, Host
from tests.web.offer_builders import OFFERS, an_account_of_the_simulator, an_offer, stored
from tests.web.test_offer_product import FRAGMENT, RING, RING_EAN
from tests.web.test_quick import HEADPHONES, QUICK, SONY

#: Without safety data of its own: those of the offer are sent.
JBL = "27aa26c3-aaa3-5c84-bcb0-9fc9f227bc2c"


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    host.shop.add_product(HEADPHONES)
    account = an_account_of_the_simulator(session, host)
    tasks.fetch_terms(account.id)
    session.rollback()
    return account


def listed(host: Host, offer_id: int) -> Offer:
    """What became of it, a few minutes later."""
    offer = host.runtime.session.get_one(Offer, offer_id)
    if offer.state == OfferState.DRAFT:
        ask_for(offer, Wanted.LIST, NOW, "anna.k")
    host.runtime.session.commit()
    tasks.publish_offer(offer_id)
    for _ in range(3):
        host.now += timedelta(minutes=5)
        host.simulator.world.clock.advance(300)
        tasks.settle()
    return stored(host, offer_id)


def an_offer_of_ours(session: Session, account: Account, **changes: object) -> int:
    """A draft with the account's own terms."""
    rows = session.scalars(select(SellingTerm))
    terms = {each.kind: each.allegro_id for each in rows if not each.is_fulfillment}
    return an_offer(
        session,
        account,
        shipping_rate_id=terms[TermKind.SHIPPING_RATE],
        return_policy_id=terms[TermKind.RETURN_POLICY],
        implied_warranty_id=terms[TermKind.IMPLIED_WARRANTY],
        responsible_producer_id=terms[TermKind.RESPONSIBLE_PRODUCER],
        **changes,
    ).id


def test_a_quick_offer_is_active_with_the_catalogues_title_and_pictures(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    browser.post(QUICK, data={"codes": "WH-1"})
    list_id = session.scalars(select(QuickList.id)).one()
    prepare_quick_list(list_id)
    session.rollback()
    quick = session.get_one(QuickList, list_id)
    data = {"version": str(quick.version), "row.0": "1", "action": "list"}

    browser.post(f"{QUICK}/{list_id}", data=data)
    make_quick_offers(list_id)
    offer = listed(host, session.scalars(select(Offer.id)).one())

    assert (offer.state, offer.problems) == (OfferState.ACTIVE, [])
    assert offer.product_id == SONY
    assert "Aktywna" in browser.get(f"{QUICK}/{list_id}").text


def test_own_data_that_the_catalogue_contradicts_are_settled_by_taking_the_product(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    chosen = ("11323_1", "206646_1", "206648_1", "248811_1", "206650_1", "206653_1")
    silver = {each.partition("_")[0]: {"values_ids": [each]} for each in chosen}
    offer_id = an_offer_of_ours(
        session, account, gtin=RING_EAN, parameters=silver, product_match=ProductMatch.DECLINED
    )

    offer = listed(host, offer_id)

    assert offer.state == OfferState.REFUSED
    assert products_named(offer.problems) == [RING]
    card = browser.get(f"{OFFERS}/{offer_id}/product", headers=FRAGMENT).text
    assert "Katalog Allegro mówi co innego niż ta oferta." in card


def test_a_set_of_two_products_is_sold_with_their_pieces(
    host: Host, session: Session, account: Account, browser: FlaskClient
) -> None:
    offer_id = an_offer_of_ours(session, account, category_id=None, parameters={}, gtin="")
    for product_id, to in ((JBL, ""), (SONY, "set")):
        browser.post(f"{OFFERS}/{offer_id}/products", data={"product": product_id, "to": to})
    offer = stored(host, offer_id)
    offer.more_products = [{"product_id": SONY, "quantity": 2}]

    offer = listed(host, offer_id)

    assert (offer.state, offer.problems) == (OfferState.ACTIVE, [])
    (sold,) = host.simulator.world.offers.offers.values()
    assert [each["product"]["id"] for each in sold.wish["productSet"]] == [JBL, SONY]
    assert sold.wish["productSet"][1]["quantity"] == {"value": 2}
