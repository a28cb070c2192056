"""The same over real sockets: what WSGI cannot show."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.errors import NotConnected, Unavailable
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import FixedToken, Transport, build_http_client
from allegro_module.simulator.app import Simulator
from tests.client.conftest import USER_AGENT

SECRET = "demo-client-secret"


@pytest.fixture
def address() -> Iterator[tuple[str, Simulator]]:
    simulator = Simulator()
    with simulator.listening() as base:
        yield base, simulator


def client_at(base: str, token: str) -> AllegroClient:
    here = environment("simulator", base)
    return AllegroClient(Transport(here, USER_AGENT, FixedToken(token), build_http_client()))


def application_token(base: str) -> str:
    with build_http_client() as http:
        oauth = OAuth(environment("simulator", base), USER_AGENT, http)
        return oauth.client_credentials("demo-client-id", SECRET).access_token


def test_calls_work_over_a_kept_connection(address: tuple[str, Simulator]) -> None:
    base, _ = address
    api = client_at(base, application_token(base))

    assert api.categories.children() == api.categories.children() != ()


def test_a_connection_that_breaks_in_the_answer_leaves_a_write_in_doubt(
    address: tuple[str, Simulator],
) -> None:
    base, simulator = address
    token = application_token(base)
    simulator.faults.lose_answer("POST /sale/images")

    with pytest.raises(Unavailable) as raised:
        client_at(base, token).images.upload(b"\xff\xd8\xff", "image/jpeg")

    assert not raised.value.is_sure_nothing_happened


def test_nobody_at_the_address_means_nothing_happened() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Unavailable) as raised:
        client_at(f"http://127.0.0.1:{port}", "t").images.upload(b"\xff\xd8\xff", "image/jpeg")

    assert raised.value.is_sure_nothing_happened


def test_no_log_of_any_library_shows_a_secret(
    address: tuple[str, Simulator], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    base, _ = address
    token = application_token(base)

    client_at(base, token).categories.children()
    with pytest.raises(NotConnected):
        client_at(base, "stale-token-value").categories.children()

    for secret in (token, SECRET, "stale-token-value"):
        assert secret not in caplog.text
