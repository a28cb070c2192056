"""Bad days of the network, by name: an answer lost, a connection reset, a status, a delay, a spoilt body."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

# Pages of people and our own ones: neither the api nor the OAuth server.
BESIDE_ALLEGRO = ("/_", "/img/", "/skojarz-aplikacje", "/uzytkownik/", "/oferta/")


class Kind(StrEnum):
    STATUS = "status"
    DELAY = "delay"
    LOSE_ANSWER = "lose_answer"
    RESET = "reset"
    MALFORMED = "malformed"
    # The head promises the whole body, the connection ends in the middle of it.
    CUT = "cut"
    # Ten megabytes of the right JSON with a member that nobody asked for.
    HUGE = "huge"
    # The access token of the caller is refused from here on, until it is renewed.
    TOKEN_DIES = "token_dies"


class ConnectionBroken(ConnectionResetError):
    """The connection ends without an answer."""


@dataclass
class Fault:
    """What befalls the next `times` requests of a route.

    `route` is "METHOD /path" with `{name}` for any one segment, or `*` for every request of the api and
    the OAuth server. The first `skip` requests go well; with `until` it lasts by the clock, however often.
    """

    route: str
    kind: Kind
    times: int = 1
    status: int = 503
    seconds: float = 1.0
    retry_after: int | None = None
    skip: int = 0
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.times <= 0 if self.until is None else now >= self.until

    def befalls(self, method: str, path: str) -> bool:
        if self.route == "*":
            return path != "/" and not path.startswith(BESIDE_ALLEGRO)
        wanted_method, _, wanted_path = self.route.partition(" ")
        return wanted_method in (method, "*") and _same_path(wanted_path, path)

    def as_json(self) -> dict[str, object]:
        return {
            "route": self.route,
            "kind": self.kind,
            "times": self.times,
            "status": self.status,
            "seconds": self.seconds,
            "skip": self.skip,
            "until": self.until and self.until.isoformat(),
        }


def _same_path(wanted: str, path: str) -> bool:
    parts, actual = wanted.split("/"), path.split("/")
    return len(parts) == len(actual) and all(
        part == there or (part.startswith(("{", "<")) and there != "")
        for part, there in zip(parts, actual, strict=True)
    )


@dataclass
class Faults:
    """The faults that wait, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, route: str, kind: Kind | str, **details: Any) -> Fault:
        fault = Fault(route, Kind(kind), **details)
        self.waiting.append(fault)
        return fault

    def status(self, route: str, status: int, times: int = 1, retry_after: int | None = None) -> None:
        """Answer with this status; nothing happens."""
        self.add(route, Kind.STATUS, status=status, times=times, retry_after=retry_after)

    def delay(self, route: str, seconds: float, times: int = 1) -> None:
        """Wait in real time, then go on as usual."""
        self.add(route, Kind.DELAY, seconds=seconds, times=times)

    def lose_answer(self, route: str, times: int = 1) -> None:
        """Do what was asked, then break the connection."""
        self.add(route, Kind.LOSE_ANSWER, times=times)

    def reset(self, route: str, times: int = 1) -> None:
        """Break the connection before anything is done."""
        self.add(route, Kind.RESET, times=times)

    def malformed(self, route: str, times: int = 1) -> None:
        """Do what was asked, then send half of the body."""
        self.add(route, Kind.MALFORMED, times=times)

    def outage(self, route: str, seconds: float, now: datetime, status: int = 503) -> None:
        """Answer with this status for so long by the simulated clock."""
        self.add(route, Kind.STATUS, status=status, until=now + timedelta(seconds=seconds))

    def clear(self) -> None:
        self.waiting.clear()

    def claim(self, method: str, path: str, now: datetime) -> list[Fault]:
        """Use up what befalls this request: every delay that waits, and one other fault."""
        claimed: list[Fault] = []
        self.waiting = [fault for fault in self.waiting if not fault.is_over(now)]
        for fault in self.waiting:
            if fault.befalls(method, path) and (
                fault.kind is Kind.DELAY or not any(f.kind is not Kind.DELAY for f in claimed)
            ):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                claimed.append(fault)
        self.waiting = [fault for fault in self.waiting if not fault.is_over(now)]
        return claimed
