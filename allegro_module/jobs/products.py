"""Jobs that ask Allegro's catalogue: the product of one offer, and what was left over."""

from __future__ import annotations

from contextlib import suppress

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.offers import NoSuchOffer, get_offer
from allegro_module.db.product_matches import list_unsettled
from allegro_module.domain.offers import ProductMatch
from allegro_module.domain.texts import marked
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.quick import finish_lists
from allegro_module.jobs.reporting import ALLEGRO_SILENT, NOT_CONNECTED, Report, reported
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.product_learning import learn_products
from allegro_module.sync.product_match import match_by_gtin
from allegro_module.sync.product_status import refresh_proposed

#: Of one run: the catalogue slows down after some twenty questions (facts.md 3.2).
MOST_OFFERS = 20
PRODUCTS_LOOKED_UP = marked("Products looked up: %(count)s")


def ring_match_product(runtime: Runtime, offer_id: int) -> bool:
    return enqueue(runtime, "match_product", offer_id)


def match_product(offer_id: int) -> None:
    """Look the EAN up, or read what is known by its id alone. A draft deleted meanwhile needs none."""
    with job() as runtime, suppress(NoSuchOffer):
        account = get_offer(runtime.session, offer_id).account
        if account.is_working:
            _match(runtime, account, offer_id)
            _learn(runtime, offer_id)


def _learn(runtime: Runtime, offer_id: int) -> None:
    offer = get_offer(runtime.session, offer_id)
    api, now = runtime.api(offer.account), runtime.now(offer.account.environment)
    learn_products(runtime.session, api, offer, now)


def match_products(account_id: int) -> None:
    """What was not settled when its bell was rung, then products that Allegro verifies."""
    with job() as runtime, reported("match_products", account_id) as report:
        account = get_account(runtime.session, account_id)
        if account.is_working:
            _match_all(runtime, account, report)
        else:
            report.failed(NOT_CONNECTED)


def _match_all(runtime: Runtime, account: Account, report: Report) -> None:
    account_id, environment = account.id, account.environment
    finish_lists(runtime, account_id)
    waiting = list_unsettled(runtime.session, account_id, MOST_OFFERS)
    for count, offer_id in enumerate(waiting, start=1):
        if _match(runtime, get_account(runtime.session, account_id), offer_id) == ProductMatch.FAILED:
            report.failed(ALLEGRO_SILENT)
            return
        report.progress(count, len(waiting))
    api = runtime.api(get_account(runtime.session, account_id))
    looked = refresh_proposed(runtime.session, api, account_id, environment, runtime.now(environment))
    report.done(PRODUCTS_LOOKED_UP, count=len(waiting) + looked)


def _match(runtime: Runtime, account: Account, offer_id: int) -> ProductMatch:
    api, now = runtime.api(account), runtime.now(account.environment)
    return match_by_gtin(runtime.session, api, runtime.shop, offer_id, now)
