"""Writing responsible producers and persons."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator.parties import producer_findings
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import faults

PRODUCERS, PERSONS = "/sale/responsible-producers", "/sale/responsible-persons"
ADDRESS = {"countryCode": "CN", "street": "1 Long Road", "postalCode": "100000", "city": "Beijing"}
PRODUCER: dict[str, Any] = {
    "name": "Long Works",
    "producerData": {
        "tradeName": "Long Works Ltd",
        "address": ADDRESS,
        "contact": {"email": "safety@long.example"},
    },
}
PERSON: dict[str, Any] = {
    "name": "Importer",
    "personalData": {
        "name": "Import sp. z o.o.",
        "address": ADDRESS | {"countryCode": "PL"},
        "contact": {"formUrl": "https://import.example/kontakt"},
    },
}


@pytest.mark.parametrize(("path", "body", "status"), [(PRODUCERS, PRODUCER, 201), (PERSONS, PERSON, 200)])
def test_party_is_made_replaced_and_listed(
    seller: Caller, other_seller: Caller, path: str, body: dict[str, Any], status: int
) -> None:
    made = seller.call("POST", path, json=body)
    address = f"{path}/{made.json['id']}"
    changed = seller.call("PUT", address, json=body | {"id": made.json["id"], "name": "Nowa nazwa"})

    assert (made.status_code, changed.status_code) == (status, 200)
    assert changed.json == made.json | {"name": "Nowa nazwa"}
    (members,) = (value for value in seller.get(path).json.values() if isinstance(value, list))
    assert members[-1] == changed.json
    assert other_seller.call("PUT", address, json=body).status_code == 404


def test_single_producer_is_read_by_its_owner(seller: Caller, other_seller: Caller) -> None:
    row = seller.get(PRODUCERS).json["responsibleProducers"][0]

    assert seller.get(f"{PRODUCERS}/{row['id']}").json == row
    assert codes(other_seller.get(f"{PRODUCERS}/{row['id']}")) == ["RESPONSIBLE_PRODUCER_NOT_FOUND"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": " Long"}, "name"),
        ({"name": "Long  Works"}, "name"),
        ({"name": "Long\tWorks"}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"address": ADDRESS | {"countryCode": "Chiny"}}, "producerData.address.countryCode"),
        ({"address": ADDRESS | {"postalCode": "1" * 21}}, "producerData.address.postalCode"),
        ({"contact": {"phoneNumber": "+48 500 600 700"}}, "producerData.contact"),
        ({"contact": {"email": "safety"}}, "producerData.contact.email"),
        ({"contact": {"formUrl": "import.example"}}, "producerData.contact.formUrl"),
        ({"tradeName": ""}, "producerData.tradeName"),
    ],
)
def test_producer_is_refused_at_its_place(changes: dict[str, Any], place: str) -> None:
    body = PRODUCER | changes
    if "name" not in changes:
        body = PRODUCER | {"producerData": PRODUCER["producerData"] | changes}

    assert [item.problem.path for item in producer_findings(body)] == [place]


def test_person_lives_in_the_union(seller: Caller, checked: OpenApiCheck) -> None:
    body = PERSON | {"personalData": PERSON["personalData"] | {"address": ADDRESS}}

    with checked.expecting_violations():
        answer = seller.call("POST", PERSONS, json=body)

    assert faults(answer) == [("VALIDATION_ERROR", "personalData.address.countryCode")]
