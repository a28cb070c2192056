"""One renewal, by whoever holds the right to it: ask Allegro, and let nothing of the answer be lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.db.token_lock import Held
from allegro_module.db.tokens import Stored, lose_access, put_off_refresh, restore_access, save_pair
from allegro_module.db.trouble import is_passing
from allegro_module.domain.accounts import KEYS_REFUSED
from allegro_module.domain.facts import ConnectionLost, ConnectionRestored, Fact
from allegro_module.domain.renewal import GRACE, Silence, wait_after
from allegro_module.sealing import Seal, SealBroken
from allegro_module.signals import announce

log = logging.getLogger(__name__)

#: A lost answer is asked for again at once, unless it took long to be lost: a claim lasts 40 seconds.
TRIES = 3
QUICK = timedelta(seconds=4)
#: The database cannot take the new pair, and nobody else has it.
SAVE_FOR = timedelta(minutes=10)
SAVE_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
KEY_MISSING = "the key that its tokens were sealed with is missing from ALLEGRO_ENCRYPTION_KEYS"


@dataclass(frozen=True, slots=True)
class Renewal:
    """`seen` was read under the lock: it is the pair to be replaced."""

    lock: Held
    seen: Stored
    seal: Seal
    oauth: OAuth
    now: Callable[[], datetime]
    pause: Callable[[float], None]

    def run(self) -> Stored:
        """The new pair, committed. Raises NotConnected, Unavailable."""
        secret = open_sealed(self.seal, self.seen.sealed_client_secret)
        refresh_token = open_sealed(self.seal, self.seen.sealed_refresh_token or "")
        silences: list[Silence] = []
        try:
            tokens = self._ask(secret, refresh_token, silences)
        except NotConnected as refusal:
            if refusal.reason is Reason.OTHER:
                # The page of a gateway, or what we do not understand: no word on the seller's consent.
                self._put_off(refusal, [*silences, Silence.OPEN])
            return self._refused(refusal)
        except AllegroError as trouble:
            self._put_off(trouble, silences)
        return self._save(self._pair(tokens))

    def _ask(self, secret: str, refresh_token: str, silences: list[Silence]) -> Tokens:
        tries, began_at = 1 if self.seen.refresh_failures else TRIES, self.now()
        while True:
            try:
                return self.oauth.refresh(self.seen.client_id, secret, refresh_token)
            except NotConnected:
                raise
            except AllegroError as trouble:
                silences.append(silence_of(trouble))
                is_slow = self.now() - began_at > QUICK
                if silences[-1] is not Silence.OPEN or len(silences) == tries or is_slow:
                    raise

    def _put_off(self, trouble: AllegroError, silences: Sequence[Silence]) -> NoReturn:
        """Nobody asks again before the wait is over, and the keep-alive asks soon after."""
        seen, now = self.seen, self.now()
        in_doubt_until = now + GRACE if Silence.OPEN in silences else seen.refresh_in_doubt_until
        wait = wait_after(
            seen.refresh_failures + 1,
            silences[-1],
            is_in_doubt=in_doubt_until is not None and now < in_doubt_until,
            retry_after=trouble.retry_after if isinstance(trouble, Unavailable) else None,
        )
        try_to_write(
            self.lock.session,
            lambda session: put_off_refresh(session, self.lock.account_id, seen, now + wait, in_doubt_until),
        )
        raise Unavailable(
            f"the access could not be renewed: {trouble.detail}",
            retry_after=wait,
            is_sure_nothing_happened=True,
            at=trouble.at,
        ) from trouble

    def _refused(self, refusal: NotConnected) -> Stored:
        there = self.lock.read()
        if there.token_version != self.seen.token_version:
            # Our claim had run out, and somebody else has used the refresh token since.
            return there
        by_keys = refusal.reason is Reason.BAD_CLIENT
        reason = KEYS_REFUSED if by_keys else str(refusal)
        lose(self.lock.session, self.lock.account_id, self.seen, reason, self.now(), by_keys=by_keys)
        raise refusal

    def _pair(self, tokens: Tokens) -> dict[str, Any]:
        now = self.now()
        pair: dict[str, Any] = {
            "sealed_access_token": self.seal.close(tokens.access_token),
            "token_expires_at": tokens.expires_at(now),
            "refreshed_at": now,
        }
        if tokens.refresh_token:
            pair["sealed_refresh_token"] = self.seal.close(tokens.refresh_token)
        return pair | ({"scopes": tokens.scope} if tokens.scope else {})

    def _save(self, pair: Mapping[str, Any]) -> Stored:
        """Again and again while the database is locked: the pair is nowhere else."""
        session, waited, tries = self.lock.session, timedelta(0), 0
        deadline = self.now() + SAVE_FOR
        while True:
            try:
                fact = self._write(session, pair)
                stored = self.lock.read()
                break
            except SQLAlchemyError as trouble:
                session.rollback()
                kind = type(trouble).__name__
                log.error("new tokens of account %s could not be saved yet: %s", self.lock.account_id, kind)
                if self.now() >= deadline or waited >= SAVE_FOR:
                    raise
            seconds = SAVE_PAUSES[min(tries, len(SAVE_PAUSES) - 1)]
            self.pause(seconds)
            waited, tries = waited + timedelta(seconds=seconds), tries + 1
        if fact:
            announce(fact)
        return stored

    def _write(self, session: Session, pair: Mapping[str, Any]) -> Fact | None:
        is_ours = save_pair(session, self.lock.account_id, self.seen, pair)
        name = None
        if is_ours and self.seen.gives_access:
            # A neighbour may have been refused while our pair waited to be saved.
            name = restore_access(session, self.lock.account_id, self.now())
        session.commit()
        if not is_ours:
            log.warning("account %s has other tokens by now, or none", self.lock.account_id)
        return ConnectionRestored(name) if name else None


def silence_of(trouble: AllegroError) -> Silence:
    if trouble.status == 429:
        return Silence.LIMIT
    is_sure = isinstance(trouble, Unavailable) and trouble.is_sure_nothing_happened
    return Silence.AWAY if is_sure or trouble.status == 503 else Silence.OPEN


def open_sealed(seal: Seal, sealed: str) -> str:
    """Raises NotConnected: it works again as soon as the key is back."""
    try:
        return seal.open(sealed)
    except SealBroken:
        raise NotConnected(Reason.KEY_MISSING, KEY_MISSING) from None


def lose(
    session: Session, account_id: int, seen: Stored, reason: str, now: datetime, *, by_keys: bool = False
) -> None:
    def write(session: Session) -> Fact | None:
        name = lose_access(session, account_id, seen, reason, now, by_keys=by_keys)
        return ConnectionLost(account=name, reason=reason[:255]) if name else None

    try_to_write(session, write)


def try_to_write(session: Session, write: Callable[[Session], Fact | None]) -> None:
    """A database that is locked must not hide what Allegro said; it will say it again."""
    try:
        fact = write(session)
        session.commit()
    except SQLAlchemyError as trouble:
        session.rollback()
        if not is_passing(trouble):
            raise
        log.error("the state of a link could not be saved: %s", type(trouble).__name__)
        return
    if fact:
        announce(fact)
