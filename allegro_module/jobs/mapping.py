"""The search for categories that suit the shop's: a run that a seller starts from the page of the mapping."""

from __future__ import annotations

from time import sleep

from allegro_module.db.accounts import Account, get_account
from allegro_module.db.schedule import begin_errand
from allegro_module.domain.texts import marked
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.reporting import NOT_CONNECTED, reported
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.mapping_suggestions import suggest_categories as suggest

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
        api, now = runtime.api(account), runtime.now(environment)
        count = suggest(runtime.session, api, runtime.shop, environment, now, sleep, report.progress)
        report.done(SUGGESTED, count=count)
