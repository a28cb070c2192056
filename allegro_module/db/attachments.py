"""Files that belong to offers and terms: safety information, guarantees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.domain.accounts import LinkState


class Attachment(Base):
    """Kept once per account, kind and content; `allegro_id` once it was declared there, used again by id."""

    __tablename__ = "allegro_attachment"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "sha256"),
        Index("ix_allegro_attachment_due", "uploaded_at", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    #: Allegro's type: SAFETY_INFORMATION_MANUAL, …, or WARRANTY for a guarantee's PDF.
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    #: Dropped once Allegro has it.
    data: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    allegro_id: Mapped[str | None] = mapped_column(String(64))
    upload_url: Mapped[str] = mapped_column(String(500), default="")
    uploaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(500), default="")
    is_refused: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")


def find_attachment(session: Session, account_id: int, kind: str, sha256: str) -> Attachment | None:
    return session.scalars(
        select(Attachment).where(
            Attachment.account_id == account_id, Attachment.kind == kind, Attachment.sha256 == sha256
        )
    ).one_or_none()


def list_attachments(session: Session, ids: Collection[int]) -> Sequence[Attachment]:
    """Without their bytes."""
    return session.scalars(select(Attachment).where(Attachment.id.in_(ids))).all()


def list_due_attachments(
    session: Session, now: datetime, account_id: int, ids: Collection[int] | None = None
) -> Sequence[int]:
    """Those somebody works on among them: he may have died. With `ids` only these, whatever their turn."""
    statement = select(Attachment.id).where(Attachment.account_id == account_id)
    if ids is None:
        statement = statement.where(_is_due(now))
    else:
        statement = statement.where(Attachment.id.in_(ids), _is_open())
    return session.scalars(statement.order_by(Attachment.id)).all()


def has_due_attachments(session: Session, now: datetime) -> bool:
    statement = (
        select(Attachment.id)
        .join(Account, Account.id == Attachment.account_id)
        .where(_is_due(now), Account.is_enabled, Account.state == LinkState.CONNECTED)
    )
    return session.scalar(statement.limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return _is_open() & or_(Attachment.next_try_at.is_(None), Attachment.next_try_at <= now)


def _is_open() -> ColumnElement[bool]:
    return Attachment.uploaded_at.is_(None) & Attachment.is_refused.is_(False)


def claim_attachment(
    session: Session, attachment_id: int, claim: str, now: datetime, until: datetime
) -> bool:
    """Take it for uploading, as the first statement of a transaction."""
    free_if_dead(session, Attachment.claim, attachment_id)
    return changes_one_row(
        session,
        update(Attachment)
        .where(
            Attachment.id == attachment_id,
            _is_open(),
            or_(Attachment.claim.is_(None), Attachment.claimed_until < now),
        )
        .values(claim=claim, claimed_until=until),
    )


def keep_attachment(session: Session, attachment_id: int, claim: str, until: datetime) -> bool:
    """Prolong our claim as the first statement of a transaction: False when somebody took over."""
    return changes_one_row(
        session,
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.claim == claim)
        .values(claimed_until=until),
    )
