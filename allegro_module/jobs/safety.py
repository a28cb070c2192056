"""The count of how complete the GPSR data of the shop's products are."""

from __future__ import annotations

from allegro_module.db.accounts import get_account
from allegro_module.jobs.queue import enqueue
from allegro_module.jobs.running import job
from allegro_module.runtime import Runtime
from allegro_module.sync.safety import coverage


def ring_count_safety(runtime: Runtime, account_id: int) -> bool:
    return enqueue(runtime, "count_safety", account_id)


def count_safety(account_id: int) -> None:
    """Asks Allegro nothing: an account that is not connected is counted too."""
    with job() as runtime:
        account = get_account(runtime.session, account_id)
        coverage(runtime.session, runtime.shop, account_id, runtime.clock(account.environment))
