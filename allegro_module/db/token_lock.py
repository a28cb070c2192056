"""The right to renew an account's tokens, held by one process at a time (docs/decisions/0007).

On PostgreSQL a row lock: whoever waits wakes the moment it is free, and the death of its holder, on whatever
machine, frees it. Elsewhere a claim on the row, looked at again and again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from allegro_module.claims import is_dead, new_claim
from allegro_module.db.accounts import Account
from allegro_module.db.base import changes_one_row
from allegro_module.db.tokens import Stored, keep_sooner, read_stored

log = logging.getLogger(__name__)

#: How long to wait for whoever renews: longer than the token endpoint may take.
PATIENCE = timedelta(seconds=45)
#: Shorter than Allegro's grace of 60 seconds, in which the old refresh token still works.
CLAIM_LASTS = timedelta(seconds=40)
LOOK_EVERY_SECONDS = 0.05
#: If the holder dies while it asks, the keep-alive asks again within Allegro's grace.
IF_IT_DIES = timedelta(seconds=20)
#: When PostgreSQL ends the transaction of a holder whose machine is gone without a word.
SILENCE = timedelta(seconds=90)


class HeldElsewhere(Exception):
    """Another process has not given back the right to renew in time."""


@dataclass(frozen=True, slots=True)
class Held:
    """`session` is to commit what comes of the renewal; until then nobody else begins one."""

    session: Session
    account_id: int
    is_transaction: bool

    def read(self) -> Stored:
        """Look again: while we waited, a neighbour may have finished."""
        stored = read_stored(self.session, self.account_id)
        if not self.is_transaction:
            self.session.rollback()
        return stored


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose tokens, and which pair of them, is to be renewed."""

    engine: Engine
    account_id: int
    version: int
    now: Callable[[], datetime]
    pause: Callable[[float], None]


def held(turn: Turn) -> AbstractContextManager[Held]:
    """Wait until nobody else renews this pair, or until it is renewed. Raises HeldElsewhere."""
    return _row_lock(turn) if turn.engine.dialect.name == "postgresql" else _claim(turn)


@contextmanager
def _row_lock(turn: Turn) -> Iterator[Held]:
    """Whatever the host has set for its connections, here our own limits hold, for this transaction."""
    limits = {
        "lock_timeout": f"{PATIENCE.total_seconds():.0f}s",
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": f"{SILENCE.total_seconds():.0f}s",
    }
    with Session(turn.engine) as session:
        keep_sooner(session, turn.account_id, turn.now() + IF_IT_DIES)
        session.commit()
        # Under a stricter level the row could not be read anew once a neighbour has changed it.
        session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        session.execute(select(*(func.set_config(name, value, True) for name, value in limits.items())))
        row = select(Account.id).where(Account.id == turn.account_id)
        try:
            # NO KEY: rows that refer to the account may be written meanwhile.
            session.execute(row.with_for_update(key_share=True))
        except OperationalError as late:
            raise HeldElsewhere(type(late.orig).__name__) from None
        yield Held(session, turn.account_id, is_transaction=True)


@contextmanager
def _claim(turn: Turn) -> Iterator[Held]:
    claim = new_claim()
    is_ours, deadline, waited = False, turn.now() + PATIENCE, timedelta(0)
    with Session(turn.engine) as session:
        here = Held(session, turn.account_id, is_transaction=False)
        while (seen := here.read()).token_version == turn.version:
            if is_ours := _take(here, claim, seen, turn.now()):
                break
            if turn.now() >= deadline or waited >= PATIENCE:
                raise HeldElsewhere("claimed")
            turn.pause(LOOK_EVERY_SECONDS)
            waited += timedelta(seconds=LOOK_EVERY_SECONDS)
        try:
            yield here
        finally:
            if is_ours:
                _give_back(session, turn.account_id, claim)


def _take(here: Held, claim: str, seen: Stored, now: datetime) -> bool:
    """The claim is whose UPDATE changes the row; one whose holder has died on this machine is free."""
    until = seen.refresh_claimed_until
    if seen.refresh_claim and until and until >= now and not is_dead(seen.refresh_claim):
        return False
    statement = (
        update(Account)
        .where(
            Account.id == here.account_id,
            Account.token_version == seen.token_version,
            Account.refresh_claim.is_not_distinct_from(seen.refresh_claim),
        )
        .values(refresh_claim=claim, refresh_claimed_until=now + CLAIM_LASTS)
    )
    try:
        taken = changes_one_row(here.session, statement)
        if taken:
            keep_sooner(here.session, here.account_id, now + IF_IT_DIES)
        here.session.commit()
    except OperationalError as locked:
        log.warning("the right to renew tokens could not be taken yet: %s", type(locked.orig).__name__)
        here.session.rollback()
        return False
    return taken


def _give_back(session: Session, account_id: int, claim: str) -> None:
    """Unless what was saved has done so. While the database is locked it may as well run out."""
    with suppress(DBAPIError):
        session.rollback()
        statement = update(Account).where(Account.id == account_id, Account.refresh_claim == claim)
        changes_one_row(session, statement.values(refresh_claim=None, refresh_claimed_until=None))
        session.commit()
