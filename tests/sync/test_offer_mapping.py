"""An offer on its way to Allegro and Allegro's words on their way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Objection, Refused
from allegro_module.client.offer_requests import ProductOfferRequest
from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.problems import WHOLE_FORM, Problem
from allegro_module.sync.description_templates import rendered
from allegro_module.sync.descriptions import KNOWN, to_allegro_html
from allegro_module.sync.objections import problems_at_fields, rate_fields_of
from allegro_module.sync.offer_check import parameters_of
from allegro_module.sync.offer_mapping import Uploaded, to_product_offer, to_tax_rate
from tests.domain.parameter_builders import raw, read
from tests.memory_shop import MemoryShop, a_picture
from tests.sync.conftest import BothClocks
from tests.sync.offer_builders import a_draft

CONDITION = raw("11323", "dictionary", "Stan", values=["Nowy", "Używany"])
PARAMETERS = read(CONDITION, raw("225693", name="EAN (GTIN)"), raw("17448", "float", "Waga"))


# Descriptions


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("zwykły tekst", "<p>zwykły tekst</p>"),
        ("<p>Raz <strong>dwa</strong></p>", "<p>Raz <b>dwa</b></p>"),
        ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
        ("a<br>b", "<p>a</p><p>b</p>"),
        ("<h3>Wymiary <b>całkowite</b></h3>", "<h2>Wymiary całkowite</h2>"),
        ("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
        ("<table><tr><td>Waga</td><td>5 g</td></tr></table>", "<p>Waga – 5 g</p>"),
        ('<p style="x" class="y">a <a href="https://sklep.example">b</a></p>', "<p>a b</p>"),
        ("<p>5 &lt; 6 &amp; 7</p>", "<p>5 &lt; 6 &amp; 7</p>"),
        ("<script>alert(1)</script><style>p {}</style><p>a<!-- b --></p>", "<p>a</p>"),
        ("<P>A<B>b</P>", "<p>A<b>b</b></p>"),
        ("  ", ""),
    ],
)
def test_shop_html_becomes_allegros(html: str, expected: str) -> None:
    assert to_allegro_html(html) == expected


tags = st.sampled_from([*sorted(KNOWN), "a", "span", "em", "img", "center"])
fragments = st.lists(
    st.one_of(
        tags.map(lambda tag: f"<{tag}>"),
        tags.map(lambda tag: f"</{tag}>"),
        st.sampled_from(["raz", "dwa ", " trzy", "&amp;", "&lt;", "\n", "&nbsp;", "ż"]),
    ),
    max_size=25,
).map("".join)


@given(fragments)
def test_no_word_of_a_description_is_lost_and_twice_is_as_good_as_once(html: str) -> None:
    converted = to_allegro_html(html)

    assert to_allegro_html(converted) == converted
    assert _letters(converted) == _letters(html)
    assert nh3.clean(converted, tags={"h1", "h2", "p", "ul", "ol", "li", "b"}, attributes={}) == converted


def _letters(html: str) -> str:
    """The text without spaces and without the dashes that part the cells of a table."""
    return (
        nh3.clean(html, tags=set())
        .replace("&nbsp;", "")
        .replace("–", "")
        .replace("\xa0", "")
        .translate({ord(space): None for space in " \n\t\r"})
    )


# To Allegro


@pytest.fixture
def draft(
    session: Session, api: AllegroClient, shop: MemoryShop, account: Account, clock: BothClocks
) -> Callable[..., Offer]:
    """A draft that lacks nothing but what the test takes away."""

    def make(**changes: Any) -> Offer:
        return get_offer(session, a_draft(session, api, shop, account, clock(), **changes))

    return make


@pytest.fixture
def request_of(session: Session, draft: Callable[..., Offer]) -> Callable[..., ProductOfferRequest]:
    def make(
        image_urls: tuple[str, ...] = ("https://a/1", "https://a/2"), **changes: Any
    ) -> ProductOfferRequest:
        offer = draft(**changes)
        sections = rendered(session, offer, None)
        request = to_product_offer(offer, parameters_of(session, offer), Uploaded(image_urls), sections)
        session.rollback()
        return request

    return make


def test_offer_is_sent_whole(request_of: Callable[..., ProductOfferRequest]) -> None:
    sent = msgspec.json.decode(msgspec.json.encode(request_of()))

    product = sent["productSet"][0]
    assert sent["name"] == "Pierścionek złoty z bursztynem bałtyckim"
    assert sent["sellingMode"] == {"format": "BUY_NOW", "price": {"amount": "1249.00", "currency": "PLN"}}
    assert sent["stock"] == {"available": 5, "unit": "UNIT"}
    assert sent["parameters"] == [{"id": "11323", "valuesIds": ["11323_1"]}]
    assert {"id": "225693", "values": ["5907700000130"]} in product["product"]["parameters"]
    assert {"id": "206647", "valuesIds": ["206647_3"]} in product["product"]["parameters"]
    assert product["safetyInformation"] == {"type": "TEXT", "description": "Nie połykać."}
    assert product["responsibleProducer"]["type"] == "ID"
    assert sent["taxSettings"] == {"rates": [{"rate": "23.00", "countryCode": "PL"}]}
    assert sent["location"]["province"] == "POMORSKIE"
    assert sent["publication"] == {"status": "ACTIVE", "republish": False}
    assert sent["external"] == {"id": "PZ-0142"}
    assert "language" not in sent


def test_each_parameter_goes_into_one_section(request_of: Callable[..., ProductOfferRequest]) -> None:
    sent = request_of()

    assert isinstance(sent.parameters, tuple)
    assert isinstance(sent.product_set, tuple)
    own = {parameter.id for parameter in sent.parameters}
    of_product = {parameter.id for parameter in sent.product_set[0].product.parameters or ()}
    assert own.isdisjoint(of_product)


def test_pictures_of_product_and_offer_are_sixteen_at_most(
    request_of: Callable[..., ProductOfferRequest],
) -> None:
    sent = request_of(tuple(f"https://a/{number}" for number in range(10)))

    assert sent.product_set is not UNSET
    assert sent.product_set[0].product.images == tuple(f"https://a/{number}" for number in range(6))


def test_goods_from_before_the_law_carry_no_safety_data(
    request_of: Callable[..., ProductOfferRequest],
) -> None:
    product = msgspec.to_builtins(request_of(is_before_gpsr=True))["productSet"][0]

    assert product["marketedBeforeGPSRObligation"] is True
    assert "safetyInformation" not in product
    assert "responsibleProducer" not in product


def test_tax_is_named_on_the_polish_marketplace_only(
    session: Session, account: Account, request_of: Callable[..., ProductOfferRequest]
) -> None:
    account.base_marketplace = "allegro-cz"
    session.commit()

    assert request_of().tax_settings is UNSET


@pytest.mark.parametrize(("text", "rate"), [("23", "23.00"), ("8,0 %", "8.00"), ("EXEMPT", "EXEMPT")])
def test_tax_rate_is_written_as_allegro_does(text: str, rate: str) -> None:
    assert to_tax_rate(text) == rate


# From Allegro


@pytest.mark.parametrize(
    ("path", "code", "field"),
    [
        ("name", "ConstraintViolationException.StringLength", "title"),
        ("productSet[0].product.name", "RequiredProductName", "title"),
        ("sellingMode.price.amount", "VALIDATION_FAILED", "price"),
        ("prices.price.amount", "VALIDATION_FAILED", "price"),
        ("stock.available", "AvailableStockMustEqualToOneOrBeGreaterThanOne", "quantity"),
        ("images[3]", "OfferImagesNotAvailableException", "images.3"),
        ("productSet[0].product.images[1]", "OfferImagesNotAvailableException", "images.1"),
        ("images", "GallerySizeException", "images"),
        ("delivery.shippingRates", "ShippingRatesNotFoundException", "shipping_rate_id"),
        ("afterSalesServices.returnPolicy", "ReturnPolicyNotFoundException", "return_policy_id"),
        ("afterSalesServices.impliedWarranty.id", "ImpliedWarrantyNotFoundException", "implied_warranty_id"),
        ("productSet[0].responsibleProducer", "PRODUCT_SAFETY_EMPTY", "responsible_producer_id"),
        ("productSet[0].safetyInformation", "PRODUCT_SAFETY_EMPTY", "safety_text"),
        ("productSet[0].product.category.id", "CATEGORY_NOT_EXISTS", "category_id"),
        ("productSet[1].responsibleProducer", "PRODUCT_SAFETY_EMPTY", "set.1.producer"),
        ("productSet[2].safetyInformation", "PRODUCT_SAFETY_EMPTY", "set.2.safety"),
        ("productSet[3].quantity.value", "VALIDATION_ERROR", "set.3"),
        ("productSet[1].product.category.id", "CATEGORY_MISMATCH", "set.1"),
        (
            "description.sections[0].items[0].content",
            "ConstraintViolationException.OfferValidation",
            "description",
        ),
        ("taxSettings.rates", "SETTING_NOT_SUPPORTED_IN_CATEGORY", "vat_rate"),
        ("location.postCode", "VALIDATION_ERROR", "location"),
        (None, "ReturnPolicyNotDefinedException", "return_policy_id"),
        (None, "MultipleProductsFoundException", "product_id"),
        (None, "CATEGORY_MISMATCH", "product_id"),
        (None, "brandBlock", WHOLE_FORM),
        ("somewhere.new", "SomethingNew", WHOLE_FORM),
    ],
)
def test_objection_stands_at_its_field(path: str | None, code: str, field: str) -> None:
    objection = Objection(code, "english", path, "Słowa Allegro.")

    assert problems_at_fields([objection], PARAMETERS) == [Problem(code, field, {}, "Słowa Allegro.")]


def test_rate_that_is_refused_stands_at_the_field_of_its_country() -> None:
    rates = [{"rate": "23.00", "countryCode": "PL"}, {"rate": "21.00", "countryCode": "CZ"}]
    offer = Offer(account=Account(base_marketplace="allegro-pl"), sending={"taxSettings": {"rates": rates}})
    objections = [
        Objection("SETTING_NOT_SUPPORTED_IN_CATEGORY", path=f"taxSettings.rates{index}.rate")
        for index in ("[0]", "[1]", "[2]")
    ]

    problems = problems_at_fields(objections, (), rate_fields_of(offer))

    assert [each.field for each in problems] == ["vat_rate", "vat_rates_abroad.CZ"]


def test_missing_parameters_stand_each_at_its_own_field() -> None:
    objection = Objection(
        "MissingRequiredParameters",
        "Missing 11323, 225693",
        "productSet[0].product.parameters",
        metadata={"missingParameterIds": "11323,225693,999", "missingParameterNames": "Stan,EAN,Inny"},
    )

    problems = problems_at_fields([objection], PARAMETERS)

    assert [problem.field for problem in problems] == ["parameters.11323", "gtin"]
    assert problems[0].text == "Missing „Stan”, „EAN (GTIN)”"


def test_ids_in_allegros_words_become_names() -> None:
    objection = Objection(
        "NonExistingValueInDictionaryParameter",
        None,
        "productSet[0].product.parameters",
        "Parametr 11323 ma wartość 11323_2 zamiast 11323_1.",
        metadata={"parameterId": "11323", "parameterName": "Stan"},
    )

    problem = problems_at_fields([objection], PARAMETERS)[0]

    assert problem.field == "parameters.11323"
    assert problem.text == "Parametr „Stan” ma wartość „Używany” zamiast „Nowy”."


def test_mismatch_with_the_catalogue_stands_at_the_product_with_both_values() -> None:
    objection = Objection(
        "PARAMETER_MISMATCH",
        None,
        "productSet[0].product.parameters",
        "Inny produkt.",
        metadata={
            "productId": "5222c367",
            "parameterId": "11323",
            "parameterName": "Stan",
            "currentParameterValue": "Nowy",
            "expectedParameterValue": "Używany",
        },
    )

    problem = problems_at_fields([objection], PARAMETERS)[0]

    assert problem.field == "product_id"
    assert problem.params == {
        "products": "5222c367",
        "name": "Stan",
        "parameter_id": "11323",
        "mine": "Nowy",
        "theirs": "Używany",
    }


def test_objection_without_words_shows_its_code() -> None:
    assert problems_at_fields([Objection("VALIDATION_ERROR")], ())[0].text == "VALIDATION_ERROR"


def test_same_objection_twice_is_one_problem() -> None:
    objection = Objection("X", "words", "name")

    assert len(problems_at_fields([objection, objection], ())) == 1


def test_parameter_that_the_category_does_not_have_stands_at_the_whole_form() -> None:
    objection = Objection("ParameterCategoryException", "no", "parameters", metadata={"parameterId": "999"})

    assert problems_at_fields([objection], PARAMETERS)[0].field == WHOLE_FORM


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Pierścionek bursztynowy"}, "title"),
        ({"parameters": ()}, "parameters.11323"),
        ({"images": ("http://allegro.test/img/nic",)}, "images.0"),
    ],
)
def test_what_the_simulator_refuses_is_found_again_in_the_form(
    session: Session,
    api: AllegroClient,
    draft: Callable[..., Offer],
    changes: dict[str, Any],
    field: str,
) -> None:
    uploaded = api.images.upload(a_picture(), "image/jpeg").location
    offer = draft()
    parameters = parameters_of(session, offer)
    sent = to_product_offer(offer, parameters, Uploaded((uploaded,)), rendered(session, offer, None))
    request = msgspec.structs.replace(sent, **changes)
    session.rollback()

    with pytest.raises(Refused) as refused:
        api.offers.create(request)

    assert field in [problem.field for problem in problems_at_fields(refused.value.objections, parameters)]
