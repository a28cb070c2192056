"""What happened to categories in the last three months, and what is announced for their parameters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response

from allegro_module.simulator.http import Call, Room, answer, bad_parameter, iso
from allegro_module.simulator.tree_changes import CategoryEvent, PlannedRequirement

room = Room()
EVENT_TYPES = ("CATEGORY_CREATED", "CATEGORY_RENAMED", "CATEGORY_MOVED", "CATEGORY_DELETED")
KEPT = timedelta(days=92)
REQUIREMENT_CHANGE = "REQUIREMENT_CHANGE"
BOUNDS = ("scheduledFor.gte", "scheduledFor.lte", "scheduledAt.gte", "scheduledAt.lte")


@room.route("GET", "/sale/category-events", app_token=True)
def list_events(call: Call) -> Response:
    call.only_query(("from", "limit", "type"))
    limit = call.whole_number("limit", 100, 1, 1000, 400)
    types = call.values("type", EVENT_TYPES, 400) or EVENT_TYPES
    after = call.query.get("from", "0")
    if not (after.isascii() and after.isdigit()):
        raise bad_parameter("from", "is not the id of an event", 400)
    told = [
        _event_json(event)
        for event in call.world.catalogue.changes.events
        if int(event.id) > int(after) and event.type in types and call.now - event.occurred_at < KEPT
    ]
    return answer({"events": told[:limit]})


def _event_json(event: CategoryEvent) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": event.id,
        "type": event.type,
        "occurredAt": iso(event.occurred_at),
        "category": dict(event.category),
    }
    if event.redirect_id is not None:
        body["redirectCategory"] = {"id": event.redirect_id}
    return body


@room.route("GET", "/sale/category-parameters-scheduled-changes", app_token=True)
def list_plans(call: Call) -> Response:
    call.only_query((*BOUNDS, "type", "offset", "limit"))
    call.values("type", (REQUIREMENT_CHANGE,), 400)
    limit = call.whole_number("limit", 100, 1, 1000, 400)
    offset = call.whole_number("offset", 0, 0, 1_000_000, 400)
    plans = [
        plan
        for plan in call.world.catalogue.changes.planned
        if plan.scheduled_for > call.now and _within(plan, call)
    ]
    return answer({"scheduledChanges": [_plan_json(plan) for plan in plans[offset : offset + limit]]})


def _within(plan: PlannedRequirement, call: Call) -> bool:
    moments = {"scheduledFor": plan.scheduled_for, "scheduledAt": plan.scheduled_at}
    for name in BOUNDS:
        bound = call.moment(name)
        moment, _, side = name.partition(".")
        if bound is None:
            continue
        if (side == "gte" and moments[moment] < bound) or (side == "lte" and moments[moment] > bound):
            return False
    return True


def _plan_json(plan: PlannedRequirement) -> dict[str, Any]:
    return {
        "type": REQUIREMENT_CHANGE,
        "scheduledAt": iso(plan.scheduled_at),
        "scheduledFor": iso(plan.scheduled_for),
        "category": {"id": plan.category_id},
        "parameter": {"id": plan.parameter_id},
    }
