"""Getting tokens: by consent, by a code typed elsewhere, by refreshing; registering an application."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx2
import msgspec
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from allegro_module.client.answers import Answer, error_body, error_of
from allegro_module.client.device import (
    DEVICE,
    DEVICE_GRANT,
    DeviceCode,
    Pending,
    device_code_of,
    pending_of,
    reason_of,
)
from allegro_module.client.environment import Environment
from allegro_module.client.errors import AllegroError, NotConnected, Reason, Unexpected
from allegro_module.client.registration import (
    JSON,
    REGISTER,
    Registration,
    registration_of,
    registration_request,
)
from allegro_module.client.transport import POLISH, exchange

# Authlib writes code verifiers into its debug log.
logging.getLogger("authlib").setLevel(logging.INFO)

AUTHORIZE = "/auth/oauth/authorize"
TOKEN = "/auth/oauth/token"  # noqa: S105
VERIFIER_LENGTH = 64
FORM = "application/x-www-form-urlencoded"
TWELVE_HOURS = 12 * 3600

REASONS = {
    "invalid_grant": Reason.TOKEN_REFUSED,
    "invalid_client": Reason.BAD_CLIENT,
    # "Full authentication is required to access this resource" (facts.md 2.8).
    "unauthorized": Reason.BAD_CLIENT,
    "unauthorized_client": Reason.BAD_CLIENT,
    "invalid_scope": Reason.SCOPE_MISSING,
    "access_denied": Reason.CONSENT,
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """`account_id` is whom the access token speaks for, None for an application's own (facts.md 2.4)."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    scope: str
    account_id: str | None

    def expires_at(self, issued_at: datetime) -> datetime:
        return issued_at + timedelta(seconds=self.expires_in)


def new_verifier() -> str:
    """A PKCE secret of 64 letters and digits; Allegro takes 43 to 128 (facts.md 2.1)."""
    return str(generate_token(VERIFIER_LENGTH))


def challenge_of(verifier: str) -> str:
    """S256, the only method accepted since 2024-12-30 (allegro-api #10188)."""
    return str(create_s256_code_challenge(verifier))


def authorize_address(
    environment: Environment,
    client_id: str,
    redirect_uri: str,
    state: str,
    challenge: str,
    scopes: Sequence[str] = (),
) -> str:
    """Where to send the browser; without scopes Allegro grants all that the application declares."""
    address = prepare_grant_uri(
        environment.auth_url + AUTHORIZE,
        client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=" ".join(scopes) or None,
        state=state,
        code_challenge=challenge,
        code_challenge_method="S256",
        # Shows whose account is being linked; else the one logged in is taken silently (facts.md 2.1).
        prompt="confirm",
    )
    # Allegro wants scopes parted by %20; a real plus stands there as %2B.
    return str(address).replace("+", "%20")


