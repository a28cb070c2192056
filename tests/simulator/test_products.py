"""The catalogue of products over the wire."""

from __future__ import annotations

from dataclasses import replace

from allegro_module.simulator import World
from allegro_module.simulator.parameter_values import gtin_faults
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import HEADPHONES, product_called

NECKLACE = "d7187e51-36cc-4999-861e-a4336aa165f0"
ITS_TWIN = "17ef2e7a-a759-42e9-84c2-93bf1a578ba6"


def found(seller: Caller, **query: str) -> list[str]:
    answer = seller.get(
        "/sale/products", query_string={key.replace("__", "."): value for key, value in query.items()}
    )
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["products"]]


def test_catalogue_begins_with_products_that_have_right_gtins(world: World) -> None:
    products = list(world.catalogue.products.values())
    with_gtin = [item for item in products if world.catalogue.gtins_of(item)]

    assert len(with_gtin) >= 15
    assert [
        fault for item in with_gtin for gtin in world.catalogue.gtins_of(item) for fault in gtin_faults(gtin)
    ] == []
    assert any(item.safety for item in products)


def test_two_products_may_share_a_gtin(seller: Caller, world: World) -> None:
    gtin = world.catalogue.gtins_of(world.catalogue.products[NECKLACE])[0]

    assert set(found(seller, phrase=gtin, mode="GTIN")) == {NECKLACE, ITS_TWIN}


def test_product_is_found_by_code_of_manufacturer_and_by_words(seller: Caller, world: World) -> None:
    sony = product_called(world, "Słuchawki bezprzewodowe Sony")

    assert found(seller, phrase="WH1000XM5B.CE7", mode="MPN") == [sony]
    assert found(seller, phrase="sony czarne") == [sony]
    assert found(seller, phrase="nie ma takiego") == []


def test_category_and_parameters_narrow_the_search(seller: Caller, world: World) -> None:
    jbl = product_called(world, "Słuchawki bezprzewodowe JBL")

    assert found(
        seller,
        phrase="słuchawki",
        category__id="42540aec-367a-4e5e-b411-17c09b08e41f",
        **{"209878": "209878_3"},
    ) == [jbl]
    assert len(found(seller, phrase="słuchawki", category__id=HEADPHONES)) == 2


def test_pages_have_thirty_products(seller: Caller, world: World) -> None:
    first = next(iter(world.catalogue.products.values()))
    for number in range(35):
        world.catalogue.add(replace(first, id=f"wiele-{number}", name="Wielokrotny produkt"))

    page = seller.get("/sale/products?phrase=wielokrotny").json
    rest = seller.get(
        "/sale/products", query_string={"phrase": "wielokrotny", "page.id": page["nextPage"]["id"]}
    ).json

    assert (len(page["products"]), len(rest["products"])) == (30, 5)
    assert "nextPage" not in rest


def test_search_wants_a_phrase_and_a_known_page(seller: Caller) -> None:
    assert seller.get("/sale/products").status_code == 422
    assert seller.get(f"/sale/products?category.id={HEADPHONES}").status_code == 422
    assert seller.get("/sale/products?phrase=x&page.id=!").status_code == 422


def test_search_needs_a_user(application: Caller) -> None:
    assert application.get("/sale/products?phrase=x").status_code == 401


def test_product_tells_its_safety_requirements_and_path(seller: Caller, world: World) -> None:
    sony = seller.get(f"/sale/products/{product_called(world, 'Słuchawki bezprzewodowe Sony')}").json

    assert sony["productSafety"]["safetyInformation"]["type"] == "TEXT"
    assert sony["offerRequirements"]["parameters"][0]["valuesIds"] == ["11323_1"]
    assert sony["category"]["path"][0]["name"] == "Elektronika"
    brand = next(item for item in sony["parameters"] if item["name"] == "Marka")
    assert (brand["valuesLabels"], brand["options"]["identifiesProduct"]) == (["Sony"], True)
    assert seller.wire.get(sony["images"][0]["url"]).status_code == 200


def test_unknown_product_is_not_found(seller: Caller) -> None:
    answer = seller.get("/sale/products/00000000-0000-0000-0000-000000000000")

    assert answer.status_code == 404
    assert codes(answer) == ["ProductNotFoundException"]
