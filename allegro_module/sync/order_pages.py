"""One page of checkout forms in one transaction: our rows, the shop's orders, its stock, the cursor."""

from __future__ import annotations

import logging
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.orm import Session

from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, UnreadableForm
from allegro_module.db.cursors import keep_cursor
from allegro_module.db.failures import Failure, find_failure, resolve, set_aside
from allegro_module.db.offers import skus_by_external_id, skus_by_offer_id
from allegro_module.db.orders import (
    Booking,
    KnownOrder,
    add_bookings,
    add_orders,
    change_order_rows,
    known_orders,
    list_bookings,
    list_relatives,
    orders_by_form_id,
    reserve_order_ids,
    supersede,
)
from allegro_module.domain.facts import Fact, OrderChanged, OrderPlaced
from allegro_module.domain.shop import (
    OrderChange,
    OrderChangeKind,
    OrderRefused,
    ShopAdapter,
    ShopOrder,
    ShopOrderId,
    Sku,
    StockMove,
)
from allegro_module.signals import announce
from allegro_module.sync.order_mapping import (
    Catalogue,
    bought_at,
    currency_of,
    is_paid,
    number_of,
    revision_of,
    sku_candidates,
    to_shop_order,
    total_of,
    without_nul,
)
from allegro_module.sync.order_plan import (
    Bucket,
    Merges,
    bucket_of,
    change_kind,
    fulfillment_of,
    is_unchanged,
    merges_of,
    moves_to_return,
    moves_to_sell,
)
from allegro_module.sync.order_reading import Found, MissingForm

log = logging.getLogger(__name__)

#: Longer than reading a page may take; renewed by each.
LEASE = timedelta(minutes=5)
FAILURE_KIND = "order"
PAUSES = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)
NOT_YET = "not at Allegro yet"
#: A form that is not there yet comes within minutes as a rule: the first tries are the next ticks.
PAUSES_NOT_YET = (timedelta(seconds=30), timedelta(seconds=30), timedelta(minutes=2), *PAUSES[:4])
#: Not there after so long a search, it will not come.
PATIENCE = timedelta(days=3)
#: So long Allegro shows forms (facts.md 5.3).
KEPT_AT_ALLEGRO = timedelta(days=365)
#: What the columns of our rows hold; texts for people are cut to it.
WIDTH = 255

#: What our row says of an order that the shop does not have.
UNPLACED: dict[str, Any] = {"shop_order_id": None, "number": "", "flags": []}

#: Runs inside the page's transaction: the place in the journal moves together with its orders.
Mark = Callable[[], None]


class LostClaim(Exception):
    """Another process reads this journal now, or the account does not work any more."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the pages of one account are written by the one process that holds its cursor."""

    session: Session
    shop: ShopAdapter
    account_id: int
    #: As facts and shop orders name the account.
    account: str
    alias: str
    cursor_id: int
    claim: str
    now: Callable[[], datetime]
    #: Forms set aside earlier: one that goes well now is no failure any more.
    set_aside_before: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Saved:
    """What became of the forms of a page."""

    counts: Counter[Bucket] = field(default_factory=Counter)
    set_aside: int = 0
    missing: int = 0

    def add(self, other: Saved) -> None:
        self.counts += other.counts
        self.set_aside += other.set_aside
        self.missing += other.missing


