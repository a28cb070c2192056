"""Linking an Allegro account: off to the consent page, and back with a code that becomes tokens."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.account import Me
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Refused, Unexpected
from allegro_module.client.oauth import OAuth, Tokens, authorize_address, challenge_of, new_verifier
from allegro_module.client.orders import LatestEvent
from allegro_module.db.accounts import (
    Account,
    Application,
    find_account_by_seller,
    find_unlinked_account,
    free_alias,
    heal_accounts,
    lock_application,
)
from allegro_module.db.audit import record
from allegro_module.db.cursors import Cursor, find_cursor
from allegro_module.db.links import LinkAttempt, claim_link_attempt, find_link_attempt
from allegro_module.domain.accounts import LinkState
from allegro_module.sealing import Seal

log = logging.getLogger(__name__)

ATTEMPT_LASTS = timedelta(minutes=10)
ATTEMPTS_KEPT = timedelta(days=1)


class LinkFailed(Exception):
    """The account is not linked; `code` picks the sentence the seller reads."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
class Doors:
    """How to reach Allegro in an environment known by name only once the attempt is found.

    `oauth(environment, app_name)`, `api_with_token(environment, token, app_name)`, `now(environment)`.
    """

    oauth: Callable[[str, str], OAuth]
    api_with_token: Callable[[str, str, str], AllegroClient]
    now: Callable[[str], datetime]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The attempt's values, read before the transaction ends."""

    application_id: int
    environment: str
    app_name: str
    client_id: str
    account_id: int | None
    seller_id: str | None
    verifier: str = field(repr=False)
    redirect_uri: str
    begun_by: str


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
    application_id, client_id = application.id, application.client_id
    secret = seal.open(application.sealed_client_secret)
    session.commit()
    prove(oauth, client_id, secret)
    verifier, state = new_verifier(), secrets.token_urlsafe(32)
    lock_application(session, application_id)
    session.execute(delete(LinkAttempt).where(LinkAttempt.begun_at < now - ATTEMPTS_KEPT))
    application.proved_at = now
    heal_accounts(session, application_id, now)
    session.add(
        LinkAttempt(
            state_hash=_hash(state),
            application_id=application_id,
            account_id=account_id,
            sealed_verifier=seal.close(verifier),
            redirect_uri=redirect_uri,
            begun_by=who[:100],
            begun_at=now,
        )
    )
    session.commit()
    address = authorize_address(oauth.environment, client_id, redirect_uri, state, challenge_of(verifier))
    return LinkBegun(address, state)


def finish_link(session: Session, doors: Doors, seal: Seal, answer: Answer) -> Account:
    """Make the answer of the consent page a linked account.

    1. Use up the attempt.  2. Exchange the code at once: it lives ten seconds.  3. Ask whose tokens they are.
    4. Note the newest event of the order journal.  5. Save it all in one transaction.      Raises LinkFailed.
    """
    attempt = _use_up(session, doors, seal, answer)
    if answer.error:
        raise LinkFailed("refused_at_consent" if answer.error == "access_denied" else "consent_error")
    if not answer.code:
        raise LinkFailed("consent_error")
    now = doors.now(attempt.environment)
    tokens = _exchange(doors.oauth(attempt.environment, attempt.app_name), attempt, answer.code)
    me, latest = _look_around(
        doors.api_with_token(attempt.environment, tokens.access_token, attempt.app_name)
    )
    if attempt.seller_id not in (None, me.id):
        raise LinkFailed("other_seller")
    # First an UPDATE: it takes SQLite's write lock, and elsewhere makes two answers wait for each other.
    lock_application(session, attempt.application_id)
    account = _account_of(session, attempt, me, now)
    _remember_seller(account, me)
    _remember_tokens(account, seal, tokens, now)
    session.flush()
    if find_cursor(session, account.id) is None:
        session.add(Cursor(account_id=account.id, position=latest.id if latest else None, started_at=now))
    record(session, now, attempt.begun_by, "account_linked", me.login, {"environment": attempt.environment})
    session.commit()
    return account


