"""Who answers for a product's safety over the wire: responsible producers and persons; nobody deletes one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from allegro_module.simulator.body_rules import (
    EMAIL,
    PHONE,
    URL,
    shape_findings,
    text_findings,
    tidy_findings,
    without_nulls,
)
from allegro_module.simulator.findings import Finding, refusal, refuse, violation
from allegro_module.simulator.http import Call, Room, answer
from allegro_module.simulator.offer_schema import TEXT, Nullable, Shape, kind_findings, members
from allegro_module.simulator.terms import Party, put

room = Room()
READ, WRITE = "sale:settings:read", "sale:settings:write"
PRODUCERS, PERSONS = "/sale/responsible-producers", "/sale/responsible-persons"
CONTACT: Mapping[str, Shape] = {
    "email": Nullable(TEXT),
    "phoneNumber": Nullable(TEXT),
    "formUrl": Nullable(TEXT),
}
ADDRESS: Mapping[str, Shape] = {"countryCode": TEXT, "street": TEXT, "postalCode": TEXT, "city": TEXT}
PRODUCER: Mapping[str, Shape] = {
    "id": TEXT,
    "name": TEXT,
    "producerData": {"tradeName": TEXT, "address": ADDRESS, "contact": CONTACT},
}
PERSON: Mapping[str, Shape] = {
    "id": TEXT,
    "name": TEXT,
    "personalData": {"name": TEXT, "address": ADDRESS, "contact": CONTACT},
}
COUNTRY = re.compile(r"[A-Z]{2}")
UNION = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "GR", "ES", "IE", "LT", "LU"),
    *("LV", "MT", "NL", "DE", "PL", "PT", "RO", "SK", "SI", "SE", "HU", "IT"),
)
IN_UNION = re.compile("|".join(UNION))


def _page(call: Call, book: Mapping[str, Party], name: str, data: str, farthest: int) -> Response:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", 1000, 1, 1000)
    offset = call.whole_number("offset", 0, 0, farthest)
    own = [item for item in book.values() if item.seller_id == call.owner.id]
    page = [_json(item, data) for item in own[offset : offset + limit]]
    return answer({name: page, "count": len(page), "totalCount": len(own)})


def _json(item: Party, data: str) -> dict[str, Any]:
    return {"id": item.id, "name": item.name, data: item.data}


def _own(call: Call, book: Mapping[str, Party], item_id: str, code: str) -> Party:
    item = book.get(item_id)
    if item is None or item.seller_id != call.owner.id:
        raise refusal(404, code, call.request.path, name=item_id)
    return item


def _findings(body: Mapping[str, Any], data: str, name: str, countries: re.Pattern[str]) -> Iterator[Finding]:
    """`data` and `name` are the members that producers and persons call differently."""
    yield from tidy_findings(body, "name", 50)
    yield from tidy_findings(body, f"{data}.{name}", 200)
    for member, most in (("street", 200), ("postalCode", 20), ("city", 100)):
        yield from text_findings(body, f"{data}.address.{member}", most)
    country = ((body.get(data) or {}).get("address") or {}).get("countryCode")
    if not countries.fullmatch(country or ""):
        yield violation(f"{data}.address.countryCode", "body.shape", value=country)
    contact = (body.get(data) or {}).get("contact") or {}
    if not (contact.get("email") or contact.get("formUrl")):
        yield violation(f"{data}.contact", "party.contact")
    for member, shape, most in (("email", EMAIL, 50), ("phoneNumber", PHONE, 30), ("formUrl", URL, 80)):
        yield from shape_findings(body, f"{data}.contact.{member}", shape, most)


def producer_findings(body: Mapping[str, Any]) -> Iterator[Finding]:
    return _findings(body, "producerData", "tradeName", COUNTRY)


def _producer(call: Call) -> dict[str, Any]:
    body = call.json(members(PRODUCER))
    refuse(400, kind_findings(body, PRODUCER))
    refuse(422, producer_findings(body))
    read: dict[str, Any] = without_nulls(body)
    return read


def _person(call: Call) -> dict[str, Any]:
    body = call.json(members(PERSON))
    refuse(400, kind_findings(body, PERSON))
    refuse(422, _findings(body, "personalData", "name", IN_UNION))
    read: dict[str, Any] = without_nulls(body)
    return read


@room.route("GET", PRODUCERS, scope=READ)
def list_producers(call: Call) -> Response:
    return _page(call, call.world.terms.producers, "responsibleProducers", "producerData", 50_000)


@room.route("POST", PRODUCERS, scope=WRITE)
def create_producer(call: Call) -> Response:
    body = _producer(call)
    party = Party(call.world.uuid(), call.owner.id, body["name"], body["producerData"])
    put(call.world.terms.producers, party)
    return answer(_json(party, "producerData"), 201)


@room.route("GET", f"{PRODUCERS}/<item_id>", scope=READ)
def get_producer(call: Call, item_id: str) -> Response:
    party = _own(call, call.world.terms.producers, item_id, "RESPONSIBLE_PRODUCER_NOT_FOUND")
    return answer(_json(party, "producerData"))


@room.route("PUT", f"{PRODUCERS}/<item_id>", scope=WRITE)
def replace_producer(call: Call, item_id: str) -> Response:
    body = _producer(call)
    book = call.world.terms.producers
    party = _own(call, book, item_id, "RESPONSIBLE_PRODUCER_NOT_FOUND")
    party = replace(party, name=body["name"], data=body["producerData"])
    put(book, party)
    return answer(_json(party, "producerData"))


@room.route("GET", PERSONS, scope=READ)
def list_persons(call: Call) -> Response:
    return _page(call, call.world.terms.persons, "responsiblePersons", "personalData", 16_000)


@room.route("POST", PERSONS, scope=WRITE)
def create_person(call: Call) -> Response:
    """Made, yet 200, as described; a single person cannot be read."""
    body = _person(call)
    party = Party(call.world.uuid(), call.owner.id, body["name"], body["personalData"])
    put(call.world.terms.persons, party)
    return answer(_json(party, "personalData"))


@room.route("PUT", f"{PERSONS}/<item_id>", scope=WRITE)
def replace_person(call: Call, item_id: str) -> Response:
    body = _person(call)
    book = call.world.terms.persons
    party = _own(call, book, item_id, "RESPONSIBLE_PERSON_NOT_FOUND")
    party = replace(party, name=body["name"], data=body["personalData"])
    put(book, party)
    return answer(_json(party, "personalData"))
