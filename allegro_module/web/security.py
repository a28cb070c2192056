"""Who may enter, forged requests, and what a browser may do with our pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf

from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime

View = TypeVar("View", bound=Callable[..., Any])

#: Served to whoever asks: they hold nothing of the seller's, and the host's pages need them as well.
OPEN_ENDPOINTS = frozenset({"allegro.static", "allegro.bootstrap"})
_ours = CSRFProtect()


def requires(permission: Permission) -> Callable[[View], View]:
    """Name the permission a view asks of the host; a view without one is shut for everybody."""

    def mark(view: View) -> View:
        view.allegro_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def protect(blueprint: Blueprint) -> None:
    """Guard every page of the blueprint and those nested in it."""
    blueprint.record_once(lambda state: _set_csrf_defaults(state.app.config))
    blueprint.before_request(check_permission)
    blueprint.before_request(check_csrf)
    blueprint.after_request(set_headers)


def check_permission() -> None:
    if request.endpoint in OPEN_ENDPOINTS:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "allegro_permission", None)
    if permission is None or not current_runtime().may(permission):
        abort(403)


def check_csrf() -> None:
    """Leave it to the host's protection where that has looked at this request, else look ourselves."""
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("csrf_valid", False):
        _ours.protect()


def csrf_token() -> str:
    return str(generate_csrf())


def _set_csrf_defaults(config: dict[str, Any]) -> None:
    config.setdefault("WTF_CSRF_ENABLED", True)
    config.setdefault("WTF_CSRF_METHODS", {"POST", "PUT", "PATCH", "DELETE"})
    config.setdefault("WTF_CSRF_FIELD_NAME", "csrf_token")
    config.setdefault("WTF_CSRF_HEADERS", ["X-CSRFToken", "X-CSRF-Token"])
    config.setdefault("WTF_CSRF_TIME_LIMIT", 3600)
    config.setdefault("WTF_CSRF_SSL_STRICT", True)


def set_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint in OPEN_ENDPOINTS:
        return response
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = content_security_policy(current_runtime())
    response.headers["Cache-Control"] = "no-store"
    # Not no-referrer: Flask-WTF compares the referrer of forms sent over https.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def content_security_policy(runtime: Runtime) -> str:
    environments = [runtime.environment(name) for name in environment_names(runtime)]
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": " ".join(["'self'", "data:", *(_origin(each.image_source) for each in environments)]),
        "font-src": "'self'",
        "connect-src": "'self'",
        # A form that links an account is answered by a redirect to Allegro: browsers count it as its action.
        "form-action": " ".join(["'self'", *sorted({_origin(each.auth_url) for each in environments})]),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def environment_names(runtime: Runtime) -> list[str]:
    """The environments a seller may choose; the simulator only where one is configured."""
    names = ["production", "sandbox"]
    return [*names, "simulator"] if runtime.settings.simulator_url else names


def first_environment(names: Sequence[str]) -> str:
    """What a form begins with: where there is a simulator, the shop is being tried out."""
    return "simulator" if "simulator" in names else names[0]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
