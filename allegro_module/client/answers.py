"""An answer of Allegro: read into a payload, or into the error it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from allegro_module.client.errors import (
    AllegroError,
    Busy,
    Exchange,
    NotConnected,
    Objection,
    Reason,
    Refused,
    Unavailable,
    Unexpected,
)
from allegro_module.client.payloads import Payload, decode
from allegro_module.client.scopes import scope_of

T = TypeVar("T")

#: Over the limit of requests the whole application is blocked for a minute (facts.md 3.1).
BLOCKED_FOR = timedelta(seconds=60)
REFUSALS = frozenset({400, 404, 410, 413, 422})
#: Too early, or given up waiting for us: worth another try.
TRY_AGAIN = frozenset({408, 425})
READS = frozenset({"GET", "HEAD"})
BUSY_CODES = frozenset({"OfferConflictException"})
SCOPE_CODES = frozenset({"accessdenied", "accessdeniedexception", "insufficientscope"})


@dataclass(frozen=True, slots=True)
class Answer:
    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime | None = None

    @property
    def at(self) -> Exchange:
        return Exchange(self.method, self.path, self.status, self.headers.get("trace-id"))

    @property
    def location(self) -> str | None:
        return self.headers.get("location")

    @property
    def retry_after(self) -> timedelta | None:
        """Seconds, or a date, which counts from the answer's own date; None when it is neither."""
        wanted = self.headers.get("retry-after", "").strip()
        if wanted.isdecimal():
            return timedelta(seconds=int(wanted))
        until, since = read_date(wanted), read_date(self.headers.get("date", "")) or self.received_at
        return max(until - since, timedelta(0)) if until and since else None

    def part(self, raw: msgspec.Raw) -> Answer:
        """The same answer as if it held only this piece of its body."""
        return replace(self, body=bytes(raw))

    def read(self, kind: type[T]) -> T:
        """Raises Unexpected; its detail names the place in the answer, never the value."""
        try:
            return decode(self.body, kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as unreadable:
            raise Unexpected(_place_only(unreadable), at=self.at) from None


class ErrorPayload(Payload, frozen=True):
    code: str | None = None
    message: str | None = None
    path: str | None = None
    user_message: str | None = None
    details: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def objection(self) -> Objection:
        return Objection(
            code=self.code or "UNKNOWN",
            message=self.message,
            path=self.path,
            user_message=self.user_message,
            details=self.details,
            metadata={key: _as_text(value) for key, value in (self.metadata or {}).items()},
        )


class ErrorBody(Payload, frozen=True):
    """Both shapes at once: `errors[]` of the resources, `error` of the OAuth server (facts.md 2.8, 4.1)."""

    errors: tuple[ErrorPayload, ...] | None = None
    error: str | None = None
    error_description: str | None = msgspec.field(default=None, name="error_description")


def error_body(answer: Answer) -> ErrorBody:
    """Empty when the body is not one of Allegro's, such as the page of a gateway."""
    try:
        return decode(answer.body, ErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ErrorBody()


def error_of(answer: Answer) -> AllegroError:
    """What an answer that is not the wanted one means for the caller."""
    status = answer.status
    body = error_body(answer)
    if status == 429 or status in TRY_AGAIN or status >= 500:
        return _unavailable(answer, body)
    if status == 401:
        return NotConnected(Reason.TOKEN_REFUSED, at=answer.at)
    objections = _objections(answer, body)
    if status == 409 or any(objection.code in BUSY_CODES for objection in objections):
        return Busy(objections[0].code, at=answer.at)
    if status == 403:
        return _no_access(answer, body, objections)
    if status in REFUSALS:
        return Refused(objections, at=answer.at)
    return Unexpected(objections[0].code, at=answer.at)


def refused(answer: Answer) -> Refused:
    """For a 409 that does not pass by itself."""
    return Refused(_objections(answer, error_body(answer)), at=answer.at)


def _unavailable(answer: Answer, body: ErrorBody) -> Unavailable:
    is_limit = answer.status == 429
    return Unavailable(
        _objections(answer, body)[0].code,
        retry_after=answer.retry_after or (BLOCKED_FOR if is_limit else None),
        is_sure_nothing_happened=is_limit or answer.method in READS,
        at=answer.at,
    )


def _no_access(answer: Answer, body: ErrorBody, objections: tuple[Objection, ...]) -> AllegroError:
    """A missing scope is mended by connecting again; wrong owner, account type or service is not."""
    denied = [each for each in objections if each.code.lower().replace("_", "") in SCOPE_CODES]
    if not denied:
        return Refused(objections, at=answer.at)
    words = " ".join(filter(None, [each.message or each.details for each in denied]))
    named = re.search(r"allegro:api:[\w:]+", f"{words} {answer.headers.get('www-authenticate', '')}")
    scope = named.group() if named else scope_of(answer.method, answer.path)
    return NotConnected(Reason.SCOPE_MISSING, scope or "", scope=scope, at=answer.at)


def _objections(answer: Answer, body: ErrorBody) -> tuple[Objection, ...]:
    """Never empty."""
    if body.errors:
        return tuple(error.objection for error in body.errors)
    if body.error:
        return (Objection(body.error, body.error_description),)
    return (Objection(f"HTTP_{answer.status}", _phrase(answer.status)),)


def _phrase(status: int) -> str | None:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def read_date(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place_only(unreadable: Exception) -> str:
    """Drop quoted values: a buyer's name may stand where we expected a number."""
    return re.sub(r"'[^']*'", "'…'", str(unreadable))
