"""A value is held against schemas as Allegro means them: composed, chosen between, null where it may be."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.openapi import load_document
from tests.openapi_rules import KINDS, MAKERS
from tests.openapi_shapes import ANSWER, CLOSED_ANSWER, MERGE_PATCH, REQUEST, Reading, Schemas

DOCUMENT = load_document()
pytestmark = pytest.mark.skipif(
    DOCUMENT is None, reason="Allegro's API description is not beside the checkout"
)


def the_document() -> dict[str, Any]:
    assert DOCUMENT is not None
    return DOCUMENT


def bodies() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """All declared JSON bodies with a name for each."""
    document = the_document()
    for path, item in document["paths"].items():
        for method, spec in item.items():
            request = spec.get("requestBody", {})
            if "$ref" in request:
                request = document["components"]["requestBodies"][request["$ref"].rpartition("/")[2]]
            for status, body in (("request", request), *spec["responses"].items()):
                for media_type, content in body.get("content", {}).items():
                    if media_type.endswith("json"):
                        yield f"{method} {path} {status}", REQUEST if status == "request" else ANSWER, content


def examples() -> Iterator[tuple[str, Any, dict[str, Any], Any]]:
    for name, reading, content in bodies():
        values = [example["value"] for example in content.get("examples", {}).values()]
        values += [content["example"]] if "example" in content else []
        for value in values:
            yield name, reading, content["schema"], value


def test_every_example_of_the_document_passes() -> None:
    schemas = Schemas(the_document()["components"]["schemas"])
    wrong: dict[str, list[str]] = {}
    for name, reading, schema, value in examples():
        found: list[str] = []
        schemas.shape(schema).check(value, None, reading, found)
        if found:
            wrong[name] = found

    # The one that fails holds a piece of schema where a word belongs; a plain validator sees only its base.
    assert list(wrong) == ["get /sale/offer-events 200"]
    assert "marketplaces.additional[0].status: {'type': 'string'" in wrong["get /sale/offer-events 200"][0]


def test_the_document_uses_no_keyword_that_the_check_does_not_know() -> None:
    structure = {
        "properties",
        "items",
        "additionalProperties",
        "allOf",
        "oneOf",
        "anyOf",
        "$ref",
        "discriminator",
    }
    words = {
        "description",
        "example",
        "default",
        "title",
        "deprecated",
        "x-additionalPropertiesName",
        "readOnly",
    }
    known = structure | words | MAKERS.keys() | {"type", "required", "nullable"}
    used: set[str] = set()
    waiting = [
        *the_document()["components"]["schemas"].values(),
        *(content["schema"] for *_, content in bodies()),
    ]
    while waiting:
        schema = waiting.pop()
        used |= schema.keys()
        assert schema.get("type", "object") in KINDS
        waiting += [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
        waiting += [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        waiting += [schema[key] for key in ("items", "additionalProperties") if key in schema]

    assert used <= known


def wrong_with(name: str, value: Any, reading: Reading = REQUEST) -> list[str]:
    found: list[str] = []
    schemas = Schemas(the_document()["components"]["schemas"])
    schemas.shape({"$ref": f"#/components/schemas/{name}"}).check(value, None, reading, found)
    return found


def test_one_of_several_schemas_without_a_discriminator_is_enough() -> None:
    command = {"offerCriteria": [], "modification": {"remove": [{"marketplace": {"id": "allegro-pl"}}]}}

    assert wrong_with("OfferAutomaticPricingCommand", command) == []


def test_members_of_two_exclusive_schemas_do_not_go_together() -> None:
    command = {"offerCriteria": [], "modification": {"remove": [], "set": []}}

    assert wrong_with("OfferAutomaticPricingCommand", command) == ["modification.remove: unknown member"]


def test_members_of_two_schemas_of_any_of_may_go_together() -> None:
    both = {
        "process": {"status": "FINISHED"},
        "prices": {"bargain": {"value": {"amount": "1", "currency": "PLN"}}},
    }

    assert wrong_with("BadgePatchRequest", both) == []
    assert wrong_with("BadgePatchRequest", {"proces": {}}) == ["proces: unknown member"]


def test_a_choice_that_is_nullable_may_be_null_and_else_must_be_one_of_its_variants() -> None:
    assert wrong_with("SaleProductSafetyDto", {"safetyInformation": None}) == []
    assert wrong_with("SaleProductSafetyDto", {"safetyInformation": {"type": "SONG"}}) == [
        "safetyInformation.type: 'SONG' is none of TEXT, ATTACHMENTS"
    ]


def test_a_map_takes_any_name_but_holds_to_the_schema_of_its_values() -> None:
    assert wrong_with("Error", {"metadata": {"productId": "1", "anything": 2}}) == [
        "metadata.anything: 2 is not of type string"
    ]


def test_a_null_of_a_required_member_is_refused_even_by_a_merge_patch() -> None:
    price = {"amount": None, "currency": "PLN"}

    assert wrong_with("BuyNowPrice", price, MERGE_PATCH) == ["amount: null is not allowed"]


def test_a_nullable_enum_need_not_list_null() -> None:
    assert wrong_with("Publication", {"endedBy": None}, CLOSED_ANSWER) == []


def test_whole_numbers_pass_as_integers_and_booleans_do_not() -> None:
    assert wrong_with("SaleProductOffersRequestStock", {"available": 3.0}) == []
    assert wrong_with("SaleProductOffersRequestStock", {"available": True}) == [
        "available: True is not of type integer"
    ]
