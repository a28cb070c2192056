"""A scope that the seller has not granted: it is named, and what does not need it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import NotConnected, Reason
from allegro_module.client.scopes import scope_of
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor, find_cursor
from allegro_module.db.offers import get_offer
from allegro_module.domain import scope_texts
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState, Trouble
from allegro_module.domain.scopes import (
    READ_OFFERS,
    READ_ORDERS,
    READ_SETTINGS,
    SCOPES,
    WRITE_OFFERS,
    WRITE_ORDERS,
    missing,
)
from allegro_module.simulator import World
from allegro_module.sync.offers import publish_offer, settle_offers
from allegro_module.sync.orders import Message, import_orders
from allegro_module.web.sentences import sentence
from tests.memory_shop import MemoryShop
from tests.openapi import load_document
from tests.sync.conftest import BothClocks, Wire
from tests.sync.offer_builders import a_draft, ask, read

ALL = tuple(scope.name for scope in SCOPES)
#: Paths of our calls to which a rule of scopes.py applies.
CALLED = (
    "/me",
    "/order/events",
    "/order/event-stats",
    "/order/checkout-forms",
    "/order/checkout-forms/{id}",
    "/order/checkout-forms/{id}/fulfillment",
    "/sale/product-offers",
    "/sale/product-offers/{offerId}",
    "/sale/product-offers/{offerId}/operations/{operationId}",
    "/sale/products",
    "/sale/products/{productId}",
    "/sale/offers",
    "/sale/images",
    "/sale/shipping-rates",
    "/sale/shipping-rates/{id}",
    "/sale/responsible-producers",
    "/sale/responsible-persons",
    "/after-sales-service-conditions/return-policies",
    "/after-sales-service-conditions/implied-warranties",
    "/after-sales-service-conditions/warranties",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@dataclass
class Consent:
    """What the seller has granted: at Allegro, and as the account's row has it."""

    world: World
    session: Session
    account_id: int

    def without(self, *names: str, is_known: bool = True) -> None:
        granted = tuple(name for name in ALL if name not in names)
        for token in self.world.tokens.access.values():
            token.session.consent = replace(token.session.consent, scopes=granted)
        account = self.session.get_one(Account, self.account_id)
        account.scopes = " ".join(granted if is_known else ALL)
        self.session.commit()


@pytest.fixture
def consent(world: World, session: Session, account: Account) -> Consent:
    return Consent(world, session, account.id)


