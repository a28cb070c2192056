"""Delivery, terms and producers of a seller, read from the simulator."""

from __future__ import annotations

import json

import pytest
from werkzeug.wrappers import Request, Response

from allegro_module.client import AllegroClient
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
