"""What every single operation carries: the application's name, the token, types and language."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.after_sales import (
    Availability,
    ComplaintPeriod,
    ImpliedWarrantyRequest,
    Period,
    ReturnPolicyRequest,
    WarrantyRequest,
)
from allegro_module.client.checkout_forms import FulfillmentStatus
from allegro_module.client.delivery import PackageWeight, ShippingRate, ShippingRatesRequest, ShippingTime
from allegro_module.client.errors import AllegroError
from allegro_module.client.offer_requests import ProductOfferRequest, StockRequest
from allegro_module.client.payloads import Amount, Id
from allegro_module.client.producers import (
    PersonalData,
    PersonRequest,
    ProducerAddress,
    ProducerContact,
    ProducerData,
    ProducerRequest,
)
from allegro_module.client.transport import ENGLISH, POLISH
from tests.client.conftest import HERE, PUBLIC, USER_AGENT, Remote, client_of
from tests.openapi import OpenApiCheck, load_document

ID = "9f0e8f1c-6d7a-4a39-8f2e-1a2b3c4d5e6f"
AFTER_SALES = "/after-sales-service-conditions"
Call = Callable[[AllegroClient], object]

RATE = ShippingRate(
    delivery_method=Id(ID),
    max_quantity_per_package=10,
    max_package_weight=PackageWeight(Decimal("1.000"), "KILOGRAM"),
    first_item_rate=Amount(Decimal("11.99"), "PLN"),
    shipping_time=ShippingTime("P1D", "P2D"),
)
PRICE_LIST = ShippingRatesRequest(name="default", rates=(RATE,), type="PHYSICAL", dispatch_country="PL")
RETURNS = ReturnPolicyRequest("Zwroty", is_fulfillment=False, availability=Availability("DISABLED"))
COMPLAINTS = ImpliedWarrantyRequest("Reklamacje", ComplaintPeriod("P2Y"), ComplaintPeriod("P1Y"))
WARRANTY = WarrantyRequest("Gwarancja", "SELLER", Period("P24M"), Period(lifetime=True))
ADDRESS, CONTACT = ProducerAddress("PL"), ProducerContact("gpsr@sklep.example")
PRODUCER = ProducerRequest("Huta", ProducerData("Huta Szkła", ADDRESS, CONTACT))
PERSON = PersonRequest("Importer", PersonalData("Importer", ADDRESS, CONTACT))

CALLS: dict[str, Call] = {
    "GET /me": lambda api: api.account.me(),
    "GET /marketplaces": lambda api: api.account.marketplaces(),
    "GET /sale/categories": lambda api: api.categories.children("5"),
    "GET /sale/categories/5": lambda api: api.categories.category("5"),
    "GET /sale/categories/5/parameters": lambda api: api.categories.parameters("5"),
    "GET /sale/categories/5/product-parameters": lambda api: api.categories.product_parameters("5"),
    "GET /sale/matching-categories": lambda api: api.categories.matching_categories("kubek"),
    "GET /sale/tax-settings": lambda api: api.categories.taxes("5", "PL"),
    "GET /sale/products": lambda api: api.products.search("kubek"),
    f"GET /sale/products/{ID}": lambda api: api.products.product(ID, "5"),
    "POST /sale/images": lambda api: api.images.upload(b"\xff\xd8\xff", "image/jpeg"),
    "POST /sale/product-offers": lambda api: api.offers.create(ProductOfferRequest(stock=StockRequest(1))),
    "PATCH /sale/product-offers/77": lambda api: api.offers.patch(
        "77", ProductOfferRequest(stock=StockRequest(1))
    ),
    "GET /sale/product-offers/77": lambda api: api.offers.offer("77"),
    f"GET /sale/product-offers/77/operations/{ID}": lambda api: api.offers.finished_offer_id(
        f"{HERE.api_url}/sale/product-offers/77/operations/{ID}"
    ),
    "GET /sale/offers": lambda api: api.offers.find_by_external_id(["SKU-1", "SKU-2"]),
    "GET /sale/delivery-methods": lambda api: api.delivery.methods("allegro-pl"),
    "GET /sale/shipping-rates": lambda api: api.delivery.shipping_rates_list(),
    f"GET /sale/shipping-rates/{ID}": lambda api: api.delivery.shipping_rates(ID),
    "GET /after-sales-service-conditions/return-policies": lambda api: api.after_sales.return_policies(),
    "GET /after-sales-service-conditions/implied-warranties": lambda api: (
        api.after_sales.implied_warranties()
    ),
    "GET /after-sales-service-conditions/warranties": lambda api: api.after_sales.warranties(),
    "GET /sale/responsible-producers": lambda api: api.producers.responsible_producers(),
    "GET /sale/responsible-persons": lambda api: api.producers.responsible_persons(),
    "POST /sale/shipping-rates": lambda api: api.delivery.create_shipping_rates(PRICE_LIST),
    f"PUT /sale/shipping-rates/{ID}": lambda api: api.delivery.replace_shipping_rates(ID, PRICE_LIST),
    f"GET {AFTER_SALES}/return-policies/{ID}": lambda api: api.after_sales.return_policy(ID),
    f"POST {AFTER_SALES}/return-policies": lambda api: api.after_sales.create_return_policy(RETURNS),
    f"PUT {AFTER_SALES}/return-policies/{ID}": lambda api: api.after_sales.replace_return_policy(ID, RETURNS),
    f"GET {AFTER_SALES}/implied-warranties/{ID}": lambda api: api.after_sales.implied_warranty(ID),
    f"POST {AFTER_SALES}/implied-warranties": lambda api: api.after_sales.create_implied_warranty(COMPLAINTS),
    f"PUT {AFTER_SALES}/implied-warranties/{ID}": lambda api: api.after_sales.replace_implied_warranty(
        ID, COMPLAINTS
    ),
    f"GET {AFTER_SALES}/warranties/{ID}": lambda api: api.after_sales.warranty(ID),
    f"POST {AFTER_SALES}/warranties": lambda api: api.after_sales.create_warranty(WARRANTY),
    f"PUT {AFTER_SALES}/warranties/{ID}": lambda api: api.after_sales.replace_warranty(ID, WARRANTY),
    f"GET /sale/responsible-producers/{ID}": lambda api: api.producers.responsible_producer(ID),
    "POST /sale/responsible-producers": lambda api: api.producers.create_responsible_producer(PRODUCER),
    f"PUT /sale/responsible-producers/{ID}": lambda api: api.producers.replace_responsible_producer(
        ID, PRODUCER
    ),
    "POST /sale/responsible-persons": lambda api: api.producers.create_responsible_person(PERSON),
    f"PUT /sale/responsible-persons/{ID}": lambda api: api.producers.replace_responsible_person(ID, PERSON),
    "GET /order/event-stats": lambda api: api.orders.event_stats(),
    "GET /order/events": lambda api: api.orders.events("1"),
    "GET /order/checkout-forms": lambda api: api.orders.checkout_forms(),
    f"GET /order/checkout-forms/{ID}": lambda api: api.orders.checkout_form(ID),
    f"PUT /order/checkout-forms/{ID}/fulfillment": lambda api: api.orders.set_fulfillment(
        ID, FulfillmentStatus.SENT, "819b5836"
    ),
    "GET /order/carriers": lambda api: api.orders.carriers(),
}
SPEAK_ENGLISH_ONLY = ("GET /marketplaces", f"PUT /order/checkout-forms/{ID}/fulfillment")


@pytest.mark.parametrize("route", CALLS)
def test_each_operation_is_sent_as_allegro_describes_it(remote: Remote, route: str) -> None:
    remote.will_answer(503, "")
    check = OpenApiCheck(remote, load_document())

    with pytest.raises(AllegroError):
        CALLS[route](client_of(check))

    (request,) = remote.asked
    headers = request.headers
    assert f"{request.method} {request.path}" == route
    assert headers["User-Agent"] == USER_AGENT
    assert headers["Authorization"] == "Bearer any-token"
    assert headers["Accept"] == PUBLIC
    assert headers["Accept-Language"] == (ENGLISH if route in SPEAK_ENGLISH_ONLY else POLISH)
    body_type = "image/jpeg" if route == "POST /sale/images" else PUBLIC
    assert headers.get("Content-Type") == (None if request.method == "GET" else body_type)
    assert [wrong for wrong in check.violations if ": answer" not in wrong] == []
