"""A draft says as much as the shop and the account know, and nothing that Allegro would refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.categories import NoSuchCategory
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.money import Money
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import Parameter
from allegro_module.sync.answer_guesses import guess_answers
from allegro_module.sync.drafts import choose_category, new_draft
from allegro_module.sync.offer_check import check_offer
from tests.domain.parameter_builders import ids, raw, read, when
from tests.memory_shop import RING, MemoryShop, a_product
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import RINGS, a_draft


@pytest.fixture
def new(session: Session, account: Account, shop: MemoryShop, clock: BothClocks) -> Any:
    def make(**changes: Any) -> Offer:
        product = a_product(**changes)
        shop.add_product(product, pieces=7)
        offer = new_draft(session, shop, product, account, clock(), "anna")
        session.commit()
        return offer

    return make


def a_term(account: Account, clock: BothClocks, kind: TermKind, allegro_id: str, name: str) -> SellingTerm:
    return SellingTerm(
        account_id=account.id, kind=kind, allegro_id=allegro_id, name=name, details={}, fetched_at=clock()
    )


def test_draft_is_prefilled_from_the_product(new: Any) -> None:
    offer = new()

    assert (offer.sku, offer.external_id, offer.state) == ("PZ-0142", "PZ-0142", OfferState.DRAFT)
    assert offer.title == "Pierścionek złoty z bursztynem bałtyckim"
    assert (offer.price_text, offer.price) == ("1249,00", Decimal("1249.00"))
    assert (offer.quantity_text, offer.quantity) == ("7", 7)
    assert (offer.gtin, offer.vat_rate) == ("5907700000130", "23.00")
    assert offer.images == ["ring-1", "ring-2", "ring-3"]
    assert offer.description_html == (
        "<p>Klasyczny pierścionek ze złota próby 585.</p><p>Z <b>bursztynem</b>.</p>"
    )


def test_draft_of_a_poor_product_is_a_draft_all_the_same(new: Any) -> None:
    offer = new(
        name="Kubek", price=Money(Decimal(0), "PLN"), gtin=None, vat_rate=None, images=(), description_html=""
    )

    assert offer.title.startswith("Kubek Bursztyn i Len")
    assert (offer.price, offer.gtin, offer.vat_rate) == (None, "", "")


def test_next_draft_of_the_product_gets_the_next_external_id(new: Any) -> None:
    assert [new().external_id, new().external_id, new().external_id] == ["PZ-0142", "PZ-0142~2", "PZ-0142~3"]


def test_terms_are_chosen_as_allegro_itself_would(
    session: Session, account: Account, clock: BothClocks, new: Any
) -> None:
    session.add_all(
        [
            a_term(account, clock, TermKind.SHIPPING_RATE, "rate-1", "Biżuteria"),
            a_term(account, clock, TermKind.SHIPPING_RATE, "rate-2", "Default"),
            a_term(account, clock, TermKind.RETURN_POLICY, "returns", "Zwroty 30 dni"),
            a_term(account, clock, TermKind.IMPLIED_WARRANTY, "one", "Raz"),
            a_term(account, clock, TermKind.IMPLIED_WARRANTY, "two", "Dwa"),
            a_term(account, clock, TermKind.WARRANTY, "warranty", "Gwarancja"),
            a_term(account, clock, TermKind.RESPONSIBLE_PRODUCER, "p1", "Tkalnia"),
            a_term(account, clock, TermKind.RESPONSIBLE_PRODUCER, "p2", "Pracownia Bursztyn i Len"),
        ]
    )
    session.commit()

    offer = new()

    assert (offer.shipping_rate_id, offer.return_policy_id) == ("rate-2", "returns")
    assert (offer.implied_warranty_id, offer.warranty_id) == (None, None)
    assert offer.responsible_producer_id == "p2"


def test_draft_with_a_category_lacks_only_what_nobody_knows(
    session: Session, api: AllegroClient, account: Account, shop: MemoryShop, clock: BothClocks
) -> None:
    offer_id = a_draft(session, api, shop, account, clock(), safety_text="")

    problems = check_offer(session, shop, get_offer(session, offer_id))

    assert [problem.field for problem in problems] == ["safety_text"]
    session.rollback()


def test_other_category_keeps_the_answers_that_fit_there(
    session: Session, api: AllegroClient, account: Account, shop: MemoryShop, clock: BothClocks
) -> None:
    offer_id = a_draft(
        session, api, shop, account, clock(), parameters={"11323": ids("11323_2"), "x": ids("1")}
    )
    offer = get_offer(session, offer_id)

    chosen = choose_category(session, offer, RINGS, RING)

    assert offer.parameters["11323"] == ids("11323_2")
    assert "x" not in offer.parameters
    assert (chosen.kept, chosen.guessed > 3) == (1, True)
    session.rollback()


def test_category_must_be_known(session: Session, new: Any) -> None:
    with pytest.raises(NoSuchCategory):
        choose_category(session, new(), "1", None)


# Guesses

STAN = raw("11323", "dictionary", "Stan", values=["Nowy", "Używany"], required=True)
BRAND = raw("b", "dictionary", "Marka", values=["Apart", "inna"])
BRAND["options"] = {"ambiguousValueId": "b_2", "customValuesEnabled": True}


def guess(parameters: tuple[Parameter, ...], **changes: Any) -> dict[str, Any]:
    product: dict[str, Any] = {"attributes": {}, "brand": None, "mpn": None, "weight_kg": None, **changes}
    return guess_answers(parameters, a_product(**product))


def test_goods_are_new_unless_the_shop_says_otherwise() -> None:
    assert guess(read(STAN)) == {"11323": ids("11323_1")}
    assert guess(read(STAN), attributes={"stan": "używany"}) == {"11323": ids("11323_2")}
    assert guess(read(STAN), attributes={"Stan": "po przejściach"}) == {}


def test_brand_is_found_in_the_dictionary_or_written_beside_the_ambiguous_value() -> None:
    assert guess(read(BRAND), brand="APART") == {"b": ids("b_1")}
    assert guess(read(BRAND), brand="Bursztyn i Len") == {"b": {**ids("b_2"), "custom": "Bursztyn i Len"}}


def test_attributes_become_values_of_the_parameter_s_kind() -> None:
    parameters = read(
        raw("k", "dictionary", "Kolor", values=["biały", "czarny"], restrictions={"multipleChoices": True}),
        raw("a", name="Autor", restrictions={"allowedNumberOfValues": 2}),
        raw("d", "integer", "Długość", unit="cm", restrictions={"max": 100}),
        raw("w", "integer", "Wiek", unit="lat", restrictions={"range": True}),
    )
    attributes = {"Kolor": "czarny, biały", "autor": "Lem; Mrożek", "Długość": "45 cm", "Wiek": "3-99 lat"}

    assert guess(parameters, attributes=attributes) == {
        "k": ids("k_2", "k_1"),
        "a": {"values": ["Lem", "Mrożek"]},
        "d": {"values": ["45"]},
        "w": {"range": {"from": "3", "to": "99"}},
    }


def test_guess_that_allegro_would_refuse_is_none() -> None:
    parameters = read(
        raw("d", "integer", "Długość", unit="cm", restrictions={"max": 100}),
        raw("g", name="Grawer", restrictions={"maxLength": 3}),
        raw("k", "dictionary", "Kolor", values=["biały"]),
        raw("p", "dictionary", "Próba", values=["585"], displayedIf=when("k", "k_1")),
    )
    attributes = {"Długość": "450 cm", "Grawer": "długi napis", "Kolor": "czarny", "Próba": "585"}

    assert guess(parameters, attributes=attributes) == {}


def test_weight_is_told_in_the_parameter_s_unit() -> None:
    weight = raw("w", "float", "Waga produktu", unit="g", restrictions={"precision": 1})

    assert guess(read(weight), weight_kg=Decimal("0.0035")) == {"w": {"values": ["3.5"]}}
    assert guess(read(weight), attributes={"Waga produktu": "5 kg"}) == {}