class OAuth:
    """Allegro's OAuth server. Each call raises NotConnected, Unavailable, Refused or Unexpected."""

    def __init__(self, environment: Environment, user_agent: str, http: httpx2.Client) -> None:
        self.environment = environment
        self._user_agent = user_agent
        self._http = http

    def exchange_code(self, client_id: str, redirect_uri: str, code: str, verifier: str) -> Tokens:
        """With PKCE the request carries no Authorization header (facts.md 2.1), so it proves no secret."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": client_id,
            "code_verifier": verifier,
        }
        return self._ask(form, {}, {**REASONS, "unauthorized_client": Reason.WRONG_KIND})

    def refresh(self, client_id: str, client_secret: str, refresh_token: str) -> Tokens:
        """Voids the old pair: save the answer before using it. A lost answer may be asked for again
        within 60 seconds (facts.md 2.5).
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._ask(form, _basic(client_id, client_secret))

    def client_credentials(self, client_id: str, client_secret: str) -> Tokens:
        """A token of the application itself; asking for it proves the secret."""
        return self._ask({"grant_type": "client_credentials"}, _basic(client_id, client_secret))

    def ask_device_code(self, client_id: str, client_secret: str, scopes: Sequence[str] = ()) -> DeviceCode:
        """Begin the device flow; like every call with Basic it proves the secret."""
        form = {"client_id": client_id, **({"scope": " ".join(scopes)} if scopes else {})}
        answer = self._post(DEVICE, form, _basic(client_id, client_secret))
        if answer.status != 200:
            reasons = {**REASONS, "unauthorized_client": Reason.WRONG_KIND}
            raise _failure(answer, tuple(form.values()), reasons)
        return device_code_of(answer, self.environment)

    def poll_device(self, client_id: str, client_secret: str, device_code: str) -> Tokens | Pending:
        """Has the seller decided? Tokens come once: the code is used up with the answer (facts.md 2.2)."""
        form = {"grant_type": DEVICE_GRANT, "device_code": device_code}
        answer = self._post(TOKEN, form, _basic(client_id, client_secret))
        if answer.status == 200:
            return _tokens(answer)
        if pending := pending_of(answer):
            return pending
        if answer.status in (400, 401, 403):
            raise NotConnected(reason_of(answer), _words(answer, tuple(form.values())), at=answer.at)
        raise error_of(answer)

    def register(
        self, code: str, client_name: str, redirect_uris: Sequence[str], software_statement_id: str
    ) -> Registration:
        """Register an application of this shop's own; the code serves once and for two minutes, the name
        cannot be changed later (facts.md 2.7). It stands on the API's host, unlike the rest.
        """
        body = registration_request(code, client_name, redirect_uris, software_statement_id)
        headers = self._headers(JSON)
        return registration_of(
            exchange(self._http, "POST", self.environment.api_url, REGISTER, headers, body=body)
        )

    def _ask(
        self,
        form: Mapping[str, str],
        authorization: Mapping[str, str],
        reasons: Mapping[str, Reason] = REASONS,
    ) -> Tokens:
        answer = self._post(TOKEN, form, authorization)
        if answer.status != 200:
            raise _failure(answer, tuple(form.values()), reasons)
        return _tokens(answer)

    def _post(self, path: str, form: Mapping[str, str], authorization: Mapping[str, str]) -> Answer:
        headers = {**self._headers(FORM), **authorization}
        body = urlencode(form).encode()
        return exchange(self._http, "POST", self.environment.auth_url, path, headers, body=body)

    def _headers(self, content_type: str) -> dict[str, str]:
        return {
            "User-Agent": self._user_agent,
            "Accept": JSON,
            "Accept-Language": POLISH,
            "Content-Type": content_type,
        }


class _TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str | None = None
    expires_in: int | None = None
    scope: str | None = None


class _Claims(msgspec.Struct, frozen=True):
    user_name: str | int | None = None


def _tokens(answer: Answer) -> Tokens:
    try:
        # Not strict: official samples show numbers as texts (facts.md 2.2).
        read = msgspec.json.decode(answer.body, type=_TokenAnswer, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unexpected("not a token", at=answer.at) from None
    return Tokens(
        access_token=read.access_token,
        refresh_token=read.refresh_token,
        expires_in=TWELVE_HOURS if read.expires_in is None else read.expires_in,
        scope=read.scope or "",
        account_id=_account_id(read.access_token),
    )


def _account_id(access_token: str) -> str | None:
    """From the JWT, unverified: it came from Allegro itself and decides nothing but "the same account?"."""
    try:
        claims = access_token.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        user_name = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).user_name
    except (IndexError, binascii.Error, ValueError, msgspec.MsgspecError):
        return None
    return None if user_name is None else str(user_name)


def _basic(client_id: str, client_secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _failure(answer: Answer, sent: tuple[str, ...], reasons: Mapping[str, Reason]) -> AllegroError:
    if answer.status not in (400, 401, 403):
        return error_of(answer)
    # A gateway's own 401 or 403 says nothing about keys and tokens.
    reason = reasons.get(error_body(answer).error or "", Reason.OTHER)
    return NotConnected(reason, _words(answer, sent), at=answer.at)


def _words(answer: Answer, sent: tuple[str, ...]) -> str:
    body = error_body(answer)
    return ": ".join(filter(None, [body.error, _without_secrets(body.error_description or "", sent)]))


def _without_secrets(words: str, sent: tuple[str, ...]) -> str:
    """Allegro repeats a refused code or token in its sentence (allegro-api #6733)."""
    for secret in sorted(filter(None, sent), key=len, reverse=True):
        words = words.replace(secret, "…")
    return re.sub(r"[\w.+/=-]{24,}", "…", words)
