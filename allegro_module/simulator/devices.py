"""The device flow: the endpoint that gives codes, and the page on which a seller types his."""

from flask import Response, render_template

from allegro_module.simulator.accounts import DEVICE_CODE
from allegro_module.simulator.clients import by_secret, check_form, check_kind
from allegro_module.simulator.device_codes import DeviceCode
from allegro_module.simulator.http import AuthRefusal, Call, Room, answer

PAGE = "/skojarz-aplikacje"
UNKNOWN = "Nie znamy takiego kodu. Sprawdź, czy nie minęła godzina i czy wszystkie znaki się zgadzają."

room = Room()


@room.open_route("POST", "/auth/oauth/device")
def give_device_code(call: Call) -> Response:
    """Official samples show both numbers as texts; a switch sends them as numbers."""
    check_form(call)
    application = by_secret(call.world, call.request)
    if call.request.values.get("client_id") != application.client_id:
        raise AuthRefusal(400, "invalid_request", "client_id must be that of the authorized application")
    check_kind(application, DEVICE_CODE)
    scopes = application.granted(call.request.values.get("scope", ""))
    if not scopes:
        raise AuthRefusal(400, "invalid_scope", "None of the requested scopes is available")
    code = call.world.devices.new(call.world, application, scopes)
    return answer(_as_json(call, code), headers={"Cache-Control": "no-store"}, produces="application/json")


def _as_json(call: Call, code: DeviceCode) -> dict[str, object]:
    switches = call.world.switches
    number = str if switches.device_numbers_as_text else int
    page = call.request.host_url.rstrip("/") + PAGE
    return {
        "user_code": code.user_code,
        "device_code": code.device_code,
        "expires_in": number(switches.device_code_seconds),
        "interval": number(switches.device_interval_seconds),
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={code.user_code}",
    }


@room.open_route("GET", PAGE)
def ask_for_code(call: Call) -> Response:
    typed = call.query.get("code", "")
    return _question(call, typed) if typed else _page()


@room.open_route("POST", PAGE)
def decide(call: Call) -> Response:
    form = call.request.form
    code = call.world.devices.waiting(form.get("code", ""), call.now)
    seller = call.world.sellers.get(form.get("seller", ""))
    if code is None or form.get("decision") not in ("allow", "deny"):
        return _question(call, form.get("code", ""))
    if form["decision"] == "deny":
        code.is_denied = True
        return _page(outcome="denied")
    if seller is None:
        return _question(call, code.user_code, status=400)
    code.seller_id = seller.id
    return _page(outcome="allowed", login=seller.login)


def _question(call: Call, typed: str, status: int = 200) -> Response:
    code = call.world.devices.waiting(typed, call.now)
    if code is None:
        return _page(400, problem=UNKNOWN, typed=typed)
    application = call.world.applications[code.client_id]
    return Response(
        render_template(
            "simulator/consent.html",
            action=PAGE,
            application=application,
            sellers=list(call.world.sellers.values()),
            scopes=[scope.removeprefix("allegro:api:") for scope in code.scopes],
            parameters={"code": code.user_code},
            user_code=code.user_code,
        ),
        status,
    )


def _page(status: int = 200, **values: str) -> Response:
    return Response(render_template("simulator/device.html", **values), status)