@pytest.fixture
def look(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Callable[[], Message]:
    session.add(Cursor(account_id=account.id, started_at=clock()))
    session.commit()
    return lambda: import_orders(session, api, shop, account, clock).message


def test_refusal_names_the_scope_though_allegro_does_not(api: AllegroClient, consent: Consent) -> None:
    consent.without(READ_ORDERS)

    with pytest.raises(NotConnected) as refusal:
        api.orders.events(None, 10)

    assert (refusal.value.reason, refusal.value.scope) == (Reason.SCOPE_MISSING, READ_ORDERS)
    assert "not connected" not in str(refusal.value)
    assert READ_ORDERS in str(refusal.value)


def test_import_says_which_scope_is_missing(
    look: Callable[[], Message], session: Session, account: Account, consent: Consent
) -> None:
    consent.without(READ_ORDERS, is_known=False)

    assert look() is Message.SCOPE_MISSING

    cursor = find_cursor(session, account.id)
    assert cursor is not None
    assert (cursor.last_message, cursor.last_success_at) == (Message.SCOPE_MISSING, None)
    assert account.state == LinkState.CONNECTED


def test_orders_are_imported_without_the_scopes_of_offers(
    look: Callable[[], Message], consent: Consent
) -> None:
    consent.without(READ_OFFERS, WRITE_OFFERS, READ_SETTINGS)

    assert look() is Message.NOTHING_NEW


@dataclass
class Lister:
    session: Session
    api: AllegroClient
    shop: MemoryShop
    account: Account
    clock: BothClocks

    def wanted(self) -> int:
        draft = a_draft(self.session, self.api, self.shop, self.account, self.clock())
        return ask(self.session, draft, self.clock())

    def publish(self, offer_id: int) -> OfferState:
        return publish_offer(self.session, self.api, self.shop, offer_id, self.clock)

    def settle(self) -> dict[int, OfferState]:
        return settle_offers(self.session, lambda account: self.api, self.shop, lambda name: self.clock)


@pytest.fixture
def lister(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Lister:
    return Lister(session, api, shop, account, clock)


@pytest.mark.parametrize("is_known", [True, False])
def test_offer_that_may_not_be_listed_says_why(
    lister: Lister, session: Session, consent: Consent, is_known: bool
) -> None:
    offer_id = lister.wanted()
    consent.without(WRITE_OFFERS, is_known=is_known)

    assert lister.publish(offer_id) is OfferState.REFUSED

    (problem,) = read(session, offer_id, lambda offer: offer.problems)
    words = sentence(problem)
    assert words.startswith("Nie przyznano uprawnienia sale:offers:write. Nie wystawisz")
    assert "%(" not in words
    assert get_offer(session, offer_id).account.state == LinkState.CONNECTED
    session.rollback()


def test_known_lack_sends_nothing_to_allegro(lister: Lister, wire: Wire, consent: Consent) -> None:
    offer_id = lister.wanted()
    consent.without(WRITE_OFFERS)
    wire.requests.clear()

    lister.publish(offer_id)

    assert [request for request in wire.requests if not request.startswith("GET /sale/categories")] == []


def test_offer_is_listed_once_the_scope_is_there(lister: Lister, session: Session, consent: Consent) -> None:
    offer_id = lister.wanted()
    consent.without(WRITE_OFFERS)
    lister.publish(offer_id)

    consent.without()
    ask(session, offer_id, lister.clock())

    assert lister.publish(offer_id) is OfferState.VERIFYING


def test_offer_that_cannot_be_read_waits_without_asking(
    lister: Lister, session: Session, wire: Wire, consent: Consent
) -> None:
    offer_id = lister.wanted()
    consent.without(READ_OFFERS)

    assert lister.publish(offer_id) is OfferState.VERIFYING
    assert read(session, offer_id, lambda offer: offer.trouble) == Trouble.SCOPE_MISSING
    wire.requests.clear()
    lister.clock.forward(minutes=30)
    assert lister.settle() == {}
    assert wire.requests == []

    consent.without()
    assert lister.settle() == {offer_id: OfferState.ACTIVE}
    assert read(session, offer_id, lambda offer: offer.trouble) == ""


def test_lack_that_shows_only_at_allegro_is_said_too(
    lister: Lister, session: Session, consent: Consent
) -> None:
    offer_id = lister.wanted()
    lister.publish(offer_id)
    consent.without(READ_OFFERS, is_known=False)

    lister.clock.forward(minutes=1)
    lister.settle()

    assert read(session, offer_id, lambda offer: offer.trouble) == Trouble.SCOPE_MISSING


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/order/events", READ_ORDERS),
        ("PUT", "/order/checkout-forms/1/fulfillment", WRITE_ORDERS),
        ("GET", "/sale/product-offers/1", READ_OFFERS),
        ("PATCH", "/sale/product-offers/1", WRITE_OFFERS),
        ("POST", "/sale/images", WRITE_OFFERS),
        ("GET", "/sale/categories", None),
        ("GET", "/order/carriers", None),
    ],
)
def test_scope_of_a_call(method: str, path: str, scope: str | None) -> None:
    assert scope_of(method, path) == scope


@pytest.mark.parametrize("path", CALLED)
def test_scopes_of_calls_are_those_of_allegros_description(path: str) -> None:
    document = load_document()
    if document is None:
        pytest.skip("Allegro's openapi.json is not here")
    operations = {name: each for name, each in document["paths"][path].items() if "security" in each}

    for method, operation in operations.items():
        wanted = [name for entry in operation["security"] for names in entry.values() for name in names]
        assert wanted == [scope_of(method.upper(), path)]


def test_every_scope_has_its_words() -> None:
    assert [scope.name for scope in SCOPES if not scope_texts.why(scope.name)] == []
    assert [scope.name for scope in SCOPES if not scope_texts.without(scope.name)] == []


def test_old_token_that_names_no_scopes_has_them_all() -> None:
    assert missing("allegro_api") == ()
    assert missing("") == ()
