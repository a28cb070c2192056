"""What changes among Allegro's categories, followed every hour; what is in use is read again daily."""

from __future__ import annotations

import logging

from allegro_module.client.errors import AllegroError
from allegro_module.client.governor import Lane
from allegro_module.db.accounts import Account, get_account, is_account_working
from allegro_module.domain.texts import marked
from allegro_module.jobs.reporting import reported, words_of
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.category_events import follow_category_events, refresh_planned_changes
from allegro_module.sync.mapped_parameters import refresh_parameters_in_use

log = logging.getLogger(__name__)

FOLLOWED = marked("Changes: %(events)s, planned: %(planned)s, categories read again: %(fetched)s")


def refresh_categories(account_id: int) -> None:
    with job() as runtime:
        if not is_account_working(runtime.session, account_id):
            return
        with reported("refresh_categories", account_id) as report:
            try:
                counts = refresh_categories_now(runtime, get_account(runtime.session, account_id))
            except AllegroError as trouble:
                log.warning("changes of categories were not followed: %s", trouble)
                report.failed(words_of(trouble))
            else:
                report.done(FOLLOWED, **counts)


def refresh_categories_now(runtime: Runtime, account: Account) -> dict[str, int]:
    """Raises AllegroError; what was read until then stays."""
    session, environment, account_id = runtime.session, account.environment, account.id
    api, now = runtime.api(account, lane=Lane.BULK), runtime.now(environment)
    return {
        "events": follow_category_events(session, api, account_id, environment, now),
        "planned": refresh_planned_changes(session, api, environment, now),
        "fetched": refresh_parameters_in_use(session, api, runtime.shop, environment, now),
    }
