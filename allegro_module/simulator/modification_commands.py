"""Changing one thing of many offers by a command: price list, handling time, safety data, place ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Response

from allegro_module.simulator.commands import (
    CRITERIA,
    Command,
    Task,
    check_new,
    found,
    offer_ids,
    registered,
    tasks_answer,
    unknown_offer,
)
from allegro_module.simulator.findings import finding, problems, refusal
from allegro_module.simulator.http import Call, Members, Problem, Room, answer
from allegro_module.simulator.offer_book import LIVE, Change, Offer
from allegro_module.simulator.offer_edits import begin, ground_of, merged
from allegro_module.simulator.offer_rules import examine

room = Room()
KIND = "modification"
ADDRESS = "/sale/offer-modification-commands/<command_id>"
ID: Members = {"id": None}
BODY: Members = {
    "offerCriteria": CRITERIA,
    "modification": {
        "additionalServicesGroup": ID,
        "delivery": {"shippingRates": ID, "handlingTime": None},
        "discounts": {"wholesalePriceList": ID},
        "location": {"city": None, "countryCode": None, "postCode": None, "province": None},
        "payments": {"invoice": None, "tax": {"percentage": None}},
        "sizeTable": ID,
        "publication": {"duration": None, "durationUnlimited": None},
        "responsiblePerson": ID,
        "responsibleProducer": ID,
        "safetyInformation": {"type": None, "description": None, "attachments": ID},
    },
}


class Field(NamedTuple):
    """Where a value lands in an offer: a path of its own, or a member of its first product."""

    path: str
    of_product: bool = False
    turned: Callable[[Any], Any] = lambda value: value


def _producer(value: Mapping[str, Any]) -> Any:
    return {"type": "ID", **value} if value.get("id") else None


def _person(value: Mapping[str, Any]) -> Any:
    return value if value.get("id") else None


def _polish_rate(value: str) -> Any:
    return [{"countryCode": "PL", "rate": value}]


FIELDS: Mapping[str, Field] = {
    "additionalServicesGroup": Field("additionalServices"),
    "delivery.shippingRates": Field("delivery.shippingRates"),
    "delivery.handlingTime": Field("delivery.handlingTime"),
    "discounts.wholesalePriceList": Field("discounts.wholesalePriceList"),
    "location": Field("location"),
    "payments.invoice": Field("payments.invoice"),
    "payments.tax.percentage": Field("taxSettings.rates", turned=_polish_rate),
    "sizeTable": Field("sizeTable"),
    "publication.duration": Field("publication.duration"),
    "publication.durationUnlimited": Field("publication.duration", turned=lambda _: None),
    "responsiblePerson": Field("responsiblePerson", of_product=True, turned=_person),
    "responsibleProducer": Field("responsibleProducer", of_product=True, turned=_producer),
    "safetyInformation": Field("safetyInformation", of_product=True),
}
MISSING: Any = object()


@room.route("PUT", ADDRESS, scope="sale:offers:write")
def put_command(call: Call, command_id: str) -> Response:
    check_new(call, command_id)
    body = call.json(BODY)
    name, value = _one_change(body.get("modification") or {})
    ids = offer_ids(body.get("offerCriteria"))
    due_at = call.now + timedelta(seconds=call.world.switches.command_seconds)
    tasks = tuple(_task(call, offer_id, FIELDS[name], value) for offer_id in ids)
    return registered(call, Command(command_id, call.owner.id, call.now, due_at, tasks, KIND, name))


def _one_change(modification: Mapping[str, Any]) -> tuple[str, Any]:
    """One kind of change in a command, no less and no more."""
    asked = {name: value for name in FIELDS if (value := _at(modification, name)) is not MISSING}
    if len(asked) != 1:
        raise refusal(422, "OneModificationExpectedException", "modification", value=len(asked))
    return next(iter(asked.items()))


def _at(modification: Mapping[str, Any], name: str) -> Any:
    value: Any = modification
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return MISSING
        value = value[step]
    return value


def _task(call: Call, offer_id: str, field: Field, value: Any) -> Task:
    """Judged at once, done when the command is due."""
    offer = call.world.offers.find(offer_id, call.owner.id)
    if offer is None:
        return unknown_offer(offer_id)
    if call.world.offers.is_busy(offer):
        return Task(offer_id, (finding("OfferConflictException", None).problem,))
    if offer.status == "ENDED":
        ended = finding("VALIDATION_FAILED", "publication.status", says="offer.not_active")
        return Task(offer_id, (ended.problem,))
    wish = merged(offer.wish, _patch(offer, field, value))
    verdict = examine(wish, ground_of(call, offer))
    obstacles = _concerning(problems(verdict.findings), field)
    if not obstacles:
        kept = () if offer.status in LIVE else tuple(problems(verdict.findings))
        change = Change(content=verdict.content, wish=wish, problems=kept)
        begin(call, offer, change, call.world.switches.command_seconds)
    return Task(offer_id, tuple(obstacles))


def _patch(offer: Offer, field: Field, value: Any) -> dict[str, Any]:
    turned: Any = None if value is None else field.turned(value)
    if not field.of_product:
        for step in reversed(field.path.split(".")):
            turned = {step: turned}
        patch: dict[str, Any] = turned
        return patch
    elements = deepcopy(offer.wish.get("productSet") or [{}])
    elements[0][field.path] = turned
    if turned is None:
        del elements[0][field.path]
    return {"productSet": elements}


def _concerning(found_problems: list[Problem], field: Field) -> list[Problem]:
    """Whether an offer that is wrong elsewhere still takes a command is not documented; here it does."""
    start = f"productSet[0].{field.path}" if field.of_product else field.path
    return [problem for problem in found_problems if (problem.path or "").startswith(start)]


@room.route("GET", ADDRESS, scope="sale:offers:write")
def get_command(call: Call, command_id: str) -> Response:
    return answer(found(call, command_id, KIND).report(call.now))


@room.route("GET", f"{ADDRESS}/tasks", scope="sale:offers:write")
def list_tasks(call: Call, command_id: str) -> Response:
    return tasks_answer(call, found(call, command_id, KIND))
