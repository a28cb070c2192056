"""Queries of the order list: a page by key, what its filters may be; none of them counts the history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.completeness import Completeness
from allegro_module.db.cursors import Cursor
from allegro_module.db.order_rules import OrderRulesRow, StatusRule
from allegro_module.db.orders import Order, StockBooking
from allegro_module.db.pushes import Push
from allegro_module.domain.orders import ATTENTION
from allegro_module.domain.pushes import PushState
from allegro_module.domain.shop import PaymentType

#: The filters offer what occurs among so many newest orders: the whole history is never looked through.
NEWEST = 500
#: Whatever stands in the address, a database compares no longer text than this.
LONGEST_SEARCH = 100
HOME = "PL"
ABROAD = "abroad"
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the list shows. Empty fields ask for nothing; `tab` is a `Tab`, ATTENTION or "" for every tab.

    `caretaker` is a login or NOBODY, `payment` a payment type or "unpaid", `country` a code or ABROAD.
    """

    tab: str = ""
    search: str = ""
    account_id: int | None = None
    delivery_method: str = ""
    caretaker: str = ""
    payment: str = ""
    country: str = ""
    marketplace: str = ""
    since: datetime | None = None
    until: datetime | None = None
    wants_invoice: bool = False
    is_smart: bool = False
    has_deposit: bool = False
    has_message: bool = False
    is_held: bool = False
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page before ended; `dispatch_to` counts when the list is sorted by it."""

    id: int
    dispatch_to: datetime | None = None


class Source(NamedTuple):
    """An account with how far its orders are read, its latest proof, which note the list shows of them.

    `has_status_pairs`: some status of the shop goes with one of Allegro's; the same for every account.
    """

    account: Account
    cursor: Cursor | None
    proof: Completeness | None
    list_note: str | None
    has_status_pairs: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What occurs among the newest orders."""

    delivery_methods: Sequence[str]
    countries: Sequence[str]
    marketplaces: Sequence[str]


def list_orders(
    session: Session, wanted: OrderFilter, place: Place | None, limit: int, by_dispatch: bool = False
) -> Sequence[Order]:
    """Newest first, or what is to be sent first; one statement, and no offset."""
    statement = select(Order).where(*_conditions(wanted))
    if by_dispatch:
        statement = _by_dispatch(statement, place)
    else:
        statement = statement.order_by(Order.id.desc())
        if place is not None:
            statement = statement.where(Order.id < place.id)
    return session.scalars(statement.limit(limit)).all()


def walk_orders(session: Session, wanted: OrderFilter, step: int = 500) -> Iterator[Order]:
    """All of them, newest first, without holding them all."""
    place = None
    while found := list_orders(session, wanted, place, step):
        place = Place(found[-1].id)
        yield from found
        session.expunge_all()


def find_orders(session: Session, ids: Collection[int]) -> Sequence[Order]:
    """Newest first; ids that there are not are left out."""
    return session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id.desc())).all()


def _by_dispatch(statement: Select[Order], place: Place | None) -> Select[Order]:
    """Orders without a date come last, in every database."""
    has_none = Order.dispatch_to.is_(None)
    ordered = statement.order_by(has_none, Order.dispatch_to, Order.id.desc())
    if place is None:
        return ordered
    if place.dispatch_to is None:
        return ordered.where(has_none, Order.id < place.id)
    same = and_(Order.dispatch_to == place.dispatch_to, Order.id < place.id)
    return ordered.where(or_(has_none, Order.dispatch_to > place.dispatch_to, same))


