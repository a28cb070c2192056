"""The seller's terms of returns, complaints and guarantees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from allegro_module.client.payloads import Payload
from allegro_module.client.transport import Query, Request, Transport, path_to

PAGE = 60
LAST_OFFSET = 59
RETURN_POLICIES = "/after-sales-service-conditions/return-policies"
IMPLIED_WARRANTIES = "/after-sales-service-conditions/implied-warranties"
WARRANTIES = "/after-sales-service-conditions/warranties"


class Terms(Payload, frozen=True):
    """An offer left without takes the only ones there are, or those named `default` (facts.md 9)."""

    id: str
    name: str


class TermsAddress(Payload, frozen=True, omit_defaults=True):
    name: str | None = None
    street: str | None = None
    post_code: str | None = None
    city: str | None = None
    country_code: str | None = None


class Cause(Payload, frozen=True, omit_defaults=True):
    name: str | None = None
    description: str | None = None


class Availability(Payload, frozen=True, omit_defaults=True):
    range: str | None = None
    restriction_cause: Cause | None = None


class ReturnCost(Payload, frozen=True, omit_defaults=True):
    covered_by: str | None = None


class ReturnContact(Payload, frozen=True, omit_defaults=True):
    phone_number: str | None = None
    email: str | None = None


class ReturnOptions(Payload, frozen=True, omit_defaults=True):
    cash_on_delivery_not_allowed: bool | None = None
    free_accessories_return_required: bool | None = None
    refund_lowered_by_received_discount: bool | None = None
    business_return_allowed: bool | None = None
    collect_by_seller_only: bool | None = None


class ReturnPolicyRequest(Payload, frozen=True, omit_defaults=True):
    """All but the name and the availability may be left out only when nothing can be returned."""

    name: str
    is_fulfillment: bool | None = None
    availability: Availability | None = None
    withdrawal_period: str | None = None
    return_cost: ReturnCost | None = None
    address: TermsAddress | None = None
    contact: ReturnContact | None = None
    options: ReturnOptions | None = None


class ReturnPolicy(ReturnPolicyRequest, frozen=True, kw_only=True):
    id: str


class Period(Payload, frozen=True, omit_defaults=True):
    """ISO 8601; for a guarantee `lifetime` in its stead."""

    period: str | None = None
    lifetime: bool | None = None


class ComplaintPeriod(Payload, frozen=True, omit_defaults=True):
    period: str | None = None


class ImpliedWarrantyRequest(Payload, frozen=True, omit_defaults=True):
    name: str
    individual: ComplaintPeriod | None = None
    corporate: ComplaintPeriod | None = None
    address: TermsAddress | None = None
    description: str | None = None


class ImpliedWarranty(ImpliedWarrantyRequest, frozen=True, kw_only=True):
    id: str


class WarrantyAttachment(Payload, frozen=True, omit_defaults=True):
    id: str | None = None
    name: str | None = None


class WarrantyRequest(Payload, frozen=True, omit_defaults=True):
    name: str
    type: str | None = None
    individual: Period | None = None
    corporate: Period | None = None
    attachment: WarrantyAttachment | None = None
    description: str | None = None


class Warranty(WarrantyRequest, frozen=True, kw_only=True):
    id: str


T = TypeVar("T")
TermsT = TypeVar("TermsT", bound=Terms | ReturnPolicy)


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
        """`GET /after-sales-service-conditions/return-policies`: whole ones."""
        return _whole(
            lambda page: self._transport.get(RETURN_POLICIES, _ReturnPolicies, page).return_policies
        )

    def return_policy(self, policy_id: str) -> ReturnPolicy:
        """`GET /after-sales-service-conditions/return-policies/{returnPolicyId}`."""
        return self._transport.get(path_to(RETURN_POLICIES + "/{}", policy_id), ReturnPolicy)

    def create_return_policy(self, request: ReturnPolicyRequest) -> ReturnPolicy:
        """`POST /after-sales-service-conditions/return-policies`: not idempotent."""
        return self._write("POST", RETURN_POLICIES, request, ReturnPolicy)

    def replace_return_policy(self, policy_id: str, request: ReturnPolicyRequest) -> ReturnPolicy:
        """`PUT /after-sales-service-conditions/return-policies/{returnPolicyId}`.

        `is_fulfillment` cannot be changed and is no member of this request.
        """
        changeable = msgspec.structs.replace(request, is_fulfillment=None)
        return self._write("PUT", path_to(RETURN_POLICIES + "/{}", policy_id), changeable, ReturnPolicy)

    def delete_return_policy(self, policy_id: str) -> None:
        """`DELETE /after-sales-service-conditions/return-policies/{returnPolicyId}`: 400 while used."""
        self._transport.send(Request("DELETE", path_to(RETURN_POLICIES + "/{}", policy_id)))

    def implied_warranties(self) -> tuple[Terms, ...]:
        """`GET /after-sales-service-conditions/implied-warranties`: names of the terms of complaint."""
        return _whole(
            lambda page: self._transport.get(IMPLIED_WARRANTIES, _ImpliedWarranties, page).implied_warranties
        )

    def implied_warranty(self, terms_id: str) -> ImpliedWarranty:
        """`GET /after-sales-service-conditions/implied-warranties/{impliedWarrantyId}`."""
        return self._transport.get(path_to(IMPLIED_WARRANTIES + "/{}", terms_id), ImpliedWarranty)

    def create_implied_warranty(self, request: ImpliedWarrantyRequest) -> ImpliedWarranty:
        """`POST /after-sales-service-conditions/implied-warranties`: not idempotent, no way to delete."""
        return self._write("POST", IMPLIED_WARRANTIES, request, ImpliedWarranty)

    def replace_implied_warranty(self, terms_id: str, request: ImpliedWarrantyRequest) -> ImpliedWarranty:
        """`PUT /after-sales-service-conditions/implied-warranties/{impliedWarrantyId}`."""
        return self._write("PUT", path_to(IMPLIED_WARRANTIES + "/{}", terms_id), request, ImpliedWarranty)

    def warranties(self) -> tuple[Terms, ...]:
        """`GET /after-sales-service-conditions/warranties`: names of the guarantees."""
        return _whole(lambda page: self._transport.get(WARRANTIES, _Warranties, page).warranties)

    def warranty(self, terms_id: str) -> Warranty:
        """`GET /after-sales-service-conditions/warranties/{warrantyId}`."""
        return self._transport.get(path_to(WARRANTIES + "/{}", terms_id), Warranty)

    def create_warranty(self, request: WarrantyRequest) -> Warranty:
        """`POST /after-sales-service-conditions/warranties`: not idempotent, no way to delete."""
        return self._write("POST", WARRANTIES, request, Warranty)

    def replace_warranty(self, terms_id: str, request: WarrantyRequest) -> Warranty:
        """`PUT /after-sales-service-conditions/warranties/{warrantyId}`."""
        return self._write("PUT", path_to(WARRANTIES + "/{}", terms_id), request, Warranty)

    def _write(self, method: str, path: str, request: Payload, kind: type[T]) -> T:
        return self._transport.send(Request(method, path, body=msgspec.json.encode(request))).read(kind)


def _whole(fetch: Callable[[Query], tuple[TermsT, ...]]) -> tuple[TermsT, ...]:
    """Pages hold 60 and offsets end at 59 (openapi.json), so a second page overlaps the first by one."""
    terms = fetch([("limit", PAGE), ("offset", 0)])
    if len(terms) < PAGE:
        return terms
    second = fetch([("limit", PAGE), ("offset", LAST_OFFSET)])
    return tuple({each.id: each for each in (*terms, *second)}.values())
