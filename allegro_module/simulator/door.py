"""The common door of the api: User-Agent, token, scope, Accept, Content-Type, in this order."""

import re

from flask import Request
from werkzeug.http import parse_options_header

from allegro_module.simulator.accounts import Seller
from allegro_module.simulator.http import (
    LANGUAGES,
    POLISH,
    AuthRefusal,
    Call,
    Problem,
    Refusal,
    Route,
)
from allegro_module.simulator.world import World

# "ApplicationName/Version (+https://page-about-it)", developer.allegro.pl, news of 2026-04-09.
USER_AGENT = re.compile(r"[^\s/()]+/\d[\w.+-]* \(\+https?://[^\s()]+\)")
METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
ANY_TYPE = ("*/*", "application/*")


def admit(world: World, route: Route, request: Request) -> Call:
    """Let a request in, or raise Refusal or AuthRefusal."""
    language = language_of(request)
    if route.open:
        return Call(world, world.now(), request, None, frozenset(), language)
    check_user_agent(world, request)
    seller, scopes = _bearer(world, route, request)
    if route.scope is not None and f"allegro:api:{route.scope}" not in scopes:
        raise Refusal(403, _access_denied(request))
    _check_types(world, route, request)
    return Call(world, world.now(), request, seller, scopes, language)


def language_of(request: Request) -> str:
    return request.accept_languages.best_match(LANGUAGES) or POLISH


def has_user_agent(world: World, request: Request) -> bool:
    agent = request.headers.get("User-Agent", "")
    return not world.switches.check_user_agent or USER_AGENT.fullmatch(agent) is not None


def check_user_agent(world: World, request: Request) -> None:
    if not has_user_agent(world, request):
        raise Refusal(403, _user_agent_missing(request))


def _bearer(world: World, route: Route, request: Request) -> tuple[Seller | None, frozenset[str]]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise AuthRefusal(401, "unauthorized", "Full authentication is required to access this resource")
    consent = world.tokens.consent_of(value, world.now())
    world.limits.count_request(consent.client_id, world.now(), world.switches.requests_per_minute)
    if consent.seller_id is None:
        if not route.app_token:
            raise AuthRefusal(401, "unauthorized", "Empty user_name claim")
        return None, frozenset(consent.scopes)
    return world.seller(consent.seller_id), frozenset(consent.scopes)


def _check_types(world: World, route: Route, request: Request) -> None:
    if not _accepts(world, request, route.produces):
        raise Refusal(406, _not_acceptable())
    if request.method in METHODS_WITH_BODY and route.consumes and not _sends(request, route.consumes):
        raise Refusal(415, _unsupported_type(request))


def _accepts(world: World, request: Request, produces: str) -> bool:
    offered = [parse_options_header(part)[0].lower() for part in request.headers.get("Accept", "").split(",")]
    return produces in offered or (
        world.switches.accept_any_type and any(kind in ANY_TYPE for kind in offered)
    )


def _sends(request: Request, consumes: tuple[str, ...]) -> bool:
    """A charset may stand beside JSON, not beside a picture: the upload host stumbles over it (#827)."""
    sent = request.headers.get("Content-Type", "")
    kind = parse_options_header(sent)[0].lower() if "json" in sent else sent
    return kind in consumes


def _user_agent_missing(request: Request) -> Problem:
    return Problem(
        "UserAgentRequired",
        "User-Agent must look like 'ApplicationName/Version (+https://page-about-the-application)'",
        path=request.path,
        user_message="Aplikacja nie przedstawia się nagłówkiem User-Agent. Skontaktuj się z jej autorem.",
    )


def _access_denied(request: Request) -> Problem:
    return Problem(
        "AccessDenied",
        "Access is denied",
        path=request.path,
        user_message="Nie masz uprawnień do tego zasobu.",
    )


def _not_acceptable() -> Problem:
    return Problem(
        "NotAcceptableException",
        "Not acceptable representation requested. Please check 'Accept' request header",
    )


def _unsupported_type(request: Request) -> Problem:
    return Problem(
        "UnsupportedMediaTypeException",
        f"Content type '{request.headers.get('Content-Type', '')}' not supported",
    )
