"""Linking by a code typed on another device, polled by pages and workers at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.client import AllegroClient
from allegro_module.client.oauth import OAuth
from allegro_module.db.accounts import Account, Application
from allegro_module.db.links import LinkAttempt, list_open_device_attempts
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Simulator, World
from allegro_module.simulator.device_codes import DeviceCode
from allegro_module.sync.device_link import begin_device_link, poll_device_link
from allegro_module.sync.linking import LinkFailed
from allegro_module.sync.rotation import rotate_keys
from tests.sync.conftest import BothClocks, Wire
from tests.sync.link_builders import Browser, Linking, accounts, actions
from tests.sync.order_builders import SELLER

TOKEN = "POST /auth/oauth/token"


@dataclass
class Device:
    """The flow, and the seller who types the code at Allegro."""

    linking: Linking
    world: World

    @property
    def session(self) -> Session:
        return self.linking.session

    def begin(self, account_id: int | None = None) -> int:
        linking = self.linking
        application = self.session.get_one(Application, linking.application_id)
        attempt = begin_device_link(
            self.session, linking.oauth, linking.seal, application, account_id, "anna", linking.clock()
        )
        attempt_id = attempt.id
        self.session.rollback()
        return attempt_id

    def poll(self, attempt_id: int, after: float = 5) -> str:
        self.linking.clock.forward(seconds=after)
        return self.poll_now(attempt_id)

    def poll_now(self, attempt_id: int) -> str:
        return poll_device_link(self.session, self.linking.doors, self.linking.seal, attempt_id)

    def attempt(self, attempt_id: int) -> LinkAttempt:
        found = self.session.get_one(LinkAttempt, attempt_id, populate_existing=True)
        self.session.expunge(found)
        self.session.rollback()
        return found

    def code(self, attempt_id: int) -> DeviceCode:
        code = self.world.devices.waiting(self.attempt(attempt_id).user_code, self.world.now())
        assert code is not None
        return code

    def approve(self, attempt_id: int, login: str = SELLER) -> None:
        self.code(attempt_id).seller_id = self.world.sellers[login].id

    def link(self, login: str = SELLER, account_id: int | None = None) -> Account:
        attempt_id = self.begin(account_id)
        self.approve(attempt_id, login)
        assert self.poll(attempt_id) == "linked"
        return self.session.get_one(Account, self.attempt(attempt_id).linked_account_id)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """What Allegro does is the same on every database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


both_databases = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def device(
    session: Session,
    http: httpx2.Client,
    seal: Seal,
    clock: BothClocks,
    simulator: Simulator,
    world: World,
) -> Device:
    linking = Linking(session, http, seal, clock, Browser(Client(simulator)), 0)
    return Device(linking.with_application("demo-device", GrantType.DEVICE_CODE), world)


def test_attempt_shows_what_the_seller_needs_and_hides_the_rest(
    device: Device, seal: Seal, clock: BothClocks
) -> None:
    attempt = device.attempt(device.begin())

    assert len(attempt.user_code) == 9
    assert attempt.verification_uri.endswith("/skojarz-aplikacje")
    assert attempt.verification_uri_complete == f"{attempt.verification_uri}?code={attempt.user_code}"
    assert (attempt.interval_seconds, attempt.outcome, attempt.begun_by) == (5, "", "anna")
    assert attempt.expires_at == clock() + timedelta(hours=1)
    assert seal.open(attempt.sealed_verifier) in device.world.devices.codes


@both_databases
def test_code_typed_at_allegro_links_the_account(device: Device, world: World, seal: Seal) -> None:
    attempt_id = device.begin()
    assert device.poll(attempt_id) == ""
    device.approve(attempt_id)

    assert device.poll(attempt_id) == "linked"

    (account,) = accounts(device.session)
    assert (account.login, account.state, account.alias) == (SELLER, LinkState.UNCONFIRMED, "BU")
    assert seal.open(account.sealed_access_token or "") in world.tokens.access
    assert device.attempt(attempt_id).linked_account_id == account.id
    assert actions(device.session) == ["account_linked"]


def test_outcome_is_told_again_without_asking_allegro(device: Device, wire: Wire) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    device.poll(attempt_id)
    asked = wire.count(TOKEN)

    assert device.poll(attempt_id) == "linked"
    assert wire.count(TOKEN) == asked


def test_code_is_asked_for_with_the_scopes_of_the_application(device: Device) -> None:
    device.session.get_one(Application, device.linking.application_id).scopes = "allegro:api:profile:read"
    device.session.commit()

    assert device.link().scopes == "allegro:api:profile:read"


def test_nobody_asks_before_the_interval_has_passed(device: Device, wire: Wire) -> None:
    attempt_id = device.begin()

    assert [device.poll(attempt_id, 1) for _ in range(12)] == [""] * 12

    assert wire.count(TOKEN) == 2