@dataclass(slots=True)
class _Page:
    """A page on its way into the tables."""

    forms: Sequence[CheckoutForm]
    known: Mapping[str, KnownOrder]
    bookings: Sequence[Booking]
    merges: Merges
    catalogue: Catalogue = field(default_factory=Catalogue)
    forms_by_bucket: dict[Bucket, list[CheckoutForm]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, int] = field(default_factory=dict)
    #: Stock moves by the id of our order row.
    moves: list[tuple[int, Sequence[StockMove]]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def id_of(self, form: CheckoutForm) -> int:
        return self.ids[form.id] if form.id in self.ids else self.known[form.id].id


def save_page(desk: Desk, found: Sequence[Found], mark: Mark | None = None) -> Saved:
    """Write the page in one transaction; when that fails, order by order: a bad one holds nobody up.

    Raises LostClaim, and OperationalError when the database itself fails.
    """
    saved = _note_unusable(desk, found)
    forms = [without_nul(form) for form in found if isinstance(form, CheckoutForm)]
    try:
        saved.add(_save(desk, forms, mark))
    except OneItemsFault as fault:
        log.warning("a page of %d orders failed (%s): replaying it one by one", len(forms), fault)
        for form in forms:
            saved.add(_save_alone(desk, form))
        saved.add(_save(desk, [], mark))
    return saved


class OneItemsFault(Exception):
    """Something in the page is bad; its reason holds no personal data."""


def _save(desk: Desk, forms: Sequence[CheckoutForm], mark: Mark | None) -> Saved:
    """Raises OneItemsFault when an order of the page cannot be written."""
    try:
        counts, facts = _write(desk, forms, mark)
        desk.session.commit()
    except LostClaim:
        desk.session.rollback()
        raise
    except (OperationalError, InterfaceError) as trouble:
        desk.session.rollback()
        # The statement's parameters are people's names and addresses.
        trouble.hide_parameters = True
        raise
    except Exception as fault:
        desk.session.rollback()
        raise OneItemsFault(reason_of(fault)) from None
    for fact in facts:
        announce(fact)
    return Saved(counts)


def _save_alone(desk: Desk, form: CheckoutForm) -> Saved:
    try:
        return _save(desk, [form], None)
    except OneItemsFault as fault:
        _set_aside(desk, form.id, str(fault))
        return Saved(set_aside=1)


def _write(
    desk: Desk, forms: Sequence[CheckoutForm], mark: Mark | None
) -> tuple[Counter[Bucket], Sequence[Fact]]:
    """First an UPDATE, which holds the cursor (and SQLite's write lock) until the end of the page."""
    if not keep_cursor(desk.session, desk.cursor_id, desk.claim, desk.now() + LEASE):
        raise LostClaim
    page = _look(desk, forms)
    if page.forms:
        _write_changed(desk, page)
    _resolve_failures(desk, [form.id for form in forms])
    if mark is not None:
        mark()
    counts = Counter({bucket: len(found) for bucket, found in page.forms_by_bucket.items()})
    counts[Bucket.UNCHANGED] += len(forms) - len(page.forms)
    return counts, page.facts


def _look(desk: Desk, forms: Sequence[CheckoutForm]) -> _Page:
    """What we remember of the page; nothing but one query when nothing has changed."""
    known = known_orders(desk.session, desk.account_id, [form.id for form in forms]) if forms else {}
    changed = [form for form in forms if not is_unchanged(form, known.get(form.id))]
    if not changed:
        return _Page([], known, [], Merges())
    bookings = list_bookings(desk.session, [line.id for form in changed for line in form.line_items])
    relatives = list_relatives(desk.session, desk.account_id, {each.order_id for each in bookings})
    page = _Page(changed, known, bookings, merges_of(changed, known, relatives))
    for form in changed:
        page.forms_by_bucket[bucket_of(form, known.get(form.id), page.merges)].append(form)
    return page


def _write_changed(desk: Desk, page: _Page) -> None:
    to_place = page.forms_by_bucket[Bucket.PLACE]
    to_change = page.forms_by_bucket[Bucket.CHANGE]
    page.catalogue = _catalogue(desk, [*to_place, *to_change])
    new = [form for form in page.forms if form.id not in page.known]
    ids = reserve_order_ids(desk.session, len(new)) if new else ()
    page.ids = {form.id: id_ for form, id_ in zip(new, ids, strict=True)}
    placed = _place(desk, page, to_place)
    add_orders(
        desk.session, [{**_new_row(desk, page, form), **placed.get(form.id, UNPLACED)} for form in new]
    )
    known = [form for form in page.forms if form.id in page.known]
    change_order_rows(desk.session, [{"of_id": page.id_of(form), **_said_by(form)} for form in known])
    placed_now = [form for form in known if form.id in placed]
    change_order_rows(desk.session, [{"of_id": page.id_of(form), **placed[form.id]} for form in placed_now])
    _change(desk, page, to_change)
    _book(desk, page)
    losers = {loser: by for loser, by in page.merges.superseded_by.items() if loser not in page.ids}
    supersede(desk.session, desk.account_id, losers)


def _place(desk: Desk, page: _Page, forms: Sequence[CheckoutForm]) -> dict[str, dict[str, Any]]:
    """Make shop orders of the forms; answers what our rows remember of them, by form id."""
    if not forms:
        return {}
    orders = [_shop_order(desk, page, form, number_of(desk.alias, page.id_of(form))) for form in forms]
    shop_order_ids = desk.shop.place_orders(orders)
    placed: dict[str, dict[str, Any]] = {}
    for form, order in zip(forms, orders, strict=True):
        shop_order_id = shop_order_ids[order.checkout_form_id]
        placed[form.id] = {
            "shop_order_id": shop_order_id,
            "number": order.number,
            "flags": list(order.flags),
        }
        page.moves.append((page.id_of(form), moves_to_sell(order, page.bookings)))
        page.facts.append(OrderPlaced(desk.account, order.checkout_form_id, shop_order_id, order.number))
    return placed


def _change(desk: Desk, page: _Page, forms: Sequence[CheckoutForm]) -> None:
    """Tell the shop what became of placed orders."""
    changes = [_order_change(desk, page, form) for form in forms]
    if not changes:
        return
    desk.shop.change_orders(changes)
    rows = []
    for form, each in zip(forms, changes, strict=True):
        rows.append({"of_id": page.id_of(form), "flags": list(each.order.flags)})
        page.moves.append((page.id_of(form), _moves_of(page, form, each)))
        form_id = each.order.checkout_form_id
        page.facts.append(OrderChanged(desk.account, form_id, each.shop_order_id, each.kind))
    change_order_rows(desk.session, rows)


def _order_change(desk: Desk, page: _Page, form: CheckoutForm) -> OrderChange:
    known = page.known[form.id]
    return OrderChange(
        shop_order_id=ShopOrderId(known.shop_order_id or ""),
        kind=change_kind(form, known),
        order=_shop_order(desk, page, form, known.number),
    )


def _moves_of(page: _Page, form: CheckoutForm, change: OrderChange) -> list[StockMove]:
    if change.kind is OrderChangeKind.CANCELLED:
        return moves_to_return(form, page.bookings)
    if form.status is CheckoutFormStatus.READY_FOR_PROCESSING:
        return moves_to_sell(change.order, page.bookings)
    return []


def _book(desk: Desk, page: _Page) -> None:
    """The booking is the proof that the move has happened: both are in this transaction, or neither."""
    rows = [
        {
            "line_item_id": move.line_item_id,
            "kind": move.kind,
            "order_id": order_id,
            "sku": move.sku,
            "quantity": move.quantity,
        }
        for order_id, moves in page.moves
        for move in moves
    ]
    if rows:
        add_bookings(desk.session, rows)
        desk.shop.book_stock([move for _, moves in page.moves for move in moves])


def _shop_order(desk: Desk, page: _Page, form: CheckoutForm, number: str) -> ShopOrder:
    return to_shop_order(form, desk.account, number, page.catalogue, page.merges.swallowed_by(form.id))


def _new_row(desk: Desk, page: _Page, form: CheckoutForm) -> dict[str, Any]:
    return {
        "id": page.ids[form.id],
        "account_id": desk.account_id,
        "checkout_form_id": form.id,
        "superseded_by": page.merges.superseded_by.get(form.id),
        "imported_at": desk.now(),
        **_said_by(form),
    }


def _said_by(form: CheckoutForm) -> dict[str, Any]:
    """What Allegro says of an order, as far as our lists show it."""
    payment, delivery, buyer = form.payment, form.delivery, form.buyer
    total = total_of(form)
    return {
        "revision": revision_of(form),
        "status": form.status.value,
        "fulfillment_status": fulfillment_of(form),
        "marketplace": form.marketplace.id if form.marketplace else "",
        "buyer_login": ((buyer and buyer.login) or "")[:WIDTH],
        "payment_type": (payment and payment.type) or "",
        "is_paid": is_paid(payment),
        "delivery_method": ((delivery and delivery.method and delivery.method.name) or "")[:WIDTH],
        "total": total.amount if total else Decimal(0),
        "currency": currency_of(form),
        "line_item_ids": [line.id for line in form.line_items],
        "bought_at": bought_at(form),
        "changed_at": form.updated_at,
    }


def _catalogue(desk: Desk, forms: Sequence[CheckoutForm]) -> Catalogue:
    """One query for our offers; the shop is asked only for what our offers do not answer."""
    lines = [line for form in forms for line in form.line_items]
    if not lines:
        return Catalogue()
    by_offer = skus_by_offer_id(desk.session, desk.account_id, list({line.offer.id for line in lines}))
    others = [line for line in lines if line.offer.id not in by_offer]
    external_ids = list({line.offer.external_id for line in others if line.offer.external_id})
    by_external = skus_by_external_id(desk.session, desk.account_id, external_ids) if external_ids else {}
    ours = Catalogue(by_offer, by_external)
    wanted = {sku for line in others if ours.sku_of(line) is None for sku in sku_candidates(line)}
    wanted |= {sku for line in lines if line.tax is None and (sku := ours.sku_of(line))}
    return Catalogue(by_offer, by_external, _vat_rates(desk.shop, wanted))


def _vat_rates(shop: ShopAdapter, skus: Collection[Sku]) -> dict[Sku, Decimal | None]:
    if not skus:
        return {}
    return {sku: product.vat_rate for sku, product in shop.products(skus).items()}


def _note_unusable(desk: Desk, found: Sequence[Found]) -> Saved:
    """Before the place in the journal moves past them."""
    saved = Saved()
    for each in found:
        if isinstance(each, MissingForm):
            saved.add(_note_missing(desk, each.id))
        elif isinstance(each, UnreadableForm):
            log.error("checkout form %s cannot be read: %s", each.id or "without an id", each.reason)
            saved.set_aside += 1
            if each.id:
                _set_aside(desk, each.id, f"Allegro's answer cannot be read: {each.reason}")
    return saved


def _note_missing(desk: Desk, form_id: str) -> Saved:
    """A form that cannot be found for a moment is sought again before it counts as gone."""
    if not _is_gone(desk, _subject(form_id)):
        log.warning("checkout form %s is not at Allegro yet", form_id)
        _set_aside(desk, form_id, NOT_YET, PAUSES_NOT_YET)
        return Saved(set_aside=1)
    log.warning("checkout form %s is no longer at Allegro", form_id)
    _resolve_missing(desk, _subject(form_id))
    return Saved(missing=1)


def _is_gone(desk: Desk, form_id: str) -> bool:
    """Too old, left behind for another form, or sought for long enough."""
    now = desk.now()
    order = orders_by_form_id(desk.session, desk.account_id, [form_id]).get(form_id)
    is_old = order is not None and (bool(order.superseded_by) or now - order.bought_at > KEPT_AT_ALLEGRO)
    failure = find_failure(desk.session, desk.account_id, FAILURE_KIND, form_id)
    is_given_up = (
        failure is not None and not _is_other_trouble(failure, NOT_YET) and now - failure.first_at >= PATIENCE
    )
    # Ends the reading transaction: the next one begins with a write.
    desk.session.commit()
    return is_old or is_given_up


def _set_aside(desk: Desk, form_id: str, reason: str, pauses: Sequence[timedelta] = PAUSES) -> None:
    now, subject = desk.now(), _subject(form_id)
    if not keep_cursor(desk.session, desk.cursor_id, desk.claim, now + LEASE):
        desk.session.rollback()
        raise LostClaim
    earlier = find_failure(desk.session, desk.account_id, FAILURE_KIND, subject)
    tries = 0 if earlier is None or _is_other_trouble(earlier, reason) else earlier.tries
    next_try_at = now + pauses[min(tries, len(pauses) - 1)]
    set_aside(desk.session, desk.account_id, FAILURE_KIND, subject, reason, now, next_try_at, tries == 0)
    desk.session.commit()
    desk.set_aside_before.add(subject)


def _is_other_trouble(earlier: Failure, reason: str) -> bool:
    """The patience with a form that is not there counts from its first absence."""
    return earlier.resolved_at is not None or (earlier.reason == NOT_YET) is not (reason == NOT_YET)


def _subject(form_id: str) -> str:
    """The id as a row of ours can hold it, whatever Allegro names."""
    return form_id.replace("\0", "")[:WIDTH]


def _resolve_missing(desk: Desk, form_id: str) -> None:
    if form_id in desk.set_aside_before:
        _save(desk, [], lambda: _resolve_failures(desk, [form_id]))


def _resolve_failures(desk: Desk, form_ids: Sequence[str]) -> None:
    if mended := desk.set_aside_before.intersection(form_ids):
        resolve(desk.session, desk.account_id, FAILURE_KIND, mended, desk.now())


def reason_of(fault: Exception) -> str:
    """Why, without what an exception may quote: buyers' names stand in the values."""
    if isinstance(fault, OrderRefused):
        return str(fault) or "the shop refuses the order"
    if isinstance(fault, DBAPIError) and fault.orig is not None:
        return f"{type(fault.orig).__name__}: {str(fault.orig).splitlines()[0]}"
    if isinstance(fault, StatementError) and fault.orig is not None:
        return f"{type(fault.orig).__name__} in a value to be stored"
    last = traceback.extract_tb(fault.__traceback__)[-1:]
    where = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in last)
    return f"{type(fault).__name__}{where}"
