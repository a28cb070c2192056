"""The proof that nothing is missing: „Allegro 143 = sklep 143”, form by form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import CheckoutForm, CheckoutFormStatus, UnreadableForm
from allegro_module.db.accounts import Account
from allegro_module.db.completeness import Completeness
from allegro_module.db.cursors import find_cursor
from allegro_module.db.known_orders import KnownOrder, known_orders, placed_forms
from allegro_module.domain.orders import FulfillmentStatus, Tab
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_mapping import bought_at
from allegro_module.sync.order_reading import FormList
from allegro_module.sync.order_rows import fulfillment_of
from allegro_module.sync.orders import import_forms

SPAN = timedelta(days=1)
MOST_NAMED = 100
#: A form that changed so shortly before the last import may have been read by the next one only.
DELAY = timedelta(minutes=1)


@dataclass(slots=True)
class _Count:
    """`seen` are the forms that Allegro has, `missing` those of them that the shop lacks."""

    seen: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    since: datetime
    until: datetime
    #: What changed later is for the next import, and no proof against the last.
    imported_at: datetime
    #: What was bought earlier is none of ours unless it came into the shop all the same.
    linked_at: datetime | None


def check_completeness(
    session: Session, api: AllegroClient, shop: ShopAdapter, account: Account, now: Callable[[], datetime]
) -> Completeness:
    """Prove it for the last day; what is missing is imported, and then the proof is made again.

    Raises AllegroError.
    """
    proof = prove_completeness(session, api, account, now)
    if not proof.missing:
        return proof
    import_forms(session, api, shop, account, proof.missing, now)
    return prove_completeness(session, api, account, now)


def prove_completeness(
    session: Session,
    api: AllegroClient,
    account: Account,
    now: Callable[[], datetime],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Completeness:
    """Count READY_FOR_PROCESSING forms by their purchase at Allegro and in the shop, and keep the proof.

    Left out on both sides: forms whose lines were paid in another one, those that the seller cancelled before
    they came into the shop, and those that changed since the last import. Without a span it is the day before
    the last import that succeeded, and orders from before the link count if the shop has them. Raises
    AllegroError.
    """
    account_id = account.id
    span = _span(session, account_id, now(), since, until)
    session.commit()
    count = _Count()
    pages = FormList(
        api.orders, span.since, span.until, by_purchase=True, status=CheckoutFormStatus.READY_FOR_PROCESSING
    )
    for page in pages.pages():
        _count_page(session, account_id, page, span, count)
    ours = placed_forms(session, account_id, span.since, span.until)
    proof = Completeness(
        account_id=account_id,
        at=now(),
        since=span.since,
        until=span.until,
        at_allegro=len(count.seen),
        in_shop=len(count.seen) - len(count.missing),
        missing=count.missing[:MOST_NAMED],
        unknown=[form_id for form_id in ours if form_id not in count.seen][:MOST_NAMED],
    )
    session.add(proof)
    session.commit()
    return proof


def _span(
    session: Session, account_id: int, now: datetime, since: datetime | None, until: datetime | None
) -> _Span:
    cursor = find_cursor(session, account_id)
    imported_at = (cursor and cursor.last_success_at) or now
    end = until or imported_at
    linked_at = cursor.started_at if cursor and since is None else None
    return _Span(since or end - SPAN, end, imported_at, linked_at)


def _count_page(
    session: Session,
    account_id: int,
    page: Sequence[CheckoutForm | UnreadableForm],
    span: _Span,
    count: _Count,
) -> None:
    known = known_orders(session, account_id, [form.id for form in page if form.id])
    # Ends the reading transaction: Allegro is asked with none open.
    session.commit()
    for form_id in _counted(page, known, span):
        order = known.get(form_id)
        if form_id not in count.seen:
            count.seen.add(form_id)
            if order is None or order.shop_order_id is None:
                count.missing.append(form_id)


def _counted(
    page: Sequence[CheckoutForm | UnreadableForm], known: dict[str, KnownOrder], span: _Span
) -> Iterator[str]:
    for form in page:
        order = known.get(form.id)
        if order is not None and (order.superseded_by or _is_cancelled_unseen(order)):
            continue
        is_placed = order is not None and order.shop_order_id is not None
        if is_placed or not _is_not_due(form, span):
            yield form.id


def _is_cancelled_unseen(order: KnownOrder) -> bool:
    return order.shop_order_id is None and order.tab == Tab.CANCELLED


def _is_not_due(form: CheckoutForm | UnreadableForm, span: _Span) -> bool:
    if isinstance(form, UnreadableForm):
        return False
    if fulfillment_of(form) == FulfillmentStatus.CANCELLED:
        return True
    if span.linked_at and bought_at(form) < span.linked_at:
        return True
    return form.updated_at is not None and form.updated_at > span.imported_at - DELAY
