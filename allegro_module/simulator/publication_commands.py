"""Activating and ending many offers by one command whose UUID the caller chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response

from allegro_module.simulator.background import Wish
from allegro_module.simulator.findings import finding, problems, refusal
from allegro_module.simulator.http import Call, Members, Problem, Room, answer, iso
from allegro_module.simulator.offer_book import LIVE, Change, Offer
from allegro_module.simulator.offer_edits import begin, ground_of
from allegro_module.simulator.offer_rules import examine

room = Room()
MOST_OFFERS = 1000
KEPT = timedelta(days=7)
ADDRESS = "/sale/offer-publication-commands/<command_id>"
BODY: Members = {
    "offerCriteria": {"offers": {"id": None}, "type": None},
    "publication": {"action": None, "scheduledFor": None},
}


@dataclass(frozen=True)
class Task:
    """What the command does to one offer; problems mean that it fails."""

    offer_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Command:
    id: str
    seller_id: str
    created_at: datetime
    due_at: datetime
    tasks: tuple[Task, ...]

    def report(self, now: datetime) -> dict[str, Any]:
        """All counters are zero until it is done, as Allegro's are at first."""
        done = now >= self.due_at
        failed = sum(bool(task.problems) for task in self.tasks)
        counts = (failed, len(self.tasks) - failed, len(self.tasks)) if done else (0, 0, 0)
        return {
            "id": self.id,
            "createdAt": iso(self.created_at),
            "completedAt": iso(self.due_at) if done else None,
            "taskCount": dict(zip(("failed", "success", "total"), counts, strict=True)),
        }


@room.route("PUT", ADDRESS, scope="sale:offers:write")
def put_command(call: Call, command_id: str) -> Response:
    if not call.owner.is_company:
        raise refusal(403, "OfferAccessDeniedException", call.request.path)
    if not _is_uuid(command_id):
        raise refusal(422, "InvalidCommandIdException", call.request.path, value=command_id)
    if command_id in call.world.offers.commands:
        raise refusal(409, "CommandIdAlreadyUsedException", call.request.path)
    wish, offer_ids = _read(call)
    due_at = call.now + timedelta(seconds=call.world.switches.operation_seconds)
    tasks = tuple(_task(call, offer_id, wish) for offer_id in offer_ids)
    command = Command(command_id, call.owner.id, call.now, due_at, tasks)
    call.world.offers.commands[command_id] = command
    return answer(command.report(call.now), 201)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _read(call: Call) -> tuple[Wish, list[str]]:
    body = call.json(BODY)
    wish = body.get("publication") or {}
    action = wish.get("action")
    if action not in ("ACTIVATE", "END"):
        raise refusal(400, "VALIDATION_FAILED", "publication.action", value=action)
    ids: dict[str, None] = {}
    for criterion in body.get("offerCriteria") or ():
        if criterion.get("type") != "CONTAINS_OFFERS":
            raise refusal(400, "VALIDATION_FAILED", "offerCriteria.type", value=criterion.get("type"))
        ids |= dict.fromkeys(str(offer.get("id")) for offer in criterion.get("offers") or ())
    if not 1 <= len(ids) <= MOST_OFFERS:
        raise refusal(422, "VALIDATION_FAILED", "offerCriteria.offers", value=len(ids))
    return wish, list(ids)


def _task(call: Call, offer_id: str, wish: Wish) -> Task:
    """Judged at once, done when the command is due."""
    action = wish["action"]
    offer = call.world.offers.find(offer_id, call.owner.id)
    if offer is None:
        metadata = {"offerId": offer_id}
        return Task(offer_id, (finding("OfferNotFoundException", None, metadata=metadata).problem,))
    found = _obstacles(call, offer, action)
    if not found and not (action == "ACTIVATE" and offer.status == "ACTIVE"):
        begin(call, offer, _activation(offer, wish) if action == "ACTIVATE" else Change(status="ENDED"))
    return Task(offer_id, tuple(found))


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
    return answer(_found(call, command_id).report(call.now))


@room.route("GET", f"{ADDRESS}/tasks", scope="sale:offers:write")
def list_tasks(call: Call, command_id: str) -> Response:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", 100, 1, 1000)
    offset = call.whole_number("offset", 0, 0, 999)
    command = _found(call, command_id)
    done = call.now >= command.due_at
    tasks = [_task_json(task, call.language, done=done) for task in command.tasks]
    return answer({"tasks": tasks[offset : offset + limit]})


def _task_json(task: Task, language: str, *, done: bool) -> Mapping[str, Any]:
    errors = [problem.as_json(language) for problem in task.problems] if done else []
    status = "NEW" if not done else "FAIL" if errors else "SUCCESS"
    return {
        "offer": {"id": task.offer_id},
        "field": "publication.status",
        "message": errors[0]["message"] if errors else "",
        "status": status,
        "errors": errors,
    }


def _found(call: Call, command_id: str) -> Command:
    command = call.world.offers.commands.get(command_id)
    if (
        not isinstance(command, Command)
        or command.seller_id != call.owner.id
        or call.now - command.created_at > KEPT
    ):
        raise refusal(404, "COMMAND_NOT_FOUND", call.request.path, name=command_id)
    return command
