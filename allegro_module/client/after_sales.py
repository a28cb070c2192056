"""The seller's terms of returns, complaints and guarantees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allegro_module.client.payloads import Payload
from allegro_module.client.transport import Query, Transport

PAGE = 60
LAST_OFFSET = 59


class Terms(Payload, frozen=True):
    """An offer left without takes the only ones there are, or those named `default` (facts.md 9)."""

    id: str
    name: str


class ReturnPolicy(Terms, frozen=True):
    is_fulfillment: bool | None = None
    withdrawal_period: str | None = None


TermsT = TypeVar("TermsT", bound=Terms)


class _ReturnPolicies(Payload, frozen=True):
    return_policies: tuple[ReturnPolicy, ...]


class _ImpliedWarranties(Payload, frozen=True):
    implied_warranties: tuple[Terms, ...]


class _Warranties(Payload, frozen=True):
    warranties: tuple[Terms, ...]


class AfterSalesResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def return_policies(self) -> tuple[ReturnPolicy, ...]:
        """`GET /after-sales-service-conditions/return-policies`."""
        path = "/after-sales-service-conditions/return-policies"
        return _whole(lambda page: self._transport.get(path, _ReturnPolicies, page).return_policies)

    def implied_warranties(self) -> tuple[Terms, ...]:
        """`GET /after-sales-service-conditions/implied-warranties`: terms of complaint."""
        path = "/after-sales-service-conditions/implied-warranties"
        return _whole(lambda page: self._transport.get(path, _ImpliedWarranties, page).implied_warranties)

    def warranties(self) -> tuple[Terms, ...]:
        """`GET /after-sales-service-conditions/warranties`: guarantees."""
        path = "/after-sales-service-conditions/warranties"
        return _whole(lambda page: self._transport.get(path, _Warranties, page).warranties)


def _whole(fetch: Callable[[Query], tuple[TermsT, ...]]) -> tuple[TermsT, ...]:
    """Pages hold 60 and offsets end at 59 (openapi.json), so a second page overlaps the first by one."""
    terms = fetch([("limit", PAGE), ("offset", 0)])
    if len(terms) < PAGE:
        return terms
    second = fetch([("limit", PAGE), ("offset", LAST_OFFSET)])
    return tuple({each.id: each for each in (*terms, *second)}.values())
