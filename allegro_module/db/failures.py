"""Failure: an item set aside, why, and how often it was tried."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime

#: Of what Allegro sent; a form takes a few kilobytes.
LONGEST_DATA = 200_000


class Failure(Base):
    """`subject` is the id of the item at Allegro; `reason` holds no personal data."""

    __tablename__ = "allegro_failure"
    __table_args__ = (UniqueConstraint("account_id", "kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(String(500))
    tries: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What Allegro sent, for *pokaż dane*; wiped when the failure is resolved.
    data: Mapped[str | None] = deferred(mapped_column(Text))


def find_failure(session: Session, account_id: int, kind: str, subject: str) -> Failure | None:
    return session.scalars(
        select(Failure).where(
            Failure.account_id == account_id, Failure.kind == kind, Failure.subject == subject
        )
    ).one_or_none()


def set_aside(
    session: Session,
    account_id: int,
    kind: str,
    subject: str,
    reason: str,
    now: datetime,
    next_try_at: datetime,
    begins_anew: bool = False,
    data: str | None = None,
) -> Failure:
    """Remember the item, or count one more try of it unless this is another trouble than before."""
    failure = find_failure(session, account_id, kind, subject)
    if failure is None:
        failure = Failure(account_id=account_id, kind=kind, subject=subject, first_at=now, tries=0)
        session.add(failure)
    elif begins_anew:
        failure.first_at, failure.tries = now, 0
    # PostgreSQL keeps no NUL, and a shop may quote anything.
    failure.reason = reason.replace("\0", "")[:500]
    failure.tries += 1
    failure.last_at = now
    failure.next_try_at = next_try_at
    failure.resolved_at = None
    if data is not None:
        failure.data = data.replace("\0", "")[:LONGEST_DATA]
    return failure


def resolve(session: Session, account_id: int, kind: str, subjects: Collection[str], now: datetime) -> None:
    """These went well in the end."""
    session.execute(
        update(Failure)
        .where(
            Failure.account_id == account_id,
            Failure.kind == kind,
            Failure.subject.in_(subjects),
            Failure.resolved_at.is_(None),
        )
        .values(resolved_at=now, next_try_at=None, data=None),
        execution_options={"synchronize_session": False},
    )


def list_open_failures(session: Session, account_id: int | None = None) -> Sequence[Failure]:
    statement = select(Failure).where(Failure.resolved_at.is_(None)).order_by(Failure.last_at.desc())
    if account_id is not None:
        statement = statement.where(Failure.account_id == account_id)
    return session.scalars(statement.limit(200)).all()


def list_due_failures(session: Session, account_id: int, kind: str, now: datetime) -> Sequence[Failure]:
    return session.scalars(
        select(Failure)
        .where(
            Failure.account_id == account_id,
            Failure.kind == kind,
            Failure.resolved_at.is_(None),
            Failure.next_try_at <= now,
        )
        .order_by(Failure.next_try_at)
        .limit(100)
    ).all()


def list_open_subjects(session: Session, account_id: int, kind: str) -> Sequence[str]:
    return session.scalars(
        select(Failure.subject).where(
            Failure.account_id == account_id, Failure.kind == kind, Failure.resolved_at.is_(None)
        )
    ).all()
