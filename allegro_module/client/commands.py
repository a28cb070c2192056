"""Changes of many offers by one command, whose UUID is ours (facts.md 6.9)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from allegro_module.client.answers import ErrorPayload
from allegro_module.client.errors import Objection
from allegro_module.client.payloads import Id, OpenEnum, Payload
from allegro_module.client.transport import Request, Transport, path_to

MODIFICATION = "/sale/offer-modification-commands/{}"
#: In one command, and in one page of its tasks.
MOST_OFFERS = 1000
#: The UUID was used before: whatever it stood for has been taken.
CONFLICT = 409


class Delivery(Payload, frozen=True, omit_defaults=True):
    shipping_rates: Id | None = None
    handling_time: str | None = None


class SafetyText(Payload, frozen=True, tag_field="type", tag="TEXT"):
    """Plain, 1 to 5000 characters."""

    description: str


class Modification(Payload, frozen=True, omit_defaults=True):
    """One of these per command; of a set of products the first one is changed."""

    delivery: Delivery | None = None
    responsible_producer: Id | None = None
    responsible_person: Id | None = None
    safety_information: SafetyText | None = None


class _Criterion(Payload, frozen=True):
    offers: Sequence[Id]
    type: str = "CONTAINS_OFFERS"


class _Command(Payload, frozen=True):
    modification: Modification
    offer_criteria: Sequence[_Criterion]


class TaskCount(Payload, frozen=True):
    failed: int | None = 0
    success: int | None = 0
    total: int | None = 0


class CommandReport(Payload, frozen=True):
    """All counts are zero at first, although the command was taken (allegro-api #2067, #1715)."""

    id: str | None = None
    task_count: TaskCount | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        """Succeeded, failed, total."""
        count = self.task_count or TaskCount()
        return count.success or 0, count.failed or 0, count.total or 0

    @property
    def is_finished(self) -> bool:
        succeeded, failed, total = self.counts
        return 0 < total <= succeeded + failed


class TaskStatus(OpenEnum):
    NEW = "NEW"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class CommandTask(Payload, frozen=True):
    """What became of one offer; `message` is the reason in general, `errors` in particular."""

    offer: Id
    status: TaskStatus = TaskStatus.UNKNOWN
    message: str | None = None
    errors: tuple[ErrorPayload, ...] | None = ()

    @property
    def objections(self) -> tuple[Objection, ...]:
        """Never empty for a task that failed."""
        found = tuple(error.objection for error in self.errors or ())
        if found or self.status is not TaskStatus.FAIL:
            return found
        return (Objection("COMMAND_TASK_FAILED", self.message or None),)


class _Tasks(Payload, frozen=True):
    tasks: tuple[CommandTask, ...] | None = ()


class CommandsResource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def modify(self, command_id: str, modification: Modification, offer_ids: Sequence[str]) -> bool:
        """`PUT /sale/offer-modification-commands/{uuid}`: at most MOST_OFFERS.

        False when the UUID was used before: it may be sent as often as needed and is carried out once.
        """
        body = msgspec.json.encode(_Command(modification, [_Criterion([Id(each) for each in offer_ids])]))
        request = Request(
            "PUT", path_to(MODIFICATION, command_id), body=body, own_answers=frozenset({CONFLICT})
        )
        return self._transport.send(request).status != CONFLICT

    def report(self, command_id: str) -> CommandReport:
        """`GET …/{uuid}`. Refused with `is_missing` once the report is gone, after 7 days."""
        return self._transport.get(path_to(MODIFICATION, command_id), CommandReport)

    def tasks(self, command_id: str) -> tuple[CommandTask, ...]:
        """`GET …/{uuid}/tasks`: one page holds all that a command may have."""
        path = path_to(f"{MODIFICATION}/tasks", command_id)
        return self._transport.get(path, _Tasks, [("limit", MOST_OFFERS)]).tasks or ()
