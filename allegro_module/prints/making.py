"""Making a print: the orders are looked at once more at Allegro, then what may be packed goes on paper."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.db.accounts import Account, get_account
from allegro_module.db.line_marks import list_marks
from allegro_module.db.order_events import add_events
from allegro_module.db.orders import Order
from allegro_module.db.prints import Print, claim_print, get_print, keep_print, list_orders_to_print
from allegro_module.domain.orders import EventKind
from allegro_module.domain.prints import LeftOut, PrintKind, PrintState, Trouble
from allegro_module.domain.shop import ShopAdapter, ShopOrder
from allegro_module.prints import pdf
from allegro_module.prints.papers import Paper, Sheet
from allegro_module.prints.picking import PickingList
from allegro_module.prints.sheets import Known, checked_words, reason_to_leave_out, to_sheet
from allegro_module.prints.words import headings, moment
from allegro_module.sync.order_rebuilding import shop_orders_of

log = logging.getLogger(__name__)

#: Longer than any one step takes; each step begins anew.
CLAIM_LASTS = timedelta(minutes=5)
#: Orders written and compiled at a time: the page counts them up, and the compiler's memory stays small.
STEP = 10


class ClaimLost(Exception):
    """Another worker took the print over, because this one had been silent for too long."""


@dataclass(frozen=True, slots=True)
class Doors:
    """`refresh` reads orders of an account again at Allegro and answers the ids that it could not read."""

    shop: ShopAdapter
    refresh: Callable[[Account, Sequence[Order]], Collection[int]]
    now: Callable[[], datetime]


@dataclass(slots=True)
class Writing:
    """A paper that grows step by step."""

    known: Known
    kind: str
    sheets: list[Sheet] = field(default_factory=list)
    picking: PickingList = field(default_factory=PickingList)
    left_out: dict[str, str] = field(default_factory=dict)
    printed: list[int] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    #: Documents of the sheets compiled so far, how many these are, and why there are no more.
    parts: list[bytes] = field(default_factory=list)
    compiled: int = 0
    trouble: Trouble | None = None

    def write(self, row: Order, order: ShopOrder, known: Known) -> None:
        self.printed.append(row.id)
        if not known.is_checked(row):
            self.unchecked.append(order.number)
        if self.kind == PrintKind.PICKING:
            self.picking.add(row, order, known)
        else:
            self.sheets.append(to_sheet(row, order, known))

    def leave_out(self, row: Order, reason: LeftOut) -> None:
        self.left_out[row.number or row.checkout_form_id[:8]] = str(reason)

    def paper(self) -> Paper:
        return Paper(
            kind=self.kind,
            printed=moment(self.known.checked_at),
            words=headings(),
            sheets=self.sheets,
            products=self.picking.products(),
            orders=len(self.printed),
            pieces=self.picking.pieces,
            picked_before=self.picking.picked_before,
            unchecked=self.unchecked,
            checked=checked_words(self.known.checked_at, not self.unchecked),
        )

    def compile_sheets(self) -> None:
        """Those written since the last time."""
        fresh = self.sheets[self.compiled :]
        self.compiled = len(self.sheets)
        if fresh:
            self._compile(replace(self.paper(), sheets=fresh))

    def document(self) -> bytes | None:
        """Without a compiler the page that can be printed is there all the same."""
        if not self.printed:
            self.trouble = Trouble.NOTHING_LEFT
        elif self.kind == PrintKind.PICKING:
            self._compile(self.paper())
        return None if self.trouble else pdf.join(self.parts)

    def _compile(self, paper: Paper) -> None:
        if not pdf.is_available():
            self.trouble = Trouble.NO_COMPILER
        if self.trouble:
            return
        try:
            self.parts.append(pdf.compile_pdf(self.kind, paper.to_json()))
        except pdf.NotCompiled as failure:
            log.error("a print cannot be compiled: %s", failure)
            self.trouble = Trouble.NOT_COMPILED


def make_print(session: Session, doors: Doors, print_id: int) -> bool:
    """Make the document, or remember why there is none; False when another worker is at it, or was.

    1. Claim it.  2. Read its orders again at Allegro: one may have been cancelled a minute ago.
    3. Write and compile the paper, some orders at a time.
    4. The document, its state and a line in each order's history, in one transaction.
    Killed anywhere, it is made from the beginning by the next run.
    """
    claimed = _claim(session, doors, print_id)
    if claimed is None:
        return False
    try:
        unchecked = _check(claimed, doors)
        writing = _write(claimed, doors, unchecked)
        _finish(claimed, writing, doors.now())
    except ClaimLost:
        log.warning("print %s was taken over by another worker", print_id)
        return False
    except BaseException:
        claimed.give_back()
        raise
    return True


@dataclass(frozen=True, slots=True)
class ClaimedPrint:
    session: Session
    id: int
    claim: str
    now: Callable[[], datetime]

    @contextmanager
    def change(self) -> Iterator[Print]:
        """One transaction: a write that proves and prolongs the claim, then the changes, then the commit."""
        try:
            if not keep_print(self.session, self.id, self.claim, self.now() + CLAIM_LASTS):
                raise ClaimLost(self.id)
            yield self.session.get_one(Print, self.id, populate_existing=True)
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise

    def give_back(self) -> None:
        """Somebody else may begin at once."""
        try:
            with self.change() as print_:
                print_.claim = print_.claimed_until = None
        except Exception as trouble:
            log.warning("the claim of print %s runs out by itself (%s)", self.id, type(trouble).__name__)


def _claim(session: Session, doors: Doors, print_id: int) -> ClaimedPrint | None:
    claim, now = new_claim(), doors.now()
    taken = claim_print(session, print_id, claim, now, now + CLAIM_LASTS)
    session.commit()
    return ClaimedPrint(session, print_id, claim, doors.now) if taken else None


def _check(claimed: ClaimedPrint, doors: Doors) -> set[int]:
    """The orders that could not be read again; account by account, each with a claim that is fresh."""
    session, unchecked = claimed.session, set[int]()
    account_ids = {order.account_id for order in _orders(claimed)}
    for account_id in sorted(account_ids):
        with claimed.change() as print_:
            print_.done = 0
        orders = [order for order in _orders(claimed) if order.account_id == account_id]
        unchecked.update(doors.refresh(get_account(session, account_id), orders))
        session.commit()
    return unchecked


def _orders(claimed: ClaimedPrint) -> list[Order]:
    ids = get_print(claimed.session, claimed.id).order_ids
    return list_orders_to_print(claimed.session, ids)


def _write(claimed: ClaimedPrint, doors: Doors, unchecked: Collection[int]) -> Writing:
    print_ = get_print(claimed.session, claimed.id)
    known = known_of(claimed.session, print_, doors.now(), unchecked)
    writing = Writing(known, print_.kind)
    ids = list(print_.order_ids)
    claimed.session.rollback()
    for start in range(0, len(ids), STEP):
        with claimed.change() as print_:
            write_some(claimed.session, doors.shop, writing, ids[start : start + STEP], doors.now())
            print_.done = min(start + STEP, len(ids))
        writing.compile_sheets()
    return writing


def known_of(session: Session, print_: Print, now: datetime, unchecked: Collection[int] | None) -> Known:
    """`unchecked` is None where nobody has asked Allegro."""
    return Known(
        checked_at=now,
        is_asked=unchecked is not None,
        unchecked=unchecked or (),
        account_by_id=_account_names(session, list_orders_to_print(session, print_.order_ids)),
        orders_url=print_.orders_url,
    )


def _account_names(session: Session, orders: Sequence[Order]) -> Mapping[int, str]:
    accounts = [get_account(session, each) for each in {order.account_id for order in orders}]
    return {each.id: f"{each.login or each.name} ({each.alias})" for each in accounts}


def write_some(
    session: Session, shop: ShopAdapter, writing: Writing, order_ids: Sequence[int], now: datetime
) -> None:
    """These orders, with a few statements for all of them."""
    rows = list_orders_to_print(session, order_ids)
    reasons = {row.id: reason_to_leave_out(row, now) for row in rows}
    order_by_id = shop_orders_of(session, shop, [row for row in rows if reasons[row.id] is None])
    skus = {each.sku for order in order_by_id.values() for each in order.positions if each.sku}
    known = replace(
        writing.known,
        product_by_sku=shop.products(skus) if skus else {},
        mark_by_line=list_marks(session, list(order_by_id)),
    )
    for row in rows:
        order, reason = order_by_id.get(row.id), reasons[row.id]
        if reason is None and order is not None:
            writing.write(row, order, known)
        else:
            writing.leave_out(row, reason or LeftOut.NOT_READ)


def _finish(claimed: ClaimedPrint, writing: Writing, now: datetime) -> None:
    document = writing.document()
    with claimed.change() as print_:
        print_.left_out, print_.trouble = writing.left_out, str(writing.trouble or "")
        print_.claim = print_.claimed_until = None
        print_.done_at = now
        if writing.trouble is Trouble.NOTHING_LEFT:
            print_.state = PrintState.FAILED
            return
        print_.state, print_.paper, print_.document = PrintState.DONE, writing.paper().to_json(), document
        add_events(claimed.session, _events(writing, print_, now))


def _events(writing: Writing, print_: Print, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "order_id": order_id,
            "at": now,
            "who": print_.created_by,
            "kind": EventKind.PRINTED,
            "params": {"kind": print_.kind},
        }
        for order_id in writing.printed
    ]


def written_now(session: Session, shop: ShopAdapter, print_: Print, now: datetime) -> Writing:
    """The paper as it is without asking Allegro: for the page, while no job has made it."""
    writing = Writing(known_of(session, print_, now, None), print_.kind)
    write_some(session, shop, writing, print_.order_ids, now)
    return writing
