"""How an application proves to the OAuth server who it is, and that it may do what it asks."""

from hmac import compare_digest

from flask import Request

from allegro_module.simulator.accounts import Application
from allegro_module.simulator.door import has_user_agent
from allegro_module.simulator.http import FORM, AuthRefusal, Call
from allegro_module.simulator.world import World


def check_form(call: Call) -> None:
    """Parameters stand in a form or in the query; the User-Agent is asked for here as everywhere."""
    if not has_user_agent(call.world, call.request):
        raise AuthRefusal(403, "access_denied", "User-Agent header is missing or malformed")
    if call.request.content_length and call.request.mimetype != FORM:
        raise AuthRefusal(415, "invalid_request", f"Content type '{call.request.mimetype}' not supported")


def by_secret(world: World, request: Request) -> Application:
    """The application that shows its secret by Basic."""
    basic = request.authorization
    if basic is None or basic.type != "basic":
        raise AuthRefusal(401, "unauthorized", "Full authentication is required to access this resource")
    application = world.applications.get(basic.username or "")
    secret = (basic.password or "").encode()
    if application is None or not compare_digest(application.client_secret.encode(), secret):
        raise AuthRefusal(401, "invalid_client", "Bad client credentials")
    return application


def by_name(call: Call) -> Application:
    """The application that shows a PKCE verifier in place of a secret."""
    application = call.world.applications.get(call.request.values.get("client_id", ""))
    if application is None:
        raise AuthRefusal(401, "invalid_client", "Bad client credentials")
    return application


def check_kind(application: Application, grant_type: str) -> None:
    """The kind is chosen at registration: a browser's application gets no device codes, nor the reverse."""
    if not application.grants(grant_type):
        raise AuthRefusal(400, "unauthorized_client", f"Unauthorized grant type: {grant_type}")
