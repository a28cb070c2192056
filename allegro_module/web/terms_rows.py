"""Rows of the page *Warunki*: each of the account's terms as it stands, and what it still lacks to sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session, undefer_group

from allegro_module.db.offers import Offer
from allegro_module.db.profiles import find_profile
from allegro_module.db.schedule import ScheduledTask, find_task
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.after_sales import KINDS, NEEDED_KINDS, Content
from allegro_module.domain.alphabet import naturally
from allegro_module.domain.offers import OfferState
from allegro_module.domain.profiles import Scope
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.web.after_sales_words import summary
from allegro_module.web.labels import Label
from allegro_module.web.term_words import is_under_way, label_in_list

FETCH_TASK = "fetch_terms"
#: How long a page waits for a run that was rung for and has not begun.
PATIENCE = timedelta(minutes=2)
#: One that is older was killed.
LONGEST_RUN = timedelta(hours=1)
#: Names of `profiles.FIELDS` and columns of offers.
FIELD_BY_KIND = {
    TermKind.RETURN_POLICY: "return_policy_id",
    TermKind.IMPLIED_WARRANTY: "implied_warranty_id",
    TermKind.WARRANTY: "warranty_id",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`offers` are those that use it and have not ended."""

    term: SellingTerm
    offers: int
    is_default: bool
    #: Its content comes with a job that the refresh has just rung for.
    is_awaited: bool = False

    @property
    def name(self) -> str:
        return wanted_name(self.term)

    @property
    def summary(self) -> str:
        return summary(TermKind(self.term.kind), content_now(self.term))

    @property
    def state(self) -> Label:
        return label_in_list(self.term)

    @property
    def is_usable(self) -> bool:
        """Offers may be given it."""
        return (
            self.term.allegro_id is not None
            and self.term.state != TermState.GONE
            and not self.term.is_archived
        )

    @property
    def may_try_again(self) -> bool:
        return self.term.state == TermState.REFUSED or bool(self.term.trouble)


@dataclass(frozen=True, slots=True)
class Section:
    kind: TermKind
    rows: Sequence[Row]
    hidden: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Refresh:
    """The last fetch from Allegro, or the one that was asked for."""

    task: ScheduledTask | None
    is_busy: bool


@dataclass(frozen=True, slots=True)
class Board:
    sections: Sequence[Section]
    #: Kinds without which the account cannot sell; empty while nothing was ever fetched.
    missing: Sequence[TermKind]
    refresh: Refresh
    fetched_at: datetime | None

    @property
    def is_busy(self) -> bool:
        rows = [row for section in self.sections for row in section.rows]
        return self.refresh.is_busy or any(row.is_awaited or is_under_way(row.term) for row in rows)


def content_now(term: SellingTerm) -> Content:
    """What the seller wants, else what Allegro holds; empty while that was not read."""
    return term.content or term.base or {}


def wanted_name(term: SellingTerm) -> str:
    name = content_now(term).get("name")
    return name if isinstance(name, str) and name else term.name


def read_board(session: Session, account_id: int, asked_at: datetime | None, now: datetime) -> Board:
    """In five statements, however many terms there are."""
    terms = _terms(session, account_id)
    offers = _offers_by_term(session, account_id)
    refresh = refresh_of(find_task(session, FETCH_TASK, account_id), asked_at, now)
    profile = find_profile(session, account_id, Scope.ACCOUNT)
    defaults = profile.values if profile else {}
    rows = [
        Row(
            term,
            offers.get((TermKind(term.kind), term.known_id), 0),
            bool(term.allegro_id) and defaults.get(FIELD_BY_KIND[TermKind(term.kind)]) == term.allegro_id,
            _is_unread(term) and _has_just_run(refresh, now),
        )
        for term in terms
    ]
    fetched_at = max((term.fetched_at for term in terms if term.allegro_id), default=None)
    is_known = fetched_at is not None or (refresh.task is not None and refresh.task.finished_at is not None)
    sections = [_section(kind, rows) for kind in KINDS]
    missing = _missing(session, account_id, terms) if is_known else []
    return Board(sections, missing, refresh, fetched_at)


