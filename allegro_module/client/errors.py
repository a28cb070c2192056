"""The five things that can go wrong when we talk to Allegro, one for each thing a caller can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which request went wrong; Allegro's support asks for the trace-id with each report."""

    method: str = ""
    path: str = ""
    status: int | None = None
    trace_id: str | None = None

    def __str__(self) -> str:
        answered = "no answer" if self.status is None else str(self.status)
        traced = f", trace-id {self.trace_id}" if self.trace_id else ""
        return f"{self.method} {self.path}: {answered}{traced}"


NOWHERE = Exchange()


@dataclass(frozen=True, slots=True)
class Objection:
    """One entry of `errors[]`; any text may be missing (facts.md 4.1, allegro-api #3652)."""

    code: str
    message: str | None = None
    path: str | None = None
    user_message: str | None = None
    details: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The best words for a person."""
        return self.user_message or self.message or self.code


class AllegroError(Exception):
    """Allegro did not do what was asked"""

    def __init__(self, detail: str = "", *, at: Exchange = NOWHERE) -> None:
        super().__init__(detail)
        self.detail = detail
        self.at = at

    def __str__(self) -> str:
        where = f" ({self.at})" if self.at.method else ""
        what = f": {self.detail}" if self.detail else ""
        return f"{self.headline}{where}{what}"

    @property
    def headline(self) -> str:
        return (type(self).__doc__ or type(self).__name__).splitlines()[0]

    @property
    def method(self) -> str:
        return self.at.method

    @property
    def path(self) -> str:
        return self.at.path

    @property
    def status(self) -> int | None:
        return self.at.status

    @property
    def trace_id(self) -> str | None:
        return self.at.trace_id


class Reason(StrEnum):
    NO_TOKEN = "no_token"  # noqa: S105
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    SCOPE_MISSING = "scope_missing"
    BAD_CLIENT = "bad_client"
    #: An application for browsers asked as one for devices, or the reverse.
    WRONG_KIND = "wrong_kind"
    CONSENT = "consent"
    #: The stored tokens cannot be opened: their key is missing from ALLEGRO_ENCRYPTION_KEYS.
    KEY_MISSING = "key_missing"
    OTHER = "other"


class NotConnected(AllegroError):
    """The account is not connected to Allegro"""

    def __init__(
        self,
        reason: Reason = Reason.NO_TOKEN,
        detail: str = "",
        *,
        scope: str | None = None,
        at: Exchange = NOWHERE,
    ) -> None:
        super().__init__(detail or reason, at=at)
        self.reason = reason
        self.scope = scope

    @property
    def headline(self) -> str:
        if self.reason is Reason.SCOPE_MISSING:
            return "The seller has not granted the scope that this needs"
        return super().headline

    @classmethod
    def no_token(cls) -> NotConnected:
        """The account was never linked, or its link is known to be broken."""
        return cls(Reason.NO_TOKEN)


class Refused(AllegroError):
    """Allegro refuses"""

    def __init__(self, objections: Sequence[Objection] = (), *, at: Exchange = NOWHERE) -> None:
        super().__init__(", ".join(objection.code for objection in objections), at=at)
        self.objections = tuple(objections)
        # What pickle hands to the constructor again.
        self.args = (self.objections,)

    @property
    def is_missing(self) -> bool:
        """Not there, archived, or somebody else's."""
        return self.status == 404


class Busy(AllegroError):
    """Something changed or is still changing on Allegro; read again and repeat"""


class Unavailable(AllegroError):
    """Allegro cannot be reached

    `is_sure_nothing_happened` is False when a write may have had its effect although we saw no good answer.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after: timedelta | None = None,
        is_sure_nothing_happened: bool = False,
        at: Exchange = NOWHERE,
    ) -> None:
        super().__init__(detail, at=at)
        self.retry_after = retry_after
        self.is_sure_nothing_happened = is_sure_nothing_happened


class Unexpected(AllegroError):
    """Allegro answered something this program does not understand"""
