"""Codes, sessions and tokens of the OAuth server, and the rules of their life."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from allegro_module.simulator.http import AuthRefusal

if TYPE_CHECKING:
    from allegro_module.simulator.world import World

ACCESS_LIFE = timedelta(seconds=43199)
REFRESH_LIFE = timedelta(days=90)
IDLE_LIFE = timedelta(days=90)  # Since 2026-09-01 an application unused for longer loses its access.
OPEN_SESSIONS = 20

SCOPES = tuple(
    f"allegro:api:{name}"
    for name in (
        "profile:read",
        "profile:write",
        "sale:offers:read",
        "sale:offers:write",
        "sale:settings:read",
        "sale:settings:write",
        "orders:read",
        "orders:write",
        "shipments:read",
        "shipments:write",
        "ratings",
        "disputes",
        "bids",
        "messaging",
        "billing:read",
        "payments:read",
        "payments:write",
        "campaigns",
        "fulfillment:read",
        "fulfillment:write",
        "affiliate:read",
        "affiliate:write",
    )
)


class Cause(StrEnum):
    """What ends tokens before their time; all but one end those of every application."""

    PASSWORD_CHANGED = "password_changed"
    EMAIL_CHANGED = "email_changed"
    LOGGED_OUT = "logged_out"
    SALES_BLOCK = "sales_block"
    APP_REMOVED = "app_removed"
    IDLE = "idle"


@dataclass(frozen=True)
class Consent:
    """What a seller agreed to: the ground on which tokens are given."""

    client_id: str
    seller_id: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    consent: Consent
    redirect_uri: str
    challenge: str | None
    expires_at: datetime


@dataclass
class Session:
    """One authorization, which refreshing carries on."""

    consent: Consent
    opened_at: datetime
    used_at: datetime
    closed: bool = False

    def is_open(self, now: datetime) -> bool:
        return not self.closed and now - self.used_at <= IDLE_LIFE


@dataclass
class AccessToken:
    session: Session
    expires_at: datetime
    void: bool = False

    def is_good(self, now: datetime) -> bool:
        return not self.void and now < self.expires_at and self.session.is_open(now)


@dataclass
class RefreshToken:
    session: Session
    access_token: str
    expires_at: datetime

    def is_good(self, now: datetime) -> bool:
        return now < self.expires_at and self.session.is_open(now)


@dataclass
class TokenBook:
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    # How many calls of a seller are still refused although their token is good.
    refusals: dict[str, int] = field(default_factory=dict)

    def __setstate__(self, state: dict[str, object]) -> None:
        """What was saved before a member existed begins empty."""
        self.__dict__.update(vars(TokenBook()) | state)

    def new_code(self, world: World, consent: Consent, redirect_uri: str, challenge: str | None) -> str:
        code = world.hex_digits(32)
        expires_at = world.now() + timedelta(seconds=world.switches.code_seconds)
        self.codes[code] = Code(consent, redirect_uri, challenge, expires_at)
        return code

    def take_code(self, code: str, now: datetime) -> Code:
        """A code serves one try, also a try that fails."""
        found = self.codes.pop(code, None)
        if found is None or now >= found.expires_at:
            raise AuthRefusal(400, "invalid_grant", f"Invalid authorization code: {code}")
        return found

    def open_session(self, consent: Consent, now: datetime) -> Session:
        """Beyond twenty open sessions of a user the oldest falls off."""
        session = Session(consent, now, now)
        self.sessions = [known for known in self.sessions if known.is_open(now)] + [session]
        if consent.seller_id is not None:
            own = [known for known in self.sessions if known.consent.seller_id == consent.seller_id]
            for oldest in own[:-OPEN_SESSIONS]:
                oldest.closed = True
        return session

    def new_pair(self, world: World, session: Session) -> dict[str, object]:
        """The body of a token answer for a seller."""
        now = world.now()
        session.used_at = now
        body = self.new_access(world, session)
        claims = _claims(session.consent, now + REFRESH_LIFE, world.uuid()) | {"ati": body["jti"]}
        value = _signed(claims)
        self.refresh[value] = RefreshToken(session, str(body["access_token"]), now + REFRESH_LIFE)
        return {**body, "refresh_token": value}

    def new_access(self, world: World, session: Session) -> dict[str, object]:
        """The body of a token answer without a refresh token."""
        expires_at = world.now() + ACCESS_LIFE
        jti = world.uuid()
        value = _signed(_claims(session.consent, expires_at, jti))
        self.access[value] = AccessToken(session, expires_at)
        return {
            "access_token": value,
            "token_type": "bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "scope": " ".join(session.consent.scopes),
            "allegro_api": True,
            "jti": jti,
        }

    def rotate(self, world: World, value: str, client_id: str) -> dict[str, object]:
        """A new pair for a refresh token; the old access token ends at once, the old refresh token soon."""
        now = world.now()
        found = self.refresh.get(value)
        if found is None or not found.is_good(now) or found.session.consent.client_id != client_id:
            raise AuthRefusal(400, "invalid_grant", f"Invalid refresh token: {value}")
        world.limits.check_new_token(world, found.session.consent.seller_id)
        if world.switches.rotation_voids:
            grace = now + timedelta(seconds=world.switches.refresh_grace_seconds)
            found.expires_at = min(found.expires_at, grace)
        self.access[found.access_token].void = True
        return self.new_pair(world, found.session)

    def consent_of(self, value: str, now: datetime) -> Consent:
        """Whose token this is; AuthRefusal when it is none, or no longer one."""
        found = self.access.get(value)
        if found is None:
            raise AuthRefusal(401, "invalid_token", "Cannot convert access token to JSON")
        if not found.is_good(now) or self._is_refused_all_the_same(found.session.consent.seller_id):
            # The real server repeats the whole token here, so a client that logs the answer logs a token.
            raise AuthRefusal(401, "invalid_token", f"Access token expired: {value}")
        found.session.used_at = now
        return found.session.consent

    def _is_refused_all_the_same(self, seller_id: str | None) -> bool:
        if seller_id is None or not self.refusals.get(seller_id):
            return False
        self.refusals[seller_id] -= 1
        return True

    def revoke(
        self, seller_id: str, cause: Cause = Cause.PASSWORD_CHANGED, client_id: str | None = None
    ) -> int:
        """End the sessions of a seller, at one application or at all, and say how many."""
        own = self.open_sessions(seller_id, client_id)
        for session in own:
            if cause is Cause.IDLE:
                session.used_at -= IDLE_LIFE + timedelta(seconds=1)
            else:
                session.closed = True
        return len(own)

    def open_sessions(self, seller_id: str, client_id: str | None = None) -> list[Session]:
        """Oldest first; those that idleness has ended are among them."""
        return [
            session
            for session in self.sessions
            if session.consent.seller_id == seller_id
            and not session.closed
            and client_id in (None, session.consent.client_id)
        ]

    def expire_one(self, value: str | None) -> None:
        """End one access token, if it is one; refreshing still works."""
        found = self.access.get(value or "")
        if found is not None:
            found.void = True

    def expire_access(self, seller_id: str, now: datetime) -> int:
        """End the access tokens of a seller before their time; refreshing still works."""
        own = [
            token
            for token in self.access.values()
            if token.session.consent.seller_id == seller_id and token.is_good(now)
        ]
        for token in own:
            token.expires_at = now
        return len(own)


def _claims(consent: Consent, expires_at: datetime, jti: str) -> dict[str, object]:
    claims: dict[str, object] = {
        "scope": list(consent.scopes),
        "allegro_api": True,
        "exp": int(expires_at.timestamp()),
        "jti": jti,
        "client_id": consent.client_id,
    }
    if consent.seller_id is not None:
        claims["user_name"] = consent.seller_id
    return claims


def _signed(claims: dict[str, object]) -> str:
    """A token of the shape of a JWT; nobody outside can check Allegro's signature, so any key will do."""
    head = _encoded(b'{"alg":"HS256","typ":"JWT"}')
    body = _encoded(json.dumps(claims, separators=(",", ":")).encode())
    signature = hmac.new(b"simulated allegro", f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return _encoded(hashlib.sha256(verifier.encode("ascii", "replace")).digest())
