"""Kinds of applications, the scopes declared for them, and the world's first three."""

import pytest

from allegro_module.simulator import World
from tests.simulator.conftest import (
    BASIC,
    CALLBACK,
    DEVICE_BASIC,
    Caller,
    Remote,
    basic_of,
    returned,
    status_of,
)

DECLARED = ["orders:read", "allegro:api:profile:read"]


def test_three_applications_are_there_from_the_start(world: World) -> None:
    kinds = {client_id: known.is_for_devices for client_id, known in world.applications.items()}

    assert kinds == {"demo-client-id": False, "demo-device-id": True, "second-client-id": False}
    assert all(len(known.scopes) == 22 for known in world.applications.values())


def test_application_for_devices_is_refused_at_the_consent_page(nobody: Caller) -> None:
    assert returned(nobody.consent(client_id="demo-device-id"))["error"] == "unauthorized_client"


def test_application_for_devices_may_not_exchange_a_code(nobody: Caller) -> None:
    answer = nobody.token(
        DEVICE_BASIC, grant_type="authorization_code", code=nobody.code(), redirect_uri=CALLBACK
    )

    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("basic", [BASIC, DEVICE_BASIC])
def test_client_credentials_work_with_either_kind(nobody: Caller, basic: str) -> None:
    assert nobody.token(basic, grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", {"profile:read", "orders:read"}),
        ("allegro:api:orders:read", {"orders:read"}),
        ("allegro:api:orders:read allegro:api:orders:write", {"orders:read"}),
    ],
)
def test_no_more_is_granted_than_is_declared(
    nobody: Caller, remote: Remote, asked: str, given: set[str]
) -> None:
    remote.post("/applications", client_id="c", client_secret="s", name="Sklep", scopes=DECLARED)

    code = nobody.code(client_id="c", **({"scope": asked} if asked else {}))
    tokens = nobody.token(
        basic_of("c", "s"), grant_type="authorization_code", code=code, redirect_uri=CALLBACK
    ).json
    own = nobody.token(basic_of("c", "s"), grant_type="client_credentials", scope=asked).json

    assert set(tokens["scope"].split()) == {f"allegro:api:{name}" for name in given}
    assert own["scope"] == tokens["scope"]


def test_asking_only_for_what_is_not_declared_is_an_invalid_scope(nobody: Caller, remote: Remote) -> None:
    remote.post("/applications", client_id="c", client_secret="s", name="Sklep", scopes=DECLARED)

    answer = nobody.consent(client_id="c", scope="allegro:api:messaging")

    assert returned(answer)["error"] == "invalid_scope"


def test_grant_types_can_be_given_by_name_and_unknown_words_are_refused(remote: Remote, world: World) -> None:
    known = {"client_secret": "s", "name": "Sklep"}

    remote.post("/applications", client_id="by-name", grant_types=["authorization_code"], **known)

    assert not world.applications["by-name"].is_for_devices
    assert "errors" in remote.post("/applications", client_id="x", kind="fridge", **known)
    assert "errors" in remote.post("/applications", client_id="x", scopes=["nonsense"], **known)
    assert "errors" in remote.post("/applications", client_id="x", scopes="orders:read", **known)
    assert "x" not in world.applications


def test_applications_of_one_seller_have_tokens_of_their_own(nobody: Caller) -> None:
    first = nobody.link()
    code = nobody.code(client_id="second-client-id")
    second = nobody.token(
        basic_of("second-client-id", "second-client-secret"),
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
    ).json

    assert (status_of(nobody, first), status_of(nobody, second)) == (200, 200)
