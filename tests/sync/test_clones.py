"""„Wystaw podobną”: equal content under its own external id, the source untouched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.offers import OfferState, ProductMatch
from allegro_module.domain.problems import Problem, to_json
from allegro_module.domain.terms import TermKind
from allegro_module.sync.clones import CONTENT, OWN_TO_ROW, clone_offer, count_of_product, left_behind
from tests.memory_shop import MemoryShop, a_product
from tests.sync.conftest import BothClocks

COLUMNS = Offer.__mapper__.columns
TEXT = st.text("ab ąż💍", max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
OF_PRICE = ("price", "quantity", "price_text", "quantity_text", "currency")


def _values(name: str) -> st.SearchStrategy[Any]:
    """Anything that the column may hold."""
    column = COLUMNS[name]
    kind = column.type.python_type if not name.endswith("_id") or name == "product_id" else str
    if name == "description_template_id":
        return st.none()
    if column.type.__class__.__name__ == "JSON":
        return JSON_VALUES.filter(lambda value: value is not None)
    if name == "product_match":
        return st.sampled_from(list(ProductMatch))
    known: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(1, 99),
        str: st.text("abc ąż", max_size=4),
    }
    return known[kind]


CHOICES = st.fixed_dictionaries({name: _values(name) for name in CONTENT if name not in OF_PRICE})


def an_offer(session: Session, account: Account, clock: BothClocks, **changes: Any) -> Offer:
    now = clock()
    values: dict[str, Any] = {
        "sku": "PZ-1",
        "external_id": "PZ-1",
        "title": "Pierścionek złoty z bursztynem",
        "price_text": "10,50",
        "quantity_text": "3",
        "price": Decimal("10.50"),
        "quantity": 3,
        "state": OfferState.DRAFT,
        "state_since": now,
        "created_at": now,
        "changed_at": now,
    }
    offer = Offer(account=account, **{**values, **changes})
    session.add(offer)
    session.flush()
    return offer


def columns_of(offer: Offer, names: Any = None) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in names or [each.key for each in COLUMNS]}


def a_term(account: Account, kind: TermKind, allegro_id: str, name: str, clock: BothClocks) -> SellingTerm:
    return SellingTerm(
        account_id=account.id, kind=kind, allegro_id=allegro_id, name=name, details={}, fetched_at=clock()
    )


@pytest.fixture
def other(session: Session, account: Account, clock: BothClocks) -> Account:
    other = Account(
        application=account.application,
        environment=account.environment,
        alias="LO",
        login="len_outlet",
        seller_id="another",
        state=account.state,
        base_marketplace=account.base_marketplace,
        created_at=clock(),
    )
    session.add(other)
    session.flush()
    return other


@examples(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(choices=CHOICES)
def test_all_content_is_equal_and_the_source_as_it_was(
    session: Session, account: Account, clock: BothClocks, choices: dict[str, Any]
) -> None:
    # What the example before has left.
    session.rollback()
    source = an_offer(
        session,
        account,
        clock,
        **choices,
        state=OfferState.ACTIVE,
        allegro_offer_id="18402771214",
        listed_at=clock(),
        sent={"name": "x"},
        live={"id": "1"},
        batch="together",
        problems_json=[to_json(Problem("a"))],
    )
    session.refresh(source)
    before = columns_of(source)

    clone = clone_offer(session, source, account, None, clock() + timedelta(days=1), "anna.k")
    session.flush()
    session.expire_all()

    assert columns_of(source) == before
    assert columns_of(clone, CONTENT) == columns_of(source, CONTENT)
    assert (clone.external_id, clone.cloned_from, clone.state) == ("PZ-1~2", source.id, OfferState.DRAFT)
    assert clone.allegro_offer_id is None and clone.sent is None and clone.live is None
    assert clone.batch is None and clone.problems_json == [] and clone.listed_at is None


def test_every_column_is_either_content_or_the_rows_own() -> None:
    assert {each.key for each in Offer.__mapper__.column_attrs} == {*CONTENT, *OWN_TO_ROW}


def test_no_paid_package_goes_over_and_that_is_said(
    session: Session, account: Account, clock: BothClocks
) -> None:
    wish = {"base": "emphasized10d", "extra": ["departmentPage"], "outcome": "done"}
    source = an_offer(session, account, clock, promotion=wish)

    clone = clone_offer(session, source, account, None, clock(), "anna.k")
    session.flush()

    assert (clone.promotion, source.promotion) == ({}, wish)
    assert left_behind(source, clone) == ["promotion"]


def test_lists_of_the_clone_are_its_own(session: Session, account: Account, clock: BothClocks) -> None:
    source = an_offer(session, account, clock, images=["ring-1"], parameters={"1": {"values": ["a"]}})
    clone = clone_offer(session, source, account, None, clock(), "anna.k")

    clone.images.append("ring-2")
    clone.parameters["1"]["values"].append("b")

    assert source.images == ["ring-1"] and source.parameters == {"1": {"values": ["a"]}}


def test_another_account_gets_its_own_terms_of_the_same_names(
    session: Session, account: Account, other: Account, clock: BothClocks
) -> None:
    session.add_all(
        [
            a_term(account, TermKind.SHIPPING_RATE, "rate-a", "Kurier  i Paczkomaty", clock),
            a_term(other, TermKind.SHIPPING_RATE, "rate-b", "kurier i paczkomaty", clock),
            a_term(account, TermKind.WARRANTY, "warranty-a", "Gwarancja 24 m", clock),
            a_term(other, TermKind.WARRANTY, "warranty-b", "Inna gwarancja", clock),
        ]
    )
    source = an_offer(
        session, account, clock, shipping_rate_id="rate-a", warranty_id="warranty-a", size_table_id="size-a"
    )

    clone = clone_offer(session, source, other, None, clock(), "anna.k")

    assert clone.shipping_rate_id == "rate-b" and clone.warranty_id is None and clone.size_table_id is None
    assert left_behind(source, clone) == ["warranty_id", "size_table_id"]
    assert clone.external_id == "PZ-1" and clone.account_id in (None, other.id)
    assert clone.title == source.title and clone.price == source.price


def test_without_the_same_name_the_accounts_only_terms_are_taken(
    session: Session, account: Account, other: Account, clock: BothClocks, shop: MemoryShop
) -> None:
    product = shop.add_product(a_product(sku="PZ-1"))
    session.add_all(
        [
            a_term(account, TermKind.SHIPPING_RATE, "rate-a", "Kurier", clock),
            a_term(other, TermKind.SHIPPING_RATE, "rate-b", "Poczta", clock),
        ]
    )
    source = an_offer(session, account, clock, shipping_rate_id="rate-a")

    clone = clone_offer(session, source, other, product, clock(), "anna.k")
    session.flush()

    assert clone.shipping_rate_id == "rate-b" and left_behind(source, clone) == []


def test_another_product_brings_what_is_its_own(
    session: Session, account: Account, clock: BothClocks, shop: MemoryShop
) -> None:
    product = shop.add_product(a_product(sku="KS-9", name="Kolczyki srebrne z bursztynem"))
    source = an_offer(
        session,
        account,
        clock,
        gtin="5907700000130",
        product_id="a-product",
        product_match=ProductMatch.FOUND,
        category_id="77",
        shipping_rate_id="rate-a",
        images=["ring-1"],
    )

    clone = clone_offer(session, source, account, product, clock(), "anna.k", pieces=4)

    assert (clone.sku, clone.external_id, clone.title) == ("KS-9", "KS-9", product.name)
    assert clone.gtin == (product.gtin or "") and clone.images == list(product.images)
    assert (clone.product_id, clone.product_match) == (None, ProductMatch.UNKNOWN)
    assert (clone.quantity, clone.price) == (4, product.price.amount)
    assert (clone.category_id, clone.shipping_rate_id) == ("77", "rate-a")


def test_a_base_marketplace_of_another_currency_takes_no_price_over(
    session: Session, account: Account, other: Account, clock: BothClocks
) -> None:
    other.base_marketplace = "allegro-cz"
    source = an_offer(session, account, clock, vat_rate="23.00", marketplaces={"allegro-cz": {}})

    clone = clone_offer(session, source, other, None, clock(), "anna.k")

    assert (clone.currency, clone.price_text, clone.price) == ("CZK", "", None)
    assert (clone.vat_rate, clone.marketplaces) == ("", {})
    assert {"price_text", "vat_rate", "marketplaces"} <= set(left_behind(source, clone))


def test_offers_of_a_product_count_while_they_stand_on_allegro(
    session: Session, account: Account, other: Account, clock: BothClocks
) -> None:
    states = (OfferState.ACTIVE, OfferState.VERIFYING, OfferState.PLANNED, OfferState.ENDED, OfferState.DRAFT)
    for number, state in enumerate(states):
        an_offer(session, account, clock, external_id=f"E-{number}", state=state)
    an_offer(session, other, clock, state=OfferState.ACTIVE)

    assert count_of_product(session, account.id, "PZ-1") == 3
