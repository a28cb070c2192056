"""Installation: the number by which the support tells one shop from another."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from allegro_module.db.base import Base, UtcDateTime

#: Without letters and digits that are mistaken for each other on the phone.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Installation(Base):
    """One row."""

    __tablename__ = "allegro_installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def installation_number(session: Session) -> str | None:
    """None before anything was linked."""
    return session.scalar(select(Installation.number))


def give_number(session: Session, now: datetime) -> str:
    """The number, made at the first call. Leaves the commit to the caller."""
    if (known := installation_number(session)) is not None:
        return known
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(8))
    try:
        with session.begin_nested():
            session.add(Installation(id=1, number=f"{drawn[:4]}-{drawn[4:]}", created_at=now))
    except IntegrityError:
        # Another page has just made it.
        pass
    return installation_number(session) or ""
