"""Selling terms of an account: our copy of what Allegro holds, and what the seller wants there instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column, relationship

from allegro_module.claims import LENGTH as CLAIM_LENGTH
from allegro_module.db.accounts import Account
from allegro_module.db.base import Base, UtcDateTime, changes_one_row, free_if_dead
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.alphabet import naturally
from allegro_module.domain.problems import Problem, from_json, to_json
from allegro_module.domain.terms import TermKind, TermState

__all__ = ["NoSuchTerm", "SellingTerm", "TermKind", "TermState", "find_term", "get_term", "list_terms"]


class NoSuchTerm(LookupError):
    """There are no such terms."""


class SellingTerm(Base):
    """`content`, `base` and `theirs` are shaped as the body we send for this kind.

    `base` is the last state both sides agreed on, None before it was read whole. `content` is what the seller
    wants, None while that is `base`. `theirs` is what Allegro held when it was found to differ from both.
    `allegro_id` is None until Allegro has made it.
    """

    __tablename__ = "allegro_selling_term"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "allegro_id"),
        Index("ix_allegro_selling_term_due", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    kind: Mapped[TermKind] = mapped_column(String(24))
    allegro_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    #: What the list of its kind says of it and choosing needs: marketplaces, is_managed_by_allegro, …
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="whole")
    base: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="whole")
    theirs: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)), group="whole")
    #: Allegro's own mark of the state that `base` (or `theirs`) shows; empty where it gives none.
    last_modified: Mapped[str] = mapped_column(String(40), default="")

    state: Mapped[TermState] = mapped_column(String(10), default=TermState.SAME)
    problems_json: Mapped[list[dict[str, Any]]] = mapped_column("problems", JSON, default=list)
    #: Why it has to wait without being the seller's to correct: a code or Allegro's words.
    trouble: Mapped[str] = mapped_column(String(500), default="")
    #: The intention of a creation: set and committed before it is sent, cleared when its outcome is known.
    create_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(CLAIM_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Hidden from choices: most of them cannot be deleted on Allegro (facts.md 8.2, 9).
    is_archived: Mapped[bool] = mapped_column(default=False)

    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    account: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def problems(self) -> list[Problem]:
        return [from_json(stored) for stored in self.problems_json]

    def remember_problems(self, problems: Sequence[Problem]) -> None:
        self.problems_json = [to_json(problem) for problem in problems]

    @property
    def known_id(self) -> str:
        """Allegro's id; empty until Allegro has made it."""
        return self.allegro_id or ""

    @property
    def is_managed(self) -> bool:
        """Kept by Allegro: usable in offers, not to be changed here (facts.md 8.2)."""
        return bool(self.details.get("is_managed_by_allegro"))

    @property
    def is_fulfillment(self) -> bool:
        return bool(self.details.get("is_fulfillment"))


def list_terms(session: Session, account_id: int, kind: TermKind | None = None) -> Sequence[SellingTerm]:
    """Those an offer may be given: on Allegro, and not hidden by the seller."""
    statement = select(SellingTerm).where(
        SellingTerm.account_id == account_id,
        SellingTerm.allegro_id.is_not(None),
        SellingTerm.state != TermState.GONE,
        SellingTerm.is_archived.is_(False),
    )
    if kind is not None:
        statement = statement.where(SellingTerm.kind == kind)
    return _in_order(session.scalars(statement))


# Made once, as every offer asks it.
_IDS = select(SellingTerm.kind, SellingTerm.allegro_id).where(
    SellingTerm.account_id == bindparam("account_id"),
    SellingTerm.allegro_id.is_not(None),
    SellingTerm.state != TermState.GONE,
    SellingTerm.is_archived.is_(False),
)


def ids_by_kind(session: Session, account_id: int) -> dict[str, set[str]]:
    """Allegro's ids of those that `list_terms` lists."""
    found: dict[str, set[str]] = {}
    for kind, allegro_id in session.connection().execute(_IDS, {"account_id": account_id}):
        found.setdefault(kind, set()).add(str(allegro_id))
    return found


def list_all_terms(
    session: Session, account_id: int, kinds: Collection[TermKind], *, with_archived: bool = True
) -> Sequence[SellingTerm]:
    """Whatever their state, new ones included; without their contents."""
    statement = select(SellingTerm).where(SellingTerm.account_id == account_id, SellingTerm.kind.in_(kinds))
    if not with_archived:
        statement = statement.where(SellingTerm.is_archived.is_(False))
    return _in_order(session.scalars(statement))


