"""Reading orders again from Allegro at the last moment, as before they are printed and packed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.checkout_forms import CheckoutForm
from allegro_module.client.errors import AllegroError
from allegro_module.client.orders import FORMS_PER_PAGE
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import find_cursor
from allegro_module.db.failures import list_open_subjects
from allegro_module.db.order_rules import find_rules
from allegro_module.db.orders import Order
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_desk import Desk
from allegro_module.sync.order_failures import FAILURE_KIND
from allegro_module.sync.order_pages import save_page
from allegro_module.sync.order_reading import FEW, FormList, FormReader, Found

log = logging.getLogger(__name__)


def refresh_orders(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    account: Account,
    orders: Sequence[Order],
    now: Callable[[], datetime],
) -> set[int]:
    """Save what has changed of the account's orders; answers the ids of those that could not be read.

    It commits page by page, beside an import that may run at the same time.
    """
    wanted = {order.checkout_form_id: order.id for order in orders}
    moments = [order.bought_at for order in orders]
    desk = _desk(session, shop, account, now)
    if desk is None or not wanted:
        return set(wanted.values())
    unread = dict(wanted)
    try:
        for page in _read(api, list(wanted), min(moments), max(moments)):
            save_page(desk, page)
            for form in page:
                if isinstance(form, CheckoutForm):
                    unread.pop(form.id, None)
    except AllegroError as trouble:
        log.warning("%d orders could not be read again: %s", len(unread), trouble)
    return set(unread.values())


def _desk(session: Session, shop: ShopAdapter, account: Account, now: Callable[[], datetime]) -> Desk | None:
    account_id, alias, name = account.id, account.alias, account.login or account.alias
    cursor = find_cursor(session, account_id)
    if cursor is None:
        session.commit()
        return None
    rules, failed = find_rules(session, account_id), list_open_subjects(session, account_id, FAILURE_KIND)
    desk = Desk(
        *(session, shop, account_id, name, alias, cursor.id, None, now, cursor.started_at, rules),
        set_aside_before=set(failed),
    )
    # Ends the reading transaction: Allegro is asked with none open.
    session.commit()
    return desk


def _read(
    api: AllegroClient, wanted: Sequence[str], since: datetime, until: datetime
) -> Iterator[Sequence[Found]]:
    """From list pages as long as they bring more than they cost, the rest singly."""
    left = dict.fromkeys(wanted)
    if len(left) > FEW:
        pages = FormList(api.orders, since, until, by_purchase=True)
        while left and not pages.is_at_end and _is_worth_it(pages, len(left)):
            page = [form for form in pages.next_page() if form.id in left]
            for form in page:
                del left[form.id]
            yield page
    reader = FormReader(api.orders)
    for form_id in left:
        yield [reader.read_singly(form_id)]


def _is_worth_it(pages: FormList, count: int) -> bool:
    return pages.total is None or pages.total / FORMS_PER_PAGE <= count
