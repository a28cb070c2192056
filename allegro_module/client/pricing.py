"""What an offer would cost: Allegro's preview of fees and commissions (facts.md 6.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from allegro_module.client.payloads import Amount, Payload
from allegro_module.client.transport import Request, Transport


class FeeLine(Payload, frozen=True):
    """`type` is `commissionFee`, `listingFee`, or a package's id with `Fee` behind it."""

    name: str | None = None
    type: str | None = None
    fee: Amount | None = None
    cycle_duration: str | None = None


class FeePreview(Payload, frozen=True):
    """Commissions are due with each sale, quotes with each cycle."""

    commissions: Sequence[FeeLine] | None = ()
    quotes: Sequence[FeeLine] | None = ()


class PricingResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def preview(self, offer: Mapping[str, Any]) -> FeePreview:
        """`POST /pricing/offer-fee-preview` for the base marketplace; 25 a second and user.

        Of the offer `name`, `category`, `sellingMode` and `promotion` count.
        """
        body = msgspec.json.encode({"offer": offer})
        return self._transport.send(Request("POST", "/pricing/offer-fee-preview", body=body)).read(FeePreview)