def _in_order(terms: Iterable[SellingTerm]) -> Sequence[SellingTerm]:
    return sorted(terms, key=lambda term: (term.kind, naturally(term.name), term.id))


def get_term(session: Session, term_id: int) -> SellingTerm:
    """Raises NoSuchTerm."""
    term = session.get(SellingTerm, term_id)
    if term is None:
        raise NoSuchTerm(term_id)
    return term


def find_term(session: Session, account_id: int, kind: TermKind, allegro_id: str) -> SellingTerm | None:
    return session.scalars(
        select(SellingTerm).where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == kind,
            SellingTerm.allegro_id == allegro_id,
        )
    ).one_or_none()


def count_terms(session: Session, account_id: int, kind: TermKind) -> int:
    """All that Allegro counts: archived ones too, as they are still there."""
    counted = select(func.count(SellingTerm.id)).where(
        SellingTerm.account_id == account_id, SellingTerm.kind == kind, SellingTerm.state != TermState.GONE
    )
    return session.scalar(counted) or 0


def kinds_by_account(session: Session) -> dict[int, set[TermKind]]:
    """Which kinds of terms each account has at all."""
    found: dict[int, set[TermKind]] = {}
    statement = select(SellingTerm.account_id, SellingTerm.kind).where(SellingTerm.allegro_id.is_not(None))
    for account_id, kind in session.execute(statement.distinct()):
        found.setdefault(account_id, set()).add(TermKind(kind))
    return found


def list_due_terms(
    session: Session,
    now: datetime,
    account_id: int,
    term_ids: Collection[int] | None = None,
    *,
    waits_its_turn: bool = True,
) -> Sequence[int]:
    """Ids of wishes to be sent, oldest first; those that somebody works on among them: he may have died."""
    statement = select(SellingTerm.id).where(
        SellingTerm.account_id == account_id, _is_due(now, waits_its_turn)
    )
    if term_ids is not None:
        statement = statement.where(SellingTerm.id.in_(term_ids))
    return session.scalars(statement.order_by(SellingTerm.id)).all()


def list_unread_terms(session: Session, account_id: int, limit: int) -> Sequence[int]:
    """Ids of those whose name Allegro has told, and nothing else yet."""
    statement = select(SellingTerm.id).where(
        SellingTerm.account_id == account_id,
        SellingTerm.kind.in_((TermKind.IMPLIED_WARRANTY, TermKind.WARRANTY)),
        SellingTerm.allegro_id.is_not(None),
        SellingTerm.base.is_(None),
        SellingTerm.state != TermState.GONE,
    )
    return session.scalars(statement.order_by(SellingTerm.is_archived, SellingTerm.id).limit(limit)).all()


def has_due_terms(session: Session, now: datetime) -> bool:
    """Of any working account."""
    statement = (
        select(SellingTerm.id)
        .join(Account, Account.id == SellingTerm.account_id)
        .where(_is_due(now), Account.is_enabled, Account.state == LinkState.CONNECTED)
    )
    return session.scalar(statement.limit(1)) is not None


def claim_term(
    session: Session,
    term_id: int,
    claim: str,
    now: datetime,
    until: datetime,
    *,
    waits_its_turn: bool = True,
) -> bool:
    """Take the wish for work if it is due, as the first statement of a transaction."""
    free_if_dead(session, SellingTerm.claim, term_id)
    is_free = or_(SellingTerm.claim.is_(None), SellingTerm.claimed_until < now)
    return changes_one_row(
        session,
        update(SellingTerm)
        .where(SellingTerm.id == term_id, _is_due(now, waits_its_turn), is_free)
        .values(claim=claim, claimed_until=until),
    )


def keep_term(session: Session, term_id: int, claim: str, until: datetime) -> bool:
    """Prolong our claim as the first statement of a transaction: False when somebody took over."""
    return changes_one_row(
        session,
        update(SellingTerm)
        .where(SellingTerm.id == term_id, SellingTerm.claim == claim)
        .values(claimed_until=until),
    )


def _is_due(now: datetime, waits_its_turn: bool = True) -> ColumnElement[bool]:
    is_waiting = SellingTerm.state == TermState.WAITING
    if not waits_its_turn:
        return is_waiting
    return and_(is_waiting, or_(SellingTerm.next_try_at.is_(None), SellingTerm.next_try_at <= now))
