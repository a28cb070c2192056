"""*Testuj połączenie*, for a page and for the command line: the flow with all that it works with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2
from redis.exceptions import RedisError

from allegro_module.client.answers import read_date
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import build_http_client
from allegro_module.db.accounts import Account
from allegro_module.runtime import PAGE_SECONDS, Runtime
from allegro_module.sync.checks import Check, bad
from allegro_module.sync.connection_test import Tools, keep_report, test_connection

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ClockWatch:
    """Compares our clock with the `Date` of each answer, whatever it says."""

    now: Callable[[], datetime]
    ahead: timedelta | None = None

    def look(self, response: httpx2.Response) -> None:
        if date := read_date(response.headers.get("date", "")):
            self.ahead = self.now() - date


def test_now(runtime: Runtime, account: Account, redirect_uri: str = "") -> list[Check]:
    """Whoever waits for it is not kept waiting long. Raises nothing of what Allegro may do."""
    environment = account.environment
    if environment == "simulator" and not runtime.settings.simulator_url:
        report = [bad("environment", "no_simulator")]
        keep_report(runtime.session, account, report, runtime.now(environment))
        return report
    watch = ClockWatch(runtime.clock(environment))
    user_agent = runtime.settings.user_agent(account.application.name)
    with build_http_client(runtime.http_transport, PAGE_SECONDS) as http:
        http.event_hooks = {"response": [watch.look]}
        tools = Tools(
            oauth=OAuth(runtime.environment(environment), user_agent, http),
            api=runtime.api(account, http),
            seal=runtime.seal,
            user_agent=user_agent,
            redirect_uri=redirect_uri,
            clock_ahead=lambda: watch.ahead,
            is_queue_there=lambda: is_queue_there(runtime),
            now=watch.now,
            wall_now=runtime.wall_clock,
        )
        return test_connection(runtime.session, tools, account.id)


def is_queue_there(runtime: Runtime) -> bool:
    try:
        return bool(runtime.redis.ping())
    except (RedisError, OSError) as trouble:
        log.warning("the job queue cannot be reached (%s)", type(trouble).__name__)
        return False
