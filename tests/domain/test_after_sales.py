"""Rules of returns, complaints and guarantees: Allegro takes what they let through, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allegro_module.domain.after_sales import (
    CAUSES,
    OPTIONS,
    OUTDATED_CAUSES,
    after_sales_problems,
    proposed,
)
from allegro_module.domain.terms import TermKind
from allegro_module.simulator.offer_schema import kind_findings
from allegro_module.simulator.term_rules import (
    COMPLAINTS,
    GUARANTEE,
    RETURN_POLICY,
    complaints_findings,
    guarantee_findings,
    return_policy_findings,
)

ADDRESS = {"name": "Sklep", "street": "Długa 1", "postCode": "80-831", "city": "Gdańsk", "countryCode": "PL"}
FEWEST_CORPORATE_YEARS = 2

LINES = st.one_of(
    st.sampled_from(["", " ", "x", "x" * 30, "x" * 31, "x" * 35, "x" * 36, "x" * 51, "x" * 201])
)
NAMES = st.sampled_from(["Zwroty", "", "  ", "n" * 200, "n" * 201])
MARKETPLACES = st.sampled_from(["allegro-pl", "allegro-cz"])
ALL_CAUSES = [*OUTDATED_CAUSES, "NO_SUCH_CAUSE", *(each for known in CAUSES.values() for each in known)]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def objects(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """With any of the members left out."""
    return st.fixed_dictionaries({}, optional=members)


ADDRESSES = st.one_of(
    st.just(ADDRESS),
    st.fixed_dictionaries(
        {
            "name": LINES,
            "street": LINES,
            "postCode": st.sampled_from(["80-831", "80831", "110 00", "", "SW1A 1AA", "x" * 17, "80_831"]),
            "city": st.one_of(LINES, st.sampled_from(["Nowy Dwór Gd.", "Gdańsk 5", "Bielsko-Biała"])),
            "countryCode": st.sampled_from(["PL", "CZ", "SK", "DE", "", "pl"]),
        }
    ),
)
PERIODS = st.sampled_from(
    ["P14D", "P13D", "P30D", "14", "", "P2Y", "P1Y", "P24M", "P0M", "P2W", "P0Y", "PT24H"]
)
POLICIES = objects(
    name=NAMES,
    availability=objects(
        range=st.sampled_from(["FULL", "RESTRICTED", "DISABLED", "SOME"]),
        restrictionCause=maybe(objects(name=st.sampled_from(ALL_CAUSES))),
    ),
    withdrawalPeriod=maybe(PERIODS),
    returnCost=maybe(objects(coveredBy=st.sampled_from(["SELLER", "BUYER", "ALLEGRO"]))),
    address=maybe(ADDRESSES),
    contact=maybe(
        objects(
            email=maybe(st.sampled_from(["a@b.pl", "a", "a b@c.pl"])),
            phoneNumber=maybe(st.sampled_from(["+48 500 000 111", "telefon", "1"])),
        )
    ),
    options=maybe(objects(**{name: st.booleans() for name in OPTIONS})),
).map(lambda policy: {**policy, "isFulfillment": False})
TEXTS = maybe(st.sampled_from(["", "Opis\nw dwóch liniach", "x" * 10_241, "bez\u00a0łamania"]))
COMPLAINT_TERMS = objects(
    name=NAMES,
    individual=objects(period=PERIODS),
    corporate=objects(period=PERIODS),
    address=ADDRESSES,
    description=TEXTS,
)
GRANTED = objects(period=maybe(PERIODS), lifetime=st.booleans())
GUARANTEES = objects(
    name=NAMES,
    type=st.sampled_from(["SELLER", "MANUFACTURER", "BUYER"]),
    individual=GRANTED,
    corporate=GRANTED,
    description=TEXTS,
)


def right_policy(**changes: Any) -> dict[str, Any]:
    return {**proposed(TermKind.RETURN_POLICY, ADDRESS), "name": "Zwroty", **changes}


def codes(
    kind: TermKind, content: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> dict[str, str]:
    return {problem.field: problem.code for problem in after_sales_problems(kind, content, base)}


@settings(max_examples=300, deadline=None)
@given(
    policy=st.one_of(POLICIES, POLICIES.map(lambda typed: right_policy(**typed))), marketplace=MARKETPLACES
)
def test_policies_that_we_accept_allegro_accepts_and_no_others(
    policy: dict[str, Any], marketplace: str
) -> None:
    found = after_sales_problems(TermKind.RETURN_POLICY, policy, None, marketplace)

    refused = [*kind_findings(policy, RETURN_POLICY), *return_policy_findings(policy, marketplace)]
    assert bool(found) == bool(refused), (found, refused)


@settings(max_examples=200, deadline=None)
@given(terms=COMPLAINT_TERMS)
def test_complaint_terms_that_we_accept_allegro_accepts_and_no_others(terms: dict[str, Any]) -> None:
    found = after_sales_problems(TermKind.IMPLIED_WARRANTY, terms)

    refused = [*kind_findings(terms, COMPLAINTS), *complaints_findings(terms, FEWEST_CORPORATE_YEARS)]
    assert bool(found) == bool(refused), (found, refused)


@settings(max_examples=200, deadline=None)
@given(guarantee=GUARANTEES)
def test_guarantees_that_we_accept_allegro_accepts_and_no_others(guarantee: dict[str, Any]) -> None:
    found = after_sales_problems(TermKind.WARRANTY, guarantee)

    refused = [*kind_findings(guarantee, GUARANTEE), *guarantee_findings(guarantee)]
    assert bool(found) == bool(refused), (found, refused)


@pytest.mark.parametrize("kind", [TermKind.RETURN_POLICY, TermKind.IMPLIED_WARRANTY, TermKind.WARRANTY])
def test_what_the_law_asks_for_needs_only_a_name(kind: TermKind) -> None:
    assert codes(kind, proposed(kind, ADDRESS)) == {"name": "required"}


def test_everything_wrong_is_named_at_its_field() -> None:
    wrong = right_policy(
        availability={"range": "RESTRICTED", "restrictionCause": {"name": "PRESS"}},
        withdrawalPeriod="P13D",
        address={**ADDRESS, "street": "x" * 36, "postCode": "80831"},
        contact={"email": "zwroty", "phoneNumber": "brak"},
    )

    assert codes(TermKind.RETURN_POLICY, wrong) == {
        "availability.restrictionCause.name": "return_cause_not_for_range",
        "withdrawalPeriod": "days_too_few",
        "address.street": "text_too_long",
        "address.postCode": "post_code_format",
        "contact.email": "email_format",
        "contact.phoneNumber": "phone_format",
    }


def test_fulfillment_never_changes() -> None:
    changed = right_policy(isFulfillment=True)

    assert codes(TermKind.RETURN_POLICY, changed, right_policy()) == {
        "isFulfillment": "fulfillment_unchangeable"
    }


def test_what_allegro_holds_from_before_may_stay() -> None:
    old = right_policy(availability={"range": "DISABLED", "restrictionCause": {"name": "ALCOHOL"}})
    terms = {
        **proposed(TermKind.IMPLIED_WARRANTY, ADDRESS),
        "name": "Reklamacje",
        "corporate": {"period": "P1Y"},
    }

    assert codes(TermKind.RETURN_POLICY, old, old) == {}
    assert codes(TermKind.IMPLIED_WARRANTY, terms, terms) == {}
    assert codes(TermKind.IMPLIED_WARRANTY, terms) == {"corporate.period": "years_too_few"}
