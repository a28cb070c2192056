"""Tokens of an account: renewed once whoever asks, never lost, and broken only when Allegro says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from allegro_module.client.errors import NotConnected, Unavailable
from allegro_module.db import token_lock
from allegro_module.db.accounts import Account, Application
from allegro_module.db.cursors import Cursor
from allegro_module.db.token_lock import CLAIM_LASTS, Turn, held
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from allegro_module.domain.facts import ConnectionLost
from allegro_module.sealing import Seal
from allegro_module.signals import connection_lost
from allegro_module.simulator.faults import Kind
from tests.tokens.linked import KEY, SELLER, TOKEN, Link


def test_good_token_is_used_without_asking(link: Link) -> None:
    tokens = link.tokens()

    assert tokens.access_token() == tokens.access_token()
    assert link.counter.refreshes == []


def test_token_about_to_end_is_renewed_and_kept_sealed(link: Link) -> None:
    link.expire()

    token = link.tokens().access_token()

    assert link.is_good(token)
    assert link.row(lambda row: Seal([KEY]).open(row.sealed_access_token or "")) == token
    assert link.row(lambda row: (row.token_version, row.refresh_claim)) == (1, None)
    assert link.tokens().access_token() == token


def test_new_pair_is_saved_although_the_job_fails(link: Link, engine: Engine) -> None:
    link.expire()

    with Session(engine) as job:
        job.execute(select(Account))
        token = link.tokens().access_token()
        job.rollback()

    assert link.tokens().access_token() == token


@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.MALFORMED])
def test_lost_answer_is_asked_for_again_within_the_grace(link: Link, kind: Kind) -> None:
    link.expire()
    link.simulator.faults.add(TOKEN, kind)

    token = link.tokens().access_token()

    assert link.is_good(token)
    assert len(link.counter.refreshes) == 2


def test_refused_refresh_needs_the_seller_and_raises_the_alarm(link: Link) -> None:
    link.expire()
    link.revoke()
    heard: list[object] = []

    def listen(sender: object, fact: object) -> None:
        heard.append(fact)

    with connection_lost.connected_to(listen), pytest.raises(NotConnected):
        link.tokens().access_token()

    assert link.row(lambda row: (row.state, row.refresh_claim)) == (LinkState.NEEDS_RECONNECT, None)
    assert heard == [ConnectionLost(SELLER, link.row(lambda row: row.state_reason))]
    with pytest.raises(NotConnected):
        link.tokens().access_token()
    assert len(link.counter.refreshes) == 1


def test_refused_keys_are_told_apart_from_a_lost_consent(link: Link, engine: Engine) -> None:
    link.expire()
    with Session(engine) as session:
        application = session.scalars(select(Application)).one()
        application.sealed_client_secret = Seal([KEY]).close("not-the-secret")
        application.proved_at = link.world.now()
        session.commit()

    with pytest.raises(NotConnected):
        link.tokens().access_token()

    seen = link.row(lambda row: (row.state, row.state_reason, row.application.proved_at))
    assert seen == (LinkState.NEEDS_RECONNECT, KEYS_REFUSED, None)


def test_reason_of_a_refusal_shows_no_token(link: Link, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    refresh = link.row(lambda row: Seal([KEY]).open(row.sealed_refresh_token or ""))
    link.expire()
    link.revoke()

    with pytest.raises(NotConnected) as refused:
        link.tokens().access_token()

    assert refresh not in caplog.text + str(refused.value) + link.row(lambda row: row.state_reason)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_allegro_away_never_asks_the_seller_to_reconnect(link: Link, status: int) -> None:
    link.expire()
    link.simulator.faults.status(TOKEN, status, times=3)

    with pytest.raises(Unavailable) as away:
        link.tokens().access_token()

    assert link.row(lambda row: (row.state, row.refresh_claim)) == (LinkState.CONNECTED, None)
    link.simulator.faults.clear()
    assert away.value.retry_after
    link.forward(away.value.retry_after.total_seconds())
    assert link.is_good(link.tokens().access_token())


def test_neighbour_s_new_pair_is_taken(link: Link) -> None:
    mine = link.tokens()
    stale = mine.access_token()
    link.expire()
    fresh = link.tokens().access_token()

    assert mine.renewed(stale) == fresh
    assert len(link.counter.refreshes) == 1


def test_claim_of_a_neighbour_that_died_runs_out(link: Link) -> None:
    link.expire()
    link.change(refresh_claim="dead", refresh_claimed_until=link.world.now() + CLAIM_LASTS)

    token = link.tokens().access_token()

    assert link.is_good(token)


@contextmanager
def renewing_elsewhere(link: Link) -> Iterator[None]:
    """A neighbour that has the right to renew and does not come to an end."""
    if link.engine.dialect.name != "postgresql":
        link.change(refresh_claim="slow", refresh_claimed_until=link.world.now() + timedelta(hours=1))
        yield
        return
    with held(Turn(link.engine, link.account_id, 0, link.world.now, link.forward)):
        yield


def test_neighbour_that_is_slow_is_waited_for_and_then_given_up(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_lock, "PATIENCE", timedelta(seconds=1))
    link.expire()

    with renewing_elsewhere(link), pytest.raises(Unavailable):
        link.tokens().access_token()

    assert link.counter.refreshes == []
    assert link.row(lambda row: row.state) == LinkState.CONNECTED


def test_rows_that_refer_to_the_account_are_written_while_it_is_renewed(link: Link) -> None:
    link.expire()

    def write(answered: object) -> None:
        with Session(link.engine) as session:
            session.add(Cursor(account_id=link.account_id, started_at=link.world.now()))
            session.commit()

    link.counter.afterwards = write
    token = link.tokens().access_token()

    assert link.is_good(token)


@pytest.mark.parametrize("state", [LinkState.UNCONFIRMED, LinkState.CONNECTED])
def test_tokens_of_an_account_not_yet_confirmed_live_on(link: Link, state: LinkState) -> None:
    link.change(state=state)
    link.expire()

    assert link.is_good(link.tokens().access_token())
    assert link.row(lambda row: row.state) == state


def test_token_costs_a_job_one_read_and_no_write(link: Link) -> None:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(link.engine, "before_cursor_execute", note)
    api = link.api()
    for _ in range(3):
        api.account.me()
    event.remove(link.engine, "before_cursor_execute", note)

    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    assert len(link.counter.calls) == 3


def test_tokens_are_not_shown_by_accident(link: Link) -> None:
    tokens = link.tokens()
    token = tokens.access_token()

    assert token not in repr(tokens)


def test_button_renews_what_is_good_and_pressed_twice_does_it_once(link: Link) -> None:
    first = link.tokens().access_token()

    assert (link.tokens().renew(), link.tokens().renew()) == (True, False)
    token = link.tokens().access_token()
    link.forward(10)
    assert link.tokens().renew() is True
    assert token != first
    assert len(link.counter.refreshes) == 2


def test_node_that_must_not_refresh_never_does(link: Link) -> None:
    link.expire()

    with pytest.raises(Unavailable):
        link.tokens(may_refresh=False).access_token()

    assert link.tokens(may_refresh=False).keep_alive(timedelta(hours=1)) is False
    assert link.counter.refreshes == []


@pytest.mark.parametrize(("hours", "renewed"), [(0, False), (10.9, False), (11.1, True), (13, True)])
def test_keeping_alive_renews_what_ends_within_the_hour(link: Link, hours: float, renewed: bool) -> None:
    link.world.clock.advance(timedelta(hours=hours).total_seconds())

    assert link.tokens().keep_alive(timedelta(hours=1)) is renewed
    assert len(link.counter.refreshes) == renewed


def test_account_that_was_disconnected_has_no_token(link: Link) -> None:
    link.change(state=LinkState.DISCONNECTED, sealed_access_token=None)

    with pytest.raises(NotConnected):
        link.tokens().access_token()
