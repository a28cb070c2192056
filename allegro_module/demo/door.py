"""The door: one user, a password, a session; whoever is not logged in is sent to the login page."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    current_app,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

USER = "admin"
#: Served to anybody: stylesheets and the login page itself.
OPEN_ENDPOINTS = frozenset(
    {"static", "bootstrap.static", "allegro.static", "allegro.bootstrap", "door.login", "door.favicon"}
)

pages = Blueprint("door", __name__)


class LoginForm(FlaskForm):
    username = StringField("Użytkownik", [InputRequired("Wpisz nazwę użytkownika.")])
    password = PasswordField("Hasło", [InputRequired("Wpisz hasło.")])


def guard(app: Flask) -> None:
    app.before_request(send_strangers_to_login)
    app.register_error_handler(404, show_missing)
    app.register_error_handler(CSRFError, show_stale_form)
    app.jinja_env.globals.update(shop_user=user_name)


def may(permission: str) -> bool:
    """What the plugin asks for each of its pages; in this shop every user may do everything."""
    return "user" in session


def user_name() -> str:
    """Whom the plugin writes into its audit log; outside of a page (worker, command line) it is nobody."""
    return str(session.get("user", "")) if has_request_context() else ""


def send_strangers_to_login() -> ResponseReturnValue | None:
    if "user" in session or request.endpoint in OPEN_ENDPOINTS:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("door.login", next=wanted))


@pages.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    form = LoginForm()
    refused = False
    if form.validate_on_submit():
        if _is_right(form.username.data or "", form.password.data or ""):
            session.clear()
            session["user"] = USER
            return redirect(_own_address(request.args.get("next")))
        refused = True
    return render_template("shop/login.html", form=form, refused=refused), 401 if refused else 200


@pages.post("/logout")
def logout() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("door.login"))


@pages.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    return current_app.send_static_file("favicon.svg")


def show_missing(error: Exception) -> ResponseReturnValue:
    return render_template("shop/missing.html"), 404


def show_stale_form(error: CSRFError) -> ResponseReturnValue:
    return render_template("shop/stale.html"), 400


def _is_right(name: str, password: str) -> bool:
    right = str(current_app.config["SHOP_ADMIN_PASSWORD"])
    same_name = hmac.compare_digest(name.strip().encode(), USER.encode())
    return hmac.compare_digest(password.encode(), right.encode()) and same_name


def _own_address(wanted: str | None) -> str:
    """Where to go after login; never to a foreign server."""
    if (
        wanted
        and wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not urlsplit(wanted).netloc
    ):
        return wanted
    return url_for("pages.dashboard")
