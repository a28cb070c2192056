"""The token endpoint: codes, device codes, refresh tokens and application secrets become tokens."""

import re
from collections.abc import Callable
from hmac import compare_digest

from flask import Response

from allegro_module.simulator.accounts import AUTHORIZATION_CODE, DEVICE_CODE, Application
from allegro_module.simulator.clients import by_name, by_secret, check_form, check_kind
from allegro_module.simulator.http import AuthRefusal, Call, Room, answer
from allegro_module.simulator.tokens import Code, Consent, challenge_of

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

room = Room()


@room.open_route("POST", "/auth/oauth/token")
def give_token(call: Call) -> Response:
    check_form(call)
    grant = GRANTS.get(call.request.values.get("grant_type", ""))
    if grant is None:
        raise AuthRefusal(400, "unsupported_grant_type", "Unsupported grant type")
    return answer(grant(call), headers={"Cache-Control": "no-store"}, produces="application/json")


def _by_code(call: Call) -> dict[str, object]:
    """Exchange a code: with Basic, or with PKCE and then without it."""
    values, tokens = call.request.values, call.world.tokens
    with_pkce = "code_verifier" in values
    if with_pkce and "Authorization" in call.request.headers:
        raise AuthRefusal(400, "invalid_request", "PKCE exchange must not carry an Authorization header")
    application = by_name(call) if with_pkce else by_secret(call.world, call.request)
    check_kind(application, AUTHORIZATION_CODE)
    if not values.get("code"):
        raise AuthRefusal(400, "invalid_request", "An authorization code must be supplied")
    code = tokens.take_code(values["code"], call.now)
    _check_code(code, application, values.get("redirect_uri"), values.get("code_verifier"))
    call.world.limits.check_new_token(call.world, code.consent.seller_id)
    return tokens.new_pair(call.world, tokens.open_session(code.consent, call.now))


def _check_code(code: Code, application: Application, redirect_uri: str | None, verifier: str | None) -> None:
    if code.consent.client_id != application.client_id:
        raise AuthRefusal(400, "invalid_grant", "The code was issued to another client")
    if code.redirect_uri != redirect_uri:
        raise AuthRefusal(400, "invalid_grant", "Redirect URI mismatch.")
    if (code.challenge is None) != (verifier is None):
        raise AuthRefusal(400, "invalid_grant", "code_challenge and code_verifier belong together")
    if verifier is not None and code.challenge is not None:
        if not VERIFIER.fullmatch(verifier):
            raise AuthRefusal(400, "invalid_request", "Invalid code_verifier")
        if not compare_digest(challenge_of(verifier), code.challenge):
            raise AuthRefusal(400, "invalid_grant", "Invalid code verifier")


def _by_device_code(call: Call) -> dict[str, object]:
    application = by_secret(call.world, call.request)
    check_kind(application, DEVICE_CODE)
    value = call.request.values.get("device_code", "")
    pending = call.world.devices.poll(value, application.client_id, call.now)
    consent = pending.decided_consent()
    call.world.limits.check_new_token(call.world, consent.seller_id)
    pending.is_used = True
    tokens = call.world.tokens
    return tokens.new_pair(call.world, tokens.open_session(consent, call.now))


def _by_refresh_token(call: Call) -> dict[str, object]:
    application = by_secret(call.world, call.request)
    value = call.request.values.get("refresh_token")
    if not value:
        raise AuthRefusal(400, "invalid_request", "A refresh token must be supplied")
    return call.world.tokens.rotate(call.world, value, application.client_id)


def _by_credentials(call: Call) -> dict[str, object]:
    application = by_secret(call.world, call.request)
    scopes = application.granted(call.request.values.get("scope", ""))
    session = call.world.tokens.open_session(Consent(application.client_id, None, scopes), call.now)
    return call.world.tokens.new_access(call.world, session)


GRANTS: dict[str, Callable[[Call], dict[str, object]]] = {
    AUTHORIZATION_CODE: _by_code,
    DEVICE_CODE: _by_device_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_credentials,
}
