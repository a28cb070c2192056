"""The OAuth server: consent page, code and PKCE exchange, refresh with rotation, application tokens."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlencode

from flask import Request, Response, redirect, render_template

from allegro_module.simulator.accounts import Application, Seller
from allegro_module.simulator.door import has_user_agent
from allegro_module.simulator.http import FORM, AuthRefusal, Call, Room, answer
from allegro_module.simulator.tokens import Code, Consent, challenge_of, granted
from allegro_module.simulator.world import World

LOGGED_IN = "simulated_allegro_seller"
KNOWN_PARAMETERS = {
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "prompt",
    "code_challenge",
    "code_challenge_method",
}
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

room = Room()


@dataclass(frozen=True)
class Asked:
    """A request for consent whose application and address are known, so that refusals may be sent there."""

    application: Application
    redirect_uri: str
    parameters: Mapping[str, str]

    def back(self, **outcome: str) -> Response:
        """Redirect to the application; its state and its own parameters go along unchanged."""
        own = {name: value for name, value in self.parameters.items() if name not in KNOWN_PARAMETERS}
        state = {"state": self.parameters["state"]} if "state" in self.parameters else {}
        mark = "&" if "?" in self.redirect_uri else "?"
        return _as_response(redirect(self.redirect_uri + mark + urlencode({**outcome, **state, **own})))

    @property
    def scopes(self) -> tuple[str, ...]:
        return granted(self.parameters.get("scope", ""))

    def refused(self) -> Response | None:
        """The redirect that names what is wrong, or None."""
        challenge = self.parameters.get("code_challenge")
        method = self.parameters.get("code_challenge_method")
        if self.parameters.get("response_type") != "code":
            return self._error("unsupported_response_type", "Unsupported response type")
        if (challenge is None) != (method is None) or (method is not None and method != "S256"):
            return self._error("invalid_request", "Only code_challenge_method S256 is supported")
        if challenge is not None and not CHALLENGE.fullmatch(challenge):
            return self._error("invalid_request", "Invalid code_challenge")
        if not self.scopes:
            return self._error("invalid_scope", "None of the requested scopes is available")
        return None

    def _error(self, error: str, description: str) -> Response:
        return self.back(error=error, error_description=description)


@room.open_route("GET", "/auth/oauth/authorize")
def ask_for_consent(call: Call) -> Response:
    asked = _asked(call.world, call.query)
    if isinstance(asked, Response):
        return asked
    if refused := asked.refused():
        return refused
    seller = call.world.seller(call.request.cookies.get(LOGGED_IN, ""))
    if seller and asked.parameters.get("prompt") != "confirm":
        return _consented(call.world, asked, seller)
    return _page(call.world, asked)


@room.open_route("POST", "/auth/oauth/authorize")
def decide_on_consent(call: Call) -> Response:
    form = call.request.form
    decision, login = form.get("decision"), form.get("seller", "")
    asked = _asked(call.world, {name: form[name] for name in form if name not in ("decision", "seller")})
    if isinstance(asked, Response):
        return asked
    if refused := asked.refused():
        return refused
    if decision == "deny":
        return asked.back(error="access_denied", error_description="User denied access")
    seller = call.world.sellers.get(login)
    if decision != "allow" or seller is None:
        return _page(call.world, asked, status=400)
    return _consented(call.world, asked, seller)


def _asked(world: World, parameters: Mapping[str, str]) -> Asked | Response:
    """Without a known application and its own address nothing is sent anywhere: the error page stays here."""
    application = world.applications.get(parameters.get("client_id", ""))
    if application is None:
        return _error_page("Nie znamy takiej aplikacji (client_id).")
    redirect_uri = parameters.get("redirect_uri", "")
    if not application.redirects_to(redirect_uri, any_loopback=world.switches.any_loopback_redirect):
        return _error_page("Adres powrotu (redirect_uri) nie jest adresem zarejestrowanym dla tej aplikacji.")
    return Asked(application, redirect_uri, dict(parameters))


def _consented(world: World, asked: Asked, seller: Seller) -> Response:
    consent = Consent(asked.application.client_id, seller.id, asked.scopes)
    challenge = asked.parameters.get("code_challenge")
    response = asked.back(code=world.tokens.new_code(world, consent, asked.redirect_uri, challenge))
    response.set_cookie(LOGGED_IN, seller.id, httponly=True, samesite="Lax", path="/auth")
    return response


def _page(world: World, asked: Asked, status: int = 200) -> Response:
    html = render_template(
        "simulator/consent.html",
        application=asked.application,
        sellers=list(world.sellers.values()),
        scopes=[scope.removeprefix("allegro:api:") for scope in asked.scopes],
        parameters=asked.parameters,
    )
    return Response(html, status)


def _error_page(reason: str) -> Response:
    return Response(render_template("simulator/error.html", reason=reason), 400)


@room.open_route("POST", "/auth/oauth/token")
def give_token(call: Call) -> Response:
    request = call.request
    if not has_user_agent(call.world, request):
        raise AuthRefusal(403, "access_denied", "User-Agent header is missing or malformed")
    if request.content_length and request.mimetype != FORM:
        raise AuthRefusal(415, "invalid_request", f"Content type '{request.mimetype}' not supported")
    grant = GRANTS.get(request.values.get("grant_type", ""))
    if grant is None:
        raise AuthRefusal(400, "unsupported_grant_type", "Unsupported grant type")
    return answer(grant(call), headers={"Cache-Control": "no-store"}, produces="application/json")


def _by_code(call: Call) -> dict[str, object]:
    """Exchange a code: with Basic, or with PKCE and then without it."""
    values = call.request.values
    with_pkce = "code_verifier" in values
    if with_pkce and "Authorization" in call.request.headers:
        raise AuthRefusal(400, "invalid_request", "PKCE exchange must not carry an Authorization header")
    application = _named_application(call) if with_pkce else _application(call.world, call.request)
    if not values.get("code"):
        raise AuthRefusal(400, "invalid_request", "An authorization code must be supplied")
    code = call.world.tokens.take_code(values["code"], call.now)
    _check_code(code, application, values.get("redirect_uri"), values.get("code_verifier"))
    return call.world.tokens.new_pair(call.world, call.world.tokens.open_session(code.consent, call.now))


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


def _by_refresh_token(call: Call) -> dict[str, object]:
    application = _application(call.world, call.request)
    value = call.request.values.get("refresh_token")
    if not value:
        raise AuthRefusal(400, "invalid_request", "A refresh token must be supplied")
    return call.world.tokens.rotate(call.world, value, application.client_id)


def _by_credentials(call: Call) -> dict[str, object]:
    application = _application(call.world, call.request)
    consent = Consent(application.client_id, None, granted(call.request.values.get("scope", "")))
    return call.world.tokens.new_access(call.world, call.world.tokens.open_session(consent, call.now))


GRANTS: dict[str, Callable[[Call], dict[str, object]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_credentials,
}


def _application(world: World, request: Request) -> Application:
    """The application that shows its secret by Basic."""
    basic = request.authorization
    if basic is None or basic.type != "basic":
        raise AuthRefusal(401, "unauthorized", "Full authentication is required to access this resource")
    application = world.applications.get(basic.username or "")
    secret = (basic.password or "").encode()
    if application is None or not compare_digest(application.client_secret.encode(), secret):
        raise AuthRefusal(401, "invalid_client", "Bad client credentials")
    return application


def _named_application(call: Call) -> Application:
    """The application that shows a PKCE verifier in place of a secret."""
    application = call.world.applications.get(call.request.values.get("client_id", ""))
    if application is None:
        raise AuthRefusal(401, "invalid_client", "Bad client credentials")
    return application


def _as_response(redirection: object) -> Response:
    """Flask's `redirect` is typed by Werkzeug's own response class."""
    assert isinstance(redirection, Response)
    return redirection
