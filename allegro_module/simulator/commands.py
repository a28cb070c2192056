"""What commands over many offers have in common: the caller's UUID, counters, a task for each offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response

from allegro_module.simulator.findings import finding, refusal
from allegro_module.simulator.http import Call, Members, Problem, answer, iso

MOST_OFFERS = 1000
KEPT = timedelta(days=7)
CRITERIA: Members = {"offers": {"id": None}, "type": None}


@dataclass(frozen=True)
class Task:
    """What the command does to one offer; problems mean that it fails."""

    offer_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Command:
    """`field` is what it changes; `kind` tells which resource knows it."""

    id: str
    seller_id: str
    created_at: datetime
    due_at: datetime
    tasks: tuple[Task, ...]
    kind: str = "publication"
    field: str = "publication.status"

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


def check_new(call: Call, command_id: str) -> None:
    """Only companies give commands, each under a UUID of its own."""
    if not call.owner.is_company:
        raise refusal(403, "OfferAccessDeniedException", call.request.path)
    if not _is_uuid(command_id):
        raise refusal(422, "InvalidCommandIdException", call.request.path, value=command_id)
    if command_id in call.world.offers.commands:
        raise refusal(409, "CommandIdAlreadyUsedException", call.request.path)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def offer_ids(criteria: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The offers named, each once."""
    ids: dict[str, None] = {}
    for criterion in criteria or ():
        if criterion.get("type") != "CONTAINS_OFFERS":
            raise refusal(400, "VALIDATION_FAILED", "offerCriteria.type", value=criterion.get("type"))
        ids |= dict.fromkeys(str(offer.get("id")) for offer in criterion.get("offers") or ())
    if not 1 <= len(ids) <= MOST_OFFERS:
        raise refusal(422, "VALIDATION_FAILED", "offerCriteria.offers", value=len(ids))
    return list(ids)


def unknown_offer(offer_id: str) -> Task:
    metadata = {"offerId": offer_id}
    return Task(offer_id, (finding("OfferNotFoundException", None, metadata=metadata).problem,))


def registered(call: Call, command: Command) -> Response:
    call.world.offers.commands[command.id] = command
    return answer(command.report(call.now), 201)


def found(call: Call, command_id: str, kind: str) -> Command:
    command = call.world.offers.commands.get(command_id)
    if (
        not isinstance(command, Command)
        or (command.seller_id, command.kind) != (call.owner.id, kind)
        or call.now - command.created_at > KEPT
    ):
        raise refusal(404, "COMMAND_NOT_FOUND", call.request.path, name=command_id)
    return command


def tasks_answer(call: Call, command: Command) -> Response:
    call.only_query(("limit", "offset"))
    limit = call.whole_number("limit", 100, 1, 1000)
    offset = call.whole_number("offset", 0, 0, 999)
    done = call.now >= command.due_at
    tasks = [_task_json(task, command.field, call.language, done=done) for task in command.tasks]
    return answer({"tasks": tasks[offset : offset + limit]})


def _task_json(task: Task, field: str, language: str, *, done: bool) -> Mapping[str, Any]:
    errors = [problem.as_json(language) for problem in task.problems] if done else []
    status = "NEW" if not done else "FAIL" if errors else "SUCCESS"
    return {
        "offer": {"id": task.offer_id},
        "field": field,
        "message": errors[0]["message"] if errors else "",
        "status": status,
        "errors": errors,
    }
