"""Delivery, terms and producers of a seller, read from the simulator."""

from __future__ import annotations

import json

import msgspec
import pytest
from werkzeug.wrappers import Request, Response

from allegro_module.client import AllegroClient
from allegro_module.client.delivery import ShippingRatesRequest
from allegro_module.client.errors import Refused, Unexpected
from allegro_module.client.paging import all_pages
from tests.client.conftest import Remote, client_of


def test_delivery_methods_tell_who_pays_when(api: AllegroClient) -> None:
    policies = {method.name: method.payment_policy for method in api.delivery.methods("allegro-pl")}

    assert policies["Allegro Kurier DPD"] == "IN_ADVANCE"
    assert policies["Allegro Kurier DPD pobranie"] == "CASH_ON_DELIVERY"


def test_a_price_list_is_read_with_exact_prices(api: AllegroClient) -> None:
    entry = next(each for each in api.delivery.shipping_rates_list() if each.name == "default")

    rates = api.delivery.shipping_rates(entry.id)

    assert (rates.type, rates.dispatch_country) == ("PHYSICAL", "PL")
    assert "11.99" in {str(rate.first_item_rate.amount) for rate in rates.rates if rate.first_item_rate}


def test_a_price_list_of_nobody_is_missing(api: AllegroClient) -> None:
    with pytest.raises(Refused) as raised:
        api.delivery.shipping_rates("00000000-0000-4000-8000-000000000000")

    assert raised.value.is_missing


def test_terms_and_producers_are_listed(api: AllegroClient) -> None:
    assert [terms.name for terms in api.after_sales.return_policies()] == ["Zwroty 30 dni"]
    assert [terms.name for terms in api.after_sales.implied_warranties()] == ["Reklamacje standardowe"]
    assert [terms.name for terms in api.after_sales.warranties()] == ["Gwarancja 24 miesiące"]
    assert len(api.producers.responsible_producers()) == 2
    assert api.producers.responsible_persons() == ()


class ManyWarranties:
    """90 of them, and Allegro's limits on paging."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        query = Request(environ).args
        offset, limit = int(query["offset"]), int(query["limit"])
        assert offset <= 59
        assert limit <= 60
        self.offsets.append(offset)
        found = [{"id": str(number), "name": f"Gwarancja {number}"} for number in range(90)]
        answer = Response(json.dumps({"warranties": found[offset : offset + limit], "count": 90}))
        return answer(environ, start_response)


def test_more_terms_than_a_page_holds_are_all_there_once() -> None:
    warranties = client_of(ManyWarranties()).after_sales.warranties()

    assert [terms.id for terms in warranties] == [str(number) for number in range(90)]


def test_producers_are_read_page_by_page(remote: Remote, remote_api: AllegroClient) -> None:
    full = [{"id": str(number), "name": "x"} for number in range(1000)]
    remote.will_answer(200, {"responsibleProducers": full})
    remote.will_answer(200, {"responsibleProducers": [{"id": "1000", "name": "last"}]})

    producers = remote_api.producers.responsible_producers()

    assert len(producers) == 1001
    assert [request.args["offset"] for request in remote.asked] == ["0", "1000"]


def test_a_list_without_an_end_is_not_taken_for_a_list() -> None:
    with pytest.raises(Unexpected):
        all_pages(lambda offset: ["again"], 1)


def test_limits_of_a_method_for_price_lists_are_exact_and_may_be_missing(remote: Remote) -> None:
    limits = {
        "allowed": True,
        "maxQuantityPerPackage": {"max": 999999},
        "maxPackageWeight": {"supported": True, "min": "5.000", "max": None, "unit": "KILOGRAM"},
        "firstItemRate": {"min": "0.00", "max": "14.99", "currency": "PLN"},
        "nextItemRate": {"min": "0.00", "max": "0.00", "currency": "PLN"},
        "shippingTime": {"default": {"from": "PT24H", "to": "PT48H"}, "customizable": False},
    }
    methods = [{"id": "a", "name": "A", "shippingRatesConstraints": limits}, {"id": "b", "name": "B"}]
    remote.will_answer(200, {"deliveryMethods": methods})

    first, second = client_of(remote).delivery.methods()

    found = first.shipping_rates_constraints
    assert found is not None
    assert found.first_item_rate is not None
    assert str(found.first_item_rate.max) == "14.99"
    assert second.shipping_rates_constraints is None


def test_a_policy_is_deleted_and_one_in_use_is_refused(remote: Remote) -> None:
    remote.will_answer(204, "")
    remote.will_answer(400, {"errors": [{"code": "RETURN_POLICY_IN_USE"}]})
    api = client_of(remote)

    api.after_sales.delete_return_policy("a")
    with pytest.raises(Refused):
        api.after_sales.delete_return_policy("a")

    assert [request.method for request in remote.asked] == ["DELETE", "DELETE"]


def test_replacing_sends_the_id_and_no_price_of_a_further_item(remote: Remote) -> None:
    rate = {
        "deliveryMethod": {"id": "m"},
        "maxQuantityPerPackage": 1,
        "firstItemRate": {"amount": "9.00", "currency": "PLN"},
        "nextItemRate": {"amount": "4.00", "currency": "PLN"},
    }
    answer = {"id": "a", "name": "default", "type": "PHYSICAL", "dispatchCountry": "PL", "rates": [rate]}
    remote.will_answer(200, answer)
    remote.will_answer(200, answer)
    api = client_of(remote)
    held = api.delivery.shipping_rates("a")
    assert held.rates[0].next_item_rate is not None
    request = msgspec.convert(msgspec.to_builtins(held), ShippingRatesRequest)

    api.delivery.replace_shipping_rates("a", request)

    sent = json.loads(remote.asked[1].get_data())
    assert (sent["id"], sent["type"], sent["dispatchCountry"]) == ("a", "PHYSICAL", "PL")
    assert sent["rates"] == [{name: value for name, value in rate.items() if name != "nextItemRate"}]
