"""Products proposed by sellers, and such as control calls put into the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from tests.simulator.conftest import Caller, Remote, codes
from tests.simulator.goods import (
    RING,
    RING_PARAMETERS,
    SHOES,
    chosen,
    create,
    faults,
    listed,
    of_product,
    said,
    uploaded,
)

MISSING = "ConstraintViolationException.MissingRequiredParameters"
NO_PICTURE = "http://localhost/img/brak"
FRESH_EAN = "5900000000008"


def a_proposal(seller: Caller, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": "Pierścionek z bursztynem proponowany",
        "category": {"id": RING},
        "images": [{"url": uploaded(seller)}],
        "parameters": [*RING_PARAMETERS, said("225693", FRESH_EAN)],
        "language": "pl-PL",
    }
    return body | changes


def propose(seller: Caller, body: dict[str, Any]) -> Any:
    return seller.call("POST", "/sale/product-proposals", json=body)


def test_proposed_product_is_in_the_catalogue_and_can_be_sold(seller: Caller, world: World) -> None:
    answer = propose(seller, a_proposal(seller))

    assert answer.status_code == 201
    assert answer.json["publication"] == {"status": "PROPOSED"}
    found = seller.get(f"/sale/products?phrase={FRESH_EAN}&mode=GTIN").json["products"]
    assert [item["id"] for item in found] == [answer.json["id"]]
    listed(seller, world, of_product(answer.json["id"]))


def test_equal_product_is_named_by_its_address(seller: Caller) -> None:
    first = propose(seller, a_proposal(seller)).json["id"]

    again = propose(seller, a_proposal(seller, name="Inna nazwa"))

    assert (again.status_code, codes(again)) == (409, ["ProductAlreadyExists"])
    assert again.headers["Location"].endswith(f"/sale/products/{first}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"parameters": [said("225693", FRESH_EAN)]}, (MISSING, "parameters")),
        ({"name": "x" * 76}, ("ConstraintViolationException.StringLength", "name")),
        ({"images": []}, ("VALIDATION_FAILED", "images")),
        ({"category": {"id": "5"}}, ("INVALID_CATEGORY_ID", "category.id")),
        ({"category": {"id": "1"}}, ("CATEGORY_NOT_EXISTS", "category.id")),
        (
            {"images": [{"url": "http://localhost/img/brak"}]},
            ("OfferImagesNotAvailableException", "images[0]"),
        ),
    ],
)
def test_incomplete_proposal_is_refused(
    seller: Caller, changes: dict[str, Any], fault: tuple[str, str], checked: Any
) -> None:
    with checked.expecting_violations():
        answer = propose(seller, a_proposal(seller, **changes))

    assert answer.status_code == 422
    assert faults(answer) == [fault]


def test_offer_parameter_has_no_place_in_a_proposal(seller: Caller) -> None:
    parameters = [*RING_PARAMETERS, chosen("11323", "11323_1")]

    assert "ParameterCategoryException" in codes(propose(seller, a_proposal(seller, parameters=parameters)))


def test_proposals_of_a_month_are_counted(seller: Caller, world: World) -> None:
    world.switches.product_proposals_per_month = 1
    propose(seller, a_proposal(seller))
    other = [*RING_PARAMETERS, said("225693", "5902234123454")]

    assert propose(seller, a_proposal(seller, parameters=other)).status_code == 429


# Put there by control calls


def put(remote: Remote, **traits: Any) -> str:
    usual = {"name": "Buty damskie próbne", "category": SHOES, "images": 1, "description": "Próbne & ładne"}
    product_id: str = remote.post("/products", **{**usual, **traits})["id"]
    return product_id


EAN = [said("225693", FRESH_EAN)]


def test_several_products_of_one_ean_make_the_offer_ambiguous(seller: Caller, remote: Remote) -> None:
    ids = {put(remote, parameters=[chosen("248830", "248830_1"), *EAN]) for _ in range(3)}

    answer = create(seller, of_product("", productSet=[{"product": {"id": FRESH_EAN, "idType": "GTIN"}}]))

    assert set(answer.json["errors"][0]["metadata"]["foundProductsIds"].split(",")) == ids
    found = seller.get(f"/sale/products?phrase={FRESH_EAN}&mode=GTIN").json["products"]
    assert {item["id"] for item in found} == ids


def test_product_in_another_category_or_with_another_value_is_a_mismatch(
    seller: Caller, remote: Remote
) -> None:
    card = put(remote, category=RING, parameters=[*RING_PARAMETERS, *EAN])
    wish = of_product(card)
    wish["productSet"][0]["product"] |= {"parameters": [chosen("206646", "206646_1")]}

    elsewhere = create(seller, of_product(card, category={"id": "123431"}))
    other_value = create(seller, wish)

    assert "CATEGORY_MISMATCH" in codes(elsewhere)
    mismatch = next(e for e in other_value.json["errors"] if e["code"] == "PARAMETER_MISMATCH")
    assert mismatch["metadata"]["expectedParameterValueId"] == "206646_3"
    assert mismatch["metadata"]["currentParameterValueId"] == "206646_1"


def test_card_of_a_brand_tells_what_is_trusted_and_protected(seller: Caller, remote: Remote) -> None:
    card = put(remote, parameters=EAN, trusted=True, protected=True, status="PROPOSED")

    told = seller.get(f"/sale/products/{card}").json

    assert told["trustedContent"]["paths"] == ["description", "images"]
    assert told["hasProtectedBrand"]
    assert told["publication"] == {"status": "PROPOSED"}
    assert told["parameters"][0]["options"]["isTrusted"]
    assert seller.wire.get(told["images"][0]["url"]).status_code == 200
    assert "brandBlock" in codes(create(seller, of_product(card)))


def test_known_product_is_changed_and_taken_away(seller: Caller, remote: Remote) -> None:
    card = put(remote, status="PROPOSED")
    remote.post("/products", id=card, status="LISTED", requirements=[chosen("11323", "11323_1")])

    told = seller.get(f"/sale/products/{card}").json
    remote.wire.delete(f"/_control/products/{card}")

    assert told["publication"] == {"status": "LISTED"}
    assert told["offerRequirements"]["parameters"][0]["valuesIds"] == ["11323_1"]
    assert seller.get(f"/sale/products/{card}").status_code == 404


def test_many_products_fill_pages(seller: Caller, remote: Remote) -> None:
    remote.post("/products/many", count=65, category=SHOES, name="Kalosze liczne")

    seen: list[str] = []
    query: dict[str, str] = {"phrase": "kalosze liczne"}
    while True:
        page = seller.get("/sale/products", query_string=query).json
        seen += [item["id"] for item in page["products"]]
        if "nextPage" not in page:
            break
        query["page.id"] = page["nextPage"]["id"]

    assert len(set(seen)) == len(seen) == 65


def test_impossible_product_is_refused(remote: Remote) -> None:
    for traits in ({"status": "OLD"}, {"parameters": [said("1", "x")]}, {"category": "1"}):
        asked = {"name": "x", "category": SHOES, **traits}
        assert "errors" in remote.post("/products", **asked)
