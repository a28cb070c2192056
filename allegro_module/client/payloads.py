"""What all payloads share: their shape, money, open enumerations and times on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")

#: A point in time; one without a zone is refused, as it would be guesswork.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Payload(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Frozen, camel case on the wire; members we do not know are ignored, as Allegro adds some weekly."""


class OpenEnum(StrEnum):
    """A set of values that Allegro may extend without notice: a new one reads as UNKNOWN.

    Each subclass has a member UNKNOWN.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum:
        return cls("UNKNOWN")


class Id(Payload, frozen=True):
    id: str


class Amount(Payload, frozen=True):
    """Money as Allegro writes it, exact: a text by the schema, a bare number at times (facts.md 1.6)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError("not an amount of money")


def amount_of(amount: Decimal, currency: str) -> Amount:
    """For sending: always with two decimals, never with an exponent."""
    return Amount(amount.quantize(Decimal("0.01")), currency)


def to_wire(moment: datetime) -> str:
    """UTC with milliseconds and `Z`, as Allegro's own times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def decode(body: bytes, kind: type[T]) -> T:
    """Raises msgspec.MsgspecError, and UnicodeDecodeError."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    read: T = decoder.decode(body)
    return read


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}
