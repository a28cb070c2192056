"""Changed here and on Allegro: Allegro's value in the draft, so that nothing is left to be sent of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.offers import get_offer
from allegro_module.domain.offers import OfferState, Wanted
from allegro_module.simulator.offer_book import Offer as ListedOffer
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_theirs import may_take_theirs, take_theirs
from tests.sync.conftest import Wire
from tests.sync.test_offer_wishes import Counter, writes
from tests.sync.test_offer_wishes import desk as desk
from tests.sync.test_offer_wishes import there as there

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def take(desk: Counter, field: str) -> bool:
    offer = get_offer(desk.session, desk.offer_id)
    taken = take_theirs(offer, field, parameters_of(desk.session, offer))
    desk.session.commit()
    return taken


def test_value_taken_from_allegro_is_no_conflict_and_is_not_sent(
    desk: Counter, api: AllegroClient, wire: Wire, there: ListedOffer
) -> None:
    elsewhere: dict[str, Any] = {
        "name": "Tytuł z panelu Allegro",
        "sellingMode": {"price": {"amount": "888.00", "currency": "PLN"}},
        "delivery": {"handlingTime": "P3D"},
    }
    api.offers.patch(there.id, elsewhere)
    images = desk.read(desk.offer_id, lambda o: list(o.images))
    mine = {"title": "Tytuł od nas", "price_text": "999", "handling_time": "P2D"}
    desk.wants(Wanted.LIST, **mine, images=images[::-1])
    assert desk.publish(desk.offer_id) is OfferState.REFUSED
    fields = [field for field, code in desk.codes(desk.offer_id) if code == "changed_on_allegro"]
    assert sorted(fields) == ["handling_time", "price", "title"]

    assert all(take(desk, field) for field in ("title", "price"))

    assert desk.read(desk.offer_id, lambda o: (o.title, o.price_text, o.handling_time)) == (
        "Tytuł z panelu Allegro",
        "888,00",
        "P2D",
    )
    wire.requests.clear()
    desk.wants(Wanted.LIST)
    assert desk.follow(desk.offer_id) is OfferState.ACTIVE
    assert len(writes(wire)) == 1
    content = there.content
    assert (content.name, content.selling_mode["price"]["amount"]) == ("Tytuł z panelu Allegro", "888.00")
    assert (content.delivery or {})["handlingTime"] == "PT48H"


def with_live(session: Session, desk: Counter, **changes: Any) -> None:
    offer = get_offer(session, desk.offer_id)
    assert offer.live is not None
    offer.live = {**offer.live, **changes}
    session.commit()


def test_answers_and_prices_abroad_are_taken_in_the_shape_of_the_draft(
    desk: Counter, session: Session
) -> None:
    abroad = {"allegro-cz": {"sellingMode": {"price": {"amount": "5900.00", "currency": "CZK"}}}}
    weight = {"id": "206655", "values": ["3,2"], "valuesIds": []}
    with_live(session, desk, additionalMarketplaces=abroad, parameters=[weight])

    assert all(take(desk, field) for field in ("parameters.206655", "marketplaces.allegro-cz"))
    taken = desk.read(desk.offer_id, lambda o: (o.parameters["206655"], o.marketplaces))
    assert taken == (
        {"values": ["3,2"], "values_ids": [], "range": {}},
        {"allegro-cz": {"price_text": "5900,00"}},
    )
    with_live(session, desk, additionalMarketplaces={}, parameters=[], productSet=[])
    assert all(take(desk, field) for field in ("parameters.206655", "marketplaces.allegro-cz"))
    gone = desk.read(desk.offer_id, lambda o: ("206655" in o.parameters, o.marketplaces))
    assert gone == (False, {"allegro-cz": {"price_text": ""}})


def test_what_has_no_place_in_the_row_is_left_as_it_is(desk: Counter, session: Session) -> None:
    assert not may_take_theirs("description")
    assert not take(desk, "description")
    get_offer(session, desk.offer_id).live = None
    assert not take(desk, "title")