def _conditions(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    yield from _in_tab(wanted.tab)
    yield from _by_column(wanted)
    yield from _by_mark(wanted)
    if wanted.search:
        yield _matches(wanted.search[:LONGEST_SEARCH])


def _in_tab(tab: str) -> Iterator[ColumnElement[bool]]:
    if tab == ATTENTION:
        # Word for word the condition of the partial index, else SQLite does not see that it fits.
        yield cast(ColumnElement[bool], literal_column("needs_attention"))
    elif tab:
        yield Order.tab == tab
    if tab in ("", ATTENTION):
        yield Order.superseded_by.is_(None)


def _by_column(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.account_id is not None:
        # A sum, so that no planner takes the account's index and sorts the account's whole history.
        yield Order.account_id + 0 == wanted.account_id
    if wanted.delivery_method:
        yield Order.delivery_method == wanted.delivery_method
    if wanted.caretaker:
        yield Order.caretaker == ("" if wanted.caretaker == NOBODY else wanted.caretaker)
    if wanted.payment:
        yield _by_payment(wanted.payment)
    if wanted.country:
        abroad = Order.country.not_in(("", HOME))
        yield abroad if wanted.country == ABROAD else Order.country == wanted.country
    if wanted.marketplace:
        yield Order.marketplace == wanted.marketplace
    if wanted.since:
        yield Order.bought_at >= wanted.since
    if wanted.until:
        yield Order.bought_at < wanted.until


def _by_payment(payment: str) -> ColumnElement[bool]:
    if payment == "unpaid":
        return and_(Order.is_paid.is_(False), Order.payment_type != PaymentType.CASH_ON_DELIVERY)
    return Order.payment_type == payment


def _by_mark(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.wants_invoice:
        yield Order.wants_invoice.is_(True)
    if wanted.is_smart:
        yield Order.is_smart.is_(True)
    if wanted.has_deposit:
        yield Order.has_deposit.is_(True)
    if wanted.has_message:
        yield Order.message != ""
    if wanted.is_held:
        yield or_(Order.held_because != "", Order.held_until.is_not(None))
    if wanted.provider:
        yield Order.provider == wanted.provider


def _matches(search: str) -> ColumnElement[bool]:
    """Every word occurs; the number and Allegro's id count too."""
    found = [
        or_(
            Order.search.contains(word.lower(), autoescape=True),
            Order.number.icontains(word, autoescape=True),
            Order.checkout_form_id == word.lower(),
        )
        for word in search.split()
    ]
    return and_(*found)


def list_sources(session: Session) -> Sequence[Source]:
    """Linked accounts with all that the head of the list says of them, in one statement."""
    latest = select(func.max(Completeness.id)).where(Completeness.account_id == Account.id)
    rows = session.execute(
        select(Account, Cursor, Completeness, OrderRulesRow.list_note, exists(select(StatusRule.id)))
        .outerjoin(Cursor, and_(Cursor.account_id == Account.id, Cursor.journal == "orders"))
        .outerjoin(Completeness, Completeness.id == latest.correlate(Account).scalar_subquery())
        .outerjoin(OrderRulesRow, OrderRulesRow.account_id == Account.id)
        .where(Account.seller_id.is_not(None))
        .order_by(Account.id)
    )
    return [Source(*row) for row in rows]


def list_choices(session: Session) -> Choices:
    columns = (Order.delivery_method, Order.country, Order.marketplace)
    newest = select(*columns).order_by(Order.id.desc()).limit(NEWEST).subquery()
    rows = [tuple(row) for row in session.execute(select(newest).distinct())]
    found = ({row[place] for row in rows} - {""} for place in range(len(columns)))
    methods, countries, marketplaces = map(sorted, found)
    return Choices(methods, countries, marketplaces)


def skus_by_order(session: Session, order_ids: Collection[int]) -> dict[int, list[str]]:
    """Products whose stock an order moved, by line; one statement for a page."""
    rows = session.execute(
        select(StockBooking.order_id, StockBooking.line_item_id, StockBooking.sku)
        .where(StockBooking.order_id.in_(order_ids))
        .order_by(StockBooking.order_id, StockBooking.line_item_id)
    )
    found: dict[int, list[str]] = {}
    for order_id, _, sku in rows:
        skus = found.setdefault(order_id, [])
        if sku and sku not in skus:
            skus.append(sku)
    return found


def troubles_by_order(session: Session, order_ids: Collection[int]) -> dict[int, str]:
    """Why Allegro refused what was meant for it; the newest of each order."""
    rows = session.execute(
        select(Push.order_id, Push.trouble)
        .where(Push.order_id.in_(order_ids), Push.state == PushState.REFUSED)
        .order_by(Push.id)
    )
    return {row.order_id: row.trouble for row in rows}
