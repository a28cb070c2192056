"""A new offer takes what the layers of default settings say; what is sent of it is what they said."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.db.categories import Category
from allegro_module.db.mappings import AttributeMapping, CategoryMapping
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.profiles import Profile, set_default, uses_of
from allegro_module.db.terms import SellingTerm, TermKind
from allegro_module.domain.files import GUARANTEE, SAFETY
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.money import Money
from allegro_module.domain.profiles import Scope
from allegro_module.sync.attachments import keep_file
from allegro_module.sync.description_templates import rendered
from allegro_module.sync.draft_values import Kind, Source, draft_values
from allegro_module.sync.drafts import new_draft
from allegro_module.sync.offer_check import check_offer, parameters_of
from allegro_module.sync.offer_mapping import Uploaded, to_product_offer
from tests.domain.parameter_builders import ids, raw
from tests.memory_shop import RING, MemoryShop, a_product
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import RINGS, a_draft

#: Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MATERIAL = raw("206646", "dictionary", "Materiał", values=["złoto", "srebro"])


@pytest.fixture
def profiles(session: Session, account: Account, clock: BothClocks) -> Callable[..., None]:
    def add(scope: Scope, key: str = "", **values: Any) -> None:
        now = clock()
        session.add(
            Profile(
                account_id=account.id, scope=scope, key=key, label=key.title(), values=values, changed_at=now
            )
        )
        session.commit()

    return add


@pytest.fixture
def new(session: Session, account: Account, shop: MemoryShop, clock: BothClocks) -> Callable[..., Offer]:
    def make(pieces: int = 7, **changes: Any) -> Offer:
        product = shop.add_product(a_product(**changes), pieces)
        offer = new_draft(session, shop, product, account, clock(), "anna")
        session.commit()
        return offer

    return make


def test_the_nearest_layer_fills_each_field(new: Callable[..., Offer], profiles: Callable[..., None]) -> None:
    place = {"country": "PL", "province": "SLASKIE", "city": "Tychy", "post_code": "43-100"}
    profiles(
        Scope.ACCOUNT,
        shipping_rate_id="rate-1",
        warranty_id="warranty-1",
        handling_time="P2D",
        invoice="VAT_MARGIN",
        location=place,
        duration="P30D",
        is_republished=True,
        quantity_buffer=2,
        promotion={"base": "emphasized10d", "extra": []},
        responsible_person_id="person-1",
        safety_text="Konto",
        safety_attachments=[],
    )
    profiles(Scope.CATEGORY, "pierscionki", handling_time="P3D", quantity_cap=4)
    profiles(Scope.BRAND, "bursztyn i len", responsible_producer_id="p-1", safety_text="Marka")
    profiles(Scope.PRODUCT, "PZ-0142", warranty_id="", price_rule={"factor": "1.1", "rounding": "99"})

    offer = new()

    assert (offer.shipping_rate_id, offer.warranty_id, offer.handling_time) == ("rate-1", None, "P3D")
    assert (offer.invoice, offer.location, offer.duration) == ("VAT_MARGIN", place, "P30D")
    assert (offer.is_republished, offer.promotion["base"]) == (True, "emphasized10d")
    assert (offer.quantity, offer.price) == (4, Decimal("1373.99"))
    assert (offer.responsible_producer_id, offer.responsible_person_id) == ("p-1", "person-1")
    assert offer.safety_text == "Marka"


def test_vat_of_the_profile_is_for_products_that_have_none(
    new: Callable[..., Offer], profiles: Callable[..., None]
) -> None:
    profiles(Scope.ACCOUNT, vat_rate="8.00")

    assert new().vat_rate == "23.00"
    assert new(sku="X-1", vat_rate=None).vat_rate == "8.00"


def test_what_is_kept_for_the_shop_is_not_offered(
    new: Callable[..., Offer], profiles: Callable[..., None]
) -> None:
    profiles(Scope.ACCOUNT, quantity_buffer=5)

    assert (new(pieces=3).quantity_text, new(sku="X-1", pieces=9).quantity) == ("0", 4)


def test_margin_holds_whatever_the_shop_asks(
    new: Callable[..., Offer], profiles: Callable[..., None]
) -> None:
    profiles(Scope.ACCOUNT, price_rule={"factor": "1", "min_margin": "20"})

    offer = new(price=Money(Decimal(90), "PLN"), purchase_price=Money(Decimal(80), "PLN"))

    assert offer.price_text == "100,00"


def test_prices_abroad_follow_the_price_of_the_offer(
    new: Callable[..., Offer], profiles: Callable[..., None]
) -> None:
    rules = {
        "allegro-cz": {"factor": "6", "rounding": "99"},
        "allegro-hu": {"factor": "90"},
        "allegro-sk": {},
    }
    profiles(Scope.ACCOUNT, price_rule={"factor": "1.1", "rounding": "99"}, marketplaces=rules)

    assert new().marketplaces == {
        "allegro-cz": {"price_text": "8249"},
        "allegro-hu": {"price_text": "123660"},
        "allegro-sk": {"price_text": ""},
    }
    free = new(sku="X-1", price=Money(Decimal(0), "PLN"))
    assert {each["price_text"] for each in free.marketplaces.values()} == {""}


def test_two_drafts_share_no_list_of_their_profile(
    session: Session, new: Callable[..., Offer], profiles: Callable[..., None]
) -> None:
    profiles(Scope.ACCOUNT, promotion={"base": "", "extra": ["departmentPage"]})

    first, second = new(), new()
    first.promotion["extra"].append("x")

    assert second.promotion == {"base": "", "extra": ["departmentPage"]}
    session.rollback()


def a_mapping(session: Session, clock: BothClocks, mapped_by: MappedBy = MappedBy.SELLER) -> None:
    now = clock()
    session.add_all(
        [
            Category(
                environment="simulator",
                allegro_id=RINGS,
                name="Pierścionki",
                path="Moda › Pierścionki",
                is_leaf=True,
                options={},
                fetched_at=now,
                parameters=[MATERIAL],
                parameters_fetched_at=now,
            ),
            CategoryMapping(
                environment="simulator",
                shop_category_id="pierscionki",
                category_id=RINGS,
                mapped_by=mapped_by,
                changed_at=now,
            ),
            AttributeMapping(
                environment="simulator",
                category_id=RINGS,
                attribute="Kruszec",
                attribute_key="kruszec",
                parameter_id="206646",
                mapped_by=MappedBy.SELLER,
                changed_at=now,
            ),
        ]
    )
    session.commit()


def test_category_and_answers_come_from_the_mapping(
    session: Session, clock: BothClocks, new: Callable[..., Offer]
) -> None:
    a_mapping(session, clock)

    offer = new(attributes={"Kruszec": "srebro"})

    assert (offer.category_id, offer.parameters) == (RINGS, {"206646": ids("206646_2")})


def test_a_suggestion_that_nobody_accepted_chooses_nothing(
    session: Session, clock: BothClocks, new: Callable[..., Offer]
) -> None:
    a_mapping(session, clock, MappedBy.SUGGESTED)

    assert new().category_id is None


def test_each_value_tells_where_it_comes_from(
    session: Session, account: Account, clock: BothClocks, profiles: Callable[..., None]
) -> None:
    a_mapping(session, clock)
    profiles(Scope.ACCOUNT, handling_time="P2D", invoice="VAT")
    profiles(Scope.CATEGORY, "pierscionki", handling_time="P3D")

    values = draft_values(session, account, RING, 5, [])

    assert values["handling_time"].source == Source(Kind.PROFILE, Scope.CATEGORY, "Pierscionki")
    assert values["invoice"].source == Source(Kind.PROFILE, Scope.ACCOUNT)
    assert values["price_text"].source == Source(Kind.PRODUCT)
    assert values["category_id"].source == Source(Kind.MAPPING)
    assert values["duration"].source == Source(Kind.NOBODY)


def test_a_default_is_set_and_taken_away_alone(session: Session, account: Account, clock: BothClocks) -> None:
    set_default(session, account.id, "shipping_rate_id", "rate-1", "anna", clock())
    profile = set_default(session, account.id, "handling_time", "P2D", "anna", clock())
    session.commit()

    assert profile is not None
    assert profile.values == {"shipping_rate_id": "rate-1", "handling_time": "P2D"}
    assert uses_of(session, account.id, "shipping_rate_id") == {"rate-1": [profile]}
    set_default(session, account.id, "shipping_rate_id", None, "anna", clock())
    assert profile.values == {"handling_time": "P2D"}
    with pytest.raises(ValueError, match="colour"):
        set_default(session, account.id, "colour", "red", "anna", clock())
    session.rollback()


# To Allegro


@pytest.fixture
def sent(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Callable[..., dict[str, Any]]:
    """What goes to Allegro of a complete draft with these changes."""

    def make(attachment_ids: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
        offer = get_offer(session, a_draft(session, api, shop, account, clock(), **changes))
        request = to_product_offer(
            offer,
            parameters_of(session, offer),
            Uploaded(("https://a/1",)),
            rendered(session, offer, RING),
            attachment_ids,
        )
        session.rollback()
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request))
        return found

    return make


def test_duration_and_renewing_are_sent_as_chosen(sent: Callable[..., dict[str, Any]]) -> None:
    chosen = sent(duration="P30D", is_republished=True)["publication"]
    without_end = sent()["publication"]

    assert chosen == {"status": "ACTIVE", "duration": "P30D", "republish": True}
    assert without_end == {"status": "ACTIVE", "republish": False}


def test_an_address_of_its_own_counts_before_the_accounts(sent: Callable[..., dict[str, Any]]) -> None:
    place = {"country": "PL", "province": "SLASKIE", "city": "Tychy", "post_code": "43-100"}

    assert sent(location=place)["location"] == {
        "countryCode": "PL",
        "province": "SLASKIE",
        "city": "Tychy",
        "postCode": "43-100",
    }


def test_prices_abroad_are_sent_where_there_is_one(sent: Callable[..., dict[str, Any]]) -> None:
    prices = {"allegro-cz": {"price_text": "8249"}, "allegro-sk": {"price_text": ""}}

    assert sent(marketplaces=prices)["additionalMarketplaces"] == {
        "allegro-cz": {"sellingMode": {"price": {"amount": "8249.00", "currency": "CZK"}}}
    }
    assert "additionalMarketplaces" not in sent(marketplaces={"allegro-sk": {"price_text": ""}})


def test_files_go_in_place_of_the_safety_text(sent: Callable[..., dict[str, Any]]) -> None:
    product = sent(("file-1", "file-2"), responsible_person_id="person-1")["productSet"][0]

    assert product["safetyInformation"] == {
        "type": "ATTACHMENTS",
        "attachments": [{"id": "file-1"}, {"id": "file-2"}],
    }
    assert product["responsiblePerson"] == {"id": "person-1"}


def test_what_cannot_be_listed_is_named_at_its_field(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> None:
    wrong: dict[str, Any] = {
        "location": {"country": "PL", "province": "SLASKIE", "city": "", "post_code": "43"},
        "marketplaces": {"allegro-cz": {"price_text": "12,50"}, "allegro-hu": {"price_text": "1002"}},
        "duration": "P1D",
        "responsible_person_id": "gone",
    }
    offer_id = a_draft(session, api, shop, account, clock(), **wrong)

    problems = check_offer(session, shop, get_offer(session, offer_id))

    assert {(each.field, each.code) for each in problems} == {
        ("location.city", "required"),
        ("location.post_code", "post_code_format"),
        ("marketplaces.allegro-cz", "price_not_whole"),
        ("marketplaces.allegro-hu", "price_not_in_fives"),
        ("duration", "choice_unknown"),
        ("responsible_person_id", "responsible_person_gone"),
    }
    session.rollback()


@pytest.mark.parametrize("gone", [7, 10**30, 2**31])
def test_a_template_and_files_that_are_gone_are_left_out(
    session: Session,
    account: Account,
    new: Callable[..., Offer],
    profiles: Callable[..., None],
    clock: BothClocks,
    gone: int,
) -> None:
    mine = keep_file(session, account.id, SAFETY, "a.pdf", b"%PDF-1.7\n%%EOF\n", "anna", clock())
    guarantee = keep_file(session, account.id, GUARANTEE, "g.pdf", b"%PDF-1.7\n%%EOF\n", "anna", clock())
    assert isinstance(mine, Attachment) and isinstance(guarantee, Attachment)
    session.flush()
    files = [gone + 100, mine.id, guarantee.id]
    profiles(Scope.ACCOUNT, description_template_id=gone, safety_attachments=files)

    offer = new()

    assert (offer.description_template_id, offer.safety_attachments) == (None, [mine.id])
    values = draft_values(session, account, RING, 1, [])
    assert values["description_template_id"].source == Source(Kind.NOBODY)
    session.rollback()


def test_what_is_for_one_fulfillment_is_not_taken_unasked(session: Session, account: Account) -> None:
    def price_list(allegro_id: str, name: str, **details: bool) -> SellingTerm:
        kind = TermKind.SHIPPING_RATE
        return SellingTerm(kind=kind, allegro_id=allegro_id, name=name, details=details)

    one = price_list("one", "default", is_fulfillment=True)

    for terms in ([one], [one, price_list("own", "Kurier")]):
        value = draft_values(session, account, RING, 1, terms)["shipping_rate_id"]
        assert value.value == (None if len(terms) == 1 else "own")
    session.rollback()
