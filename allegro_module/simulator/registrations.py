"""Dynamic Client Registration: a seller's one-time code becomes an application of an installed shop."""

from typing import Any

from flask import Response, render_template

from allegro_module.simulator.accounts import BROWSER, Application
from allegro_module.simulator.door import check_user_agent
from allegro_module.simulator.http import Call, Problem, Refusal, Room, answer
from allegro_module.simulator.world import World

PAGE = "/uzytkownik/bezpieczenstwo/wygeneruj-kod"
JSON_TYPES = ("application/json", "application/vnd.allegro.public.v1+json")
MEMBERS = {"code": None, "client_name": None, "redirect_uris": None, "software_statement_id": None}
SHORTEST_NAME, LONGEST_NAME = 3, 50

room = Room()


@room.open_route("GET", PAGE)
def offer_code(call: Call) -> Response:
    return Response(render_template("simulator/registration_code.html"))


@room.open_route("POST", PAGE)
def show_code(call: Call) -> Response:
    code = call.world.registrations.new(call.world)
    seconds = call.world.switches.registration_code_seconds
    return Response(render_template("simulator/registration_code.html", code=code, seconds=seconds))


@room.open_route("POST", "/register")
def register(call: Call) -> Response:
    """The only resource of the api host that asks for no token. The code serves one success."""
    check_user_agent(call.world, call.request)
    _check_type(call)
    asked = call.json(MEMBERS)
    book = call.world.registrations
    if (
        not book.is_good(asked.get("code"), call.now)
        or asked.get("software_statement_id") not in book.statements
    ):
        raise Refusal(403, _bad_code())
    problems = _problems(call.world, asked)
    if problems:
        raise Refusal(422, *problems)
    del book.expires_at[asked["code"]]
    return answer(_as_json(_registered(call.world, asked)), 201, produces="application/json")


def _check_type(call: Call) -> None:
    """The official description leaves this resource out; plain JSON and Allegro's own are both taken."""
    if call.request.mimetype not in JSON_TYPES:
        raise Refusal(
            415,
            Problem("UnsupportedMediaTypeException", f"Content type '{call.request.mimetype}' not supported"),
        )


def _problems(world: World, asked: dict[str, Any]) -> list[Problem]:
    name, uris = asked.get("client_name"), asked.get("redirect_uris")
    found = []
    if not isinstance(name, str) or not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        found.append(
            _wrong("client_name", "must have 3 to 50 characters", "Nazwa musi mieć od 3 do 50 znaków.")
        )
    elif any(application.name == name for application in world.applications.values()):
        found.append(_wrong("client_name", "is already taken", "Ta nazwa jest już zajęta."))
    if (
        not isinstance(uris, list)
        or not uris
        or not all(isinstance(uri, str) and "://" in uri for uri in uris)
    ):
        found.append(_wrong("redirect_uris", "must be addresses", "Podaj adresy powrotu."))
    return found


def _wrong(member: str, what: str, user_message: str) -> Problem:
    return Problem("VALIDATION_ERROR", f"'{member}' {what}", path=member, user_message=user_message)


def _bad_code() -> Problem:
    return Problem(
        "AccessDenied",
        "The code or the software statement is not valid",
        path="/register",
        user_message="Kod jest nieprawidłowy albo stracił ważność. Wygeneruj nowy.",
    )


def _registered(world: World, asked: dict[str, Any]) -> Application:
    application = Application(
        client_id=world.hex_digits(32),
        client_secret=world.hex_digits(64),
        name=asked["client_name"],
        redirect_uris=tuple(asked["redirect_uris"]),
        grant_types=BROWSER,
    )
    world.applications[application.client_id] = application
    return application


def _as_json(application: Application) -> dict[str, object]:
    return {
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "client_secret_expires_at": 0,
        "client_name": application.name,
        "redirect_uris": list(application.redirect_uris),
        "grant_types": list(application.grant_types),
    }
