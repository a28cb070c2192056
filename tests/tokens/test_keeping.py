"""Links that nobody uses stay alive; refused ones come back by themselves if Allegro lets them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.client.errors import NotConnected, Unavailable
from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED
from allegro_module.db.audit import AuditEntry
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.signals import connection_restored
from tests.tokens.linked import ME, SELLER, TOKEN, Link

WEEK = timedelta(days=7)


@pytest.fixture
def refused(link: Link) -> Link:
    """Its password was changed."""
    link.expire()
    link.revoke()
    with pytest.raises(NotConnected):
        link.keep()
    return link


def keep_ten_times(link: Link) -> None:
    for _ in range(10):
        link.forward(600)
        link.keep()


def audited(link: Link) -> list[str]:
    with Session(link.engine) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(("hours", "renewed"), [(0, False), (10.9, False), (11.1, True), (13, True)])
def test_what_ends_within_the_hour_is_renewed(link: Link, hours: float, renewed: bool) -> None:
    link.forward(timedelta(hours=hours).total_seconds())

    assert link.keep() is renewed
    assert len(link.counter.refreshes) == renewed


def test_refused_account_is_tried_once_in_ten_runs_and_stays_quiet(refused: Link) -> None:
    for _ in range(35):
        refused.forward(600)
        with suppress(NotConnected):
            refused.keep()

    assert len(refused.counter.refreshes) == 1 + 3
    assert refused.alarms() == [CONNECTION_LOST]
    assert refused.row(lambda row: row.state) == LinkState.NEEDS_RECONNECT


def test_refused_account_comes_back_when_a_refresh_and_a_call_succeed(refused: Link) -> None:
    refused.allow_again()
    heard: list[object] = []

    def listen(sender: object, fact: object) -> None:
        heard.append(fact)

    with connection_restored.connected_to(listen):
        keep_ten_times(refused)

    assert refused.row(lambda row: (row.state, row.state_reason)) == (LinkState.CONNECTED, "")
    assert refused.alarms() == [CONNECTION_LOST, CONNECTION_RESTORED]
    assert heard == [ConnectionRestored(SELLER)]
    assert audited(refused) == ["account_restored"]
    assert refused.is_good(refused.tokens().access_token())
    assert len(refused.counter.refreshes) == 2


def test_refresh_alone_brings_nothing_back(refused: Link) -> None:
    refused.allow_again()
    refused.simulator.faults.status(ME, 401)

    with pytest.raises(NotConnected):
        keep_ten_times(refused)

    assert refused.row(lambda row: row.state) == LinkState.NEEDS_RECONNECT
    keep_ten_times(refused)
    assert refused.row(lambda row: row.state) == LinkState.CONNECTED


def test_lost_answer_to_a_further_try_is_asked_for_within_the_grace(refused: Link) -> None:
    refused.allow_again()
    refused.simulator.faults.lose_answer(TOKEN, times=3)

    with pytest.raises(Unavailable) as lost:
        keep_ten_times(refused)
    assert lost.value.retry_after
    refused.forward(lost.value.retry_after.total_seconds())
    refused.keep()

    assert refused.row(lambda row: row.state) == LinkState.CONNECTED


def test_account_not_yet_confirmed_comes_back_as_such(link: Link) -> None:
    link.change(state=LinkState.UNCONFIRMED, is_confirmed=False)
    link.expire()
    link.revoke()
    with pytest.raises(NotConnected):
        link.keep()
    link.allow_again()

    keep_ten_times(link)

    assert link.row(lambda row: row.state) == LinkState.UNCONFIRMED


def test_access_that_nobody_uses_is_used_once_a_week(link: Link) -> None:
    link.keep()
    assert link.counter.calls == []

    for _ in range(16):
        link.forward(timedelta(days=1).total_seconds())
        link.keep()

    assert link.counter.calls == [ME, ME]


def test_seller_who_took_another_name_is_noticed(link: Link) -> None:
    link.forward(WEEK.total_seconds())
    link.change(login="an_earlier_name", is_company=False)

    link.keep()

    assert link.row(lambda row: (row.login, row.is_company)) == (SELLER, True)
    assert audited(link) == ["seller_changed"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_link_lives_on_for_more_than_ninety_days_by_the_keep_alive_alone(link: Link) -> None:
    for _ in range(200):
        link.expire()
        link.keep()

    assert link.is_good(link.tokens().access_token())
    assert link.alarms() == []
