"""Attempts to link an account: off to the consent page, or waiting for a code typed on another device."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account, Application
from allegro_module.db.base import Base, BigKey, UtcDateTime, changes_one_row

#: What became of an attempt can be seen for a day.
ATTEMPTS_KEPT = timedelta(days=1)
#: No two questions to Allegro about a device lie further apart.
LONGEST_PAUSE = timedelta(minutes=2)
LINKED = "linked"
#: The code was not typed in time, or what it brought was lost: only a new attempt helps.
DEVICE_EXPIRED = "device_expired"


class LinkAttempt(Base):
    """A link under way: single use, bound to the browser session that began it.

    By code it lives ten minutes and waits for the callback; by device it lives as long as Allegro says and is
    polled until `outcome` says how it ended: "linked" or a code of `LinkFailed`.
    """

    __tablename__ = "allegro_link_attempt"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(Application.id))
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    #: PKCE verifier, or device code, in whose place come the tokens that it brought; "" at the end.
    sealed_verifier: Mapped[str] = mapped_column(Text)
    #: Empty for a device.
    redirect_uri: Mapped[str] = mapped_column(String(500))
    begun_by: Mapped[str] = mapped_column(String(100))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Of a device only.
    user_code: Mapped[str] = mapped_column(String(32), default="")
    verification_uri: Mapped[str] = mapped_column(String(500), default="")
    verification_uri_complete: Mapped[str] = mapped_column(String(500), default="")
    interval_seconds: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_poll_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(30), default="")
    linked_account_id: Mapped[int | None]

    @property
    def is_device(self) -> bool:
        return bool(self.user_code)


def find_link_attempt(session: Session, state_hash: str) -> LinkAttempt | None:
    """Of a browser: a device's attempt is never finished by a callback."""
    return session.scalars(
        select(LinkAttempt).where(LinkAttempt.state_hash == state_hash, LinkAttempt.user_code == "")
    ).one_or_none()


def list_open_device_attempts(session: Session) -> Sequence[int]:
    """Their ids, oldest first."""
    return session.scalars(
        select(LinkAttempt.id)
        .where(LinkAttempt.user_code != "", LinkAttempt.outcome == "")
        .order_by(LinkAttempt.id)
    ).all()


def find_latest_redirect_uri(session: Session) -> str | None:
    """Where Allegro last sent a seller back to: the panel's address as sellers reach it."""
    return session.scalars(
        select(LinkAttempt.redirect_uri)
        .where(LinkAttempt.redirect_uri != "")
        .order_by(LinkAttempt.id.desc())
        .limit(1)
    ).one_or_none()


def claim_link_attempt(session: Session, state_hash: str, now: datetime) -> bool:
    """Use up the attempt: True for the first caller only."""
    return changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.state_hash == state_hash, LinkAttempt.used_at.is_(None))
        .values(used_at=now),
    )


def claim_poll(session: Session, attempt_id: int, now: datetime, until: datetime) -> bool:
    """Become the one who asks Allegro: True when the attempt is open, it is time, and nobody else asks."""
    is_time = or_(
        LinkAttempt.next_poll_at <= now,
        # Planned by a clock that has been put back since.
        LinkAttempt.next_poll_at > now + LONGEST_PAUSE,
    )
    return changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.id == attempt_id, LinkAttempt.outcome == "", is_time)
        .values(next_poll_at=until),
    )


def plan_poll(session: Session, attempt_id: int, next_poll_at: datetime, slower_by: int = 0) -> None:
    changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.id == attempt_id, LinkAttempt.outcome == "")
        .values(next_poll_at=next_poll_at, interval_seconds=LinkAttempt.interval_seconds + slower_by),
    )


def keep_approval(session: Session, attempt_id: int, sealed_tokens: str, now: datetime) -> None:
    """The device code is used up: what it brought takes its place."""
    changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.id == attempt_id)
        .values(sealed_verifier=sealed_tokens, used_at=now, outcome=""),
    )


def end_device_attempt(session: Session, attempt_id: int, outcome: str) -> bool:
    """False when it had ended before."""
    return changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.id == attempt_id, LinkAttempt.outcome == "")
        .values(outcome=outcome, sealed_verifier=""),
    )


def forget_old_attempts(session: Session, now: datetime) -> None:
    session.execute(
        delete(LinkAttempt).where(LinkAttempt.begun_at < now - ATTEMPTS_KEPT),
        execution_options={"synchronize_session": False},
    )
