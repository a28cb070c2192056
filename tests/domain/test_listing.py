"""What a seller has to correct before Allegro is asked: all of it at once, in the order of the form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.listing import Goods, KnownTerms, Origin, Picture, Wish, problems_before_listing
from allegro_module.domain.selling_formats import read_price, read_quantity
from allegro_module.domain.titles import fit_title, title_length, title_problems
from tests.domain.parameter_builders import ids, raw, read, when

CONDITION = raw("11323", "dictionary", "Stan", values=["Nowy", "Używany"], required=True)
EAN = raw("225693", name="EAN (GTIN)", requiredIf=when("11323", "11323_1"))
GOODS = Goods(parameters=read(CONDITION, EAN))
TERMS = KnownTerms({"rate"}, {"returns"}, {"complaints"}, {"producer"})
GOOD = Wish(
    title="Pierścionek złoty z bursztynem",
    gtin="5907700000130",
    category_id="123428",
    price_text="1 249,00 zł",
    quantity_text="4",
    pictures=[Picture(1000, 800, 200_000)],
    answers={"11323": ids("11323_1")},
    shipping_rate_id="rate",
    return_policy_id="returns",
    implied_warranty_id="complaints",
    responsible_producer_id="producer",
    safety_text="Nie połykać.",
    origin=Origin("PL", "POMORSKIE", "Gdańsk", "80-833"),
)


def problems(**changes: Any) -> list[str]:
    found = problems_before_listing(replace(GOOD, **changes), GOODS, TERMS)
    return [f"{problem.field} {problem.code}" for problem in found]


def test_offer_that_lacks_nothing_has_no_problems() -> None:
    assert problems() == []


def test_everything_is_named_at_once_in_the_order_of_the_form() -> None:
    found = problems_before_listing(Wish(), None, TERMS)

    assert [problem.field for problem in found] == [
        "title",
        "category_id",
        "price",
        "quantity",
        "shipping_rate_id",
        "location",
        "images",
        "return_policy_id",
        "implied_warranty_id",
    ]


# Title


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", "title_required"),
        ("Krótki a b", "title_too_short"),
        ("a b " + "c" * 30 + " " + "d" * 30 + " " + "e" * 12, "title_too_long"),
        ("Pierścionek bursztynowy", "title_too_few_words"),
        ("Pierścionek z " + "b" * 31, "title_word_too_long"),
        ("Pierścionek złoty 💍 nowy", "title_character"),
    ],
)
def test_title_is_held_against_allegros_rules(title: str, code: str) -> None:
    assert [problem.code for problem in title_problems(title)] == [code]


def test_ampersand_counts_as_the_five_characters_of_its_entity() -> None:
    title = "Obrusy & serwety lniane " + "x" * 30 + " " + "y" * 16

    assert (len(title), title_length(title)) == (71, 75)
    assert list(title_problems(title)) == []
    assert [problem.params["length"] for problem in title_problems(title + "z")] == ["76"]


def test_name_is_cut_between_two_words_and_not_after_a_joining_one() -> None:
    name = "Naszyjnik z bursztynu bałtyckiego kaskada koniakowa ręcznie robiona dla mamy na prezent"

    assert fit_title(name) == "Naszyjnik z bursztynu bałtyckiego kaskada koniakowa ręcznie robiona"


def test_short_name_is_lengthened_by_what_the_shop_knows() -> None:
    assert fit_title("Kubek", ["Bursztyn i Len", "ceramika"]) == "Kubek Bursztyn i Len"
    assert fit_title("Kubek kamionkowy szary", ["Bursztyn i Len"]) == "Kubek kamionkowy szary"


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=3))
def test_fitted_title_is_never_too_long(name: str, additions: list[str]) -> None:
    codes = {problem.code for problem in title_problems(fit_title(name, additions))}

    assert codes <= {"title_required", "title_too_short", "title_too_few_words"}


# Price and quantity


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "PLN", "price_required"),
        ("abc", "PLN", "price_not_a_number"),
        ("-5", "PLN", "price_not_a_number"),
        ("0,99", "PLN", "price_too_low"),
        ("1000000000,01", "PLN", "price_too_high"),
        ("12,345", "PLN", "price_too_precise"),
        ("9,99 EUR", "PLN", "price_wrong_currency"),
        ("120,50", "CZK", "price_not_whole"),
        ("123", "HUF", "price_not_in_fives"),
    ],
)
def test_price_is_held_against_allegros_rules(text: str, currency: str, code: str) -> None:
    assert problems(price_text=text, currency=currency) == [f"price {code}"]
    assert read_price(text, currency) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "quantity_required"),
        ("0", "quantity_too_small"),
        ("1,5", "quantity_not_whole"),
        ("-1", "quantity_not_whole"),
        ("dużo", "quantity_not_whole"),
        ("٣", "quantity_not_whole"),
        ("1000000001", "quantity_too_large"),
    ],
)
def test_quantity_is_whole_and_positive(text: str, code: str) -> None:
    assert problems(quantity_text=text) == [f"quantity {code}"]
    assert read_quantity(text) is None


def test_price_and_quantity_are_read_as_sellers_type_them() -> None:
    assert str(read_price("1 249 zł", "PLN")) == "1249.00"
    assert read_quantity(" 1 000 ") == 1000


# Category and EAN


def test_category_must_be_a_leaf_we_know() -> None:
    def found(category_id: str | None, goods: Goods | None) -> list[str]:
        wish = replace(GOOD, category_id=category_id)
        return [problem.code for problem in problems_before_listing(wish, goods, TERMS)]

    assert found(None, None) == ["category_required"]
    assert found("123", None) == ["category_unknown"]
    assert found("123", Goods(is_leaf=False)) == ["category_not_leaf"]
    assert found("123", Goods(parameters=None)) == ["category_parameters_missing"]


def test_ean_is_required_where_the_parameter_says_so() -> None:
    assert problems(gtin="") == ["gtin gtin_required"]
    assert "gtin gtin_required" not in problems(gtin="", answers={"11323": ids("11323_2")})


def test_wrong_ean_is_named_once_at_its_own_field() -> None:
    assert problems(gtin="5907700000131") == ["gtin gtin_wrong_check_digit"]
    assert problems(gtin="123") == ["gtin gtin_wrong_length"]


def test_parameters_problems_stand_at_their_fields() -> None:
    assert problems(answers={}) == ["parameters.11323 parameter_required"]


# Pictures


def test_pictures_are_named_by_their_place() -> None:
    pictures = [Picture(1000, 1000), Picture(380, 300), Picture(), Picture(6000, 5000), Picture(500, 20)]

    assert problems(pictures=pictures) == [
        "images.1 image_too_small",
        "images.2 image_unreadable",
        "images.3 image_too_large",
    ]


def test_one_to_sixteen_pictures() -> None:
    assert problems(pictures=[]) == ["images images_required"]
    assert problems(pictures=[Picture(600, 600)] * 16) == []
    assert problems(pictures=[Picture(600, 600)] * 17) == ["images images_too_many"]


# Terms, place, safety


def test_terms_must_be_chosen_among_those_the_account_has() -> None:
    assert problems(shipping_rate_id=None) == ["shipping_rate_id shipping_rate_required"]
    assert problems(return_policy_id="old") == ["return_policy_id return_policy_gone"]


def test_account_without_terms_is_told_so_and_one_not_read_yet_is_left_to_allegro() -> None:
    bare = replace(GOOD, shipping_rate_id=None, return_policy_id=None)
    empty = KnownTerms(implied_warranties={"complaints"}, producers={"producer"})

    told = [problem.code for problem in problems_before_listing(bare, GOODS, empty)]

    assert told == ["shipping_rate_none", "return_policy_none"]
    assert problems_before_listing(bare, GOODS, None) == []


@pytest.mark.parametrize(
    ("origin", "codes"),
    [
        (Origin("PL", "", "Gdańsk", "80-833"), ["location location_required"]),
        (Origin("PL", "BAVARIA", "Gdańsk", "80-833"), ["location location_required"]),
        (Origin("PL", "POMORSKIE", " ", "80-833"), ["location location_required"]),
        (Origin("PL", "POMORSKIE", "Gdańsk", "80833"), ["location location_post_code"]),
        (Origin("CZ", "", "Praha", "110 00"), []),
    ],
)
def test_place_of_dispatch_must_be_known(origin: Origin, codes: list[str]) -> None:
    assert problems(origin=origin) == codes


def test_new_goods_need_a_producer_and_a_safety_text() -> None:
    nothing = {"responsible_producer_id": None, "safety_text": " "}

    assert problems(**nothing) == [
        "responsible_producer_id responsible_producer_required",
        "safety_text safety_text_required",
    ]
    assert problems(**nothing, is_before_gpsr=True) == []
    assert problems(**nothing, answers={"11323": ids("11323_2")}) == []


def test_safety_text_and_description_have_their_limits() -> None:
    assert problems(safety_text="x" * 5001) == ["safety_text safety_text_too_long"]
    assert problems(description_html="ą" * 20_001) == ["description description_too_long"]
