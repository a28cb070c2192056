"""Prints: documents of one or many orders, made by a job, kept for a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import JSON, Index, LargeBinary, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.base import Base, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.db.orders import Order
from allegro_module.domain.prints import OPEN_STATES, PrintState

#: The key's column is a plain integer.
LARGEST_ID = 2**31 - 1
#: Prints hold buyers' names and addresses: no longer than the packing takes.
KEPT = timedelta(days=1)


class NoSuchPrint(LookupError):
    """There is no such print, or it has been thrown away."""


class Print(Base):
    """`kind` and `state`: see `domain/prints.py`. `left_out`: order numbers with a code why ("held", …)."""

    __tablename__ = "allegro_print"
    __table_args__ = (Index("ix_allegro_print_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    order_ids: Mapped[list[int]] = mapped_column(JSON)
    left_out: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12))
    done: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(300), default="")
    #: What stands on the paper, as JSON (`prints/papers.py`): the PDF and the page are made of it.
    paper: Mapped[str | None] = deferred(mapped_column(Text))
    document: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    #: The address at which the seller reached the list of orders: QR codes lead below it.
    orders_url: Mapped[str] = mapped_column(String(300), default="")
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(100), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def find_print(session: Session, print_id: int) -> Print | None:
    return session.get(Print, print_id) if 0 < print_id <= LARGEST_ID else None


def get_print(session: Session, print_id: int) -> Print:
    """Raises NoSuchPrint."""
    found = find_print(session, print_id)
    if found is None:
        raise NoSuchPrint(print_id)
    return found


def claim_print(session: Session, print_id: int, claim: str, now: datetime, until: datetime) -> bool:
    """Take a print that is not made yet and that nobody, or a dead process, works on.

    Call it at the start of a transaction: what was open before is rolled back.
    """
    free_if_dead(session, Print.claim, print_id)
    is_free = or_(Print.claim.is_(None), Print.claimed_until < now)
    statement = update(Print).where(Print.id == print_id, Print.state.in_(OPEN_STATES), is_free)
    return changes_one_row(
        session, statement.values(claim=claim, claimed_until=until, state=PrintState.MAKING)
    )


def keep_print(session: Session, print_id: int, claim: str, until: datetime) -> bool:
    """Prolong the claim; False when another has taken the print over."""
    statement = update(Print).where(Print.id == print_id, Print.claim == claim)
    return changes_one_row(session, statement.values(claimed_until=until))


def list_orders_to_print(session: Session, ids: Sequence[int]) -> list[Order]:
    """In the order of the ids; ids of no order are left out."""
    found = {order.id: order for order in session.scalars(select(Order).where(Order.id.in_(ids)))}
    return [found[each] for each in dict.fromkeys(ids) if each in found]
