"""What the worker runs: entry points that build a flow's arguments. The command line calls the same flows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from allegro_module.client.errors import AllegroError
from allegro_module.db.accounts import Account, get_account
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.schedule import run_again_at
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync import categories, offers, orders, terms

log = logging.getLogger(__name__)

#: Renewed this long before its end, so that a worker that was down for a while finds it alive.
RENEW_AHEAD = timedelta(hours=1)
TRY_AGAIN_IN = timedelta(minutes=5)


def import_orders(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _log("order journal", import_now(runtime, account)))


def reconcile_orders(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _log("changed orders", reconcile_now(runtime, account)))


def fetch_terms(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _or_soon(runtime, account, fetch_terms_now))


def fetch_categories(account_id: int) -> None:
    _for_working(account_id, lambda runtime, account: _or_soon(runtime, account, fetch_categories_now))


def keep_tokens(account_id: int) -> None:
    """Also for an account that is switched off: tokens that nobody renews are lost (facts.md 2.5)."""
    with _job() as runtime:
        account = get_account(runtime.session, account_id)
        if account.state == LinkState.CONNECTED:
            keep_tokens_now(runtime, account)


def publish_offer(offer_id: int) -> None:
    with _job() as runtime:
        account = get_offer(runtime.session, offer_id).account
        if account.is_working:
            publish_now(runtime, account, offer_id)


def settle() -> None:
    with _job() as runtime:
        settle_now(runtime)


def import_now(runtime: Runtime, account: Account) -> orders.ImportOutcome:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return orders.import_orders(runtime.session, api, runtime.shop, account, clock)


def reconcile_now(runtime: Runtime, account: Account) -> orders.ImportOutcome:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return orders.reconcile_orders(runtime.session, api, runtime.shop, account, clock)


def publish_now(runtime: Runtime, account: Account, offer_id: int) -> OfferState:
    api, clock = runtime.api(account), runtime.clock(account.environment)
    return offers.publish_offer(runtime.session, api, runtime.shop, offer_id, clock)


def ask_for_listing(runtime: Runtime, offer: Offer, who: str) -> None:
    """As the button of the form does."""
    offers.ask_for_listing(offer, runtime.now(offer.account.environment), who)
    runtime.session.commit()


def settle_now(runtime: Runtime, *, waits_its_turn: bool = True) -> dict[int, OfferState]:
    return offers.settle_offers(
        runtime.session, runtime.api, runtime.shop, runtime.clock, waits_its_turn=waits_its_turn
    )


def keep_tokens_now(runtime: Runtime, account: Account) -> bool:
    """True when they were renewed. What Allegro says against it stands on the account's row."""
    tokens = runtime.tokens(account)
    runtime.session.rollback()
    try:
        return tokens.keep_alive(RENEW_AHEAD)
    except AllegroError as trouble:
        log.warning("tokens were not renewed: %s", trouble)
        return False


def fetch_terms_now(runtime: Runtime, account: Account) -> None:
    now = runtime.now(account.environment)
    terms.fetch_terms(runtime.session, runtime.api(account), account.id, now)


def fetch_categories_now(runtime: Runtime, account: Account) -> None:
    environment = account.environment
    categories.fetch_tree(runtime.session, runtime.api(account), environment, runtime.now(environment))


def _log(what: str, outcome: orders.ImportOutcome) -> None:
    log.log(logging.WARNING if outcome.trouble else logging.INFO, "%s: %s", what, outcome)


def _for_working(account_id: int, do: Callable[[Runtime, Account], object]) -> None:
    """Unless it was switched off or disconnected after the job was rung."""
    with _job() as runtime:
        account = get_account(runtime.session, account_id)
        if account.is_working:
            do(runtime, account)


def _or_soon(runtime: Runtime, account: Account, fetch: Callable[[Runtime, Account], None]) -> None:
    """What is fetched once a day must not wait a day because Allegro was away for a minute."""
    task = fetch.__name__.removesuffix("_now")
    account_id, again_at = account.id, runtime.now(account.environment) + TRY_AGAIN_IN
    try:
        fetch(runtime, account)
    except AllegroError as trouble:
        log.warning("%s: %s", task, trouble)
        runtime.session.rollback()
        run_again_at(runtime.session, task, account_id, again_at)
        runtime.session.commit()


@contextmanager
def _job() -> Iterator[Runtime]:
    """A context of the job's own, as a request has one; its session ends with it."""
    runtime = current_runtime()
    with runtime.app.app_context():
        try:
            yield runtime
        finally:
            runtime.db.session.remove()
