"""Linking by a code that the seller types on another device, while we ask Allegro whether it was done."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from allegro_module.client.device import DeviceCode, Pending
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unavailable
from allegro_module.client.oauth import OAuth, Tokens
from allegro_module.db.accounts import Account, Application
from allegro_module.db.links import (
    DEVICE_EXPIRED,
    LINKED,
    LONGEST_PAUSE,
    LinkAttempt,
    claim_poll,
    end_device_attempt,
    keep_approval,
    plan_poll,
)
from allegro_module.db.trouble import is_passing
from allegro_module.domain.accounts import GrantType
from allegro_module.sealing import Seal
from allegro_module.sync.approvals import (
    SAVES,
    Asked,
    Doors,
    LinkFailed,
    clear_failures,
    look_around,
    refusal_at_begin,
    save_approval,
)
from allegro_module.sync.linking import asked_by, remember_attempt

log = logging.getLogger(__name__)

#: By how much RFC 8628 (3.5) wants the interval lengthened.
SLOWER_SECONDS = 5
#: Longer than a call may take: nobody else asks while an answer is under way.
LEASE = timedelta(seconds=40)
#: Asked this long beyond the end of the code: consent given at the last moment still counts.
BEYOND_THE_END = timedelta(minutes=1)
#: How long tokens that we hold wait for Allegro to say whose they are.
APPROVAL_KEPT = timedelta(hours=1)
#: These say nothing of the attempt itself: it is asked about again.
PASSING = frozenset({"unavailable", "too_many_tokens", "database_busy"})
#: How polling ends, by what Allegro says (facts.md 2.2); anything else is asked again until the code ends.
ENDS = {
    Reason.CONSENT: "refused_at_consent",
    Reason.TOKEN_REFUSED: DEVICE_EXPIRED,
    Reason.BAD_CLIENT: "wrong_secret",
    Reason.WRONG_KIND: "wrong_kind",
}


@dataclass(frozen=True, slots=True)
class _Poll:
    """The attempt's values, read before the transaction ends; `secret` is the device code, or held tokens."""

    id: int
    asked: Asked
    client_secret: str = field(repr=False)
    secret: str = field(repr=False)
    holds_tokens: bool
    interval: timedelta
    ends_at: datetime


class _Held(msgspec.Struct, frozen=True):
    """As tokens rest in the attempt, sealed."""

    tokens: Tokens
    issued_at: datetime


def begin_device_link(
    session: Session,
    oauth: OAuth,
    seal: Seal,
    application: Application,
    account_id: int | None,
    who: str,
    now: datetime,
) -> LinkAttempt:
    """Ask Allegro for a code and remember the attempt; asking proves the secret as well.

    `account_id` names the account to be linked again. Raises LinkFailed.
    """
    if application.grant_type != GrantType.DEVICE_CODE:
        raise LinkFailed("wrong_kind")
    application_id, client_id, scopes = application.id, application.client_id, application.scopes.split()
    with clear_failures(session):
        secret = seal.open(application.sealed_client_secret)
        session.commit()
    try:
        code = oauth.ask_device_code(client_id, secret, scopes)
    except AllegroError as trouble:
        raise LinkFailed(refusal_at_begin(trouble)) from trouble
    attempt = _attempt(seal, code, application_id, account_id, who, now)
    with clear_failures(session):
        remember_attempt(session, attempt, now)
    return attempt


def poll_device_link(session: Session, doors: Doors, seal: Seal, attempt_id: int) -> str:
    """Ask Allegro whether the seller has decided: the outcome, "" while there is none.

    1. Claim the turn: pages and workers may call this at once, Allegro is asked once per interval.
    2. Ask.  3. Keep the tokens at once: the code is used up with the answer.  4. Ask whose they are.
    5. Save the link and the outcome in one transaction.
    Tokens lost between 2 and 3 cannot be asked for again: the next call hears so, and the attempt ends as
    "device_expired". Whatever else is interrupted is taken up by the next call.
    """
    try:
        with clear_failures(session):
            return _poll(session, doors, seal, attempt_id)
    except LinkFailed as failure:
        if failure.code in PASSING:
            return ""
        return _end(session, attempt_id, failure.code)


def _poll(session: Session, doors: Doors, seal: Seal, attempt_id: int) -> str:
    found = session.get(LinkAttempt, attempt_id, populate_existing=True)
    if found is None or not found.is_device:
        session.rollback()
        return DEVICE_EXPIRED
    if found.outcome:
        outcome = found.outcome
        session.rollback()
        return outcome
    environment = session.get_one(Application, found.application_id).environment
    now = doors.now(environment)
    session.rollback()
    is_ours = claim_poll(session, attempt_id, now, now + LEASE)
    session.commit()
    if not is_ours:
        return ""
    poll = _read(session, seal, attempt_id)
    if now > poll.ends_at:
        return _end(session, attempt_id, DEVICE_EXPIRED)
    tokens = _held(poll, now) if poll.holds_tokens else _ask(session, doors, seal, poll)
    return _finish(session, doors, seal, poll, tokens) if tokens else ""


