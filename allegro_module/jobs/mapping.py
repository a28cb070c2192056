"""Categories: the search for those that suit the shop's, and the parameters of those that are mapped."""

from __future__ import annotations

import logging
from time import sleep

from allegro_module.client.errors import AllegroError
from allegro_module.client.governor import Lane
from allegro_module.db.accounts import Account, get_account
from allegro_module.db.schedule import begin_errand
from allegro_module.domain.texts import marked
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.reporting import NOT_CONNECTED, reported
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync import mapped_parameters
from allegro_module.sync.categories import fetch_tree
from allegro_module.sync.mapping_suggestions import suggest_categories as suggest

log = logging.getLogger(__name__)

SUGGEST = "suggest_categories"
SUGGESTED = marked("Categories suggested: %(count)s")


def ring_suggest_categories(runtime: Runtime, account: Account) -> bool:
    """Commits the row where the run tells of itself."""
    begin_errand(runtime.session, SUGGEST, account.id, runtime.now(account.environment))
    runtime.session.commit()
    return enqueue(runtime, SUGGEST, account.id)


def suggest_categories(account_id: int) -> None:
    with job() as runtime, reported(SUGGEST, account_id) as report:
        account = get_account(runtime.session, account_id)
        if not account.is_working:
            report.failed(NOT_CONNECTED)
            return
        environment = account.environment
        api, now = runtime.api(account, lane=Lane.BULK), runtime.now(environment)
        count = suggest(runtime.session, api, runtime.shop, environment, now, sleep, report.progress)
        report.done(SUGGESTED, count=count)


def ring_fetch_mapped_parameters(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "fetch_mapped_parameters", account_id)


def fetch_mapped_parameters(account_id: int) -> None:
    """What was mapped shall be known by the next draft; the daily fetching does what fails here."""
    with job() as runtime:
        account = get_account(runtime.session, account_id)
        if not account.is_working:
            return
        environment, session = account.environment, runtime.session
        api, now = runtime.api(account, lane=Lane.BULK), runtime.now(environment)
        try:
            mapped_parameters.fetch_mapped_parameters(session, api, runtime.shop, environment, now)
        except AllegroError as trouble:
            log.warning("parameters of mapped categories were not fetched: %s", trouble)


def fetch_categories_now(runtime: Runtime, account: Account) -> int:
    """The tree, then the parameters in use: without these the tree serves all the same."""
    environment, session = account.environment, runtime.session
    api, now = runtime.api(account, lane=Lane.BULK), runtime.now(environment)
    count = fetch_tree(session, api, environment, now)
    try:
        mapped_parameters.refresh_parameters_in_use(session, api, runtime.shop, environment, now)
    except AllegroError as trouble:
        log.warning("parameters of categories in use were not fetched: %s", trouble)
    return count
