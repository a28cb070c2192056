"""StoredTokens: the access of an account, kept sealed and renewed by one process at a time.

Allegro voids the old access token at the refresh and the old refresh token 60 seconds after its first use
(facts.md 2.5), so the new pair is committed in a transaction of its own before anybody uses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from allegro_module.claims import new_claim
from allegro_module.client.errors import NotConnected, Reason, Unavailable, Unexpected
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.db.accounts import Account, claim_refresh, get_account
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from allegro_module.domain.facts import ConnectionLost
from allegro_module.sealing import Seal
from allegro_module.signals import announce

#: A token that ends sooner is renewed before use.
LEEWAY = timedelta(minutes=5)
#: Longer than the token endpoint may take, shorter than Allegro's grace of 60 seconds.
CLAIM_LASTS = timedelta(seconds=40)
#: A lost answer is asked for again while the old refresh token still works.
TRIES_WITHIN_GRACE = 3
WAIT_FOR_NEIGHBOUR = timedelta(seconds=45)
LOOK_EVERY_SECONDS = 0.2


@dataclass(slots=True)
class StoredTokens:
    """The tokens of one account for the length of one job: reads once, writes only when it refreshes."""

    account_id: int
    engine: Engine
    seal: Seal
    oauth: OAuth
    now: Callable[[], datetime]
    may_refresh: bool = True
    pause: Callable[[float], None] = time.sleep
    _token: str | None = None
    _expires_at: datetime | None = None

    def access_token(self) -> str:
        """A token that is good for a while. Raises NotConnected, Unavailable."""
        if self._token is None:
            self._read()
        if self._token is None or self._expires_at is None:
            raise NotConnected(Reason.NO_TOKEN)
        if self._expires_at - LEEWAY <= self.now():
            return self.renewed(self._token)
        return self._token

    def keep_alive(self, ahead: timedelta) -> bool:
        """Renew a token that ends within `ahead`: True if it did. Raises NotConnected, Unavailable."""
        stale = self._read()
        ends_soon = self._expires_at is None or self._expires_at - ahead <= self.now()
        if stale is None or not ends_soon or not self.may_refresh:
            return False
        return self.renewed(stale) != stale

    def renewed(self, stale: str) -> str:
        """The pair that follows `stale`: a neighbour's when there is one, else our own.

        1. Look whether a neighbour has refreshed.  2. Claim the refresh, or wait for who holds it.
        3. Ask Allegro.  4. Commit the new pair and give the claim back.
        Raises NotConnected when Allegro refuses, Unavailable when it does not answer.
        """
        deadline = self.now() + WAIT_FOR_NEIGHBOUR
        waited = timedelta(0)
        while True:
            if (neighbours := self._read()) != stale and neighbours is not None:
                return neighbours
            if self.may_refresh and (claim := self._claim()):
                return self._refresh_under(claim, stale)
            if self.now() >= deadline or waited >= WAIT_FOR_NEIGHBOUR:
                raise Unavailable("another process renews the access", is_sure_nothing_happened=True)
            self.pause(LOOK_EVERY_SECONDS)
            waited += timedelta(seconds=LOOK_EVERY_SECONDS)

    def _read(self) -> str | None:
        with Session(self.engine) as session:
            account = get_account(session, self.account_id)
            if account.state != LinkState.CONNECTED or account.sealed_access_token is None:
                raise NotConnected(Reason.NO_TOKEN)
            self._token = self.seal.open(account.sealed_access_token)
            self._expires_at = account.token_expires_at
        return self._token

    def _claim(self) -> str | None:
        claim = new_claim()
        now = self.now()
        with Session(self.engine) as session:
            taken = claim_refresh(session, self.account_id, claim, now, now + CLAIM_LASTS)
            session.commit()
        return claim if taken else None

    def _refresh_under(self, claim: str, stale: str) -> str:
        if (current := self._read()) != stale and current is not None:
            self._give_back(claim)
            return current
        try:
            tokens = self._ask_allegro()
        except NotConnected as refusal:
            if (neighbours := self._read()) != stale and neighbours is not None:
                # Our claim had run out and somebody else has used the refresh token since.
                self._give_back(claim)
                return neighbours
            self._remember_refusal(refusal)
            raise
        except BaseException:
            self._give_back(claim)
            raise
        self._remember(tokens)
        return tokens.access_token

    def _ask_allegro(self) -> Tokens:
        with Session(self.engine) as session:
            account = get_account(session, self.account_id)
            client_id = account.application.client_id
            client_secret = self.seal.open(account.application.sealed_client_secret)
            refresh_token = self.seal.open(account.sealed_refresh_token or "")
        for last in range(TRIES_WITHIN_GRACE):
            try:
                return self.oauth.refresh(client_id, client_secret, refresh_token)
            except (Unavailable, Unexpected) as trouble:
                nothing_happened = isinstance(trouble, Unavailable) and trouble.is_sure_nothing_happened
                if nothing_happened or last == TRIES_WITHIN_GRACE - 1:
                    raise
        raise AssertionError("unreachable")

    def _remember(self, tokens: Tokens) -> None:
        now = self.now()
        self._token, self._expires_at = tokens.access_token, tokens.expires_at(now)
        with Session(self.engine) as session:
            session.execute(
                update(Account)
                .where(Account.id == self.account_id)
                .values(
                    sealed_access_token=self.seal.close(tokens.access_token),
                    sealed_refresh_token=self.seal.close(tokens.refresh_token or ""),
                    token_version=Account.token_version + 1,
                    token_expires_at=self._expires_at,
                    refreshed_at=now,
                    refresh_claim=None,
                    refresh_claimed_until=None,
                )
            )
            session.commit()

    def _remember_refusal(self, refusal: NotConnected) -> None:
        with Session(self.engine) as session:
            account = get_account(session, self.account_id)
            account.state = LinkState.NEEDS_RECONNECT
            account.state_reason = str(refusal)[:255]
            if refusal.reason == Reason.BAD_CLIENT:
                account.state_reason = KEYS_REFUSED
                account.application.proved_at = None
            account.state_since = self.now()
            account.refresh_claim = None
            account.refresh_claimed_until = None
            fact = ConnectionLost(account=account.login or account.alias, reason=account.state_reason)
            session.commit()
        announce(fact)

    def _give_back(self, claim: str) -> None:
        with Session(self.engine) as session:
            session.execute(
                update(Account)
                .where(Account.id == self.account_id, Account.refresh_claim == claim)
                .values(refresh_claim=None, refresh_claimed_until=None)
            )
            session.commit()
