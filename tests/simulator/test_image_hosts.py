"""Pictures fetched by their address, and those declared as made with AI."""

from __future__ import annotations

from typing import Any

import pytest

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, Remote, codes
from tests.simulator.goods import a_picture, a_ring, create, faults, listed, patch, read, uploaded

SHOP = "https://sklep.example/img/pierscionek.jpg"


def fetch(seller: Caller, url: str = SHOP, query: str = "", **more: Any) -> Any:
    return seller.call("POST", f"/sale/images{query}", json={"url": url, **more})


def test_picture_of_another_host_is_fetched(seller: Caller, remote: Remote) -> None:
    remote.post("/hosted-images", url=SHOP, width=1000, height=800, format="PNG")

    answer = fetch(seller)

    assert answer.status_code == 201
    assert seller.wire.get(answer.json["location"]).status_code == 200


def test_small_picture_of_another_host_is_refused(seller: Caller, remote: Remote) -> None:
    remote.post("/hosted-images", url=SHOP, width=300, height=200)

    assert codes(fetch(seller)) == ["ImageTooSmallException"]


@pytest.mark.parametrize(
    ("traits", "code"),
    [
        ({"status": 404}, "DownloadError.NotFound"),
        ({"status": 429}, "DownloadError.TooManyRequests"),
        ({"status": 500}, "DownloadError.InternalServerError"),
        ({"status": 502}, "DownloadError.BadGateway"),
        ({"status": 403}, "DownloadError.BadRequest"),
        ({"too_slow": True}, "UploadImageRequestTimeoutException"),
    ],
)
def test_host_that_does_not_give_the_picture_is_named(
    seller: Caller, remote: Remote, traits: dict[str, Any], code: str
) -> None:
    remote.post("/hosted-images", url=SHOP, **traits)

    error = fetch(seller).json["errors"][0]

    assert (error["code"], error["metadata"]["imageUrl"]) == (code, SHOP)


def test_some_failures_pass(seller: Caller, remote: Remote) -> None:
    remote.post("/hosted-images", url=SHOP, status=502, fails=2)

    assert [fetch(seller).status_code for _ in range(3)] == [422, 422, 201]


def test_offer_may_name_a_picture_elsewhere(seller: Caller, remote: Remote, world: World) -> None:
    remote.post("/hosted-images", url=SHOP)
    body = a_ring(seller, images=[SHOP])

    offer = read(seller, listed(seller, world, body))

    assert SHOP in offer["images"]


def test_offer_with_a_picture_that_cannot_be_had_is_refused(seller: Caller, remote: Remote) -> None:
    remote.post("/hosted-images", url=SHOP, status=404)

    assert faults(create(seller, a_ring(seller, images=[SHOP]))) == [("DownloadError.NotFound", "images[0]")]


def test_unused_upload_expires_when_the_switch_says(seller: Caller, world: World) -> None:
    world.switches.upload_hours = 4.0
    picture = uploaded(seller)
    world.clock.advance(4 * 3600)

    answer = create(seller, a_ring(seller, images=[picture]))

    assert faults(answer) == [("OfferImagesNotAvailableException", "images[0]")]
    assert answer.json["errors"][0]["metadata"]["imageUrl"] in picture


# Made with AI


def test_picture_declared_at_upload_is_told_by_the_offer(seller: Caller, world: World) -> None:
    headers: dict[str, str | None] = {"Content-Type": "image/jpeg"}
    made = seller.call("POST", "/sale/images?isAiCoCreated=true", headers=headers, data=a_picture())
    plain = uploaded(seller)
    body = a_ring(seller, images=[made.json["location"], plain])

    offer = read(seller, listed(seller, world, body))

    assert offer["aiCoCreatedContent"] == {"images": [{"url": made.json["location"]}]}


def test_picture_declared_by_the_offer_is_told_and_taken_back(seller: Caller, world: World) -> None:
    plain = uploaded(seller)
    declared = {"images": [{"url": plain}]}
    offer_id = listed(seller, world, a_ring(seller, images=[plain], aiCoCreatedContent=declared))

    before = read(seller, offer_id)["aiCoCreatedContent"]
    patch(seller, offer_id, aiCoCreatedContent={"images": []})

    assert before == declared
    assert not read(seller, offer_id).get("aiCoCreatedContent")


def test_query_and_body_may_not_contradict_each_other(seller: Caller, remote: Remote) -> None:
    remote.post("/hosted-images", url=SHOP)

    answer = fetch(seller, query="?isAiCoCreated=true", isAiCoCreated=False)

    assert (answer.status_code, codes(answer)) == (400, ["IsAiCoCreatedConflict"])
    assert fetch(seller, query="?isAiCoCreated=true", isAiCoCreated=True).status_code == 201


def test_flag_is_true_or_false(seller: Caller, checked: OpenApiCheck) -> None:
    with checked.expecting_violations():
        assert fetch(seller, query="?isAiCoCreated=yes").status_code == 400
