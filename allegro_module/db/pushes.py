"""Pushes: rows that say what Allegro is to be told, written in the transaction of whoever wants it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    and_,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, BigKey, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.db.orders import Order
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.pushes import OPEN_PUSHES, PushKind, PushState


class Push(Base):
    """`payload` by kind: {"status", "is_from_shop"}, {"carrier_id", "carrier_name", "waybill",
    "line_item_ids"} or {"number", "file_name", "verification"}.

    One that is DONE and still has `next_try_at` is an invoice whose file Allegro has yet to accept.
    """

    __tablename__ = "allegro_push"
    __table_args__ = (
        Index("ix_allegro_push_due", "state", "next_try_at"),
        Index("ix_allegro_push_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey(Order.id))
    kind: Mapped[PushKind] = mapped_column(String(10))
    state: Mapped[PushState] = mapped_column(String(10), default=PushState.WAITING)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The PDF of an invoice.
    document: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    #: What Allegro calls it: the id of the shipment or the invoice, kept as soon as it is known.
    remote_id: Mapped[str] = mapped_column(String(255), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it is not done yet, in Allegro's words or a code of ours; no personal data.
    trouble: Mapped[str] = mapped_column(String(500), default="")
    trace_id: Mapped[str] = mapped_column(String(100), default="")
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def list_pushes(session: Session, order_id: int) -> Sequence[Push]:
    """Newest first."""
    return session.scalars(select(Push).where(Push.order_id == order_id).order_by(Push.id.desc())).all()


def list_pushes_of_kind(session: Session, order_id: int, kind: PushKind) -> Sequence[Push]:
    """Oldest first, as they stand in the database now."""
    return session.scalars(
        select(Push)
        .where(Push.order_id == order_id, Push.kind == kind)
        .order_by(Push.id)
        .execution_options(populate_existing=True)
    ).all()


def drop_needless(session: Session, order_id: int, kind: PushKind) -> None:
    """What waits or was refused is not sent any more; one under way is not held up."""
    session.execute(
        update(Push)
        .where(
            Push.order_id == order_id,
            Push.kind == kind,
            Push.state.in_((PushState.WAITING, PushState.REFUSED)),
        )
        .values(state=PushState.DROPPED, next_try_at=None)
    )


def has_refused_pushes(session: Session, order_id: int) -> bool:
    statement = select(Push.id).where(Push.order_id == order_id, Push.state == PushState.REFUSED)
    return session.scalar(statement.limit(1)) is not None


def list_due_pushes(
    session: Session,
    now: datetime,
    account_id: int,
    order_ids: Collection[int] | None = None,
    *,
    after_id: int = 0,
    waits_its_turn: bool = True,
    limit: int = 200,
) -> Sequence[int]:
    """Oldest first, those that somebody works on among them: he may have died."""
    statement = select(Push.id).where(
        Push.account_id == account_id, _is_due(now, waits_its_turn), Push.id > after_id
    )
    if order_ids is not None:
        statement = statement.where(Push.order_id.in_(order_ids))
    return session.scalars(statement.order_by(Push.id).limit(limit)).all()


def has_due_pushes(session: Session, now: datetime) -> bool:
    """Of any working account; also one whose sender may have died."""
    statement = (
        select(Push.id)
        .join(Account, Account.id == Push.account_id)
        .where(_is_due(now), Account.is_enabled, Account.state == LinkState.CONNECTED)
    )
    return session.scalar(statement.limit(1)) is not None


def _is_due(now: datetime, waits_its_turn: bool = True) -> ColumnElement[bool]:
    """Without waiting its turn: back-offs do not count, but a moment before which it must not go does."""
    has_come = Push.next_try_at <= now
    is_open = or_(Push.next_try_at.is_(None), has_come)
    if not waits_its_turn:
        is_open = or_(is_open, Push.tries > 0, Push.trouble != "")
    return or_(
        and_(Push.state.in_(OPEN_PUSHES), is_open),
        and_(Push.state == PushState.DONE, has_come),
    )


def claim_push(
    session: Session,
    push_id: int,
    claim: str,
    now: datetime,
    until: datetime,
    *,
    waits_its_turn: bool = True,
) -> bool:
    """Take the push for work if it is due, as the first statement of a transaction.

    A status waits for an earlier one of the same order: they would overtake each other.
    """
    free_if_dead(session, Push.claim, push_id)
    earlier = aliased(Push)
    is_overtaking = exists().where(
        earlier.order_id == Push.order_id,
        earlier.kind == Push.kind,
        earlier.kind == PushKind.STATUS,
        earlier.id < Push.id,
        earlier.state.in_(OPEN_PUSHES),
    )
    return changes_one_row(
        session,
        update(Push)
        .where(
            Push.id == push_id,
            _is_due(now, waits_its_turn),
            or_(Push.claim.is_(None), Push.claimed_until < now),
            ~is_overtaking,
        )
        .values(claim=claim, claimed_until=until),
    )


def keep_push(session: Session, push_id: int, claim: str, until: datetime) -> bool:
    """Prolong our claim as the first statement of a transaction: False when somebody took over."""
    return changes_one_row(
        session, update(Push).where(Push.id == push_id, Push.claim == claim).values(claimed_until=until)
    )


def has_later_wish(session: Session, push: Push) -> bool:
    """Another status was asked for since."""
    statement = select(Push.id).where(
        Push.order_id == push.order_id,
        Push.kind == push.kind,
        Push.id > push.id,
        Push.state.in_(OPEN_PUSHES),
    )
    return session.scalar(statement.limit(1)) is not None
