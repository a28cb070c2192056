"""The category tree and the parameters over the wire."""

from __future__ import annotations

from allegro_module.simulator import World
from allegro_module.simulator.category_tree import ROOT, tree
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import BOOK, HEADPHONES, RING, SERVICE, SHOES

THIRTY_THOUSAND_BRANDS = "258100"
LANGUAGE = {"Accept-Language": "en-US"}


def test_tree_has_at_least_a_dozen_leaves_three_or_four_levels_down(world: World) -> None:
    leaves = [leaf for leaf in tree().values() if leaf.leaf]

    assert len(leaves) >= 12
    assert {len(world.catalogue.path(leaf.id)) for leaf in leaves} == {3, 4}


def test_categories_are_read_from_the_roots_down_with_an_application_token(application: Caller) -> None:
    roots = application.get("/sale/categories").json["categories"]
    fashion = next(item for item in roots if item["name"] == "Moda")
    below = application.get("/sale/categories", query_string={"parent.id": fashion["id"]}).json["categories"]

    assert fashion["parent"] is None
    assert {item["parent"]["id"] for item in below} == {fashion["id"]}
    assert application.get(f"/sale/categories?parent.id={ROOT}").json["categories"] == roots


def test_names_follow_the_language_and_ids_do_not(application: Caller) -> None:
    polish = application.get(f"/sale/categories/{RING}").json
    english = application.get(f"/sale/categories/{RING}", headers=LANGUAGE).json

    assert (polish["name"], english["name"]) == ("Pierścionki", "Rings")
    assert polish["id"] == english["id"] == RING
    assert polish["leaf"]


def test_unknown_category_is_not_found(application: Caller) -> None:
    for path in ("/sale/categories/1", "/sale/categories?parent.id=1", "/sale/categories/1/parameters"):
        answer = application.get(path)

        assert answer.status_code == 404
        assert codes(answer) == ["CATEGORY_NOT_EXISTS"]


def parameters(caller: Caller, category_id: str, kind: str = "parameters") -> dict[str, dict[str, object]]:
    items = caller.get(f"/sale/categories/{category_id}/{kind}").json["parameters"]
    return {item["id"]: item for item in items}


def test_all_leaves_describe_their_parameters_as_allegro_does(application: Caller) -> None:
    for leaf in tree().values():
        if leaf.id == THIRTY_THOUSAND_BRANDS:
            continue  # Checking each of its values against the description takes seconds.
        assert application.get(f"/sale/categories/{leaf.id}/parameters").status_code == 200
        assert application.get(f"/sale/categories/{leaf.id}/product-parameters").status_code == 200


def test_dependence_is_told_in_all_its_kinds(application: Caller) -> None:
    rings, shoes = parameters(application, RING), parameters(application, SHOES)
    books, phones = parameters(application, BOOK), parameters(application, HEADPHONES)

    gold = [{"id": "206646", "oneOfValueIds": ["206646_2", "206646_3"]}]
    assert rings["206647"]["displayedIf"] == {"parametersWithValue": gold}
    assert rings["206646"]["displayedIf"] is None
    assert shoes["248831"]["options"]["dependsOnParameterId"] == "248830"  # type: ignore[index]
    assert books["245669"]["requiredIf"] == {
        "parametersWithValue": [{"id": "11323", "oneOfValueIds": ["11323_1"]}],
        "parametersWithoutValue": [],
    }
    assert phones["224017"]["requiredIf"] == {
        "parametersWithValue": [],
        "parametersWithoutValue": [{"id": "225693"}],
    }


def test_every_kind_of_parameter_exists_with_its_restrictions(application: Caller) -> None:
    shoes, books = parameters(application, SHOES), parameters(application, BOOK)

    assert shoes["209881"]["restrictions"] == {"min": 30, "max": 50, "range": True}
    assert shoes["209882"]["restrictions"] == {"min": 10.0, "max": 40.0, "range": False, "precision": 1}
    assert books["223489"]["restrictions"] == {"minLength": 2, "maxLength": 100, "allowedNumberOfValues": 5}
    assert books["223543"]["restrictions"] == {"multipleChoices": True}


def test_product_parameters_are_those_that_describe_the_product(application: Caller) -> None:
    offer, product = parameters(application, RING), parameters(application, RING, "product-parameters")

    assert "11323" in offer
    assert "11323" not in product
    assert offer["206653"]["required"]
    assert not product["206653"]["required"]


def test_matching_categories_come_with_their_parents(application: Caller) -> None:
    answer = application.get("/sale/matching-categories", query_string={"name": "Pierścionek złoty"})

    best = answer.json["matchingCategories"][0]
    assert best["id"] == RING
    assert best["parent"]["name"] == "Biżuteria damska"
    assert best["parent"]["parent"]["parent"]["name"] == "Moda"


def test_matching_needs_a_name(application: Caller) -> None:
    assert application.get("/sale/matching-categories?name=").status_code == 422
    assert application.get("/sale/matching-categories?name=xyzzy").json == {"matchingCategories": []}


def test_services_are_for_advertisements(application: Caller) -> None:
    options = application.get(f"/sale/categories/{SERVICE}").json["options"]

    assert options["advertisement"]
    assert not options["offersWithProductPublicationEnabled"]
