"""Conditions of sale over the wire: return policies, complaint terms, guarantees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from allegro_module.simulator.body_rules import without_nulls
from allegro_module.simulator.findings import Finding, finding, refusal, refuse, violation
from allegro_module.simulator.http import Call, Room, answer
from allegro_module.simulator.offer_schema import Shape, kind_findings, members
from allegro_module.simulator.term_rules import (
    COMPLAINTS,
    GUARANTEE,
    RETURN_POLICY,
    complaints_findings,
    guarantee_findings,
    return_policy_findings,
)
from allegro_module.simulator.terms import Condition, put

room = Room()
PAGE = 60
READ, WRITE = "sale:settings:read", "sale:settings:write"
ROOT = "/after-sales-service-conditions"
RETURNS, COMPLAINTS_AT, GUARANTEES = (
    f"{ROOT}/return-policies",
    f"{ROOT}/implied-warranties",
    f"{ROOT}/warranties",
)
NO_RETURNS, NO_COMPLAINTS, NO_GUARANTEE = (
    "ReturnPolicyNotFoundException",
    "ImpliedWarrantyNotFoundException",
    "WarrantyNotFoundException",
)
KIND = "isFulfillment"
# What a policy without returns may lack, and an answer shows as null.
MAY_BE_NULL = ("withdrawalPeriod", "returnCost", "address", "contact", "options")


def _page(call: Call, book: Mapping[str, Condition]) -> list[Condition]:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", PAGE, 1, PAGE)
    offset = call.whole_number("offset", 0, 0, PAGE - 1)
    own = [item for item in book.values() if item.seller_id == call.owner.id]
    return own[offset : offset + limit]


def _own(call: Call, book: Mapping[str, Condition], item_id: str, code: str) -> Condition:
    """Someone else's is as good as none."""
    item = book.get(item_id)
    if item is None or item.seller_id != call.owner.id:
        raise refusal(404, code, call.request.path, name=item_id)
    return item


def _read(call: Call, shape: Mapping[str, Shape]) -> dict[str, Any]:
    body = call.json(members(shape))
    refuse(400, kind_findings(body, shape))
    return body


def _added(call: Call, book: dict[str, Condition], name: str, body: Mapping[str, Any]) -> Response:
    item = Condition(call.world.uuid(), call.owner.id, name, body)
    put(book, item)
    return answer(item.as_json(), 201)


def _changed(book: dict[str, Condition], item: Condition, name: str, body: Mapping[str, Any]) -> Response:
    item = replace(item, name=name, body=body)
    put(book, item)
    return answer(item.as_json())


@room.route("GET", RETURNS, scope=READ)
def list_return_policies(call: Call) -> Response:
    page = _page(call, call.world.terms.return_policies)
    return answer({"count": len(page), "returnPolicies": [item.as_json() for item in page]})


@room.route("GET", f"{RETURNS}/<item_id>", scope=READ)
def get_return_policy(call: Call, item_id: str) -> Response:
    return answer(_own(call, call.world.terms.return_policies, item_id, NO_RETURNS).as_json())


@room.route("POST", RETURNS, scope=WRITE)
def create_return_policy(call: Call) -> Response:
    body = _read(call, RETURN_POLICY)
    found = [*return_policy_findings(body, call.owner.base_marketplace)]
    if KIND not in body:
        found.append(violation(KIND, "body.missing"))
    refuse(422, found)
    return _added(call, call.world.terms.return_policies, body.pop("name"), _policy(body))


@room.route("PUT", f"{RETURNS}/<item_id>", scope=WRITE)
def replace_return_policy(call: Call, item_id: str) -> Response:
    """Its kind is not among the members: it cannot change."""
    body = _read(call, {name: shape for name, shape in RETURN_POLICY.items() if name != KIND})
    book = call.world.terms.return_policies
    item = _own(call, book, item_id, NO_RETURNS)
    refuse(422, return_policy_findings(body, call.owner.base_marketplace))
    return _changed(book, item, body.pop("name"), _policy(body | {KIND: item.body[KIND]}))


