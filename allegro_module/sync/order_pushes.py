"""Back to Allegro: every push that is due is sent, once, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.errors import AllegroError, NotConnected, Refused, Unavailable
from allegro_module.db.accounts import Account, list_working_accounts
from allegro_module.db.orders import Order
from allegro_module.db.pushes import Push, list_due_pushes
from allegro_module.domain.pushes import PushKind, PushState
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.faults import put_aside
from allegro_module.sync.invoice_pushes import look_at_verification, send_invoice
from allegro_module.sync.order_refreshing import refresh_orders
from allegro_module.sync.push_claims import (
    ClaimedPush,
    Errand,
    PushClaimLost,
    PushPostponed,
    PushRefused,
    leave,
    postpone,
    refuse,
    remember_trouble,
    take,
    words_of,
)
from allegro_module.sync.shipment_pushes import send_shipment
from allegro_module.sync.status_pushes import Reread, send_status

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class RefusedPush:
    number: str
    kind: str
    trouble: str


@dataclass(slots=True)
class PushCounts:
    """What one run did; `refused` names what only the seller can help."""

    done: int = 0
    later: int = 0
    dropped: int = 0
    refused: list[RefusedPush] = field(default_factory=list)

    def __str__(self) -> str:
        counts = [(self.done, "sent"), (self.later, "to try later"), (self.dropped, "no longer wanted")]
        shown = [f"{count} {what}" for count, what in counts if count]
        shown += [f"{len(self.refused)} refused"] if self.refused else []
        return ", ".join(shown) or "nothing to send"


def push_orders(
    session: Session,
    api_of: Callable[[Account], AllegroClient],
    clock_of: Callable[[str], Clock],
    order_ids: Collection[int] | None = None,
    *,
    shop: ShopAdapter | None = None,
    account_ids: Collection[int] | None = None,
    waits_its_turn: bool = True,
) -> PushCounts:
    """Send what is due, of all orders or of these; with `waits_its_turn` off, back-offs are not waited for.

    With `shop`, an order read again on the way is saved, and the shop hears of its new status. An account
    that cannot be reached is left alone until the next run.
    """
    run = _Run(session, api_of, shop, order_ids, waits_its_turn)
    clocks = {
        account.id: clock_of(account.environment)
        for account in list_working_accounts(session)
        if account_ids is None or account.id in account_ids
    }
    session.rollback()
    for account_id, now in clocks.items():
        _push_account(run, account_id, now)
    return run.counts


@dataclass(frozen=True, slots=True)
class _Run:
    session: Session
    api_of: Callable[[Account], AllegroClient]
    shop: ShopAdapter | None
    order_ids: Collection[int] | None
    waits_its_turn: bool
    counts: PushCounts = field(default_factory=PushCounts)


def _push_account(run: _Run, account_id: int, now: Clock) -> None:
    for push_id in _due(run, account_id, now):
        try:
            is_away = _push(run, push_id, now)
        except PushClaimLost:
            log.warning("push %s was taken over by another worker", push_id)
        except Exception as fault:
            put_aside(run.session, log, f"push {push_id}", fault)
        else:
            if is_away:
                return


def _due(run: _Run, account_id: int, now: Clock) -> Iterator[int]:
    """In portions, so that no transaction is open while we send."""
    last = 0
    while True:
        portion = list_due_pushes(
            run.session,
            now(),
            account_id,
            run.order_ids,
            after_id=last,
            waits_its_turn=run.waits_its_turn,
        )
        run.session.rollback()
        yield from portion
        if not portion:
            return
        last = portion[-1]


def _push(run: _Run, push_id: int, now: Clock) -> bool:
    """True when the account cannot be reached."""
    work = take(run.session, push_id, now, waits_its_turn=run.waits_its_turn)
    if work is None:
        return False
    errand = _begin(work)
    is_away = errand is not None and _deliver(run, work, errand)
    _count(run.session, push_id, run.counts)
    return is_away


def _deliver(run: _Run, work: ClaimedPush, errand: Errand) -> bool:
    """Send it, or remember why not."""
    api = run.api_of(work.session.get_one(Account, errand.account_id))
    work.session.rollback()
    try:
        _send(run, work, api, errand)
    except PushPostponed as later:
        postpone(work, later.trouble)
    except PushRefused as refusal:
        refuse(work, refusal.trouble, refusal.trace_id)
    except Refused as refusal:
        refuse(work, words_of(refusal), refusal.trace_id)
    except AllegroError as trouble:
        remember_trouble(work, trouble, errand)
        return isinstance(trouble, Unavailable | NotConnected)
    return False


def _begin(work: ClaimedPush) -> Errand | None:
    """Commit that it may be sent from now on; None when its order was left behind for another form."""
    with work.change() as push:
        order = work.session.get_one(Order, push.order_id, populate_existing=True)
        if order.superseded_by and push.done_at is None:
            leave(push, PushState.DROPPED)
            return None
        errand = Errand(
            kind=PushKind(push.kind),
            account_id=push.account_id,
            form_id=order.checkout_form_id,
            payload=push.payload,
            remote_id=push.remote_id,
            was_sent=push.state == PushState.SENDING,
            is_done=push.state == PushState.DONE,
        )
        if not errand.is_done:
            push.state = PushState.SENDING
        return errand


def _send(run: _Run, work: ClaimedPush, api: AllegroClient, errand: Errand) -> None:
    if errand.is_done:
        look_at_verification(work, api, errand)
    elif errand.kind is PushKind.STATUS:
        send_status(work, api, errand, run.shop, _rereading(run, work, api))
    elif errand.kind is PushKind.SHIPMENT:
        send_shipment(work, api, errand)
    else:
        send_invoice(work, api, errand)


def _rereading(run: _Run, work: ClaimedPush, api: AllegroClient) -> Reread:
    def reread(order_id: int) -> None:
        """Save the order as it is now the usual way; what fails here, the next import does."""
        if run.shop is None:
            return
        order = run.session.get_one(Order, order_id)
        account = run.session.get_one(Account, order.account_id)
        refresh_orders(run.session, api, run.shop, account, [order], work.now)
        run.session.rollback()

    return reread


def _count(session: Session, push_id: int, counts: PushCounts) -> None:
    statement = select(Push.state, Push.kind, Push.trouble, Order.number, Order.checkout_form_id)
    row = session.execute(statement.join(Order, Order.id == Push.order_id).where(Push.id == push_id)).one()
    session.rollback()
    if row.state == PushState.DONE:
        counts.done += 1
    elif row.state == PushState.DROPPED:
        counts.dropped += 1
    elif row.state == PushState.REFUSED:
        counts.refused.append(RefusedPush(row.number or row.checkout_form_id, row.kind, row.trouble))
    else:
        counts.later += 1
