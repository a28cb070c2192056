"""Control routes of sellers, applications and tokens; control.py lists them."""

from dataclasses import replace
from typing import Any

from allegro_module.simulator.accounts import BROWSER, DEVICE, Application, Company, Seller
from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.device_codes import DeviceCode
from allegro_module.simulator.http import Call
from allegro_module.simulator.tokens import SCOPES, Cause
from allegro_module.simulator.world import World

KINDS = {"browser": BROWSER, "device": DEVICE}

room = ControlRoom()


@room.control("POST", "/applications")
def register_application(call: Call) -> object:
    asked = call.json()
    kind = KINDS[asked.pop("kind", "browser")]
    application = Application(
        redirect_uris=tuple(asked.pop("redirect_uris", ())),
        grant_types=tuple(asked.pop("grant_types", kind)),
        scopes=_known_scopes(asked.pop("scopes", SCOPES)),
        **asked,
    )
    call.world.applications[application.client_id] = application
    return {"client_id": application.client_id}


def _known_scopes(names: object) -> tuple[str, ...]:
    """In Allegro's own order, with or without their `allegro:api:`."""
    if not isinstance(names, list | tuple):
        raise ValueError("scopes are a list of names")
    wanted = {name if name.startswith("allegro:api:") else f"allegro:api:{name}" for name in names}
    if unknown := wanted - set(SCOPES):
        raise ValueError(f"there is no scope {', '.join(sorted(unknown))}")
    return tuple(scope for scope in SCOPES if scope in wanted)


@room.control("POST", "/sellers/<login>")
def change_seller(call: Call, login: str) -> object:
    """A new login, or a company made of a private person and the reverse; tokens go on."""
    asked = call.json({"login": None, "company": {"name": None, "tax_id": None}, "base_marketplace": None})
    seller = call.world.sellers[login]
    if "company" in asked:
        seller = replace(seller, company=_company(seller, asked["company"]))
    seller = replace(
        seller,
        login=asked.get("login", seller.login),
        base_marketplace=asked.get("base_marketplace", seller.base_marketplace),
    )
    call.world.replace_seller(login, seller)
    return {"id": seller.id, "login": seller.login, "company": seller.is_company}


def _company(seller: Seller, asked: Any) -> Company | None:
    """`true` is as good as a name; `false` and null are a private person."""
    if not asked:
        return None
    if asked is True:
        return seller.company or Company(f"{seller.first_name} {seller.last_name} Handel", "5252674798")
    return Company(asked["name"], asked["tax_id"])


@room.control("POST", "/tokens/revoke")
def revoke_tokens(call: Call) -> object:
    asked = call.json({"seller": None, "cause": None, "client_id": None})
    cause = Cause(asked.get("cause", Cause.PASSWORD_CHANGED))
    client_id = asked.get("client_id")
    if (cause is Cause.APP_REMOVED) != (client_id is not None):
        raise ValueError("app_removed, and nothing else, takes a client_id")
    return {"closed_sessions": call.world.tokens.revoke(seller_of(call, asked).id, cause, client_id)}


@room.control("POST", "/tokens/expire")
def expire_tokens(call: Call) -> object:
    return {"expired_tokens": call.world.tokens.expire_access(seller_of(call, call.json()).id, call.now)}


@room.control("POST", "/tokens/refuse")
def refuse_tokens(call: Call) -> object:
    asked = call.json({"seller": None, "times": None})
    seller, times = seller_of(call, asked), int(asked.get("times", 1))
    call.world.tokens.refusals[seller.id] = times
    return {"seller": seller.login, "times": times}


@room.control("GET", "/devices")
def device_codes(call: Call) -> object:
    return {"devices": [_device_as_json(call.world, code) for code in call.world.devices.codes.values()]}


@room.control("POST", "/devices/<user_code>/approve")
def approve_device(call: Call, user_code: str) -> object:
    seller = seller_of(call, call.json({"seller": None}))
    code = _waiting(call, user_code)
    code.seller_id = seller.id
    return _device_as_json(call.world, code)


@room.control("POST", "/devices/<user_code>/deny")
def deny_device(call: Call, user_code: str) -> object:
    code = _waiting(call, user_code)
    code.is_denied = True
    return _device_as_json(call.world, code)


def _waiting(call: Call, user_code: str) -> DeviceCode:
    code = call.world.devices.waiting(user_code, call.now)
    if code is None:
        raise ValueError(f"no code {user_code} waits for a seller")
    return code


def _device_as_json(world: World, code: DeviceCode) -> dict[str, object]:
    seller = world.seller(code.seller_id) if code.seller_id else None
    return {
        "user_code": code.user_code,
        "client_id": code.client_id,
        "seller": seller.login if seller else None,
        "denied": code.is_denied,
        "used": code.is_used,
        "expires_at": code.expires_at,
    }


@room.control("POST", "/registration-codes")
def registration_code(call: Call) -> object:
    seconds = call.world.switches.registration_code_seconds
    return {"code": call.world.registrations.new(call.world), "expires_in": seconds}