def _policy(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(MAY_BE_NULL), **without_nulls(body)}


@room.route("DELETE", f"{RETURNS}/<item_id>", scope=WRITE)
def delete_return_policy(call: Call, item_id: str) -> Response:
    book = call.world.terms.return_policies
    item = _own(call, book, item_id, NO_RETURNS)
    offers = call.world.offers.of(call.owner.id)
    if any((offer.content.after_sales.get("returnPolicy") or {}).get("id") == item.id for offer in offers):
        raise refusal(400, "RETURN_POLICY_IN_USE", call.request.path, name=item.name)
    del book[item.id]
    return answer(None, 204)


@room.route("GET", COMPLAINTS_AT, scope=READ)
def list_implied_warranties(call: Call) -> Response:
    page = _page(call, call.world.terms.implied_warranties)
    return answer({"count": len(page), "impliedWarranties": [item.as_row() for item in page]})


@room.route("GET", f"{COMPLAINTS_AT}/<item_id>", scope=READ)
def get_implied_warranty(call: Call, item_id: str) -> Response:
    return answer(_own(call, call.world.terms.implied_warranties, item_id, NO_COMPLAINTS).as_json())


@room.route("POST", COMPLAINTS_AT, scope=WRITE)
def create_implied_warranty(call: Call) -> Response:
    body = _complaints(call)
    return _added(call, call.world.terms.implied_warranties, body.pop("name"), body)


@room.route("PUT", f"{COMPLAINTS_AT}/<item_id>", scope=WRITE)
def replace_implied_warranty(call: Call, item_id: str) -> Response:
    book = call.world.terms.implied_warranties
    item = _own(call, book, item_id, NO_COMPLAINTS)
    body = _complaints(call)
    return _changed(book, item, body.pop("name"), body)


def _complaints(call: Call) -> dict[str, Any]:
    body = _read(call, COMPLAINTS)
    refuse(422, complaints_findings(body, call.world.switches.least_corporate_years))
    read: dict[str, Any] = without_nulls(body)
    return read


@room.route("GET", GUARANTEES, scope=READ)
def list_warranties(call: Call) -> Response:
    page = _page(call, call.world.terms.warranties)
    return answer({"count": len(page), "warranties": [item.as_row() for item in page]})


@room.route("GET", f"{GUARANTEES}/<item_id>", scope=READ)
def get_warranty(call: Call, item_id: str) -> Response:
    return answer(_own(call, call.world.terms.warranties, item_id, NO_GUARANTEE).as_json())


@room.route("POST", GUARANTEES, scope=WRITE)
def create_warranty(call: Call) -> Response:
    body = _guarantee(call)
    return _added(call, call.world.terms.warranties, body.pop("name"), body)


@room.route("PUT", f"{GUARANTEES}/<item_id>", scope=WRITE)
def replace_warranty(call: Call, item_id: str) -> Response:
    book = call.world.terms.warranties
    item = _own(call, book, item_id, NO_GUARANTEE)
    body = _guarantee(call)
    return _changed(book, item, body.pop("name"), body)


def _guarantee(call: Call) -> dict[str, Any]:
    body = _read(call, GUARANTEE)
    refuse(422, [*guarantee_findings(body), *_attachment_findings(call, body.get("attachment"))])
    read: dict[str, Any] = without_nulls(body)
    for name in ("individual", "corporate"):
        read[name] = {"lifetime": False, **read[name]}
    if "attachment" in read:
        read["attachment"] = call.world.attachments.files[read["attachment"]["id"]].as_link()
    return read


def _attachment_findings(call: Call, asked: Mapping[str, Any] | None) -> list[Finding]:
    if asked is None or call.world.attachments.is_ready(asked.get("id"), call.owner.id, "after_sales"):
        return []
    return [finding("AttachmentNotFoundException", "attachment.id", name=asked.get("id"))]
