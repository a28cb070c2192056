"""Linking an Allegro account: off to the consent page, back with a code, the seller's word; undoing it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.client.errors import AllegroError, NotConnected, Reason
from allegro_module.client.oauth import OAuth, Tokens, authorize_address, challenge_of, new_verifier
from allegro_module.db.accounts import Account, Application, lock_account, lock_application
from allegro_module.db.audit import record
from allegro_module.db.cursors import Cursor
from allegro_module.db.links import (
    LinkAttempt,
    claim_link_attempt,
    find_link_attempt,
    forget_old_attempts,
)
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.sealing import Seal
from allegro_module.signals import announce
from allegro_module.sync.approvals import (
    Asked,
    Doors,
    LinkFailed,
    clear_failures,
    code_of_trouble,
    look_around,
    refusal_at_begin,
    save_approval,
)
from allegro_module.sync.healing import heal_accounts

__all__ = [
    "Answer",
    "Doors",
    "LinkBegun",
    "LinkFailed",
    "begin_link",
    "confirm_link",
    "disconnect",
    "finish_link",
    "prove",
    "undo_link",
]

log = logging.getLogger(__name__)

ATTEMPT_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LinkBegun:
    """Send the browser to `address`, keep `state` in its session."""

    address: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to the redirect URI; `expected_state` is the one kept in the browser's session."""

    state: str = field(default="", repr=False)
    expected_state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The attempt's values, read before the transaction ends."""

    asked: Asked
    verifier: str = field(repr=False)
    redirect_uri: str


def begin_link(
    session: Session,
    oauth: OAuth,
    seal: Seal,
    application: Application,
    account_id: int | None,
    redirect_uri: str,
    who: str,
    now: datetime,
) -> LinkBegun:
    """Prove the secret, remember the attempt, answer where to send the browser.

    The PKCE exchange carries no secret (facts.md 2.1): a wrong one would show hours later, when refreshing.
    `account_id` names the account to be linked again. Raises LinkFailed.
    """
    if application.grant_type != GrantType.AUTHORIZATION_CODE:
        raise LinkFailed("wrong_kind")
    application_id, client_id, scopes = application.id, application.client_id, application.scopes.split()
    with clear_failures(session):
        secret = seal.open(application.sealed_client_secret)
        session.commit()
    prove(oauth, client_id, secret)
    verifier, state = new_verifier(), secrets.token_urlsafe(32)
    attempt = LinkAttempt(
        state_hash=_hash(state),
        application_id=application_id,
        account_id=account_id,
        sealed_verifier=seal.close(verifier),
        redirect_uri=redirect_uri,
        begun_by=who[:100],
        begun_at=now,
    )
    with clear_failures(session):
        remember_attempt(session, attempt, now)
    challenge = challenge_of(verifier)
    address = authorize_address(oauth.environment, client_id, redirect_uri, state, challenge, scopes)
    return LinkBegun(address, state)


def finish_link(session: Session, doors: Doors, seal: Seal, answer: Answer) -> Account:
    """Make the answer of the consent page a linked account.

    1. Use up the attempt.  2. Exchange the code at once: it lives ten seconds.  3. Ask whose tokens they are.
    4. Note the newest event of the order journal.  5. Save it all in one transaction.
    A seller who was never confirmed here is UNCONFIRMED and waits for `confirm_link`; one who was goes on at
    once. A code whose answer was lost is used up at Allegro, so nothing is repeated. Raises LinkFailed.
    """
    with clear_failures(session):
        attempt = _use_up(session, doors, seal, answer)
    asked = attempt.asked
    if answer.error:
        raise LinkFailed("refused_at_consent" if answer.error == "access_denied" else "consent_error")
    if not answer.code:
        raise LinkFailed("consent_error")
    now = doors.now(asked.environment)
    tokens = _exchange(doors.oauth(asked.environment, asked.app_name), attempt, answer.code)
    api = doors.api_with_token(asked.environment, tokens.access_token, asked.app_name)
    account = save_approval(session, seal, asked, look_around(api, tokens), now)
    assert account is not None
    return account


def confirm_link(session: Session, account: Account, who: str, now: datetime) -> None:
    """„Tak, to moje konto”: from now on its jobs run. Said twice, or late, it changes nothing."""
    _lock(session, account)
    if account.state == LinkState.UNCONFIRMED:
        account.is_confirmed = True
        account.state, account.state_since = LinkState.CONNECTED, now
        record(session, now, who, "account_confirmed", account.login or account.alias)
    session.commit()


