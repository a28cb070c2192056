"""The consent page of the OAuth server, where a seller lets an application in and a code is made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, redirect, render_template

from allegro_module.simulator.accounts import AUTHORIZATION_CODE, Application, Seller
from allegro_module.simulator.http import Call, Room
from allegro_module.simulator.tokens import Consent
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
        return self.application.granted(self.parameters.get("scope", ""))

    def refused(self) -> Response | None:
        """The redirect that names what is wrong, or None."""
        challenge = self.parameters.get("code_challenge")
        method = self.parameters.get("code_challenge_method")
        if not self.application.grants(AUTHORIZATION_CODE):
            return self._error("unauthorized_client", f"Unauthorized grant type: {AUTHORIZATION_CODE}")
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
        action="/auth/oauth/authorize",
        application=asked.application,
        sellers=list(world.sellers.values()),
        scopes=[scope.removeprefix("allegro:api:") for scope in asked.scopes],
        parameters=asked.parameters,
    )
    return Response(html, status)


def _error_page(reason: str) -> Response:
    return Response(render_template("simulator/error.html", reason=reason), 400)


def _as_response(redirection: object) -> Response:
    """Flask's `redirect` is typed by Werkzeug's own response class."""
    assert isinstance(redirection, Response)
    return redirection
