"""The check of the wire finds what it is there to find, and keeps quiet about what Allegro really does."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from tests.openapi import OpenApiCheck, load_document
from tests.openapi_operations import BETA, PUBLIC

DOCUMENT = load_document()
pytestmark = pytest.mark.skipif(
    DOCUMENT is None, reason="Allegro's API description is not beside the checkout"
)

AN_ID = "29738e61-7f6a-11e8-ac45-09db60ede9d6"
AN_OFFER = {
    "name": "Zestaw trzech szklanek do herbaty",
    "stock": {"available": 3, "unit": "UNIT"},
    "sellingMode": {"price": {"amount": "19.99", "currency": "PLN"}},
    "productSet": [{"product": {"id": AN_ID}, "responsibleProducer": {"type": "ID", "id": AN_ID}}],
    "description": {"sections": [{"items": [{"type": "TEXT", "content": "<p>Szklanki</p>"}]}]},
}
AN_ERROR = {"errors": [{"code": "X", "message": None, "userMessage": None, "path": None, "details": None}]}


class Wire:
    """A watched server that answers what it is told to."""

    def __init__(self, **options: Any) -> None:
        self.answers: Any = {}
        self.status = 200
        self.media_type = PUBLIC
        self.seen: list[bytes] = []
        self.check = OpenApiCheck(self._serve, DOCUMENT, **options)
        self._client = Client(self.check)

    def send(
        self, method: str, path: str, body: Any = None, *, media_type: str = PUBLIC, accept: str = PUBLIC
    ) -> TestResponse:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        content_type = None if data is None else media_type
        headers = {"Accept": accept}
        return self._client.open(path, method=method, data=data, content_type=content_type, headers=headers)

    def violations(self, method: str, path: str, body: Any = None, **options: Any) -> list[str]:
        self.send(method, path, body, **options)
        return self.check.violations

    def _serve(self, environ: Any, start_response: Any) -> Any:
        self.seen.append(Request(environ).get_data())
        body = self.answers if isinstance(self.answers, bytes) else json.dumps(self.answers)
        return Response(body, self.status, content_type=self.media_type)(environ, start_response)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def creation() -> Wire:
    wire = Wire()
    wire.status, wire.answers = 201, {"id": "7680000000"}
    return wire


def violations_of_refused(wire: Wire, body: Any, path: str = "/sale/product-offers") -> list[str]:
    wire.status, wire.answers = 422, AN_ERROR
    method = "POST" if path == "/sale/product-offers" else "PATCH"
    return [line.partition(": ")[2] for line in wire.violations(method, path, body)]


def offer_with(**members: Any) -> dict[str, Any]:
    return {**AN_OFFER, **members}


def test_a_right_request_and_a_right_answer_pass_and_the_application_still_reads_the_body(
    creation: Wire,
) -> None:
    answer = creation.send("POST", "/sale/product-offers", AN_OFFER)

    assert creation.check.violations == []
    assert (answer.status_code, answer.json) == (201, {"id": "7680000000"})
    assert json.loads(creation.seen[0]) == AN_OFFER


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        (offer_with(nmae="x"), "request nmae: unknown member"),
        (
            offer_with(productSet=[{"product": {"idd": AN_ID}}]),
            "request productSet[0].product.idd: unknown member",
        ),
        (
            offer_with(description={"sections": [{"items": [{"type": "TEXT", "contents": "<p>x</p>"}]}]}),
            "request description.sections[0].items[0].contents: unknown member",
        ),
        (
            offer_with(description={"sections": [{"items": [{"type": "IMAGE", "content": "<p>x</p>"}]}]}),
            "request description.sections[0].items[0].content: unknown member",
        ),
        (
            offer_with(description={"sections": [{"items": [{"type": "VIDEO"}]}]}),
            "request description.sections[0].items[0].type: 'VIDEO' is none of TEXT, IMAGE",
        ),
        (
            offer_with(sellingMode={"price": {"amount": 19.99, "currency": "PLN"}}),
            "request sellingMode.price.amount: 19.99 is not of type string",
        ),
        (
            offer_with(stock={"available": "3"}),
            "request stock.available: '3' is not of type integer",
        ),
        (
            offer_with(sellingMode={"format": "GIVE_AWAY"}),
            "request sellingMode.format: 'GIVE_AWAY' is none of ['BUY_NOW', 'AUCTION', 'ADVERTISEMENT']",
        ),
        (offer_with(language=None), "request language: null is not allowed"),
        (offer_with(name="x" * 76), "request name: has 76, not at most 75 characters"),
        (offer_with(images="a.jpg"), "request images: 'a.jpg' is not of type array"),
        ({"name": AN_OFFER["name"]}, "request stock: required, but missing"),
        (
            offer_with(publication={"startingAt": "tomorrow"}),
            "request publication.startingAt: 'tomorrow' is no date-time",
        ),
        ([7], "request: [7] is not of type object"),
        (b"{", "request: b'{' is not JSON"),
        (None, "request: a body is required, but missing"),
    ],
)
def test_a_planted_mistake_in_a_request_is_found(wire: Wire, body: Any, violation: str) -> None:
    found = violations_of_refused(wire, body)

    assert found == [violation]


@pytest.mark.parametrize("member", ["taxSettings", "messageToSellerSettings"])
def test_null_passes_in_a_request_where_nullable_stands_beside_all_of(creation: Wire, member: str) -> None:
    assert creation.violations("POST", "/sale/product-offers", offer_with(**{member: None})) == []


def test_null_deletes_a_member_in_a_merge_patch_but_nothing_inside_an_array(wire: Wire) -> None:
    path = "/sale/product-offers/7680000000"

    found = violations_of_refused(wire, {"external": None, "images": [None]}, path)

    assert found == ["request images[0]: null is not allowed"]


def test_members_of_both_sides_of_all_of_are_known_together(creation: Wire) -> None:
    delivery = {"shippingRates": {"id": AN_ID, "name": "Paczkomat"}, "handlingTime": "PT24H"}
    shipped = {**delivery, "shipmentDate": "2026-11-02T10:00:00Z"}

    assert creation.violations("POST", "/sale/product-offers", offer_with(delivery=shipped)) == []


@pytest.mark.parametrize(
    ("method", "path", "violation"),
    [
        ("GET", "/sale/offers?limit=2&limit=3", "query limit: given 2 times"),
        ("GET", "/sale/offers?limit=many", "query limit: 'many' is not of type integer"),
        ("GET", "/sale/offers?limit=1001", "query limit: 1001 is more than 1000"),
        (
            "GET",
            "/sale/offers?sellingMode.format=GIFT",
            "query sellingMode.format[0]: 'GIFT' is none of ['BUY_NOW', 'ADVERTISEMENT', 'AUCTION']",
        ),
        (
            "GET",
            "/sale/offers?productizationRequired=yes",
            "query productizationRequired: 'yes' is not of type boolean",
        ),
        ("GET", "/sale/offers?externalid=1", "query externalid: unknown parameter"),
        (
            "GET",
            "/order/checkout-forms?updatedAt.gte=yesterday",
            "query updatedAt.gte: 'yesterday' is no date-time",
        ),
        ("GET", "/sale/matching-categories", "query name: required, but missing"),
        ("GET", "/order/checkout-forms/no-uuid", "path id: 'no-uuid' is no uuid"),
        ("GET", "/sale/nothing", "path: not declared"),
        ("DELETE", "/sale/product-offers", "method: only POST declared"),
    ],
)
def test_a_planted_mistake_in_an_address_is_found(wire: Wire, method: str, path: str, violation: str) -> None:
    wire.status, wire.answers = 422, AN_ERROR

    found = [line.partition(": ")[2] for line in wire.violations(method, path)]

    assert found == [violation]


def test_right_addresses_pass(wire: Wire) -> None:
    wire.answers = {"offers": [], "count": 0, "totalCount": 0}
    wire.send(
        "GET", "/sale/offers?external.id=A&external.id=B&publication.status=ACTIVE&product.id.empty=true"
    )
    wire.answers = {"products": []}
    wire.send("GET", "/sale/products?phrase=szklanka&11323=11323_1&any+filter=1")

    assert wire.check.violations == []


def test_media_types_are_checked_both_ways(wire: Wire) -> None:
    wire.status, wire.answers = 201, {"id": "1"}
    wire.send("POST", "/sale/product-offers", AN_OFFER, media_type="application/json")
    wire.status = 200
    wire.send("GET", "/sale/product-offers/1", accept=BETA)
    wire.media_type = "application/json"
    wire.send("GET", "/sale/product-offers/1", accept="*/*")

    assert [line.partition(": ")[2].partition(" is none")[0] for line in wire.check.violations] == [
        "header Content-Type: application/json",
        f"header Accept: {BETA} allows none of ['{PUBLIC}']",
        f"answer 200: {PUBLIC} was not accepted by the request",
        "answer 200: application/json",
    ]


def test_pictures_and_labelled_json_are_uploaded_as_declared(wire: Wire) -> None:
    wire.status, wire.answers = 201, {"location": "https://a.allegroimg.com/original/1", "expiresAt": None}
    wire.send("POST", "/sale/images", b"\x89PNG", media_type="image/png")
    wire.send(
        "POST", "/sale/images", {"url": "https://example.com/1.png"}, media_type=f"{PUBLIC}; charset=UTF-8"
    )
    wire.send("POST", "/sale/images", b"GIF89a", media_type="image/gif")

    assert len(wire.check.violations) == 1
    assert "header Content-Type: image/gif is none of" in wire.check.violations[0]


def test_nulls_in_answers_are_passed_over_unless_the_member_is_required(wire: Wire) -> None:
    wire.answers = {
        "offers": [{"id": "1", "sellingMode": {"minimalPrice": None}}],
        "count": 1,
        "totalCount": 1,
    }
    wire.send("GET", "/sale/offers")
    assert wire.check.violations == []

    wire.answers = {"checkoutForms": None, "count": 0, "totalCount": 0}
    wire.send("GET", "/order/checkout-forms")
    assert wire.check.violations == [
        "GET /order/checkout-forms: answer 200 checkoutForms: required, but missing"
    ]


def test_known_inaccuracies_of_the_description_are_tolerated(wire: Wire) -> None:
    wire.answers = {"checkoutForms": [], "count": 0, "totalCount": 0}
    wire.send("GET", "/order/checkout-forms")
    wire.answers = {"sellingMode": {"price": {"amount": 50, "currency": "PLN"}}}
    wire.send("GET", "/sale/product-offers/1")

    assert wire.check.violations == []


def test_a_variant_of_an_answer_is_held_against_its_own_schema(wire: Wire) -> None:
    wire.answers = {"parameters": [{"id": "1", "type": "dictionary", "dictionary": "all"}, {"id": "2"}]}

    found = [line.partition(": ")[2] for line in wire.violations("GET", "/sale/categories/1/parameters")]

    assert found == [
        "answer 200 parameters[0].dictionary: 'all' is not of type array",
        "answer 200 parameters[1].type: None is none of integer, float, string, dictionary",
    ]


def test_unknown_members_of_answers_are_reported_on_request_only() -> None:
    for closed, expected in ((False, 0), (True, 1)):
        wire = Wire(closed_answers=closed)
        wire.answers = {"offers": [], "count": 0, "totalCount": 0, "novelty": 1}

        assert len(wire.violations("GET", "/sale/offers")) == expected


@pytest.mark.parametrize(
    ("status", "body", "is_right"),
    [
        (401, {"error": "invalid_token", "error_description": "Access token expired"}, True),
        (429, AN_ERROR, True),
        (503, AN_ERROR, True),
        (403, {"error": "invalid_token"}, False),
        (400, {"message": "no"}, False),
        (500, b"<html>", False),
        (418, AN_ERROR, False),
        (204, b"", False),
    ],
)
def test_errors_have_one_of_the_two_known_bodies(wire: Wire, status: int, body: Any, is_right: bool) -> None:
    wire.status, wire.answers = status, body

    found = wire.violations("GET", "/sale/offers")

    assert (found == []) is is_right


def test_nothing_follows_where_no_body_is_declared(wire: Wire) -> None:
    path = f"/order/checkout-forms/{AN_ID}/fulfillment"
    wire.status, wire.answers = 204, b""
    wire.send("PUT", path, {"status": "SENT"}, accept="*/*")
    assert wire.check.violations == []

    wire.send("GET", "/sale/offers", {"limit": 1})
    assert "GET /sale/offers: request: a body where none is declared" in wire.check.violations


def test_exempt_paths_are_not_looked_at(wire: Wire) -> None:
    for path in ("/", "/auth/oauth/token", "/_control/faults", "/_control", "/img/1.png"):
        wire.send("GET", path)
    assert wire.check.violations == []

    wire.send("GET", "/authors")
    assert wire.check.violations == ["GET /authors: path: not declared"]


def test_deliberate_strangers_are_let_through_and_told_about(wire: Wire) -> None:
    wire.answers = {"offers": [], "count": 0, "totalCount": 0}
    with wire.check.expecting_violations() as found:
        wire.send("GET", "/sale/offers?strange=1")
    wire.send("GET", "/sale/nothing")

    assert found == ["GET /sale/offers: query strange: unknown parameter"]
    assert wire.check.violations == ["GET /sale/nothing: path: not declared"]


def test_without_a_description_everything_passes() -> None:
    wire = Wire()
    check = OpenApiCheck(wire._serve, None)

    assert Client(check).get("/sale/nothing").status_code == 200
    assert check.violations == []


def a_value(schema: dict[str, Any]) -> Any:
    """A full value of a schema, made of the examples and defaults in it."""
    assert DOCUMENT is not None
    schemas = DOCUMENT["components"]["schemas"]
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "properties" in schema or "allOf" in schema:
        full: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            full |= a_value(part) if isinstance(a_value(part), dict) else {}
        return full | {name: a_value(member) for name, member in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [a_value(schema["items"])] * 2
    if "enum" in schema:
        return schema["enum"][0]
    formats = {"uuid": str(UUID(int=7)), "date-time": "2026-11-01T10:00:00.000Z", "date": "2026-11-01"}
    values = {"integer": 2, "number": 2, "boolean": True, "object": {}}
    usual = values.get(schema.get("type", ""), schema.get("example", "12.30"))
    return formats.get(schema.get("format", ""), usual)


def calls_in(act: Callable[[], object]) -> int:
    """How many Python functions are called meanwhile: work counted, as a clock would measure the machine."""
    called = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal called
        called += event == "call"

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return called


def test_of_a_page_of_a_hundred_orders_each_value_is_looked_at_a_few_times(wire: Wire) -> None:
    form = a_value({"$ref": "#/components/schemas/CheckoutForm"})
    wire.answers = json.dumps({"checkoutForms": [form] * 100, "count": 100, "totalCount": 100}).encode()
    assert wire.violations("GET", "/order/checkout-forms?limit=100") == []

    calls = calls_in(lambda: wire.send("GET", "/order/checkout-forms?limit=100"))

    assert calls / (100 * values_in(form)) < 8


def values_in(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, inner))
