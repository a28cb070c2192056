"""Money, enumerations and times as they come and go."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest

from allegro_module.client.checkout_forms import FulfillmentStatus
from allegro_module.client.payloads import Amount, Id, Instant, amount_of, decode, to_wire


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"12.50"', "12.50"),
        ("50", "50"),
        ("49.9", "49.9"),
        ("0.1", "0.1"),
        ("1234567890.01", "1234567890.01"),
        ('"0.30000000000000004"', "0.30000000000000004"),
    ],
)
def test_an_amount_is_exact_whether_text_or_number(written: str, read: str) -> None:
    amount = decode(f'{{"amount": {written}, "currency": "PLN"}}'.encode(), Amount)

    assert amount.amount == Decimal(read)
    assert amount.currency == "PLN"


@pytest.mark.parametrize("written", ['"NaN"', '"Infinity"', '"1,50"', "true", "null", '""'])
def test_what_is_no_amount_is_not_read(written: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(f'{{"amount": {written}, "currency": "PLN"}}'.encode(), Amount)


@pytest.mark.parametrize(
    ("amount", "sent"), [("12.5", "12.50"), ("1E+3", "1000.00"), ("7", "7.00"), ("0.10", "0.10")]
)
def test_an_amount_is_sent_as_text_with_two_decimals(amount: str, sent: str) -> None:
    encoded = msgspec.json.encode(amount_of(Decimal(amount), "PLN"))

    assert encoded == f'{{"amount":"{sent}","currency":"PLN"}}'.encode()


def test_unknown_members_are_ignored() -> None:
    assert decode(b'{"id": "1", "addedLastWeek": {"a": [1]}}', Id) == Id("1")


def test_a_new_value_of_an_enumeration_is_unknown_rather_than_an_error() -> None:
    assert decode(b'"TELEPORTED"', FulfillmentStatus) is FulfillmentStatus.UNKNOWN


def test_a_time_without_a_zone_is_not_guessed() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'"2026-11-21T10:00:00"', type=Instant)


def test_times_are_sent_in_utc_with_milliseconds() -> None:
    warsaw = timezone(timedelta(hours=1))

    assert to_wire(datetime(2026, 11, 21, 0, 30, 1, 234567, warsaw)) == "2026-11-20T23:30:01.234Z"
    assert to_wire(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00.000Z"
