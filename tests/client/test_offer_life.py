"""The life of an offer at the simulator: made, verified, changed, found, refused."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from allegro_module.client import AllegroClient
from allegro_module.client.errors import Busy, Refused, Unavailable
from allegro_module.client.offer_requests import (
    AfterSalesRequest,
    DeliveryRequest,
    DescriptionRequest,
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
    SafetyText,
    SectionRequest,
    SellingModeRequest,
    StockRequest,
    TaxRateRequest,
    TaxSettingsRequest,
    TextItem,
)
from allegro_module.client.offers import OfferAnswer, OfferStatus
from allegro_module.client.payloads import Id, amount_of
from allegro_module.client.products import SearchMode
from allegro_module.simulator.app import Simulator
from tests.openapi import OpenApiCheck

MUG = "5904002003500"


def upload(api: AllegroClient) -> str:
    file = BytesIO()
    Image.new("RGB", (800, 600), "navy").save(file, "JPEG")
    return api.images.upload(file.getvalue(), "image/jpeg").location


def mug(
    api: AllegroClient,
    name: str = "Kubek ceramiczny Morze niebieski",
    status: Publication = Publication.ACTIVE,
) -> ProductOfferRequest:
    """An offer of a product of the catalogue, with every condition named."""
    product = api.products.search(MUG, SearchMode.GTIN).products[0]
    picture = upload(api)
    return ProductOfferRequest(
        product_set=(
            ProductSetElementRequest(
                product=ProductRequest(id=product.id),
                quantity=Quantity(1),
                responsible_producer=ProducerById(api.producers.responsible_producers()[0].id),
                safety_information=SafetyText("Uwaga: gorące napoje."),
            ),
        ),
        name=name,
        parameters=(ParameterRequest("11323", values_ids=("11323_1",)),),
        images=(picture,),
        description=DescriptionRequest((SectionRequest((TextItem("<p>Ładny kubek</p>"),)),)),
        selling_mode=SellingModeRequest(amount_of(Decimal("49.9"), "PLN")),
        stock=StockRequest(5, "UNIT"),
        delivery=DeliveryRequest(Id(api.delivery.shipping_rates_list()[0].id), "PT24H"),
        after_sales_services=AfterSalesRequest(
            Id(api.after_sales.return_policies()[0].id),
            Id(api.after_sales.implied_warranties()[0].id),
            Id(api.after_sales.warranties()[0].id),
        ),
        payments=PaymentsRequest("VAT"),
        tax_settings=TaxSettingsRequest((TaxRateRequest("23.00", "PL"),), "GOODS"),
        location=LocationRequest("PL", "Gdańsk", "POMORSKIE", "80-833"),
        external=Id("KUB-1"),
        publication=PublicationRequest(status, republish=False),
    )


def listed(api: AllegroClient, simulator: Simulator) -> OfferAnswer:
    """An offer after Allegro has finished with it."""
    answer = api.offers.create(mug(api))
    simulator.world.clock.advance(60)
    return answer


def test_an_offer_can_be_made_at_once(api: AllegroClient, simulator: Simulator) -> None:
    simulator.world.switches.offer_creation = "created"

    answer = api.offers.create(mug(api))

    assert answer.is_done
    assert api.offers.offer(answer.offer.id).status is OfferStatus.ACTIVE


def test_an_accepted_offer_is_active_when_its_operation_has_ended(
    api: AllegroClient, simulator: Simulator
) -> None:
    answer = api.offers.create(mug(api))
    assert answer.operation_url is not None
    assert answer.retry_after is not None

    before = api.offers.finished_offer_id(answer.operation_url)
    simulator.world.clock.advance(60)
    after = api.offers.finished_offer_id(answer.operation_url)

    offer = api.offers.offer(answer.offer.id)
    assert (before, after) == (None, answer.offer.id)
    assert (offer.status, offer.external_id, offer.objections) == (OfferStatus.ACTIVE, "KUB-1", ())
    assert offer.selling_mode is not None
    assert offer.selling_mode.price == amount_of(Decimal("49.90"), "PLN")


def test_an_offer_that_fails_late_says_why(api: AllegroClient, simulator: Simulator) -> None:
    simulator.world.switches.late_failure = True

    offer = api.offers.offer(listed(api, simulator).offer.id)

    assert offer.status is not OfferStatus.ACTIVE
    assert all(objection.text for objection in offer.objections)
    assert offer.objections


def test_a_title_that_is_too_short_is_refused_in_polish(api: AllegroClient, wire: OpenApiCheck) -> None:
    with wire.expecting_violations(), pytest.raises(Refused) as raised:
        api.offers.create(mug(api, name="Kubek"))

    assert [objection for objection in raised.value.objections if objection.path == "name"]
    assert all(objection.user_message for objection in raised.value.objections)


def test_stock_is_changed_and_the_rest_stays(api: AllegroClient, simulator: Simulator) -> None:
    offer_id = listed(api, simulator).offer.id

    api.offers.patch(offer_id, ProductOfferRequest(stock=StockRequest(2)))

    simulator.world.clock.advance(60)
    offer = api.offers.offer(offer_id)
    assert offer.stock is not None
    assert (offer.stock.available, offer.name) == (2, "Kubek ceramiczny Morze niebieski")


def test_a_change_while_the_offer_is_being_made_is_busy(api: AllegroClient) -> None:
    offer_id = api.offers.create(mug(api)).offer.id

    with pytest.raises(Busy):
        api.offers.patch(offer_id, ProductOfferRequest(stock=StockRequest(2)))


def test_an_offer_is_ended_and_listed_again(api: AllegroClient, simulator: Simulator) -> None:
    offer_id = listed(api, simulator).offer.id

    api.offers.patch(offer_id, ProductOfferRequest(publication=PublicationRequest(Publication.ENDED)))
    simulator.world.clock.advance(60)
    ended = api.offers.offer(offer_id)
    api.offers.patch(
        offer_id,
        ProductOfferRequest(stock=StockRequest(4), publication=PublicationRequest(Publication.ACTIVE)),
    )
    simulator.world.clock.advance(60)

    assert ended.status is OfferStatus.ENDED
    assert ended.publication is not None
    assert ended.publication.ended_by == "USER"
    assert api.offers.offer(offer_id).status is OfferStatus.ACTIVE


def test_an_offer_whose_answer_was_lost_is_found_by_our_id(api: AllegroClient, simulator: Simulator) -> None:
    request = mug(api)
    simulator.faults.lose_answer("POST /sale/product-offers")
    with pytest.raises(Unavailable) as raised:
        api.offers.create(request)
    simulator.world.clock.advance(60)

    found = api.offers.find_by_external_id(["KUB-1", "KUB-2"])

    assert not raised.value.is_sure_nothing_happened
    assert [(each.external_id, each.status) for each in found] == [("KUB-1", OfferStatus.ACTIVE)]


def test_a_page_of_the_list_tells_price_and_stock(api: AllegroClient, simulator: Simulator) -> None:
    listed(api, simulator)

    page = api.offers.page(statuses=[OfferStatus.ACTIVE])

    (offer,) = page.offers
    assert page.total_count == 1
    assert offer.stock is not None
    assert offer.stock.available == 5
    assert offer.selling_mode is not None
    assert offer.selling_mode.price is not None
    assert str(offer.selling_mode.price.amount) == "49.90"


def test_an_offer_that_is_not_there_is_missing(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.offers.offer("1")

    assert raised.value.is_missing