def undo_link(session: Session, account: Account, who: str, now: datetime) -> None:
    """„Nie, rozłącz”: the account is as if it had never been linked, but for the settings typed for it.

    One that was confirmed before is only disconnected: its orders and offers belong to it.
    """
    _lock(session, account)
    if account.is_trusted:
        _disconnect(session, account, who, now)
    elif account.seller_id is not None:
        record(session, now, who, "account_rejected", account.login or account.alias)
        session.execute(delete(Cursor).where(Cursor.account_id == account.id))
        _wipe_tokens(account)
        account.seller_id = account.login = account.company = account.base_marketplace = None
        account.is_company = account.test_report = account.tested_at = None
        account.scopes = ""
        account.state, account.state_reason, account.state_since = LinkState.NOT_LINKED, "", now
    session.commit()


def disconnect(session: Session, account: Account, who: str, now: datetime) -> None:
    """Forget the tokens; offers, settings and the place in the order journal stay."""
    _lock(session, account)
    _disconnect(session, account, who, now)
    session.commit()


def prove(oauth: OAuth, client_id: str, secret: str) -> None:
    """Ask Allegro whether it knows the keys.

    Raises LinkFailed: wrong_secret says that it does not, too_many_tokens and unavailable say nothing.
    """
    try:
        oauth.client_credentials(client_id, secret)
    except AllegroError as trouble:
        raise LinkFailed(refusal_at_begin(trouble)) from trouble


def remember_attempt(session: Session, attempt: LinkAttempt, now: datetime) -> None:
    """The application has just proved its keys to Allegro. Commits."""
    lock_application(session, attempt.application_id)
    forget_old_attempts(session, now)
    session.get_one(Application, attempt.application_id).proved_at = now
    healed = heal_accounts(session, attempt.application_id, now)
    session.add(attempt)
    session.commit()
    for fact in healed:
        announce(fact)


def _use_up(session: Session, doors: Doors, seal: Seal, answer: Answer) -> _Attempt:
    """The attempt this answer belongs to, for one answer only."""
    found = find_link_attempt(session, _hash(answer.state)) if answer.state else None
    if found is None:
        raise LinkFailed("state_unknown")
    if found.used_at is not None:
        raise LinkFailed("state_used")
    # An answer brought by another browser must not spoil the attempt of the right one.
    if not hmac.compare_digest(answer.state.encode(), answer.expected_state.encode()):
        raise LinkFailed("state_foreign")
    attempt = _Attempt(asked_by(session, found), seal.open(found.sealed_verifier), found.redirect_uri)
    now = doors.now(attempt.asked.environment)
    is_late = now - found.begun_at > ATTEMPT_LASTS
    session.rollback()
    is_first = claim_link_attempt(session, _hash(answer.state), now)
    session.commit()
    if not is_first:
        raise LinkFailed("state_used")
    if is_late:
        raise LinkFailed("state_expired")
    return attempt


def asked_by(session: Session, attempt: LinkAttempt) -> Asked:
    application = session.get_one(Application, attempt.application_id)
    return Asked(
        application_id=application.id,
        environment=application.environment,
        app_name=application.name,
        client_id=application.client_id,
        account_id=attempt.account_id,
        begun_by=attempt.begun_by,
    )


def _exchange(oauth: OAuth, attempt: _Attempt, code: str) -> Tokens:
    try:
        return oauth.exchange_code(attempt.asked.client_id, attempt.redirect_uri, code, attempt.verifier)
    except NotConnected as refusal:
        log.warning("the code was refused: %s", refusal.reason)
        codes = {
            Reason.TOKEN_REFUSED: "code_expired",
            Reason.BAD_CLIENT: "wrong_secret",
            Reason.WRONG_KIND: "wrong_kind",
        }
        raise LinkFailed(codes.get(refusal.reason, "consent_error")) from refusal
    except AllegroError as trouble:
        log.warning("the code could not be exchanged: %s", trouble)
        raise LinkFailed(code_of_trouble(trouble)) from trouble


def _lock(session: Session, account: Account) -> None:
    """Whoever answers first, answers: the other tab sees what has become of it."""
    account_id = account.id
    session.rollback()
    lock_account(session, account_id)
    session.refresh(account)


def _disconnect(session: Session, account: Account, who: str, now: datetime) -> None:
    if account.state in (LinkState.NOT_LINKED, LinkState.DISCONNECTED):
        return
    _wipe_tokens(account)
    account.state, account.state_reason, account.state_since = LinkState.DISCONNECTED, "", now
    record(session, now, who, "account_disconnected", account.login or account.alias)


def _wipe_tokens(account: Account) -> None:
    account.sealed_access_token = account.sealed_refresh_token = account.token_expires_at = None
    account.token_version += 1
    account.refresh_claim = account.refresh_claimed_until = None


def _hash(state: str) -> str:
    """Only the hash rests in the database, so that reading it does not let anybody finish a link."""
    return hashlib.sha256(state.encode()).hexdigest()
