"""The list of an account's delivery price lists: read in few statements, shown in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer_group

from allegro_module.db.accounts import Account
from allegro_module.db.delivery_methods import list_delivery_methods
from allegro_module.db.offers import Offer
from allegro_module.db.profiles import Profile
from allegro_module.db.schedule import ScheduledTask
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.alphabet import naturally
from allegro_module.domain.offers import OfferState
from allegro_module.domain.price_list_rules import method_id
from allegro_module.domain.price_list_texts import number_of
from allegro_module.domain.price_lists import DeliveryMethod
from allegro_module.domain.profiles import Scope
from allegro_module.domain.terms import TermKind, TermState
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import Label, country_name
from allegro_module.web.price_list_words import origin_word, type_word
from allegro_module.web.term_words import is_under_way, label_in_list

FETCH_TASK = "fetch_terms"
FIELD = "shipping_rate_id"
PAGE_SIZE = 50
#: A worker that was asked and has written nothing since so long is not waited for.
WAITS_FOR_WORKER = timedelta(minutes=2)
#: Our own change reaches Allegro in so long; a later mark of Allegro's is another hand's.
OUR_CHANGE_ARRIVES = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A price list as its line shows it."""

    term: SellingTerm
    origin: str
    type: str
    country: str
    methods: int | None
    offers: int
    smart: Label
    state: Label
    #: Methods without which Allegro would take it no more; None when all is well.
    trouble: Label | None
    changed_at: datetime | None
    changed_by: str
    is_default: bool

    @property
    def is_read_only(self) -> bool:
        return is_read_only(self.term)


@dataclass(frozen=True, slots=True)
class Fetching:
    """The job that fetches the account's terms, as its row tells."""

    is_running: bool = False
    is_awaited: bool = False
    finished_at: datetime | None = None
    is_failed: bool = False
    message: Mapping[str, Any] | None = None
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    #: Those of the page that is shown.
    rows: Sequence[Row]
    #: Of all that Allegro counts, hidden ones too.
    count: int
    hidden: int
    fetching: Fetching
    #: How many the search has found, on how many pages.
    found: int
    pages: int
    page: int
    is_moving: bool

    @property
    def is_watched(self) -> bool:
        return self.fetching.is_running or self.fetching.is_awaited or self.is_moving


def is_read_only(term: SellingTerm) -> bool:
    """Allegro keeps it, or has it no more, or what it holds was not read yet."""
    return term.is_managed or term.state == TermState.GONE or is_unread(term)


def is_unread(term: SellingTerm) -> bool:
    return term.allegro_id is not None and term.base is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page's address asks for."""

    words: str = ""
    page: int = 1
    with_hidden: bool = False

    def fits(self, term: SellingTerm) -> bool:
        name = term.name.casefold()
        is_found = all(word in name for word in self.words.casefold().split())
        return is_found and (self.with_hidden or not term.is_archived)