def _is_unread(term: SellingTerm) -> bool:
    return term.allegro_id is not None and term.state != TermState.GONE and not content_now(term)


def _has_just_run(refresh: Refresh, now: datetime) -> bool:
    """So long the contents may still be on their way."""
    ended_at = refresh.task.finished_at if refresh.task else None
    return refresh.is_busy or (ended_at is not None and now - PATIENCE < ended_at)


def _terms(session: Session, account_id: int) -> Sequence[SellingTerm]:
    found = session.scalars(
        select(SellingTerm)
        .where(SellingTerm.account_id == account_id, SellingTerm.kind.in_(KINDS))
        .options(undefer_group("whole"))
    )
    return sorted(found, key=lambda term: (naturally(wanted_name(term)), term.id))


def _offers_by_term(session: Session, account_id: int) -> Mapping[tuple[TermKind, str], int]:
    counted = union_all(
        *(
            select(
                literal(kind.value).label("kind"),
                Offer.__table__.c[column].label("allegro_id"),
                func.count().label("offers"),
            )
            .where(Offer.account_id == account_id, Offer.state != OfferState.ENDED)
            .group_by(Offer.__table__.c[column])
            for kind, column in FIELD_BY_KIND.items()
        )
    )
    return {
        (TermKind(row.kind), row.allegro_id): row.offers for row in session.execute(counted) if row.allegro_id
    }


def offers_using(session: Session, term: SellingTerm) -> int:
    """Those that a change of these terms touches."""
    column = Offer.__table__.c[FIELD_BY_KIND[TermKind(term.kind)]]
    if term.allegro_id is None:
        return 0
    counted = select(func.count(Offer.id)).where(
        Offer.account_id == term.account_id, Offer.state != OfferState.ENDED, column == term.allegro_id
    )
    return session.scalar(counted) or 0


def _section(kind: TermKind, rows: Sequence[Row]) -> Section:
    own = [row for row in rows if row.term.kind == kind]
    return Section(
        kind,
        [row for row in own if not row.term.is_archived],
        [row for row in own if row.term.is_archived],
    )


def _missing(session: Session, account_id: int, terms: Sequence[SellingTerm]) -> list[TermKind]:
    """In the order in which a seller makes them; a price list without which nothing is sold comes first."""
    present = {term.kind for term in terms if term.state != TermState.GONE}
    price_list = session.scalar(
        select(SellingTerm.id)
        .where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind == TermKind.SHIPPING_RATE,
            SellingTerm.state != TermState.GONE,
        )
        .limit(1)
    )
    first = [] if price_list is not None else [TermKind.SHIPPING_RATE]
    return [*first, *(kind for kind in NEEDED_KINDS if kind not in present)]


def asked_at_in_address() -> datetime | None:
    """`?asked=…`, in seconds: the page follows what was asked for then."""
    seconds = request.args.get("asked", type=int)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_awaited(asked_at: datetime | None, now: datetime) -> bool:
    return asked_at is not None and asked_at <= now < asked_at + PATIENCE


def refresh_of(task: ScheduledTask | None, asked_at: datetime | None, now: datetime) -> Refresh:
    """Busy while it runs, and after it was asked for until it has ended or never began."""
    if task is not None and task.is_under_way and task.started_at and task.started_at > now - LONGEST_RUN:
        return Refresh(task, is_busy=True)
    ended_at = task.finished_at if task else None
    is_over = asked_at is not None and ended_at is not None and ended_at >= asked_at
    return Refresh(task, is_busy=is_awaited(asked_at, now) and not is_over)


def known_addresses(session: Session, account_id: int) -> Sequence[Content]:
    """Contents of terms of the account that hold an address, those changed last first."""
    terms = session.scalars(
        select(SellingTerm)
        .where(
            SellingTerm.account_id == account_id,
            SellingTerm.kind.in_(NEEDED_KINDS),
        )
        .options(undefer_group("whole"))
        .order_by(SellingTerm.changed_at.desc().nulls_last(), SellingTerm.id.desc())
    )
    return [content for term in terms if (content := content_now(term)).get("address")]