def test_slow_down_lengthens_the_interval_by_five_seconds(device: Device, wire: Wire) -> None:
    attempt_id = device.begin()
    device.code(attempt_id).interval = timedelta(seconds=8)
    device.poll(attempt_id)

    assert device.poll(attempt_id) == ""
    assert device.attempt(attempt_id).interval_seconds == 10

    asked = wire.count(TOKEN)
    device.poll(attempt_id, 9)
    assert wire.count(TOKEN) == asked
    device.poll(attempt_id, 1)
    assert wire.count(TOKEN) == asked + 1


def test_refusal_ends_the_attempt(device: Device) -> None:
    attempt_id = device.begin()
    device.code(attempt_id).is_denied = True

    assert device.poll(attempt_id) == "refused_at_consent"
    assert device.attempt(attempt_id).sealed_verifier == ""
    assert accounts(device.session) == []


def test_code_that_was_not_typed_in_time(device: Device, clock: BothClocks) -> None:
    attempt_id = device.begin()

    assert device.poll(attempt_id, 3600) == "device_expired"


def test_worker_that_was_down_asks_nobody_about_a_code_long_over(device: Device, wire: Wire) -> None:
    attempt_id = device.begin()
    asked = len(wire.requests)

    assert device.poll(attempt_id, 7200) == "device_expired"
    assert len(wire.requests) == asked


@pytest.mark.parametrize("fault", ["status", "reset"])
def test_allegro_away_is_never_the_end(device: Device, simulator: Simulator, fault: str) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.add(TOKEN, fault, times=3)

    waited = [device.poll(attempt_id, 10) for _ in range(4)]

    assert waited == ["", "", "", "linked"]


def test_too_many_requests_are_answered_by_waiting(device: Device, simulator: Simulator, wire: Wire) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.status(TOKEN, 429)
    device.poll(attempt_id)
    asked = wire.count(TOKEN)

    assert (device.poll(attempt_id, 30), wire.count(TOKEN)) == ("", asked)
    assert device.poll(attempt_id, 30) == "linked"


def test_lost_answer_that_held_the_tokens_asks_to_begin_anew(device: Device, simulator: Simulator) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.lose_answer(TOKEN)

    assert device.poll(attempt_id) == ""
    assert device.poll(attempt_id, 10) == "device_expired"


@pytest.mark.parametrize("route", ["GET /me", "GET /order/event-stats"])
def test_tokens_wait_until_allegro_says_whose_they_are(
    device: Device, simulator: Simulator, route: str, world: World, seal: Seal
) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.status(route, 503, times=2)

    assert [device.poll(attempt_id, 10) for _ in range(3)] == ["", "", "linked"]

    (account,) = accounts(device.session)
    assert seal.open(account.sealed_refresh_token or "") in world.tokens.refresh
    assert account.token_expires_at == world.now() - timedelta(seconds=20) + timedelta(seconds=43199)


def test_tokens_do_not_wait_for_ever(device: Device, simulator: Simulator) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.status("GET /me", 503)
    device.poll(attempt_id)

    assert device.poll(attempt_id, 3601) == "device_expired"
    assert device.attempt(attempt_id).sealed_verifier == ""


class Died(BaseException):
    """The process was killed."""


def test_process_that_dies_with_the_tokens_in_hand_is_followed_by_another(device: Device) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    linking = device.linking

    def killed(*names: str) -> AllegroClient:
        raise Died

    linking.clock.forward(seconds=5)
    with pytest.raises(Died):
        poll_device_link(
            linking.session, replace(linking.doors, api_with_token=killed), linking.seal, attempt_id
        )
    linking.session.rollback()

    assert device.poll(attempt_id) == ""
    assert device.poll(attempt_id, 40) == "linked"


def test_process_that_dies_while_asking_gives_its_turn_up_after_a_while(device: Device) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    linking = device.linking

    def killed(*names: str) -> OAuth:
        raise Died

    linking.clock.forward(seconds=5)
    with pytest.raises(Died):
        poll_device_link(linking.session, replace(linking.doors, oauth=killed), linking.seal, attempt_id)
    linking.session.rollback()

    assert device.poll(attempt_id) == ""
    assert device.poll(attempt_id, 40) == "linked"


@both_databases
def test_page_and_worker_ask_once_between_them(device: Device, engine: Engine, wire: Wire) -> None:
    """The worker looks while the page's question is under way."""
    attempt_id = device.begin()
    device.approve(attempt_id)
    linking = device.linking
    heard: list[str] = []

    def while_asking(*names: str) -> OAuth:
        with Session(engine) as other:
            heard.append(poll_device_link(other, linking.doors, linking.seal, attempt_id))
        return linking.oauth

    linking.clock.forward(seconds=5)
    doors = replace(linking.doors, oauth=while_asking)
    outcome = poll_device_link(linking.session, doors, linking.seal, attempt_id)

    assert (heard, outcome) == ([""], "linked")
    assert wire.count(TOKEN) == 1
    assert len(accounts(device.session)) == 1