def read_board(
    session: Session, account: Account, now: datetime, asked_at: datetime | None, wanted: Wanted
) -> Board:
    """Three statements, however many lists there are."""
    found = _terms_with_uses(session, account.id)
    methods = {each.id: each for each in list_delivery_methods(session, account.environment)}
    task, default = _fetching_and_default(session, account.id)
    fitting = [(term, offers) for term, offers in found if wanted.fits(term)]
    pages = max(1, -(-len(fitting) // PAGE_SIZE))
    page = min(wanted.page, pages)
    shown = fitting[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Board(
        [_row(term, offers, methods, default) for term, offers in shown],
        sum(term.state != TermState.GONE for term, _ in found),
        sum(term.is_archived for term, _ in found),
        _fetching(task, asked_at, now),
        len(fitting),
        pages,
        page,
        any(is_under_way(term) for term, _ in fitting),
    )


def _terms_with_uses(session: Session, account_id: int) -> list[tuple[SellingTerm, int]]:
    uses = (
        select(Offer.shipping_rate_id.label("list_id"), func.count(Offer.id).label("offers"))
        .where(Offer.account_id == account_id, Offer.state != OfferState.ENDED)
        .group_by(Offer.shipping_rate_id)
        .subquery()
    )
    statement = (
        select(SellingTerm, func.coalesce(uses.c.offers, 0))
        .outerjoin(uses, uses.c.list_id == SellingTerm.allegro_id)
        .where(SellingTerm.account_id == account_id, SellingTerm.kind == TermKind.SHIPPING_RATE)
        .options(undefer_group("whole"))
    )
    found = [(term, offers) for term, offers in session.execute(statement)]
    return sorted(found, key=lambda row: (row[0].is_archived, naturally(row[0].name), row[0].id))


def count_offers(session: Session, term: SellingTerm) -> int:
    """Offers of ours that a change of the list touches."""
    if term.allegro_id is None:
        return 0
    counted = select(func.count(Offer.id)).where(
        Offer.account_id == term.account_id,
        Offer.shipping_rate_id == term.allegro_id,
        Offer.state != OfferState.ENDED,
    )
    return session.scalar(counted) or 0


def _fetching_and_default(session: Session, account_id: int) -> tuple[ScheduledTask | None, str]:
    row = session.execute(
        select(ScheduledTask, Profile.values)
        .select_from(Account)
        .outerjoin(
            ScheduledTask, (ScheduledTask.account_id == Account.id) & (ScheduledTask.name == FETCH_TASK)
        )
        .outerjoin(Profile, (Profile.account_id == Account.id) & (Profile.scope == Scope.ACCOUNT))
        .where(Account.id == account_id)
        .limit(1)
    ).one()
    return row[0], str((row[1] or {}).get(FIELD) or "")


def _fetching(task: ScheduledTask | None, asked_at: datetime | None, now: datetime) -> Fetching:
    since = task.finished_at if task else None
    is_asked = asked_at is not None and timedelta(0) <= now - asked_at < WAITS_FOR_WORKER
    is_awaited = is_asked and asked_at is not None and (since is None or since < asked_at)
    if task is None:
        return Fetching(is_awaited=is_awaited)
    return Fetching(
        task.is_under_way,
        is_awaited,
        task.finished_at,
        task.result == "failed",
        task.message,
        task.progress_done,
        task.progress_total,
    )


def content_now(term: SellingTerm) -> Mapping[str, Any]:
    """What the seller wants, else what Allegro has; empty while that was never read."""
    return term.content or term.base or {}


def _row(term: SellingTerm, offers: int, methods: Mapping[str, DeliveryMethod], default: str) -> Row:
    content = content_now(term)
    country = content.get("dispatchCountry") or ""
    changed_at, changed_by = last_change(term)
    return Row(
        term,
        origin_word(term),
        type_word(content.get("type") or ""),
        country_name(country) if country else "–",
        len(content.get("rates") or ()) if content else None,
        offers,
        label_of_smart(content, methods),
        label_in_list(term),
        label_of_lost(content, methods),
        changed_at,
        changed_by,
        bool(default) and default == term.allegro_id,
    )


def last_change(term: SellingTerm) -> tuple[datetime | None, str]:
    """When, and whose: Allegro's mark counts where it is newer than our own change can be."""
    theirs = moment_of(term.last_modified)
    if term.changed_at is None or (theirs is not None and theirs > term.changed_at + OUR_CHANGE_ARRIVES):
        return theirs, "Allegro" if theirs else ""
    return term.changed_at, term.changed_by or "Allegro"


def moment_of(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Smart:
    """Methods bound by an Allegro contract, and those of them that cost more than Allegro allows."""

    within: int
    over: int


def smart_of(content: Mapping[str, Any], methods: Mapping[str, DeliveryMethod]) -> Smart:
    within = over = 0
    for rate in content.get("rates") or ():
        method = methods.get(method_id(rate))
        if method is None or not method.is_endorsed or method.is_gone:
            continue
        price = number_of(str((rate.get("firstItemRate") or {}).get("amount", "")))
        is_over = price is not None and method.max_rate is not None and price > method.max_rate
        within, over = within + (not is_over), over + is_over
    return Smart(within, over)


def label_of_lost(content: Mapping[str, Any], methods: Mapping[str, DeliveryMethod]) -> Label | None:
    """None also while the methods were never fetched: absence is not evidence."""
    used = [methods.get(method_id(rate)) for rate in content.get("rates") or ()] if methods else []
    lost = sum(method is None or method.is_gone or not method.is_allowed for method in used)
    if not lost:
        return None
    words = n("%(num)s method withdrawn", "%(num)s methods withdrawn", lost)
    return Label(words, "exclamation-triangle-fill", "warn")


def label_of_smart(content: Mapping[str, Any], methods: Mapping[str, DeliveryMethod]) -> Label:
    found = smart_of(content, methods)
    if found.over:
        words = n("%(num)s price over the limit", "%(num)s prices over the limit", found.over)
        return Label(words, "exclamation-triangle", "warn")
    if found.within:
        return Label(t("within the limit"), "check-circle", "ok")
    return Label(t("does not apply"), "dash", "off")
