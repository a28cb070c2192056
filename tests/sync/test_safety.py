"""Counting how complete the GPSR data of the shop's products are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile
from allegro_module.db.safety import offers_by_party
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.money import Money
from allegro_module.domain.producers import Party, to_wire
from allegro_module.domain.profiles import SAFETY_FIELDS, Scope
from allegro_module.domain.shop import ShopProduct, Sku
from allegro_module.sync import safety
from allegro_module.sync.drafts import new_draft
from allegro_module.sync.safety import Brand, LackingProduct, coverage, say, stored_coverage
from tests.memory_shop import MemoryShop
from tests.sync.conftest import NOON, BothClocks

LAMP = ShopProduct(Sku("LAMP"), "Lampion", Money(Decimal(49), "PLN"), brand="Cichy Las")


#: What the first test does not show of both databases.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def stock_up(session: Session, account: Account) -> MemoryShop:
    """Five products: of a whole brand, of one abroad, two of none, one with an offer of its own."""
    account_id = account.id
    producers = {"pl": "PL", "cn": "CN"}
    session.add_all(
        SellingTerm(
            account_id=account_id,
            kind=TermKind.RESPONSIBLE_PRODUCER,
            allegro_id=id,
            name=id,
            details={},
            base=to_wire(TermKind.RESPONSIBLE_PRODUCER, Party(name=id, country=country)),
            fetched_at=NOON,
        )
        for id, country in producers.items()
    )
    profiles = [
        (Scope.BRAND, "cichy las", {"responsible_producer_id": "pl", "safety_text": "Uwaga"}),
        (Scope.BRAND, "lamp", {"responsible_producer_id": "cn", "safety_attachments": [1]}),
        (Scope.PRODUCT, "OLD", {"is_before_gpsr": True}),
    ]
    session.add_all(
        Profile(account_id=account_id, scope=scope, key=key, values=values, changed_at=NOON)
        for scope, key, values in profiles
    )
    own = {"responsible_producer_id": "pl", "safety_text": "Małe części"}
    times = {"state_since": NOON, "created_at": NOON, "changed_at": NOON}
    session.add(Offer(account_id=account_id, sku="OFFER", external_id="OFFER", **own, **times))
    session.commit()
    shop = MemoryShop()
    for sku, brand in {"LAMP": "Cichy  LAS", "FAR": "Lamp", "OLD": None, "OFFER": None, "NONE": None}.items():
        shop.add_product(replace(LAMP, sku=Sku(sku), brand=brand))
    return shop


def test_products_are_counted_with_all_their_layers_and_offers(
    session: Session, account: Account, clock: BothClocks
) -> None:
    shop = stock_up(session, account)

    found = coverage(session, shop, account.id, clock)

    assert (found.total, found.complete, found.done, found.counted_at) == (5, 3, None, NOON)
    assert found.by_missing == {"person": 1, "producer": 1, "information": 1}
    assert found.products == [
        LackingProduct("FAR", "Lampion", "Lamp", ["person"]),
        LackingProduct("NONE", "Lampion", "", ["producer", "information"]),
    ]
    assert offers_by_party(session, account.id) == {("responsible_producer_id", "pl"): 1}
    assert found.brands == {"cichy las": Brand("Cichy  LAS", 1, 0), "lamp": Brand("Lamp", 1, 1)}


@on_sqlite
def test_a_count_goes_on_page_by_page_and_shows_the_old_figure_meanwhile(
    session: Session, account: Account, clock: BothClocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = stock_up(session, account)
    coverage(session, shop, account.id, clock)
    monkeypatch.setattr(safety, "PAGE", 2)
    said = []

    class Watched(MemoryShop):
        def find_products(self, query, after):  # type: ignore[no-untyped-def]
            said.append(stored_coverage(session, account.id, clock()))
            return super().find_products(query, after)

    coverage(session, Watched(products_by_sku=shop.products_by_sku), account.id, clock)

    assert [(each.done, each.total) for each in said] == [(0, 5), (2, 5), (4, 5)]


@on_sqlite
def test_a_count_that_died_is_not_shown_for_ever(
    session: Session, account: Account, clock: BothClocks
) -> None:
    say(session, account.id, NOON, 40)

    assert stored_coverage(session, account.id, NOON + timedelta(minutes=1)).done == 40
    assert stored_coverage(session, account.id, NOON + timedelta(minutes=11)).done is None
    assert stored_coverage(session, account.id, NOON).counted_at is None


@on_sqlite
def test_a_draft_takes_all_five_safety_fields_from_brand_and_product(
    session: Session, account: Account, clock: BothClocks
) -> None:
    shop = stock_up(session, account)
    account = session.get_one(Account, account.id)
    layers = {
        (Scope.ACCOUNT, ""): {"safety_text": "Konto", "safety_attachments": [], "is_before_gpsr": True},
        (Scope.PRODUCT, "LAMP"): {"responsible_person_id": "eu", "is_before_gpsr": False},
    }
    session.add_all(
        Profile(account_id=account.id, scope=scope, key=key, values=values, changed_at=NOON)
        for (scope, key), values in layers.items()
    )
    session.flush()

    draft = new_draft(session, shop, LAMP, account, NOON, "anna.k")

    found = {name: getattr(draft, name) for name in SAFETY_FIELDS}
    assert found == {
        "responsible_producer_id": "pl",
        "responsible_person_id": "eu",
        "safety_text": "Uwaga",
        "safety_attachments": [],
        "is_before_gpsr": False,
    }


@on_sqlite
def test_a_producer_that_a_draft_would_take_by_itself_is_not_missing(
    session: Session, account: Account, clock: BothClocks
) -> None:
    shop = stock_up(session, account)
    shop.add_product(replace(LAMP, sku=Sku("SAME"), brand="PL"))

    found = coverage(session, shop, account.id, clock)

    assert found.products[-1] == LackingProduct("SAME", "Lampion", "PL", ["information"])


@on_sqlite
def test_a_producer_is_counted_as_chosen_by_name_exactly_where_a_draft_takes_him(
    session: Session, account: Account, clock: BothClocks
) -> None:
    shop = stock_up(session, account)
    for brand in ("PL", "pl", "P", "Cn Ltd", "cn", "xx"):
        shop.add_product(replace(LAMP, sku=Sku(f"B-{brand}"), brand=brand))

    found = coverage(session, shop, account.id, clock)

    account = session.get_one(Account, account.id)
    products = [each for sku, each in shop.products_by_sku.items() if str(sku).startswith("B-")]
    taken = {each.sku: new_draft(session, shop, each, account, NOON, "anna.k") for each in products}
    without = {sku for sku, draft in taken.items() if not draft.responsible_producer_id}
    lacking = {each.sku for each in found.products if "producer" in each.missing}
    assert {sku for sku in lacking if sku.startswith("B-")} == without == {"B-Cn Ltd", "B-xx"}
    assert found.by_name == len(taken) - len(without)
    assert found.brands["pl"].by_name == "pl"
    assert found.brands["xx"].by_name == ""
