"""Attempts to link an account: off to the consent page, or waiting for a code typed on another device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.accounts import Account, Application
from allegro_module.db.base import Base, BigKey, UtcDateTime, changes_one_row


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
    #: PKCE verifier, or device code.
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
    return session.scalars(select(LinkAttempt).where(LinkAttempt.state_hash == state_hash)).one_or_none()


def claim_link_attempt(session: Session, state_hash: str, now: datetime) -> bool:
    """Use up the attempt: True for the first caller only."""
    return changes_one_row(
        session,
        update(LinkAttempt)
        .where(LinkAttempt.state_hash == state_hash, LinkAttempt.used_at.is_(None))
        .values(used_at=now),
    )