def prove(oauth: OAuth, client_id: str, secret: str) -> None:
    """Ask Allegro whether it knows the keys. Raises LinkFailed: wrong_secret or unavailable."""
    try:
        oauth.client_credentials(client_id, secret)
    except NotConnected as refusal:
        raise LinkFailed("wrong_secret") from refusal
    except AllegroError as trouble:
        log.warning("the client secret could not be proved: %s", trouble)
        raise LinkFailed("unavailable") from trouble


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
    application = session.get_one(Application, found.application_id)
    attempt = _read_attempt(session, seal, found, application)
    now = doors.now(attempt.environment)
    is_late = now - found.begun_at > ATTEMPT_LASTS
    session.rollback()
    is_first = claim_link_attempt(session, _hash(answer.state), now)
    session.commit()
    if not is_first:
        raise LinkFailed("state_used")
    if is_late:
        raise LinkFailed("state_expired")
    return attempt


def _read_attempt(session: Session, seal: Seal, found: LinkAttempt, application: Application) -> _Attempt:
    account = session.get(Account, found.account_id) if found.account_id else None
    return _Attempt(
        application_id=application.id,
        environment=application.environment,
        app_name=application.name,
        client_id=application.client_id,
        account_id=account.id if account else None,
        seller_id=account.seller_id if account else None,
        verifier=seal.open(found.sealed_verifier),
        redirect_uri=found.redirect_uri,
        begun_by=found.begun_by,
    )


def _exchange(oauth: OAuth, attempt: _Attempt, code: str) -> Tokens:
    try:
        return oauth.exchange_code(attempt.client_id, attempt.redirect_uri, code, attempt.verifier)
    except NotConnected as refusal:
        log.warning("the code was refused: %s", refusal.reason)
        codes = {Reason.TOKEN_REFUSED: "code_expired", Reason.BAD_CLIENT: "wrong_secret"}
        raise LinkFailed(codes.get(refusal.reason, "consent_error")) from refusal
    except AllegroError as trouble:
        log.warning("the code could not be exchanged: %s", trouble)
        raise LinkFailed("unavailable") from trouble


def _look_around(api: AllegroClient) -> tuple[Me, LatestEvent | None]:
    """Who consented, and where the journal ends: nothing bought after this moment is missed."""
    try:
        return api.account.me(), api.orders.event_stats()
    except NotConnected as refusal:
        raise LinkFailed("consent_error") from refusal
    except (Refused, Unexpected) as refusal:
        log.warning("the new link may not look at the account: %s", refusal)
        raise LinkFailed("no_rights") from refusal
    except AllegroError as trouble:
        log.warning("the new link could not be looked at: %s", trouble)
        raise LinkFailed("unavailable") from trouble


def _account_of(session: Session, attempt: _Attempt, me: Me, now: datetime) -> Account:
    """The account of this seller, else one that waits to be linked, else a new one."""
    account = find_account_by_seller(session, attempt.environment, me.id)
    if account is None and attempt.account_id is not None:
        account = session.get(Account, attempt.account_id)
    if account is None:
        account = find_unlinked_account(session, attempt.application_id)
    if account is None:
        account = Account(created_at=now, alias="")
        session.add(account)
    if account.seller_id is None:
        with session.no_autoflush:
            account.alias = free_alias(session, me.login)
    account.application_id = attempt.application_id
    account.environment = attempt.environment
    account.state, account.state_reason, account.state_since = LinkState.CONNECTED, "", now
    return account


def _remember_seller(account: Account, me: Me) -> None:
    account.seller_id = me.id
    account.login = me.login
    account.company = me.company.name if me.company else None
    account.is_company = me.is_company
    account.base_marketplace = me.base_marketplace.id if me.base_marketplace else None


def _remember_tokens(account: Account, seal: Seal, tokens: Tokens, now: datetime) -> None:
    account.scopes = tokens.scope
    account.sealed_access_token = seal.close(tokens.access_token)
    account.sealed_refresh_token = seal.close(tokens.refresh_token or "")
    account.token_version = (account.token_version or 0) + 1
    account.token_expires_at = tokens.expires_at(now)
    account.refreshed_at = now
    account.refresh_claim = account.refresh_claimed_until = None


def _hash(state: str) -> str:
    """Only the hash rests in the database, so that reading it does not let anybody finish a link."""
    return hashlib.sha256(state.encode()).hexdigest()
