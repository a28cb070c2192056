"""Jobs of the quick list by EAN: products looked up, then offers made of the ticked ones."""

from __future__ import annotations

from collections.abc import Callable

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.quick_lists import QuickList, list_unfinished_lists
from allegro_module.jobs.queue import enqueue, ring_publish
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.quick import Desk, desk_of, make_offers, prepare_list

#: So many are sent side by side by the workers there are.
FEW_OFFERS = 4


def ring_prepare_quick_list(runtime: Runtime, list_id: int) -> bool:
    return enqueue(runtime, "prepare_quick_list", list_id)


def ring_make_quick_offers(runtime: Runtime, list_id: int) -> bool:
    return enqueue(runtime, "make_quick_offers", list_id)


def prepare_quick_list(list_id: int) -> None:
    _work(list_id, _prepare)


def make_quick_offers(list_id: int) -> None:
    _work(list_id, _make)


def finish_lists(runtime: Runtime, account_id: int) -> None:
    """Lists whose bell nobody heard, or whose worker was killed."""
    unfinished = [(each.id, each.prepared_at) for each in list_unfinished_lists(runtime.session, account_id)]
    for list_id, prepared_at in unfinished:
        _do(runtime, list_id, _prepare if prepared_at is None else _make)


def _work(list_id: int, deed: Callable[[Runtime, Account, Desk, str], None]) -> None:
    with job() as runtime:
        _do(runtime, list_id, deed)


def _do(runtime: Runtime, list_id: int, deed: Callable[[Runtime, Account, Desk, str], None]) -> None:
    quick = runtime.session.get(QuickList, list_id)
    if quick is None or not quick.account.is_working:
        return
    account, who = get_account(runtime.session, quick.account_id), quick.created_by
    desk = desk_of(runtime.session, runtime.shop, quick, runtime.now(account.environment))
    deed(runtime, account, desk, who)


def _prepare(runtime: Runtime, account: Account, desk: Desk, who: str) -> None:
    prepare_list(desk, runtime.api(account))


def _make(runtime: Runtime, account: Account, desk: Desk, who: str) -> None:
    """Many offers go out in one run, which reads once what they share; a few have a job each."""
    made: list[int] = []
    make_offers(desk, who, made.append)
    if len(made) > FEW_OFFERS:
        enqueue(runtime, "settle")
    else:
        for offer_id in made:
            ring_publish(runtime, offer_id)
