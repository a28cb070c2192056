"""Orders from before the link, when the seller asks for them: „od daty”, by the time of the purchase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import begin_history, note_history
from allegro_module.domain.shop import ShopAdapter
from allegro_module.sync.order_desk import Desk, Mark
from allegro_module.sync.order_pages import save_page
from allegro_module.sync.order_reading import FormList
from allegro_module.sync.order_runs import ImportOutcome, Place, Progress, Run


def import_history(
    session: Session,
    api: AllegroClient,
    shop: ShopAdapter,
    account: Account,
    since: datetime,
    until: datetime | None,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> ImportOutcome:
    """Bring the orders bought in the span into the shop; the journal's cursor stays where it is.

    Broken off and asked for again with the same span, it goes on where it was. Orders that have left already
    come without stock moves: their goods went from the shelf before anybody counted it for Allegro.
    """

    def work(desk: Desk, place: Place, outcome: ImportOutcome) -> None:
        desk.hold()
        end = until.isoformat() if until else ""
        history_id, begin = begin_history(desk.session, desk.account_id, since, end)
        desk.session.commit()
        pages = FormList(api.orders, begin, until, by_purchase=True)
        for page in pages.pages():
            outcome.add(save_page(desk, page, _noted(desk, history_id, pages)), pages.total)

    return Run(session, shop, account, now, progress, is_history=True).carry_out(work)


def _noted(desk: Desk, history_id: int, pages: FormList) -> Mark:
    def mark() -> None:
        note_history(desk.session, history_id, pages.reached, pages.is_at_end)

    return mark
