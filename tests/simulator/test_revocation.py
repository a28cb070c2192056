"""What ends tokens before their time, and what their owner sees of it."""

from typing import Any

import pytest

from allegro_module.simulator import World
from allegro_module.simulator.tokens import Cause
from tests.simulator.conftest import CALLBACK, Caller, Remote, basic_of, renewed, status_of

SELLER = "bursztyn_i_len"
SECOND = basic_of("second-client-id", "second-client-secret")


def link_second(nobody: Caller) -> dict[str, Any]:
    code = nobody.code(client_id="second-client-id")
    tokens: dict[str, Any] = nobody.token(
        SECOND, grant_type="authorization_code", code=code, redirect_uri=CALLBACK
    ).json
    return tokens


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.APP_REMOVED])
def test_cause_ends_every_token_of_the_seller_and_a_new_consent_helps(
    nobody: Caller, remote: Remote, cause: Cause
) -> None:
    tokens, of_second, of_other = nobody.link(), link_second(nobody), nobody.link("drugi_sklep")

    ended = remote.post("/tokens/revoke", seller=SELLER, cause=cause)

    assert ended == {"closed_sessions": 2}
    assert (status_of(nobody, tokens), status_of(nobody, of_second)) == (401, 401)
    assert renewed(nobody, tokens).json["error"] == "invalid_grant"
    assert status_of(nobody, of_other) == 200
    assert status_of(nobody, nobody.link()) == 200


def test_removed_application_loses_its_access_and_no_other_does(nobody: Caller, remote: Remote) -> None:
    tokens, of_second = nobody.link(), link_second(nobody)

    remote.post("/tokens/revoke", seller=SELLER, cause="app_removed", client_id="demo-client-id")

    assert (status_of(nobody, tokens), renewed(nobody, tokens).status_code) == (401, 400)
    assert (status_of(nobody, of_second), renewed(nobody, of_second, SECOND).status_code) == (200, 200)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cause": "earthquake"},
        {"cause": "app_removed"},
        {"cause": "logged_out", "client_id": "demo-client-id"},
    ],
)
def test_cause_that_makes_no_sense_is_refused(remote: Remote, wrong: dict[str, str]) -> None:
    assert "errors" in remote.post("/tokens/revoke", seller=SELLER, **wrong)


def test_twenty_first_session_ends_the_oldest_also_for_refreshing(nobody: Caller) -> None:
    oldest, next_oldest = nobody.link(), nobody.link()
    renewed_next = renewed(nobody, next_oldest).json

    for _ in range(19):
        nobody.link()

    assert (status_of(nobody, oldest), renewed(nobody, oldest).status_code) == (401, 400)
    assert renewed(nobody, renewed_next).status_code == 200


def test_refreshing_opens_no_session(nobody: Caller) -> None:
    first, tokens = nobody.link(), nobody.link()

    for _ in range(25):
        tokens = renewed(nobody, tokens).json

    assert status_of(nobody, first) == 200


def test_access_unused_for_more_than_ninety_days_is_withdrawn(nobody: Caller, world: World) -> None:
    world.switches.rotation_voids = False
    used, idle = nobody.link(), nobody.link("drugi_sklep")

    world.clock.advance(50 * 86400)
    used = renewed(nobody, used).json
    world.clock.advance(41 * 86400)

    assert renewed(nobody, idle).json["error"] == "invalid_grant"
    assert renewed(nobody, used).status_code == 200


def test_using_an_access_token_counts_as_use(nobody: Caller, world: World) -> None:
    tokens = nobody.link()

    world.clock.advance(40000)
    status_of(nobody, tokens)

    assert world.tokens.sessions[-1].used_at == world.now()


def test_rotation_can_leave_the_old_refresh_token_alive(nobody: Caller, world: World) -> None:
    world.switches.rotation_voids = False
    tokens = nobody.link()

    renewed(nobody, tokens)
    world.clock.advance(86400)

    assert renewed(nobody, tokens).status_code == 200


def test_good_tokens_are_refused_as_often_as_asked_also_renewed_ones(nobody: Caller, remote: Remote) -> None:
    tokens, of_other = nobody.link(), nobody.link("drugi_sklep")
    remote.post("/tokens/refuse", seller=SELLER, times=2)

    first = nobody.get("/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    fresh = renewed(nobody, tokens).json

    assert (first.status_code, first.json["error"]) == (401, "invalid_token")
    assert status_of(nobody, of_other) == 200
    assert [status_of(nobody, fresh) for _ in range(2)] == [401, 200]


# The card on the page


def test_page_shows_linked_applications_and_unpins_one(nobody: Caller, remote: Remote) -> None:
    tokens, of_second = nobody.link(), link_second(nobody)

    page = remote.wire.get("/").text
    unpinned = remote.wire.post(
        f"/_page/links/{SELLER}/app_removed",
        data={"client_id": "second-client-id"},
        follow_redirects=True,
    ).text

    assert "Powiązane aplikacje" in page
    assert f"/_page/links/{SELLER}/password_changed" in page
    assert "Zakończone sesje: 1" in unpinned
    assert (status_of(nobody, tokens), status_of(nobody, of_second)) == (200, 401)


@pytest.mark.parametrize("cause", ["password_changed", "logged_out", "sales_block"])
def test_page_ends_all_links_of_a_seller(nobody: Caller, remote: Remote, cause: str) -> None:
    tokens = nobody.link()

    remote.wire.post(f"/_page/links/{SELLER}/{cause}")

    assert status_of(nobody, tokens) == 401
    assert f"/_page/links/{SELLER}/{cause}" not in remote.wire.get("/").text


def test_page_names_a_cause_it_does_not_know(remote: Remote) -> None:
    answer = remote.wire.post(f"/_page/links/{SELLER}/earthquake", follow_redirects=True)

    assert "Nie udało się" in answer.text
