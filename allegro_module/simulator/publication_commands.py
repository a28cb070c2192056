"""Activating and ending many offers by one command whose UUID the caller chooses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Response

from allegro_module.simulator.background import Wish
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
from allegro_module.simulator.offer_edits import begin, ground_of
from allegro_module.simulator.offer_rules import examine

# State files of earlier versions look for the first two here.
__all__ = ["Command", "Task", "room"]

room = Room()
KIND = "publication"
ADDRESS = "/sale/offer-publication-commands/<command_id>"
BODY: Members = {"offerCriteria": CRITERIA, "publication": {"action": None, "scheduledFor": None}}


@room.route("PUT", ADDRESS, scope="sale:offers:write")
def put_command(call: Call, command_id: str) -> Response:
    check_new(call, command_id)
    wish, ids = _read(call)
    due_at = call.now + timedelta(seconds=call.world.switches.operation_seconds)
    tasks = tuple(_task(call, offer_id, wish) for offer_id in ids)
    return registered(call, Command(command_id, call.owner.id, call.now, due_at, tasks))


def _read(call: Call) -> tuple[Wish, list[str]]:
    body = call.json(BODY)
    wish = body.get("publication") or {}
    action = wish.get("action")
    if action not in ("ACTIVATE", "END"):
        raise refusal(400, "VALIDATION_FAILED", "publication.action", value=action)
    return wish, offer_ids(body.get("offerCriteria"))


def _task(call: Call, offer_id: str, wish: Wish) -> Task:
    """Judged at once, done when the command is due."""
    action = wish["action"]
    offer = call.world.offers.find(offer_id, call.owner.id)
    if offer is None:
        return unknown_offer(offer_id)
    obstacles = _obstacles(call, offer, action)
    if not obstacles and not (action == "ACTIVATE" and offer.status == "ACTIVE"):
        begin(call, offer, _activation(offer, wish) if action == "ACTIVATE" else Change(status="ENDED"))
    return Task(offer_id, tuple(obstacles))


def _activation(offer: Offer, wish: Wish) -> Change:
    """At once, or at the time the command names."""
    content = offer.content
    if starting := wish.get("scheduledFor"):
        content = replace(content, publication={**content.publication, "startingAt": starting})
    return Change(content=content, status="ACTIVE", problems=())


def _obstacles(call: Call, offer: Offer, action: str) -> list[Problem]:
    if call.world.offers.is_busy(offer):
        return [finding("OfferConflictException", None).problem]
    if action == "END":
        if offer.status in LIVE:
            return []
        return [finding("VALIDATION_FAILED", "publication.status", says="offer.not_active").problem]
    return problems(examine(offer.wish, ground_of(call, offer)).findings)


@room.route("GET", ADDRESS, scope="sale:offers:write")
def get_command(call: Call, command_id: str) -> Response:
    return answer(found(call, command_id, KIND).report(call.now))


@room.route("GET", f"{ADDRESS}/tasks", scope="sale:offers:write")
def list_tasks(call: Call, command_id: str) -> Response:
    return tasks_answer(call, found(call, command_id, KIND))
