"""Returns, complaints, guarantees, tax settings, responsible parties."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import BOOK, RING, SERVICE

AFTER_SALES = "/after-sales-service-conditions"


@pytest.mark.parametrize(
    ("resource", "members", "code"),
    [
        ("return-policies", "returnPolicies", "ReturnPolicyNotFoundException"),
        ("implied-warranties", "impliedWarranties", "ImpliedWarrantyNotFoundException"),
        ("warranties", "warranties", "WarrantyNotFoundException"),
    ],
)
def test_company_starts_with_one_condition_of_each_kind(
    seller: Caller, other_seller: Caller, resource: str, members: str, code: str
) -> None:
    body = seller.get(f"{AFTER_SALES}/{resource}").json
    (row,) = body[members]
    single = seller.get(f"{AFTER_SALES}/{resource}/{row['id']}").json

    assert body["count"] == 1
    assert (single["id"], single["name"]) == (row["id"], row["name"])
    foreign = other_seller.get(f"{AFTER_SALES}/{resource}/{row['id']}")
    assert (foreign.status_code, codes(foreign)) == (404, [code])


def test_pages_hold_sixty_conditions(seller: Caller, checked: OpenApiCheck) -> None:
    with checked.expecting_violations():
        assert seller.get(f"{AFTER_SALES}/warranties?limit=61").status_code == 422
    assert seller.get(f"{AFTER_SALES}/warranties?offset=1").json == {"count": 0, "warranties": []}


def test_company_starts_with_two_producers_and_no_person(seller: Caller) -> None:
    producers = seller.get("/sale/responsible-producers").json
    persons = seller.get("/sale/responsible-persons").json

    assert [item["name"] for item in producers["responsibleProducers"]] == [
        "Pracownia Bursztyn i Len",
        "Tkalnia Żuławska",
    ]
    assert (producers["count"], producers["totalCount"]) == (2, 2)
    assert persons == {"responsiblePersons": [], "count": 0, "totalCount": 0}
    assert len(seller.get("/sale/responsible-producers?offset=1").json["responsibleProducers"]) == 1


def rates(caller: Caller, category_id: str) -> list[str]:
    answer = caller.get("/sale/tax-settings", query_string={"category.id": category_id, "countryCode": "PL"})
    return [value["value"] for value in answer.json["rates"][0]["values"]]


def test_tax_rates_differ_by_category(seller: Caller) -> None:
    assert rates(seller, RING) == ["23.00", "8.00", "5.00", "0.00", "EXEMPT"]
    assert rates(seller, BOOK)[0] == "5.00"
    assert rates(seller, SERVICE) == ["23.00", "8.00", "EXEMPT"]


def test_tax_settings_cover_all_countries_unless_asked_for_some(seller: Caller) -> None:
    body = seller.get(f"/sale/tax-settings?category.id={RING}", headers={"Accept-Language": "en-US"}).json

    assert [entry["countryCode"] for entry in body["rates"]] == ["PL", "CZ", "SK", "HU", "LT"]
    assert body["subjects"] == [{"label": "goods", "value": "GOODS"}]


def test_tax_settings_want_a_category_that_exists(seller: Caller, checked: OpenApiCheck) -> None:
    assert seller.get("/sale/tax-settings?category.id=1").status_code == 404
    with checked.expecting_violations():
        assert seller.get("/sale/tax-settings").status_code == 400
        assert seller.get(f"/sale/tax-settings?category.id={RING}&countryCode=DE").status_code == 400


def test_settings_need_their_scope(as_scoped: Callable[[str], Caller]) -> None:
    caller = as_scoped("allegro:api:sale:offers:read")

    assert caller.get(f"{AFTER_SALES}/warranties").status_code == 403


def test_private_seller_has_no_conditions(nobody: Caller, checked: OpenApiCheck, world: World) -> None:
    private = Caller(checked, nobody.link("jan_prywatny")["access_token"])

    assert private.get("/sale/shipping-rates").json == {"shippingRates": []}
    assert private.get(f"{AFTER_SALES}/return-policies").json["count"] == 0
