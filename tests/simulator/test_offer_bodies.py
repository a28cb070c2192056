"""Bodies spoilt at random: whatever is sent, the answer is an offer or a refusal that says why."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller
from tests.simulator.goods import a_ring, create, listed, patch

ODD: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    0,
    12,
    True,
    [],
    {},
    [None],
    [{}],
    {"id": "x"},
    {"name": None},
    "2026-13-01T00:00:00Z",
)
MORE: dict[str, Any] = {
    "publication": {"status": "INACTIVE", "duration": "P3D", "startingAt": "2026-12-01T00:00:00Z"},
    "delivery": {"handlingTime": "PT24H", "shippingRates": {"name": "default"}},
    "afterSalesServices": {"warranty": {"name": "Gwarancja 24 miesiące"}},
    "taxSettings": {"rates": [{"rate": "23.00", "countryCode": "PL"}], "subject": "GOODS"},
    "location": {"countryCode": "PL", "city": "Gdańsk", "postCode": "80-833", "province": "POMORSKIE"},
    "description": {"sections": [{"items": [{"type": "TEXT", "content": "<p>Opis</p>"}]}]},
    "additionalMarketplaces": {"allegro-cz": {"sellingMode": {"price": {"amount": "99", "currency": "CZK"}}}},
    "messageToSellerSettings": {"mode": "OPTIONAL"},
    "category": {"id": "123428"},
    "language": "pl-PL",
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def spoilt(body: dict[str, Any], path: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    copy = deepcopy(body)
    place: Any = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = odd
    return copy


@pytest.fixture
def ring(seller: Caller) -> dict[str, Any]:
    return a_ring(seller, **MORE)


FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZ
@given(data=st.data())
def test_no_body_breaks_a_creation(
    seller: Caller, checked: OpenApiCheck, ring: dict[str, Any], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(list(places(ring))))
    body = spoilt(ring, path, data.draw(st.sampled_from(ODD)))

    with checked.expecting_violations():
        answer = create(seller, body)

    assert answer.status_code in (202, 400, 422)
    assert answer.status_code == 202 or answer.json["errors"]


@FUZZ
@given(data=st.data())
def test_no_body_breaks_an_edit(
    seller: Caller, checked: OpenApiCheck, world: World, ring: dict[str, Any], data: st.DataObject
) -> None:
    world.offers.offers.clear()
    live = {**ring, "publication": {"duration": "P3D"}}
    offer = listed(seller, world, data.draw(st.sampled_from([ring, live])))
    path = data.draw(st.sampled_from(list(places(ring))))
    odd = data.draw(st.sampled_from(ODD))

    with checked.expecting_violations():
        answer = patch(seller, offer, **{path[0]: spoilt(ring, path, odd)[path[0]]})
        world.clock.advance(5)
        again = seller.get(f"/sale/product-offers/{offer}")

    assert answer.status_code in (200, 202, 400, 422)
    assert again.status_code == 200