def _attempt(
    seal: Seal, code: DeviceCode, application_id: int, account_id: int | None, who: str, now: datetime
) -> LinkAttempt:
    return LinkAttempt(
        # No callback finishes it: nobody knows a state for this hash.
        state_hash=hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
        application_id=application_id,
        account_id=account_id,
        sealed_verifier=seal.close(code.device_code),
        redirect_uri="",
        begun_by=who[:100],
        begun_at=now,
        user_code=code.user_code,
        verification_uri=code.verification_uri,
        verification_uri_complete=code.verification_uri_complete,
        interval_seconds=code.interval,
        expires_at=now + timedelta(seconds=code.expires_in),
        next_poll_at=now + timedelta(seconds=code.interval),
    )


def _read(session: Session, seal: Seal, attempt_id: int) -> _Poll:
    """Ends its reading transaction: none is open while Allegro thinks."""
    found = session.get_one(LinkAttempt, attempt_id)
    application = session.get_one(Application, found.application_id)
    kept_until = found.used_at and found.used_at + APPROVAL_KEPT
    code_until = (found.expires_at or found.begun_at) + BEYOND_THE_END
    poll = _Poll(
        id=found.id,
        asked=asked_by(session, found),
        client_secret=seal.open(application.sealed_client_secret),
        secret=seal.open(found.sealed_verifier),
        holds_tokens=found.used_at is not None,
        interval=timedelta(seconds=found.interval_seconds),
        ends_at=kept_until or code_until,
    )
    session.rollback()
    return poll


def _ask(session: Session, doors: Doors, seal: Seal, poll: _Poll) -> Tokens | None:
    """Tokens once the seller has agreed; None while there is nothing. Raises LinkFailed when it is over."""
    asked = poll.asked
    oauth = doors.oauth(asked.environment, asked.app_name)
    pause, slower_by = poll.interval, 0
    try:
        heard = oauth.poll_device(asked.client_id, poll.client_secret, poll.secret)
    except NotConnected as refusal:
        if refusal.reason in ENDS:
            raise LinkFailed(ENDS[refusal.reason]) from refusal
        log.warning("the device code could not be polled: %s", refusal)
        heard = Pending.WAIT
    except AllegroError as trouble:
        log.warning("the device code could not be polled: %s", trouble)
        heard = Pending.WAIT
        pause = _pause_after(trouble, poll.interval)
    if isinstance(heard, Tokens):
        _keep(session, seal, poll, heard, doors.now(asked.environment))
        return heard
    if heard is Pending.SLOW_DOWN:
        slower_by = SLOWER_SECONDS
        pause += timedelta(seconds=SLOWER_SECONDS)
    plan_poll(session, poll.id, doors.now(asked.environment) + pause, slower_by)
    session.commit()
    return None


def _pause_after(trouble: AllegroError, interval: timedelta) -> timedelta:
    wanted = trouble.retry_after if isinstance(trouble, Unavailable) else None
    return min(max(wanted or 2 * interval, interval), LONGEST_PAUSE)


def _keep(session: Session, seal: Seal, poll: _Poll, tokens: Tokens, now: datetime) -> None:
    """A busy database gets another chance: there will be no second answer with these tokens."""
    sealed = seal.close(msgspec.json.encode(_Held(tokens, now)).decode())
    for tries_left in reversed(range(SAVES)):
        try:
            keep_approval(session, poll.id, sealed, now)
            session.commit()
        except SQLAlchemyError as trouble:
            session.rollback()
            if not (tries_left and is_passing(trouble)):
                raise
        else:
            return


def _held(poll: _Poll, now: datetime) -> Tokens:
    held = msgspec.json.decode(poll.secret, type=_Held)
    passed = max(now - held.issued_at, timedelta(0))
    return replace(held.tokens, expires_in=held.tokens.expires_in - int(passed.total_seconds()))


def _finish(session: Session, doors: Doors, seal: Seal, poll: _Poll, tokens: Tokens) -> str:
    asked = poll.asked

    def take() -> bool:
        return end_device_attempt(session, poll.id, LINKED)

    def note(account: Account) -> None:
        session.get_one(LinkAttempt, poll.id, populate_existing=True).linked_account_id = account.id

    now = doors.now(asked.environment)
    api = doors.api_with_token(asked.environment, tokens.access_token, asked.app_name)
    try:
        consented = look_around(api, tokens)
    except LinkFailed as failure:
        if failure.code in PASSING:
            plan_poll(session, poll.id, now + 2 * poll.interval)
            session.commit()
        raise
    account = save_approval(session, seal, asked, consented, now, take, note)
    return LINKED if account else _outcome(session, poll.id)


def _end(session: Session, attempt_id: int, outcome: str) -> str:
    """Whoever ended it first decides."""
    session.rollback()
    end_device_attempt(session, attempt_id, outcome)
    session.commit()
    return _outcome(session, attempt_id)


def _outcome(session: Session, attempt_id: int) -> str:
    outcome = session.get_one(LinkAttempt, attempt_id, populate_existing=True).outcome
    session.rollback()
    return outcome
