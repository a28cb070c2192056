"""Files of offers: declared, sent once to an address of their own, and used by id."""

from __future__ import annotations

from typing import Any

from allegro_module.simulator import World
from tests.openapi import OpenApiCheck
from tests.simulator.conftest import Caller, codes
from tests.simulator.goods import PRODUCER, a_picture, a_ring, create, faults, listed, read

FILES = "/sale/offer-attachments"
PDF = b"%PDF-1.7 instrukcja"
SAFETY = "SAFETY_INFORMATION_MANUAL"


def declared(seller: Caller, name: str = "instrukcja.pdf", kind: str = SAFETY) -> Any:
    return seller.call("POST", FILES, json={"type": kind, "file": {"name": name}})


def send(seller: Caller, address: str, data: bytes = PDF, kind: str = "application/pdf") -> Any:
    return seller.call("PUT", address, headers={"Content-Type": kind}, data=data)


def with_files(seller: Caller, *ids: str) -> dict[str, Any]:
    body = a_ring(seller)
    body["productSet"][0]["safetyInformation"] = {
        "type": "ATTACHMENTS",
        "attachments": [{"id": each} for each in ids],
    }
    return body


def test_file_is_sent_once_to_the_address_it_was_given(seller: Caller, other_seller: Caller) -> None:
    answer = declared(seller)
    address, file_id = answer.headers["Location"], answer.json["id"]

    assert send(seller, f"{FILES}/{file_id}").status_code == 404
    assert send(other_seller, address).status_code == 403
    first, second = send(seller, address), send(seller, address)

    assert (answer.status_code, first.status_code) == (201, 200)
    assert codes(second) == ["AttachmentAlreadyUploadedException"]
    told = seller.get(f"{FILES}/{file_id}").json
    assert (told["type"], told["file"]["name"]) == (SAFETY, "instrukcja.pdf")
    assert told["file"]["url"].startswith("http")
    assert other_seller.get(f"{FILES}/{file_id}").status_code == 403


def test_content_must_be_what_it_is_called(seller: Caller) -> None:
    for name, kind, data in (
        ("a.pdf", "application/pdf", b"MZ"),
        ("a.png", "image/png", PDF),
        ("a.jpg", "application/pdf", PDF),
    ):
        answer = send(seller, declared(seller, name).headers["Location"], data, kind)
        assert codes(answer) == ["InvalidAttachmentContentException"]


def test_file_has_twenty_megabytes_at_most(seller: Caller, checked: OpenApiCheck) -> None:
    with checked.expecting_violations():
        answer = send(seller, declared(seller).headers["Location"], PDF + b" " * 20 * 1024 * 1024)

    assert answer.status_code == 413


def test_types_have_their_forms(seller: Caller) -> None:
    assert declared(seller, "etykieta.png", "ENERGY_LABEL").status_code == 201
    assert faults(declared(seller, "etykieta.pdf", "ENERGY_LABEL")) == [("VALIDATION_ERROR", "file.name")]
    picture = declared(seller, "zdjęcie.jpg").headers["Location"]
    assert send(seller, picture, a_picture(), "image/jpeg").status_code == 200


def test_offer_keeps_safety_information_in_files(seller: Caller, world: World) -> None:
    answer = declared(seller)
    unsent = create(seller, with_files(seller, answer.json["id"]))
    send(seller, answer.headers["Location"])

    offer = read(seller, listed(seller, world, with_files(seller, answer.json["id"])))

    place = "productSet[0].safetyInformation.attachments"
    assert faults(unsent) == [("AttachmentNotFoundException", f"{place}[0]")]
    element = offer["productSet"][0]
    assert element["safetyInformation"]["attachments"] == [{"id": answer.json["id"]}]
    assert PRODUCER["type"] == "NAME" and element["responsibleProducer"]["id"]
    assert faults(create(seller, with_files(seller)))[0] == ("VALIDATION_FAILED", place)


def test_offer_shows_its_files(seller: Caller, world: World) -> None:
    answer = declared(seller, kind="MANUAL")
    send(seller, answer.headers["Location"])
    files = [{"id": answer.json["id"]}]

    offer = read(seller, listed(seller, world, a_ring(seller, attachments=files)))

    assert offer["attachments"] == files
