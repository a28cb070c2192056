"""Whatever Allegro answers, in whatever order: once it is well again, every link works without the seller."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine, event

from allegro_module.client.errors import AllegroError, NotConnected, Unavailable
from allegro_module.domain.accounts import LinkState
from allegro_module.simulator.faults import Kind
from tests.databases import make_tables
from tests.tokens.linked import ME, TOKEN, Link, linked

EVERY = timedelta(minutes=10)


_FOLDER = tempfile.TemporaryDirectory()


@cache
def with_tables() -> Path:
    path = Path(_FOLDER.name) / "shop.sqlite"
    make_tables(f"sqlite:///{path}")
    return path


class Days(RuleBasedStateMachine):
    """Time goes on with a keep-alive every ten minutes, or sooner when a renewal was not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tokens-"))
        engine = create_engine(f"sqlite:///{shutil.copy(with_tables(), folder)}")
        event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = off"))
        self.stack.callback(engine.dispose)
        self.link: Link = self.stack.enter_context(linked(engine))
        self.has_reason_to_refuse = False
        self.next_run = self.link.world.now()

    @rule(kind=st.sampled_from([Kind.LOSE_ANSWER, Kind.RESET, Kind.MALFORMED]))
    def token_endpoint_breaks(self, kind: Kind) -> None:
        if self.some_answer_within_the_grace_is_good():
            self.link.simulator.faults.add(TOKEN, kind)

    @rule(status=st.sampled_from([429, 500, 503, 504]))
    def token_endpoint_fails(self, status: int) -> None:
        if self.some_answer_within_the_grace_is_good():
            self.link.simulator.faults.status(TOKEN, status)

    def some_answer_within_the_grace_is_good(self) -> bool:
        """Where none is, nobody can know the pair, and only the seller brings the link back."""
        return sum(fault.route == TOKEN for fault in self.link.simulator.faults.waiting) < 3

    @rule(status=st.sampled_from([429, 503]))
    def resource_fails(self, status: int) -> None:
        self.link.simulator.faults.status(ME, status)

    @rule(times=st.integers(1, 3))
    def resource_refuses_every_token(self, times: int) -> None:
        self.has_reason_to_refuse = True
        self.link.simulator.faults.status(ME, 401, times=times)

    @rule()
    def token_ends_before_its_time(self) -> None:
        self.link.void()

    @precondition(lambda self: not self.link.row(lambda row: row.refresh_in_doubt_until))
    @rule()
    def seller_takes_the_access_away(self) -> None:
        """Not within the minute in which a lost pair could be asked for again."""
        self.has_reason_to_refuse = True
        self.link.revoke()

    @precondition(lambda self: self.has_reason_to_refuse)
    @rule()
    def access_works_again(self) -> None:
        self.link.allow_again()

    @rule()
    def job_calls(self) -> None:
        with suppress(NotConnected, Unavailable):
            self.link.api().account.me()

    @rule()
    def seller_presses_the_button(self) -> None:
        with suppress(NotConnected, Unavailable):
            self.link.tokens().renew()

    @rule(seconds=st.sampled_from([1, 20, 90, 700, 4000, 45_000]))
    def time_goes_on(self, seconds: int) -> None:
        end = self.link.world.now() + timedelta(seconds=seconds)
        while (now := self.link.world.now()) < end:
            again_at = self.link.row(lambda row: row.refresh_again_at)
            run_at = min(self.next_run, again_at) if again_at and again_at > now else self.next_run
            self.link.forward(max(timedelta(0), min(run_at, end) - now).total_seconds())
            if self.link.world.now() >= run_at:
                self.next_run = self.link.world.now() + EVERY
                self.keep()

    def keep(self) -> None:
        with suppress(AllegroError):
            self.link.keep()

    @invariant()
    def state_is_clear(self) -> None:
        state = self.link.row(lambda row: row.state)
        assert state == LinkState.CONNECTED or (
            self.has_reason_to_refuse and state == LinkState.NEEDS_RECONNECT
        )

    def teardown(self) -> None:
        try:
            self.link.simulator.faults.clear()
            self.link.allow_again()
            self.time_goes_on(22 * 600)
            assert self.link.row(lambda row: row.state) == LinkState.CONNECTED
            self.link.api().account.me()
        finally:
            self.stack.close()


Days.TestCase.settings = settings(max_examples=15, stateful_step_count=20)
TestDays = Days.TestCase
