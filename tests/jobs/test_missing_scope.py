"""The schedule does not ask for what the seller has not granted."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from allegro_module.db.accounts import Account
from allegro_module.domain.scopes import NEEDED, READ_ORDERS, READ_SETTINGS
from allegro_module.jobs.schedule import tick
from tests.jobs.host import Host


def grant(host: Host, *names: str) -> None:
    account = host.runtime.session.scalars(select(Account)).one()
    account.scopes = " ".join(names)
    host.runtime.session.commit()


def rung(host: Host) -> set[str]:
    return set(tick(host.runtime))


@pytest.mark.parametrize(
    ("missing", "skipped"),
    [
        (READ_ORDERS, {"import_orders", "reconcile_orders"}),
        (READ_SETTINGS, {"fetch_terms"}),
    ],
)
def test_task_waits_for_its_scope_and_the_others_go_on(
    ringing_host: Host, missing: str, skipped: set[str]
) -> None:
    ringing_host.link()
    rung(ringing_host)
    grant(ringing_host, *(name for name in NEEDED if name != missing))

    ringing_host.world.clock.advance(2 * 24 * 3600)
    without = rung(ringing_host)
    grant(ringing_host, *NEEDED)
    afterwards = rung(ringing_host)

    assert without & skipped == set()
    assert "keep_tokens" in without
    assert skipped <= afterwards
