"""The public macros in a page of the host's own."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem
from tests.web.conftest import NOW, Host, a_linked_account
from tests.web.test_orders_page import an_order

PAGE = "/product/PZ-0142/7"


def an_offer(session: Session, account: Account, external_id: str = "PZ-0142", **changes: object) -> Offer:
    offer = Offer(
        account_id=account.id,
        sku="PZ-0142",
        external_id=external_id,
        title="Pierścionek złoty z bursztynem",
        state_since=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    for name, value in changes.items():
        setattr(offer, name, value)
    session.add(offer)
    session.commit()
    return offer


def test_a_product_without_offers_shows_the_way_to_add_one(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)

    page = browser.get(PAGE).text

    assert "Tego produktu nie ma jeszcze na Allegro." in page
    assert 'action="/backend/allegro/config/offers/new?sku=PZ-0142"' in page


def test_the_offers_of_a_product_show_state_number_and_links(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    account = a_linked_account(session, host)
    offer = an_offer(session, account, state=OfferState.ACTIVE, allegro_offer_id="18402771214")
    refused = an_offer(session, account, "PZ-0142~2", state=OfferState.REFUSED)
    refused.remember_problems([Problem("x", "title"), Problem("y", "price", is_warning=True)])
    session.commit()

    page = browser.get(PAGE).text

    assert "18\u00a0402\u00a0771\u00a0214" in page
    assert "http://simulator.test/oferta/18402771214" in page
    assert f'href="/backend/allegro/config/offers/{offer.id}"' in page
    assert "Odrzucona" in page
    assert "1 miejsce do poprawy" in page


def test_an_order_from_allegro_has_a_panel_and_one_of_the_shops_own_has_none(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    an_order(session, a_linked_account(session, host), 7)

    assert "BL-10007" in browser.get(PAGE).text
    assert 'aria-labelledby="al-order-h"' not in browser.get("/product/PZ-0142/8").text


def test_the_macros_show_nothing_to_a_visitor_who_may_not_look(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    an_order(session, a_linked_account(session, host), 7)
    host.allowed.clear()

    page = browser.get(PAGE).text

    assert "<h1>Produkt</h1>" in page
    assert "al-card" not in page


def test_a_visitor_who_may_only_look_gets_no_button_to_add(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)
    host.allowed = {"view"}

    assert "offers/new" not in browser.get(PAGE).text
