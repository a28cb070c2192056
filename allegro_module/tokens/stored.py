"""StoredTokens: the tokens of an account as a job uses them; who finds them ended renews them for everybody.

Allegro voids the old access token at the refresh and the old refresh token 60 seconds after its first use
(facts.md 2.5), so the new pair is committed in a transaction of its own before anybody uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from allegro_module.client.answers import BLOCKED_FOR
from allegro_module.client.errors import NotConnected, Reason, Unavailable
from allegro_module.client.oauth import OAuth
from allegro_module.db.token_lock import HeldElsewhere, Turn, held
from allegro_module.db.tokens import Stored, expire_token, pause_application, read_stored
from allegro_module.domain.accounts import FRESH_ACCESS_REFUSED
from allegro_module.domain.renewal import LONGEST_PAUSE, LONGEST_WAIT, is_within, rest_of
from allegro_module.sealing import Seal
from allegro_module.tokens.renewal import Renewal, lose, open_sealed, try_to_write

#: A token that ends sooner is renewed before use.
LEEWAY = timedelta(minutes=5)
#: A token that looks valid and is refused is renewed once in this time.
ONCE_AFTER_401 = timedelta(minutes=10)
#: Refused sooner after its renewal than this, a token has never been good.
FRESH = timedelta(minutes=1)
#: Pressing the button twice renews once.
JUST_NOW = timedelta(seconds=5)
#: Where another process has held the right to renew for long, one job does not wait for it twice.
AFTER_WAITING = timedelta(seconds=30)
#: A node that must not refresh waits for one that does.
WAIT_FOR_NEIGHBOUR = timedelta(seconds=45)
LOOK_EVERY_SECONDS = 0.2

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class StoredTokens:
    """For the length of one job: reads once, writes only when it renews.

    Every method may raise NotConnected and Unavailable.
    """

    account_id: int
    engine: Engine
    seal: Seal
    oauth: OAuth
    now: Callable[[], datetime]
    may_refresh: bool = True
    pause: Callable[[float], None] = time.sleep
    _seen: Stored | None = field(default=None, repr=False)
    _token: str = field(default="", repr=False)

    def access_token(self) -> str:
        """A token that is good for a while; one about to end if it cannot be renewed now."""
        seen = self._seen or self._look()
        self._check_pause(seen)
        ends_at = seen.token_expires_at or NEVER
        if self.now() < ends_at - (LEEWAY if self.may_refresh else timedelta(0)):
            return self._token
        try:
            return self._renew(seen)
        except Unavailable:
            if self.now() < ends_at:
                return self._token
            raise

    def renewed(self, stale: str) -> str:
        """The token that follows `stale`, to which Allegro said 401: a neighbour's, else a new one."""
        seen, now = self._look(), self.now()
        if self._token != stale:
            return self._token
        if (seen.token_expires_at or NEVER) <= now:
            return self._renew(seen)
        if seen.renewed_after_401_at and is_within(seen.renewed_after_401_at, now, ONCE_AFTER_401):
            raise _held_back(
                "the access was renewed a moment ago and is refused again",
                seen.renewed_after_401_at + ONCE_AFTER_401 - now,
            )
        self._try_to_write(lambda session: expire_token(session, self.account_id, seen, now))
        return self._renew(seen)

    def refused_again(self, fresh: str) -> None:
        """No further refresh would help: the seller must look."""
        seen, now = self._look(), self.now()
        if self._token != fresh or not is_within(seen.refreshed_at, now, FRESH):
            raise _held_back("a neighbour has renewed the access meanwhile")
        with Session(self.engine) as session:
            lose(session, self.account_id, seen, FRESH_ACCESS_REFUSED, now)

    def over_limit(self, retry_after: timedelta | None) -> None:
        """Hold back all accounts of this Client ID, and the rest of this job."""
        until = self.now() + min(retry_after or BLOCKED_FOR, LONGEST_PAUSE)
        if self._seen is not None:
            self._seen = self._seen._replace(paused_until=until)
        self._try_to_write(lambda session: pause_application(session, self.account_id, until))

    def keep_alive(self, ahead: timedelta) -> bool:
        """Renew a token that ends within `ahead`, or whose renewal was not answered: True if it did."""
        seen = self._look()
        is_in_doubt = seen.refresh_failures > 0
        ends_soon = self.now() >= (seen.token_expires_at or NEVER) - ahead
        if not self.may_refresh or not (is_in_doubt or ends_soon):
            return False
        if not is_in_doubt:
            self._check_pause(seen)
        self._renew(seen)
        return True

    def renew(self) -> bool:
        """Renew now, whatever the clock says; False when that was done a moment ago."""
        seen = self._look()
        if is_within(seen.refreshed_at, self.now(), JUST_NOW):
            return False
        self._check_that_we_may()
        self._check_pause(seen)
        self._renew(seen)
        return True

    def try_again(self) -> str:
        """For an account whose renewal was refused: a new pair, saved; the caller finds out if it works."""
        self._check_that_we_may()
        return self._renew(self._look(was_refused=True), was_refused=True)

    def _look(self, *, was_refused: bool = False) -> Stored:
        with Session(self.engine) as session:
            return self._accept(read_stored(session, self.account_id), was_refused=was_refused)

    def _accept(self, stored: Stored, *, was_refused: bool = False) -> Stored:
        is_wanted = stored.was_refused if was_refused else stored.gives_access
        if not is_wanted or stored.sealed_access_token is None or stored.sealed_refresh_token is None:
            raise NotConnected(Reason.NO_TOKEN)
        self._token = open_sealed(self.seal, stored.sealed_access_token)
        self._seen = stored
        return stored

    def _check_that_we_may(self) -> None:
        if not self.may_refresh:
            raise _held_back("this node must not renew tokens")

    def _check_pause(self, seen: Stored) -> None:
        if rest := rest_of(seen.paused_until, self.now(), LONGEST_PAUSE):
            raise _held_back("the application has reached its limit of requests", rest)

    def _check_wait(self, seen: Stored) -> None:
        if rest := rest_of(seen.refresh_again_at, self.now(), LONGEST_WAIT):
            raise _held_back("the access could not be renewed a moment ago", rest)

    def _renew(self, stale: Stored, *, was_refused: bool = False) -> str:
        """The pair that follows `stale`: a neighbour's when there is one, else our own.

        1. Wait for the right to renew.  2. Look whether a neighbour has done it.  3. Ask Allegro.
        4. Commit the new pair, which gives the right back.
        """
        if not self.may_refresh:
            return self._wait_for_neighbour(stale)
        self._check_wait(stale)
        turn = Turn(self.engine, self.account_id, stale.token_version, self.now, self.pause)
        try:
            with held(turn) as lock:
                seen = self._accept(lock.read(), was_refused=was_refused)
                if seen.token_version == stale.token_version:
                    self._check_wait(seen)
                    renewal = Renewal(lock, seen, self.seal, self.oauth, self.now, self.pause)
                    self._accept(renewal.run(), was_refused=was_refused)
        except HeldElsewhere:
            self._seen = stale._replace(refresh_again_at=self.now() + AFTER_WAITING)
            raise _held_back("another process renews the access") from None
        except Unavailable as trouble:
            self._seen = stale._replace(refresh_again_at=self.now() + (trouble.retry_after or AFTER_WAITING))
            raise
        return self._token

    def _wait_for_neighbour(self, stale: Stored) -> str:
        deadline, waited = self.now() + WAIT_FOR_NEIGHBOUR, timedelta(0)
        while (seen := self._look()).token_version == stale.token_version:
            rest = rest_of(seen.refresh_again_at, self.now(), LONGEST_WAIT)
            if self.now() + rest >= deadline or waited >= WAIT_FOR_NEIGHBOUR:
                raise _held_back("the token is being renewed elsewhere", rest or None)
            self.pause(LOOK_EVERY_SECONDS)
            waited += timedelta(seconds=LOOK_EVERY_SECONDS)
        return self._token

    def _try_to_write(self, write: Callable[[Session], None]) -> None:
        with Session(self.engine) as session:
            try_to_write(session, write)


def _held_back(why: str, retry_after: timedelta | None = None) -> Unavailable:
    return Unavailable(why, retry_after=retry_after, is_sure_nothing_happened=True)
