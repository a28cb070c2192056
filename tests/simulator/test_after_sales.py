"""Writing return policies, complaint terms and guarantees: the server is stricter than described."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.term_rules import complaints_findings, return_policy_findings
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, Remote, codes
from tests.simulator.goods import a_ring, faults, listed, read

ROOT = "/after-sales-service-conditions"
RETURNS, COMPLAINTS, GUARANTEES = (
    f"{ROOT}/return-policies",
    f"{ROOT}/implied-warranties",
    f"{ROOT}/warranties",
)
ADDRESS = {
    "name": "Magazyn",
    "street": "ul. Długa 1",
    "postCode": "80-001",
    "city": "Gdańsk",
    "countryCode": "PL",
}
OPTIONS = {
    "cashOnDeliveryNotAllowed": True,
    "freeAccessoriesReturnRequired": False,
    "refundLoweredByReceivedDiscount": False,
    "businessReturnAllowed": False,
    "collectBySellerOnly": False,
}
POLICY: dict[str, Any] = {
    "name": "Zwroty 14 dni",
    "isFulfillment": False,
    "availability": {"range": "FULL"},
    "withdrawalPeriod": "P14D",
    "returnCost": {"coveredBy": "SELLER"},
    "address": ADDRESS,
    "options": OPTIONS,
}
UPDATE = {name: value for name, value in POLICY.items() if name != "isFulfillment"}
TERMS: dict[str, Any] = {
    "name": "Reklamacje",
    "individual": {"period": "P2Y"},
    "corporate": {"period": "P1Y"},
    "address": ADDRESS,
    "description": "Odpowiadamy w 14 dni.",
}
WARRANTY: dict[str, Any] = {
    "name": "Gwarancja producenta",
    "type": "MANUFACTURER",
    "individual": {"period": "P36M"},
    "corporate": {"lifetime": True},
}


def post(seller: Caller, path: str, body: dict[str, Any]) -> Any:
    return seller.call("POST", path, json=body)


@pytest.mark.parametrize(("path", "body"), [(RETURNS, POLICY), (COMPLAINTS, TERMS), (GUARANTEES, WARRANTY)])
def test_term_is_made_replaced_and_told(
    seller: Caller, other_seller: Caller, path: str, body: dict[str, Any]
) -> None:
    made = post(seller, path, body)
    address = f"{path}/{made.json['id']}"
    update = UPDATE if path == RETURNS else body
    changed = seller.call("PUT", address, json=update | {"name": "Inna nazwa"})

    assert (made.status_code, changed.status_code) == (201, 200)
    assert seller.get(address).json == changed.json == made.json | {"name": "Inna nazwa"}
    assert seller.get(path).json["count"] == 2
    assert other_seller.call("PUT", address, json=update).status_code == 404
    assert post(seller, path, body).status_code == 201


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"withdrawalPeriod": "P13D"}, "withdrawalPeriod"),
        ({"withdrawalPeriod": "P1M"}, "withdrawalPeriod"),
        ({"withdrawalPeriod": None}, "withdrawalPeriod"),
        ({"returnCost": None}, "returnCost"),
        ({"returnCost": {"coveredBy": "ALLEGRO"}}, "returnCost.coveredBy"),
        ({"availability": {"range": "NONE"}}, "availability.range"),
        ({"availability": {"range": "FULL", "restrictionCause": {"name": "PRESS"}}}, "CAUSE"),
        ({"availability": {"range": "RESTRICTED"}}, "CAUSE"),
        ({"availability": {"range": "RESTRICTED", "restrictionCause": {"name": "PRESS"}}}, "CAUSE"),
        ({"availability": {"range": "DISABLED", "restrictionCause": {"name": "ALCOHOL"}}}, "CAUSE"),
        ({"address": None}, "address"),
        ({"address": ADDRESS | {"postCode": "80001"}}, "address.postCode"),
        ({"address": ADDRESS | {"countryCode": "CZ"}}, "address.postCode"),
        ({"address": ADDRESS | {"street": "x" * 36}}, "address.street"),
        ({"address": ADDRESS | {"city": "Gdańsk 2"}}, "address.city"),
        ({"contact": {"email": "zwroty"}}, "contact.email"),
    ],
)
def test_return_policy_is_refused_at_its_place(changes: dict[str, Any], place: str) -> None:
    found = return_policy_findings(POLICY | changes, "allegro-pl")

    place = "availability.restrictionCause.name" if place == "CAUSE" else place
    assert [item.problem.path for item in found] == [place]


def test_policy_with_returns_needs_all_options(seller: Caller, checked: OpenApiCheck) -> None:
    some = {name: value for name, value in OPTIONS.items() if name != "collectBySellerOnly"}

    with checked.expecting_violations():
        answers = [post(seller, RETURNS, POLICY | {"options": value}) for value in (None, some)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert {codes(answer)[0] for answer in answers} == {"AVAILABILITY_ENABLED_RETURN_OPTIONS_INVALID"}


def test_policy_without_returns_needs_a_cause_only(seller: Caller) -> None:
    cause = {"name": "CUSTOM_ITEM"}
    body = {
        "name": "Bez zwrotów",
        "isFulfillment": False,
        "availability": {"range": "DISABLED", "restrictionCause": cause},
    }

    answer = post(seller, RETURNS, body)

    assert answer.status_code == 201
    assert answer.json["options"] is None


def test_kind_of_a_policy_is_given_once(seller: Caller, checked: OpenApiCheck) -> None:
    policy = seller.get(RETURNS).json["returnPolicies"][0]["id"]

    assert seller.call("PUT", f"{RETURNS}/{policy}", json=UPDATE).json["isFulfillment"] is False
    with checked.expecting_violations():
        assert codes(seller.call("PUT", f"{RETURNS}/{policy}", json=POLICY)) == ["UnknownJSONProperty"]
        assert faults(post(seller, RETURNS, UPDATE)) == [("VALIDATION_ERROR", "isFulfillment")]


def test_policy_in_use_is_not_deleted(seller: Caller, world: World) -> None:
    offer = read(seller, listed(seller, world, a_ring(seller)))
    used = offer["afterSalesServices"]["returnPolicy"]["id"]
    free = post(seller, RETURNS, POLICY).json["id"]

    assert codes(seller.call("DELETE", f"{RETURNS}/{used}")) == ["RETURN_POLICY_IN_USE"]
    assert seller.call("DELETE", f"{RETURNS}/{free}").status_code == 204
    assert seller.get(f"{RETURNS}/{free}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"individual": {"period": "P1Y"}}, "individual.period"),
        ({"individual": {"period": "P24M"}}, "individual.period"),
        ({"corporate": {"period": "P12M"}}, "corporate.period"),
        ({"corporate": {}}, "corporate.period"),
        ({"description": "Odstęp\u00a0twardy"}, "description"),
        ({"description": "x" * 10_241}, "description"),
    ],
)
def test_complaint_terms_are_refused_at_their_place(changes: dict[str, Any], place: str) -> None:
    assert [item.problem.path for item in complaints_findings(TERMS | changes, 1)] == [place]


def test_guarantee_needs_both_kinds_of_buyers(seller: Caller, world: World) -> None:
    without = {name: value for name, value in WARRANTY.items() if name != "corporate"}
    years = WARRANTY | {"individual": {"period": "P2Y"}}

    assert faults(post(seller, GUARANTEES, without)) == [("VALIDATION_ERROR", "corporate")]
    assert faults(post(seller, GUARANTEES, years)) == [("VALIDATION_ERROR", "individual.period")]
    missing = WARRANTY | {"attachment": {"id": world.uuid()}}
    assert faults(post(seller, GUARANTEES, missing)) == [("AttachmentNotFoundException", "attachment.id")]


def test_guarantee_shows_its_file(seller: Caller) -> None:
    declared = post(seller, f"{ROOT}/attachments", {"name": "gwarancja.pdf"})
    pdf: dict[str, str | None] = {"Content-Type": "application/pdf"}
    sent = seller.call("PUT", declared.headers["Location"], headers=pdf, data=b"%PDF-1.7 tekst")

    body = WARRANTY | {"attachment": {"id": declared.json["id"]}}
    shown = post(seller, GUARANTEES, body).json["attachment"]

    assert sent.status_code == 200
    assert (shown["name"], shown["url"]) == ("gwarancja.pdf", sent.json["url"])
    assert faults(post(seller, f"{ROOT}/attachments", {"name": "gwarancja.doc"})) == [
        ("VALIDATION_ERROR", "name")
    ]


def test_term_can_be_edited_and_deleted_behind_the_sellers_back(seller: Caller, remote: Remote) -> None:
    policy = seller.get(RETURNS).json["returnPolicies"][0]["id"]

    remote.post(
        f"/terms/return_policies/{policy}", name="Z panelu", body={**POLICY, "withdrawalPeriod": "P60D"}
    )

    told = seller.get(f"{RETURNS}/{policy}").json
    assert told["withdrawalPeriod"] == "P60D"
    remote.wire.delete(f"/_control/terms/return_policies/{policy}")
    assert seller.get(RETURNS).json["count"] == 0
