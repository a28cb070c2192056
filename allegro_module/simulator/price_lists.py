"""Price lists over the wire: list, read, create, replace; nobody can delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from allegro_module.simulator.delivery import MOST_LISTS, PriceList
from allegro_module.simulator.findings import refusal, refuse
from allegro_module.simulator.http import Call, Room, answer, iso
from allegro_module.simulator.offer_schema import kind_findings, members
from allegro_module.simulator.price_list_rules import (
    NEXT_ITEM_RATE,
    PRICE_LIST,
    fixed_findings,
    price_list_findings,
    stored_rates,
)

room = Room()
ADDRESS = "/sale/shipping-rates/<list_id>"


@room.route("GET", "/sale/shipping-rates", scope="sale:settings:read")
def list_price_lists(call: Call) -> Response:
    call.only_query(("marketplace",))
    marketplace = call.query.get("marketplace")
    lists = call.world.delivery.of(call.owner.id)
    rows = [_row(call, item) for item in lists if marketplace in (None, *item.marketplaces)]
    return answer({"shippingRates": rows})


def _row(call: Call, price_list: PriceList) -> dict[str, Any]:
    """Integrators speak of the last change in the rows, the OpenAPI file does not know it."""
    if call.world.switches.list_last_modified:
        return price_list.as_row() | {"lastModified": price_list.last_modified}
    return price_list.as_row()


@room.route("GET", ADDRESS, scope="sale:settings:read")
def get_price_list(call: Call, list_id: str) -> Response:
    price_list = found(call, list_id)
    return answer(price_list.as_json() | {"features": price_list.features()})


def found(call: Call, list_id: str) -> PriceList:
    price_list = call.world.delivery.find(list_id)
    if price_list is None:
        raise refusal(404, "ShippingRatesNotFoundException", call.request.path, name=list_id)
    if price_list.seller_id != call.owner.id:
        raise refusal(403, "SHIPPING_RATES_ACCESS_DENIED", call.request.path, name=list_id)
    return price_list


@room.route("POST", "/sale/shipping-rates", scope="sale:settings:write")
def create_price_list(call: Call) -> Response:
    body = _read(call)
    book = call.world.delivery
    if len(book.of(call.owner.id)) >= MOST_LISTS:
        raise refusal(422, "SHIPPING_RATES_LIMIT_EXCEEDED", call.request.path, most=MOST_LISTS)
    refuse(422, price_list_findings(body, book))
    price_list = PriceList(
        call.world.uuid(),
        call.owner.id,
        body["name"],
        stored_rates(body),
        body["type"],
        body.get("dispatchCountry"),
        last_modified=iso(call.now),
    )
    book.add(price_list)
    return answer(price_list.as_json(), 201)


@room.route("PUT", ADDRESS, scope="sale:settings:write")
def replace_price_list(call: Call, list_id: str) -> Response:
    body = _read(call)
    stored = found(call, list_id)
    if stored.managed_by_allegro:
        raise refusal(422, "SHIPPING_RATES_NOT_MODIFIABLE", call.request.path, name=list_id)
    book = call.world.delivery
    refuse(422, [*fixed_findings(body, stored), *price_list_findings(body, book)])
    changed = book.change(list_id, call.now, name=body["name"], rates=stored_rates(body))
    return answer(changed.as_json())


def _read(call: Call) -> Mapping[str, Any]:
    """The body, of known members and right kinds; `nextItemRate` went away on 2026-09-29 (#13906)."""
    known: Any = members(PRICE_LIST)
    if call.world.switches.next_item_rate == "ignored":
        known = {**known, "rates": {**known["rates"], NEXT_ITEM_RATE: None}}
    body = call.json(known)
    for rate in body.get("rates") or ():
        if isinstance(rate, dict):
            rate.pop(NEXT_ITEM_RATE, None)
    refuse(400, kind_findings(body, PRICE_LIST))
    return body