@both_databases
def test_slow_page_and_worker_save_the_link_once(device: Device, engine: Engine) -> None:
    """The page holds the tokens and is so slow that its turn has run out."""
    attempt_id = device.begin()
    device.approve(attempt_id)
    linking = device.linking
    heard: list[str] = []

    def slowly(*names: str) -> AllegroClient:
        linking.clock.forward(seconds=60)
        with Session(engine) as other:
            heard.append(poll_device_link(other, linking.doors, linking.seal, attempt_id))
        return linking.doors.api_with_token(*names)

    linking.clock.forward(seconds=5)
    doors = replace(linking.doors, api_with_token=slowly)
    outcome = poll_device_link(linking.session, doors, linking.seal, attempt_id)

    assert (heard, outcome) == (["linked"], "linked")
    assert actions(device.session) == ["account_linked"]


def test_clock_put_back_does_not_stop_the_asking(device: Device) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    attempt = device.session.get_one(LinkAttempt, attempt_id)
    attempt.next_poll_at = device.linking.clock() + timedelta(minutes=10)
    device.session.commit()

    assert device.poll(attempt_id) == "linked"


def test_seller_linked_by_a_browser_is_the_same_account(
    device: Device, session: Session, application: Application
) -> None:
    browser = replace(device.linking, application_id=application.id)
    session.rollback()
    account = browser.confirmed()
    account_id = account.id

    again = device.link()

    assert (again.id, again.state, again.alias) == (account_id, LinkState.CONNECTED, "BU")
    assert again.application_id == device.linking.application_id


def test_another_seller_than_the_one_to_be_linked_again(device: Device) -> None:
    account = device.link()
    account_id, sealed = account.id, account.sealed_refresh_token
    attempt_id = device.begin(account_id)
    device.approve(attempt_id, "drugi_sklep")

    assert device.poll(attempt_id) == "other_seller"
    assert [each.sealed_refresh_token for each in accounts(device.session)] == [sealed]


@pytest.mark.parametrize("status", [400, 403])
def test_application_that_may_not_look_ends_the_attempt(
    device: Device, simulator: Simulator, status: int
) -> None:
    attempt_id = device.begin()
    device.approve(attempt_id)
    simulator.faults.status("GET /me", status)

    assert device.poll(attempt_id) == "no_rights"


def test_secret_changed_on_the_way_ends_the_attempt(device: Device, seal: Seal) -> None:
    attempt_id = device.begin()
    application = device.session.get_one(Application, device.linking.application_id)
    application.sealed_client_secret = seal.close("another")
    device.session.commit()

    assert device.poll(attempt_id) == "wrong_secret"


def test_application_for_browsers_gets_no_code(device: Device, application: Application) -> None:
    device.linking.application_id = application.id

    with pytest.raises(LinkFailed, match="wrong_kind"):
        device.begin()


def test_application_that_turns_out_to_be_for_browsers_is_named(device: Device) -> None:
    device.linking = device.linking.with_application("second-client", GrantType.DEVICE_CODE)

    with pytest.raises(LinkFailed, match="wrong_kind"):
        device.begin()


@pytest.mark.parametrize(
    ("status", "code"), [(401, "wrong_secret"), (429, "too_many_tokens"), (503, "unavailable")]
)
def test_what_allegro_says_to_the_question_for_a_code(
    device: Device, simulator: Simulator, status: int, code: str
) -> None:
    simulator.faults.status("POST /auth/oauth/device", status)

    with pytest.raises(LinkFailed, match=code):
        device.begin()

    assert device.session.scalars(select(LinkAttempt)).all() == []


def test_missing_encryption_key(device: Device, seal: Seal) -> None:
    attempt_id = device.begin()
    device.linking.seal = Seal([new_key()])

    assert device.poll(attempt_id) == "key_missing"
    with pytest.raises(LinkFailed, match="key_missing"):
        device.begin()


def test_only_open_attempts_are_followed(device: Device) -> None:
    ended, open_one = device.begin(), device.begin()
    device.code(ended).is_denied = True
    device.poll(ended)

    assert list(list_open_device_attempts(device.session)) == [open_one]


def test_outcome_is_kept_for_a_day(device: Device, clock: BothClocks) -> None:
    first = device.begin()
    clock.forward(hours=23)
    second = device.begin()
    assert device.attempt(first).id == first
    clock.forward(hours=2)

    device.begin()

    known = device.session.scalars(select(LinkAttempt.id)).all()
    assert first not in known
    assert second in known
    assert device.poll(first) == "device_expired"


def test_ended_attempt_holds_nothing_that_a_rotation_of_keys_could_not_open(
    device: Device, seal: Seal, clock: BothClocks
) -> None:
    device.link()

    assert rotate_keys(device.session, seal, "anna", clock()).unreadable == ()


def test_callback_does_not_finish_a_device(device: Device) -> None:
    attempt = device.attempt(device.begin())

    back = {"state": attempt.state_hash, "code": "c"}
    assert device.linking.fails(back, attempt.state_hash) == "state_unknown"


def test_no_secret_is_ever_logged(
    device: Device, world: World, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    attempt_id = device.begin()
    code = device.code(attempt_id).device_code
    device.approve(attempt_id)
    simulator.faults.status(TOKEN, 400)
    device.poll(attempt_id)
    device.link()

    secrets = [code, "demo-device-secret", *world.tokens.access, *world.tokens.refresh]
    assert [secret for secret in secrets if secret in caplog.text] == []
