"""What is sent to create and change offers, and how Allegro's answers are read."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Busy, Refused, Unavailable, Unexpected
from allegro_module.client.offer_requests import (
    AfterSalesRequest,
    DeliveryRequest,
    DescriptionRequest,
    ImageItem,
    LocationRequest,
    ParameterRequest,
    PaymentsRequest,
    ProducerById,
    ProductOfferRequest,
    ProductRequest,
    ProductSetElementRequest,
    Publication,
    PublicationRequest,
    Quantity,
    RangeRequest,
    SafetyText,
    SectionRequest,
    SellingModeRequest,
    StockRequest,
    TaxRateRequest,
    TaxSettingsRequest,
    TextItem,
)
from allegro_module.client.offers import OfferStatus
from allegro_module.client.payloads import Id, amount_of
from tests.client.conftest import HERE, Remote, client_of
from tests.openapi import OpenApiCheck, load_document

ANY = "9f0e8f1c-6d7a-4a39-8f2e-1a2b3c4d5e6f"
PICTURE = "https://a.allegroimg.com/original/1"
OPERATION = "/sale/product-offers/7700/operations/op-1"
WHOLE = ProductOfferRequest(
    product_set=(
        ProductSetElementRequest(
            product=ProductRequest(
                name="Pierścionek bursztynowy",
                category=Id("123428"),
                parameters=(
                    ParameterRequest("11323", values_ids=("11323_1",)),
                    ParameterRequest("207", range_value=RangeRequest("1", "2")),
                ),
                images=(PICTURE,),
            ),
            quantity=Quantity(1),
            responsible_producer=ProducerById(ANY),
            safety_information=SafetyText("Ostrożnie."),
            marketed_before_gpsr_obligation=False,
        ),
    ),
    name="Pierścionek bursztynowy ręcznie robiony",
    parameters=(ParameterRequest("17", values=("5",)),),
    images=(PICTURE,),
    description=DescriptionRequest((SectionRequest((TextItem("<p>Ładny</p>"), ImageItem(PICTURE))),)),
    selling_mode=SellingModeRequest(amount_of(Decimal("129.9"), "PLN")),
    stock=StockRequest(3, "UNIT"),
    delivery=DeliveryRequest(Id(ANY), "PT24H"),
    after_sales_services=AfterSalesRequest(Id(ANY), Id(ANY), Id(ANY)),
    payments=PaymentsRequest("VAT"),
    tax_settings=TaxSettingsRequest((TaxRateRequest("23.00", "PL"),), "GOODS"),
    location=LocationRequest("PL", "Gdańsk", "POMORSKIE", "80-833"),
    external=Id("BUR-1"),
    publication=PublicationRequest(Publication.ACTIVE, republish=False),
)


def sent(remote: Remote) -> Any:
    return json.loads(remote.asked[-1].get_data())


def checked(remote: Remote) -> tuple[AllegroClient, OpenApiCheck]:
    """The requests alone are held against Allegro's description."""
    check = OpenApiCheck(remote, load_document())
    return client_of(check), check


def test_a_whole_offer_is_sent_as_allegro_describes_it(remote: Remote) -> None:
    remote.will_answer(201, {"id": "7700"})
    api, check = checked(remote)

    api.offers.create(WHOLE)

    assert [each for each in check.violations if ": request " in each] == []
    body = sent(remote)
    assert body["productSet"][0]["product"]["category"] == {"id": "123428"}
    assert body["productSet"][0]["responsibleProducer"] == {"type": "ID", "id": ANY}
    assert body["productSet"][0]["safetyInformation"] == {"type": "TEXT", "description": "Ostrożnie."}
    assert body["productSet"][0]["marketedBeforeGPSRObligation"] is False
    assert body["productSet"][0]["product"]["parameters"][1] == {
        "id": "207",
        "rangeValue": {"from": "1", "to": "2"},
    }
    assert body["sellingMode"] == {"format": "BUY_NOW", "price": {"amount": "129.90", "currency": "PLN"}}
    assert body["description"]["sections"][0]["items"] == [
        {"type": "TEXT", "content": "<p>Ładny</p>"},
        {"type": "IMAGE", "url": PICTURE},
    ]


def test_what_is_not_set_is_not_sent(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, {"id": "7700"})

    remote_api.offers.patch("7700", ProductOfferRequest(stock=StockRequest(5)))

    assert sent(remote) == {"stock": {"available": 5}}


def test_none_deletes_in_a_patch(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, {"id": "7700"})

    remote_api.offers.patch(
        "7700",
        ProductOfferRequest(
            after_sales_services=AfterSalesRequest(warranty=None),
            publication=PublicationRequest(duration=None),
        ),
    )

    assert sent(remote) == {"afterSalesServices": {"warranty": None}, "publication": {"duration": None}}


