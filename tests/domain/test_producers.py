"""Producers and responsible persons: what Allegro takes, and which are likely the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allegro_module.domain.producers import (
    Party,
    are_alike,
    field_of,
    from_wire,
    guess_producer,
    likely_pairs,
    party_problems,
    plain_name,
    to_wire,
)
from allegro_module.domain.safety import Book, Gap, SafetyInformation, gaps, information_problems
from allegro_module.domain.terms import TermKind

PRODUCER, PERSON = TermKind.RESPONSIBLE_PRODUCER, TermKind.RESPONSIBLE_PERSON
FOREST = Party(
    name="Cichy Las",
    trade_name="Cichy Las Sp. z o.o.",
    country="PL",
    street="ul. Leśna 4",
    post_code="16-400",
    city="Suwałki",
    email="bok@cichylas.example",
)


@pytest.mark.parametrize("kind", [PRODUCER, PERSON])
def test_what_is_sent_is_read_again(kind: TermKind) -> None:
    party = replace(FOREST, form_url="https://cichylas.example/kontakt", phone="+48 87 500 00 00")

    assert from_wire(kind, to_wire(kind, party)) == party


def test_a_contact_that_is_not_given_is_not_sent() -> None:
    assert to_wire(PRODUCER, FOREST) == {
        "name": "Cichy Las",
        "producerData": {
            "tradeName": "Cichy Las Sp. z o.o.",
            "address": {
                "countryCode": "PL",
                "street": "ul. Leśna 4",
                "postalCode": "16-400",
                "city": "Suwałki",
            },
            "contact": {"email": "bok@cichylas.example"},
        },
    }


def test_an_entry_of_old_without_data_is_read() -> None:
    assert from_wire(PERSON, {"name": "Stara", "personalData": None}) == Party(name="Stara")
    assert from_wire(PRODUCER, None) == Party()


def test_fields_are_found_by_allegros_path() -> None:
    assert field_of(PRODUCER, "producerData.contact.email") == "email"
    assert field_of(PERSON, "personalData.name") == "trade_name"
    assert field_of(PERSON, "personalData.somethingNew") == ""


def test_a_whole_entry_has_no_problem() -> None:
    assert party_problems(PRODUCER, FOREST, taken=["Boso po Plaży"]) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 51}, "text_too_long"),
        ({"name": "Cichy  Las"}, "safety_name_spaces"),
        ({"trade_name": "Cichy\u00a0Las"}, "safety_name_spaces"),
        ({"name": "boso po plaży"}, "safety_name_taken"),
        ({"trade_name": "x" * 201}, "text_too_long"),
        ({"country": "XX"}, "country_code_format"),
        ({"street": ""}, "required"),
        ({"post_code": "0" * 21}, "text_too_long"),
        ({"city": ""}, "required"),
        ({"email": ""}, "safety_contact_required"),
        ({"email": "bok.cichylas.example"}, "safety_email_format"),
        ({"email": "b@" + "x" * 50 + ".pl"}, "text_too_long"),
        ({"form_url": "cichylas.example/kontakt"}, "safety_form_url_format"),
        ({"form_url": "http://[cichylas"}, "safety_form_url_format"),
        ({"form_url": "https://cichylas.example/" + "x" * 80}, "text_too_long"),
        ({"phone": "zadzwoń"}, "phone_format"),
        ({"phone": "1" * 31}, "text_too_long"),
    ],
)
def test_each_mistake_is_told_at_its_field(change: dict[str, str], code: str) -> None:
    problems = party_problems(PRODUCER, replace(FOREST, **change), taken=["Boso po Plaży"])

    assert [(problem.field, problem.code) for problem in problems] == [(next(iter(change)), code)]


def test_a_contact_form_will_do_instead_of_an_e_mail() -> None:
    assert party_problems(PRODUCER, replace(FOREST, email="", form_url="https://cichylas.example")) == []


def test_a_responsible_person_sits_in_the_union_a_producer_anywhere() -> None:
    abroad = replace(FOREST, country="CN")

    assert party_problems(PRODUCER, abroad) == []
    assert [each.code for each in party_problems(PERSON, abroad)] == ["safety_person_outside_eu"]
    assert abroad.is_outside_eu
    assert not Party().is_outside_eu


@pytest.mark.parametrize(
    "name",
    [
        "CICHY LAS",
        "Cichy Las Spółka z ograniczoną odpowiedzialnością",
        "cichy las sp.z o.o.",
        "P.H.U. Cichy-Las",
        "Cichy Las S.A.",
    ],
)
def test_legal_forms_capitals_and_blanks_make_no_other_company(name: str) -> None:
    assert plain_name(name) == "cichylas"


def test_accents_do_not_count_and_a_name_that_is_only_a_form_stays() -> None:
    assert plain_name("Łódzkie Żagle s.c.") == plain_name("LODZKIE ZAGLE")
    assert plain_name("Company Ltd.") == "companyltd"


def test_duplicates_are_found_by_name_or_by_contact() -> None:
    same_name = replace(FOREST, trade_name="CICHY LAS", email="inny@las.example")
    same_contact = replace(FOREST, trade_name="Cichy Las Manufaktura", email="BOK@cichylas.example")
    importer = replace(FOREST, trade_name="Daleki Las", email="bok@cichylas.example")

    assert are_alike(FOREST, same_name)
    assert are_alike(FOREST, same_contact)
    assert not are_alike(FOREST, importer)
    assert not are_alike(FOREST, replace(same_name, country="DE"))
    assert likely_pairs({1: FOREST, 2: importer, 3: same_contact, 4: same_name}) == [(1, 3), (1, 4)]


def test_the_producer_of_a_brand_is_guessed_by_its_name_if_only_one_fits() -> None:
    producers = [("p1", FOREST), ("p2", replace(FOREST, name="Boso", trade_name="Boso po Plaży Ltd"))]

    assert guess_producer("cichy las", producers) == "p1"
    assert guess_producer("Boso po plazy", producers) == "p2"
    assert guess_producer("po Plaży", producers) == "p2"
    assert guess_producer("Woskowy Dom", producers) == ""
    assert guess_producer("Cichy Las", [*producers, ("p3", FOREST)]) == ""


def test_gaps_of_a_products_defaults() -> None:
    book = Book(producers={"pl", "cn"}, persons={"eu"}, producers_outside_eu={"cn"})
    text = {"safety_text": "Nie dla dzieci."}

    assert gaps({}, book) == [Gap.PRODUCER, Gap.INFORMATION]
    assert gaps({"responsible_producer_id": "pl", **text}, book) == []
    assert gaps({"responsible_producer_id": "cn", "safety_attachments": [1]}, book) == [Gap.PERSON]
    assert gaps({"responsible_producer_id": "cn", "responsible_person_id": "eu", **text}, book) == []
    assert gaps({"responsible_producer_id": "gone", **text}, book) == [Gap.PRODUCER]
    assert gaps({"is_before_gpsr": True}, book) == []


def test_safety_information_is_a_text_or_files() -> None:
    def codes(*arguments: object) -> list[str]:
        return [each.code for each in information_problems(SafetyInformation(*arguments))]  # type: ignore[arg-type]

    assert codes("") == codes("text", "x" * 5000) == codes("files", "", [1]) == []
    assert codes("text", " ") == ["safety_text_required"]
    assert codes("text", "x" * 5001) == ["safety_text_too_long"]
    assert codes("files") == ["safety_files_required"]
    assert codes("files", "", range(21)) == ["safety_files_too_many"]
    assert SafetyInformation("files", "typed before", [3]).values == {
        "safety_text": "",
        "safety_attachments": [3],
    }
