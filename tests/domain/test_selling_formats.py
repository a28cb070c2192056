"""Auctions, starts, deposits and taxes are judged by themselves (facts.md 6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allegro_module.domain.listing import Wish
from allegro_module.domain.selling_formats import SellingFormat, sale_problems
from allegro_module.domain.taxes import Taxes, country_of, needs_exemption, tax_problems

BUY_NOW = Wish(price_text="1 234,50", quantity_text="3")
AUCTION = Wish(
    selling_format=SellingFormat.AUCTION, starting_price_text="100", quantity_text="1", duration="P7D"
)
SETTINGS: dict[str, Any] = {
    "subjects": [{"value": "GOODS", "label": "towar"}],
    "rates": [
        {
            "countryCode": "PL",
            "values": [
                {"value": "23.00", "exemptionRequired": False},
                {"value": "EXEMPT", "exemptionRequired": True},
            ],
        },
        {"countryCode": "CZ", "values": [{"value": "21.00"}]},
    ],
    "exemptions": [{"value": "VAT_EXEMPT_113", "label": "art. 113"}],
}


def found(wish: Wish) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in sale_problems(wish)]


def test_a_price_as_poles_write_it_and_an_auction_without_further_prices_are_fine() -> None:
    assert found(BUY_NOW) == []
    assert found(AUCTION) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"starting_price_text": ""}, [("starting_price", "starting_price_required")]),
        ({"starting_price_text": "0,99"}, [("starting_price", "price_too_low")]),
        ({"minimal_price_text": "99,99"}, [("minimal_price", "price_below_starting")]),
        ({"minimal_price_text": "dużo"}, [("minimal_price", "price_not_a_number")]),
        ({"minimal_price_text": "100", "price_text": "100,00"}, []),
        ({"price_text": "50"}, [("price", "price_below_starting")]),
        ({"price_text": "99.036"}, [("price", "price_too_precise")]),
        ({"quantity_text": "2"}, [("quantity", "auction_one_piece")]),
        ({"quantity_text": ""}, [("quantity", "quantity_required")]),
        ({"duration": ""}, [("duration", "auction_duration")]),
        ({"duration": "P30D"}, [("duration", "auction_duration")]),
    ],
)
def test_an_auction_is_held_against_allegros_rules(
    changes: Mapping[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(replace(AUCTION, **changes)) == expected


def test_buy_now_knows_no_duration_of_an_auction() -> None:
    assert found(replace(BUY_NOW, duration="P1D")) == [("duration", "choice_unknown")]


def test_a_minimal_price_typed_for_an_auction_counts_for_nothing_once_it_is_none() -> None:
    assert found(replace(BUY_NOW, starting_price_text="zero", minimal_price_text="-1")) == []


@pytest.mark.parametrize(
    ("starts_in", "code"),
    [
        (timedelta(seconds=-1), "start_in_the_past"),
        (timedelta(seconds=59), "start_in_the_past"),
        (timedelta(days=30, seconds=1), "start_too_late"),
    ],
)
def test_a_start_lies_within_the_next_thirty_days(starts_in: timedelta, code: str) -> None:
    assert found(replace(BUY_NOW, starts_in=starts_in)) == [("starting_at", code)]
    assert found(replace(BUY_NOW, starts_in=timedelta(days=30))) == []


@pytest.mark.parametrize("pieces", [0, 1001, "dwa", ""])
def test_pieces_of_a_deposit_are_a_whole_number(pieces: Any) -> None:
    wish = replace(BUY_NOW, deposits=[{"id": "can", "quantity": pieces}])

    assert found(wish) == [("deposits.can", "deposit_pieces")]


def test_crowns_are_whole_and_forints_end_in_nought_or_five() -> None:
    abroad = {"allegro-cz": "399,50", "allegro-hu": "1 001", "allegro-sk": "9,99", "allegro-xx": "1"}

    assert found(replace(BUY_NOW, prices_abroad=abroad)) == [
        ("marketplaces.allegro-cz", "price_not_whole"),
        ("marketplaces.allegro-hu", "price_not_in_fives"),
        ("marketplaces.allegro-xx", "choice_unknown"),
    ]


# Taxes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taxes", "expected"),
    [
        (Taxes(), []),
        (Taxes(rate="23.00", subject="GOODS", abroad={"CZ": "21.00"}), []),
        (Taxes(rate="8.00"), [("vat_rate", "vat_rate_not_here")]),
        (Taxes(abroad={"CZ": "12.00"}), [("vat_rates_abroad.CZ", "vat_rate_not_here")]),
        (Taxes(rate="EXEMPT"), [("vat_exemption", "vat_exemption_required")]),
        (Taxes(rate="EXEMPT", exemption="VAT_EXEMPT_113"), []),
        (
            Taxes(subject="SERVICES", exemption="WHY"),
            [("vat_subject", "choice_unknown"), ("vat_exemption", "choice_unknown")],
        ),
    ],
)
def test_taxes_are_those_that_the_category_knows(taxes: Taxes, expected: list[tuple[str, str]]) -> None:
    assert [(each.field, each.code) for each in tax_problems(SETTINGS, taxes)] == expected


def test_while_the_taxes_of_a_category_are_not_known_allegro_decides() -> None:
    assert list(tax_problems(None, Taxes(rate="7.00"))) == []
    assert not needs_exemption(None, Taxes(rate="EXEMPT"))


def test_the_country_is_that_of_the_marketplace() -> None:
    assert [country_of(each) for each in (None, "allegro-cz", "allegro-business-hu")] == ["PL", "CZ", "HU"]
