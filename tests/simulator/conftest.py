"""A simulator whose clock stands still, and callers who speak to it as an application would."""

import base64
import hashlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Clock, Simulator, Standing, World, create_simulator
from allegro_module.simulator.forms import Line, Tax
from tests.openapi import EXEMPT, OpenApiCheck, load_document

PUBLIC = "application/vnd.allegro.public.v1+json"
AGENT = "Sklep-Demo/1.0 (+https://sklep.example/allegro)"
CALLBACK = "http://localhost:5000/backend/allegro/config/callback"


def basic_of(client_id: str, client_secret: str) -> str:
    """The header by which an application shows its secret."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


BASIC = basic_of("demo-client-id", "demo-client-secret")
DEVICE_BASIC = basic_of("demo-device-id", "demo-device-secret")
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Caller:
    """An application over the wire, with the token of one seller, of itself, or with none."""

    def __init__(self, wsgi_app: Any, token: str | None = None) -> None:
        self.wire = Client(wsgi_app, use_cookies=False)
        self.headers = {"User-Agent": AGENT, "Accept": PUBLIC}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **more: Any) -> Any:
        return self.call("GET", path, **more)

    def call(self, method: str, path: str, headers: dict[str, str | None] | None = None, **more: Any) -> Any:
        """Headers given as None are left out."""
        own: dict[str, str | None] = dict(self.headers)
        if "json" in more:
            own["Content-Type"] = PUBLIC
        merged = {name: value for name, value in (own | (headers or {})).items() if value is not None}
        return self.wire.open(path, method=method, headers=merged, **more)

    def token(self, basic: str | None = BASIC, **form: str) -> Any:
        """POST to the token endpoint."""
        headers = {"User-Agent": AGENT} | ({"Authorization": basic} if basic else {})
        return self.wire.post("/auth/oauth/token", data=form, headers=headers)

    def consent(self, seller: str = "bursztyn_i_len", **parameters: str) -> Any:
        """Press "Zezwól" on the consent page."""
        asked = {
            "response_type": "code",
            "client_id": "demo-client-id",
            "redirect_uri": CALLBACK,
        } | parameters
        return self.wire.post("/auth/oauth/authorize", data=asked | {"decision": "allow", "seller": seller})

    def code(self, **parameters: str) -> str:
        return returned(self.consent(**parameters))["code"]

    def link(self, seller: str = "bursztyn_i_len", scope: str = "") -> dict[str, Any]:
        """The tokens of a seller, by the whole code flow."""
        code = self.code(seller=seller, **({"scope": scope} if scope else {}))
        answer = self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json
        return tokens


def returned(answer: Any) -> dict[str, str]:
    """What came back to the application in the redirect."""
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer.json["errors"]]


class Remote:
    """Whoever moves the world: no token, no headers."""

    def __init__(self, simulator: Simulator) -> None:
        self.wire = Client(simulator)

    def post(self, path: str, **body: Any) -> Any:
        return self.wire.post(f"/_control{path}", json=body).json

    def get(self, path: str) -> Any:
        return self.wire.get(f"/_control{path}").json


@pytest.fixture
def remote(simulator: Simulator) -> Remote:
    return Remote(simulator)


def status_of(caller: Caller, tokens: dict[str, Any]) -> int:
    """What a call with these tokens is answered."""
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    status: int = caller.get("/me", headers=bearer).status_code
    return status


def renewed(caller: Caller, tokens: dict[str, Any], basic: str = BASIC) -> Any:
    return caller.token(basic, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


@pytest.fixture
def simulator() -> Simulator:
    return create_simulator(World(Clock(Standing(NOON))))


@pytest.fixture
def world(simulator: Simulator) -> World:
    return simulator.world


@pytest.fixture
def checked(simulator: Simulator) -> Iterator[OpenApiCheck]:
    """The simulator behind the check of Allegro's own description; the end asserts that all was in order."""
    check = OpenApiCheck(simulator, load_document(), (*EXEMPT, "/_page", "/_static"))

    yield check

    assert check.violations == []


@pytest.fixture
def nobody(checked: OpenApiCheck) -> Caller:
    return Caller(checked)


@pytest.fixture
def seller(checked: OpenApiCheck, nobody: Caller) -> Caller:
    """An application with the token of bursztyn_i_len, all scopes."""
    return Caller(checked, nobody.link()["access_token"])


@pytest.fixture
def other_seller(checked: OpenApiCheck, nobody: Caller) -> Caller:
    return Caller(checked, nobody.link("drugi_sklep")["access_token"])


@pytest.fixture
def application(checked: OpenApiCheck, nobody: Caller) -> Caller:
    """The application with a token of its own, without a user."""
    return Caller(checked, nobody.token(grant_type="client_credentials").json["access_token"])


@pytest.fixture
def as_scoped(checked: OpenApiCheck, nobody: Caller) -> Callable[[str], Caller]:
    """A caller whose token carries these scopes only."""
    return lambda scope: Caller(checked, nobody.link(scope=scope)["access_token"])


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def a_line(world: World, **changes: Any) -> Line:
    """A pair of earrings, bought now."""
    usual: dict[str, Any] = {
        "id": world.uuid(),
        "offer_id": "17000000001",
        "name": "Kolczyki z bursztynem srebro 925",
        "external_id": "KOL-001",
        "product_ids": (world.uuid(),),
        "quantity": 2,
        "price": Decimal("89.00"),
        "currency": "PLN",
        "tax": Tax("23.00", "GOODS"),
        "bought_at": world.now(),
    }
    return Line(**usual | changes)


def list_a_book(seller: Caller, available: int = 5, sku: str = "KSI-001") -> str:
    """An active offer of a book from the catalogue; gives its id."""
    product = seller.get("/sale/products?phrase=Solaris").json["products"][0]["id"]
    producer = seller.get("/sale/responsible-producers").json["responsibleProducers"][0]["id"]
    element = {
        "product": {"id": product},
        "responsibleProducer": {"type": "ID", "id": producer},
        "safetyInformation": {"type": "TEXT", "description": "Brak szczególnych zagrożeń."},
    }
    offer = {
        "productSet": [element],
        "parameters": [{"id": "11323", "valuesIds": ["11323_1"]}],
        "sellingMode": {"price": {"amount": "39.90", "currency": "PLN"}},
        "stock": {"available": available},
        "external": {"id": sku},
        "taxSettings": {"rates": [{"rate": "5.00", "countryCode": "PL"}]},
    }
    answer = seller.call("POST", "/sale/product-offers", json=offer)
    assert answer.status_code == 201, answer.text
    offer_id: str = answer.json["id"]
    return offer_id