def test_an_offer_made_at_once_has_no_operation(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(201, {"id": "7700", "publication": {"status": "ACTIVE"}})

    answer = remote_api.offers.create(WHOLE)

    assert answer.is_done
    assert (answer.offer.id, answer.offer.status) == ("7700", OfferStatus.ACTIVE)


def test_an_accepted_offer_has_an_id_and_an_operation(remote: Remote, remote_api: AllegroClient) -> None:
    location = f"{HERE.api_url}{OPERATION}"
    remote.will_answer(202, {"id": "7700"}, {"Location": location, "Retry-After": "5"})

    answer = remote_api.offers.create(WHOLE)

    assert not answer.is_done
    assert (answer.offer.id, answer.operation_url, answer.retry_after) == (
        "7700",
        location,
        timedelta(seconds=5),
    )


def test_accepted_without_an_operation_is_unexpected(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(202, {"id": "7700"})

    with pytest.raises(Unexpected):
        remote_api.offers.create(WHOLE)


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "SOMETHING_NEW", None])
def test_an_operation_that_runs_has_no_finished_offer(
    remote: Remote, remote_api: AllegroClient, status: str | None
) -> None:
    remote.will_answer(202, {"offer": {"id": "7700"}, "operation": {"id": "op-1", "status": status}})

    assert remote_api.offers.finished_offer_id(OPERATION) is None


def test_an_operation_that_has_ended_names_its_offer(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(303, "", {"Location": f"{HERE.api_url}/sale/product-offers/7700"})

    assert remote_api.offers.finished_offer_id(f"{HERE.api_url}{OPERATION}") == "7700"
    assert len(remote.asked) == 1


def test_an_operation_that_is_gone_is_missing(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(404, "")

    with pytest.raises(Refused) as raised:
        remote_api.offers.finished_offer_id(OPERATION)

    assert raised.value.is_missing


def test_the_token_never_follows_an_address_elsewhere(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(202, {})

    remote_api.offers.finished_offer_id(f"https://elsewhere.test/prefix{OPERATION}")

    assert remote.asked[0].host == "allegro.test"
    assert remote.asked[0].path == OPERATION


@pytest.mark.parametrize(
    "address", ["", "/sale/offers/1", "https://elsewhere.test/", "/sale/product-offers/7"]
)
def test_an_address_that_is_no_operation_is_not_asked(
    remote: Remote, remote_api: AllegroClient, address: str
) -> None:
    with pytest.raises(Unexpected):
        remote_api.offers.finished_offer_id(address)

    assert remote.asked == []


def test_an_offer_says_why_it_is_not_published(remote: Remote, remote_api: AllegroClient) -> None:
    error = {"code": "X", "message": "m", "path": "images", "userMessage": "Za mało zdjęć", "metadata": None}
    remote.will_answer(
        200,
        {
            "id": "7700",
            "sellingMode": {"price": {"amount": 50, "currency": "PLN"}},
            "publication": {"status": "INACTIVE", "endedBy": "BY_THE_MOON"},
            "validation": {"errors": [error], "warnings": [{"code": "W"}], "validatedAt": None},
            "productSet": [{"product": {"id": None}, "marketedBeforeGPSRObligation": None}],
            "external": None,
            "somethingNew": [1],
        },
    )

    offer = remote_api.offers.offer("7700")

    assert [each.text for each in offer.objections] == ["Za mało zdjęć"]
    assert offer.validation is not None
    assert [each.code for each in offer.validation.cautions] == ["W"]
    assert offer.selling_mode is not None
    assert offer.selling_mode.price == amount_of(Decimal(50), "PLN")
    assert offer.external_id is None


@pytest.mark.parametrize("publication", [None, {}, {"status": None}, {"status": "FROZEN"}])
def test_a_status_we_do_not_know_is_not_guessed(
    remote: Remote, remote_api: AllegroClient, publication: object
) -> None:
    remote.will_answer(200, {"id": "7700", "publication": publication})

    assert remote_api.offers.offer("7700").status is OfferStatus.UNKNOWN


def test_offers_are_found_by_our_ids_a_hundred_at_a_time(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, {"offers": [{"id": "1", "external": {"id": "SKU-0"}}], "totalCount": 1})
    remote.will_answer(200, {"offers": [], "totalCount": 0})

    found = remote_api.offers.find_by_external_id([f"SKU-{number}" for number in range(150)])

    assert [(each.id, each.external_id) for each in found] == [("1", "SKU-0")]
    assert [len(request.args.getlist("external.id")) for request in remote.asked] == [100, 50]


def test_nothing_is_asked_about_no_ids(remote: Remote, remote_api: AllegroClient) -> None:
    assert remote_api.offers.find_by_external_id([]) == ()
    assert remote.asked == []


def test_a_page_of_offers_is_asked_by_status(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(200, {"offers": [], "count": 0, "totalCount": 0})

    remote_api.offers.page(1000, 500, [OfferStatus.ACTIVE, OfferStatus.ENDED])

    query = remote.asked[0].args
    assert (query["offset"], query["limit"]) == ("1000", "500")
    assert query.getlist("publication.status") == ["ACTIVE", "ENDED"]


def test_a_second_change_while_one_runs_is_busy(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(409, {"errors": [{"code": "OfferConflictException"}]})

    with pytest.raises(Busy):
        remote_api.offers.patch("7700", ProductOfferRequest(stock=StockRequest(5)))


def test_a_half_answer_to_a_creation_is_unexpected(remote: Remote, remote_api: AllegroClient) -> None:
    remote.will_answer(201, '{"id": "7700", "name": "Pier')

    with pytest.raises(Unexpected):
        remote_api.offers.create(WHOLE)


def test_a_gateway_that_gives_up_leaves_a_creation_in_doubt(
    remote: Remote, remote_api: AllegroClient
) -> None:
    remote.will_answer(504, "<html>")

    with pytest.raises(Unavailable) as raised:
        remote_api.offers.create(WHOLE)

    assert not raised.value.is_sure_nothing_happened
