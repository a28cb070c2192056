"""A client that talks to the simulator over WSGI, and one that talks to whatever a test wants to hear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from allegro_module.client import AllegroClient
from allegro_module.client.environment import Environment, environment
from allegro_module.client.transport import FixedToken, TokenSource, Transport, build_http_client
from allegro_module.simulator.app import Simulator
from allegro_module.simulator.tokens import SCOPES, Consent
from tests.openapi import OpenApiCheck, load_document

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

USER_AGENT = "Bursztyn-i-Len/0.1.0 (+https://bursztyn-i-len.example/allegro)"
HERE: Environment = environment("simulator", "http://allegro.test")
PUBLIC = "application/vnd.allegro.public.v1+json"


def http_to(app: WSGIApplication) -> httpx2.Client:
    return build_http_client(httpx2.WSGITransport(app))


def client_of(app: WSGIApplication, tokens: TokenSource | None = None) -> AllegroClient:
    source = tokens or FixedToken("any-token")
    return AllegroClient(Transport(HERE, USER_AGENT, source, http_to(app)))


@dataclass
class Remote:
    """Answers what it is given, the last answer again and again, and keeps what it was asked.

    An exception among the answers breaks the connection.
    """

    answers: list[Response | Exception] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def will_answer(
        self, status: int = 200, body: object = None, headers: dict[str, str] | None = None
    ) -> Remote:
        content = body if isinstance(body, (bytes, str)) else json.dumps(body) if body is not None else ""
        self.answers.append(Response(content, status, headers={"Trace-Id": "trace-1", **(headers or {})}))
        return self

    def will_break(self, error: Exception) -> Remote:
        self.answers.append(error)
        return self

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(environ, start_response)


@pytest.fixture
def remote() -> Remote:
    return Remote()


@pytest.fixture
def remote_api(remote: Remote) -> AllegroClient:
    return client_of(remote)


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(broken_connection=httpx2.ReadError)


@pytest.fixture
def wire(simulator: Simulator) -> Iterator[OpenApiCheck]:
    """The simulator, with every request and answer held against Allegro's own description."""
    check = OpenApiCheck(simulator, load_document())
    yield check
    assert check.violations == []


@pytest.fixture
def token_of(simulator: Simulator) -> Callable[..., str]:
    """A fresh access token of a seller, or of the application itself for None."""

    def issue(login: str | None = "bursztyn_i_len", scopes: tuple[str, ...] = SCOPES) -> str:
        world = simulator.world
        seller_id = world.sellers[login].id if login else None
        session = world.tokens.open_session(Consent("demo-client-id", seller_id, scopes), world.now())
        return str(world.tokens.new_access(world, session)["access_token"])

    return issue


@pytest.fixture
def api(wire: OpenApiCheck, token_of: Callable[..., str]) -> AllegroClient:
    return client_of(wire, FixedToken(token_of()))
