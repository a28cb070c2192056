"""What errors know and say."""

import pickle

import pytest

from allegro_module.client.errors import (
    AllegroError,
    Busy,
    Exchange,
    NotConnected,
    Objection,
    Reason,
    Refused,
    Unavailable,
    Unexpected,
)

AT = Exchange("PATCH", "/sale/product-offers/1", 422, "trace-9")


def test_there_are_exactly_five_things_that_can_go_wrong() -> None:
    assert set(AllegroError.__subclasses__()) == {NotConnected, Refused, Busy, Unavailable, Unexpected}


@pytest.mark.parametrize(
    ("objection", "text"),
    [
        (Objection("CODE", "english", user_message="po polsku"), "po polsku"),
        (Objection("CODE", "english"), "english"),
        (Objection("CODE"), "CODE"),
        (Objection("CODE", "", user_message=""), "CODE"),
    ],
)
def test_an_objection_is_told_in_the_best_words_there_are(objection: Objection, text: str) -> None:
    assert objection.text == text


def test_an_error_names_request_status_and_trace() -> None:
    error = Refused((Objection("StringLength"), Objection("Price")), at=AT)

    assert (error.method, error.path, error.status, error.trace_id) == (
        "PATCH",
        "/sale/product-offers/1",
        422,
        "trace-9",
    )
    assert str(error) == (
        "Allegro refuses (PATCH /sale/product-offers/1: 422, trace-id trace-9): StringLength, Price"
    )


def test_an_error_without_a_request_is_a_plain_sentence() -> None:
    assert str(NotConnected.no_token()) == "The account is not connected to Allegro: no_token"


@pytest.mark.parametrize(
    "error",
    [
        NotConnected(Reason.SCOPE_MISSING, scope="allegro:api:orders:read", at=AT),
        Refused((Objection("A", metadata={"b": "c"}),), at=AT),
        Busy("OfferConflictException", at=AT),
        Unavailable("ReadTimeout", is_sure_nothing_happened=True, at=AT),
        Unexpected("Expected `int`", at=AT),
    ],
)
def test_an_error_survives_the_way_between_processes(error: AllegroError) -> None:
    arrived = pickle.loads(pickle.dumps(error))

    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.__dict__ == error.__dict__
