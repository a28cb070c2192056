"""Check: one line of the connection test, as a value that can be stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.sealing import SealBroken


class Outcome(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    #: Could not be looked at; nobody here is to blame.
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """`code` says what was looked at, `found` how it is; their words are in `check_words.py`.

    A parameter whose name ends in `_at` is a time.
    """

    code: str
    outcome: Outcome
    found: str = "ok"
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_fine(self) -> bool:
        return self.outcome is Outcome.OK


def ok(code: str, found: str = "ok", **params: object) -> Check:
    return Check(code, Outcome.OK, found, _texts(params))


def warn(code: str, found: str, **params: object) -> Check:
    return Check(code, Outcome.WARN, found, _texts(params))


def bad(code: str, found: str, **params: object) -> Check:
    return Check(code, Outcome.BAD, found, _texts(params))


def skipped(code: str, found: str, **params: object) -> Check:
    return Check(code, Outcome.SKIPPED, found, _texts(params))


def of_trouble(code: str, trouble: AllegroError | SealBroken) -> Check:
    """What a call that failed says of what was to be looked at: never that the seller is wrong."""
    if isinstance(trouble, SealBroken) or is_sealed(trouble):
        return bad(code, "sealed")
    if isinstance(trouble, Unavailable):
        return skipped(code, "unavailable")
    if isinstance(trouble, NotConnected) and trouble.reason is Reason.SCOPE_MISSING:
        return skipped(code, "scope", scope=trouble.scope or "")
    if isinstance(trouble, NotConnected):
        return skipped(code, "no_access")
    return warn(code, "unexpected", where=trouble.at)


def is_sealed(trouble: object) -> bool:
    """The encryption key is missing: nobody was asked."""
    if isinstance(trouble, NotConnected):
        return trouble.reason is Reason.KEY_MISSING
    return isinstance(trouble, SealBroken)


def to_json(checks: Iterable[Check]) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "outcome": each.outcome.value, "found": each.found, "params": dict(each.params)}
        for each in checks
    ]


def from_json(stored: Iterable[Mapping[str, Any]]) -> list[Check]:
    return [Check(each["code"], Outcome(each["outcome"]), each["found"], each["params"]) for each in stored]


def count(checks: Sequence[Check], *outcomes: Outcome) -> int:
    return sum(check.outcome in outcomes for check in checks)


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
    }
