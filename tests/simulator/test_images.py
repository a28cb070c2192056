"""Uploading pictures and showing them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import a_picture, a_ring, listed, upload, uploaded

DAY = 86400


@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_picture_is_stored_and_shown(seller: Caller, form: str, kind: str) -> None:
    answer = upload(seller, a_picture(form=form), kind)

    assert answer.status_code == 201
    assert answer.json["expiresAt"] == "2026-11-21T12:00:00.000Z"
    shown = seller.wire.get(answer.json["location"])
    assert shown.status_code == 200
    assert Image.open(io.BytesIO(shown.data)).size == (640, 480)


def test_small_picture_is_refused_with_its_size(seller: Caller) -> None:
    answer = upload(seller, a_picture(499, 380))

    assert answer.status_code == 422
    error = answer.json["errors"][0]
    assert error["code"] == "ImageTooSmallException"
    assert "499 × 380 px" in error["userMessage"]


def test_longer_side_decides(seller: Caller) -> None:
    assert upload(seller, a_picture(500, 20)).status_code == 201


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"no picture", "image/jpeg", 422, "InvalidImageException"),
        (a_picture()[:200], "image/jpeg", 422, "InvalidImageException"),
        (a_picture(form="PNG"), "image/jpeg", 422, "ImageFormatMismatchException"),
        (b"0" * 26_200_001, "image/jpeg", 413, "ImageTooLargeException"),
    ],
)
def test_bad_file_is_refused(seller: Caller, data: bytes, kind: str, status: int, code: str) -> None:
    answer = upload(seller, data, kind)

    assert (answer.status_code, codes(answer)) == (status, [code])


@pytest.mark.parametrize("kind", ["image/gif", "application/octet-stream", '"image/jpeg"'])
def test_other_types_are_not_taken(seller: Caller, checked: OpenApiCheck, kind: str) -> None:
    with checked.expecting_violations():
        assert upload(seller, kind=kind).status_code == 415


def test_picture_is_taken_from_an_address_of_our_own(seller: Caller) -> None:
    first = uploaded(seller)

    answer = seller.call("POST", "/sale/images", json={"url": first})

    assert answer.status_code == 201
    assert answer.json["location"] != first


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/a.jpg", "DownloadError.BadRequest"),
        ("ftp://example.com/a.jpg", "DownloadError.BadRequest"),
        ("https://example.com/a.jpg", "DownloadError.BadGateway"),
        ("http://localhost/img/none", "DownloadError.NotFound"),
        ("http://localhost:1/a.jpg", "UploadImageRequestTimeoutException"),
    ],
)
def test_address_that_gives_no_picture_is_refused(seller: Caller, url: str, code: str) -> None:
    answer = seller.call("POST", "/sale/images", json={"url": url})

    assert (answer.status_code, codes(answer)) == (422, [code])


def test_unused_picture_is_gone_after_a_day(seller: Caller, world: World) -> None:
    location = uploaded(seller)

    world.clock.advance(DAY)

    assert seller.wire.get(location).status_code == 404


def test_picture_of_an_offer_stays(seller: Caller, world: World) -> None:
    body = a_ring(seller)
    listed(seller, world, body)

    world.clock.advance(DAY)

    assert seller.wire.get(body["productSet"][0]["product"]["images"][0]).status_code == 200
