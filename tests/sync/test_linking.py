"""Linking an account at the simulated Allegro."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.db.accounts import Account, Application
from allegro_module.db.alarms import Alarm
from allegro_module.db.audit import AuditEntry
from allegro_module.db.cursors import Cursor
from allegro_module.db.links import LinkAttempt
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.sealing import Seal
from allegro_module.signals import connection_restored
from allegro_module.simulator import Simulator, World
from allegro_module.sync.linking import LinkFailed
from tests.sync.conftest import BothClocks
from tests.sync.link_builders import CALLBACK, Browser, Linking, accounts, actions
from tests.sync.order_builders import SELLER, bought


@pytest.fixture
def linking(
    session: Session,
    http: httpx2.Client,
    seal: Seal,
    clock: BothClocks,
    simulator: Simulator,
    application: Application,
) -> Linking:
    application_id = application.id
    session.rollback()
    return Linking(session, http, seal, clock, Browser(Client(simulator)), application_id)


def test_consent_makes_an_account_that_waits_for_the_sellers_word(
    linking: Linking, seal: Seal, clock: BothClocks, world: World
) -> None:
    account = linking.link()

    assert (account.login, account.seller_id) == (SELLER, world.sellers[SELLER].id)
    assert (account.state, account.is_company, account.base_marketplace) == (
        LinkState.UNCONFIRMED,
        True,
        "allegro-pl",
    )
    assert not account.is_working
    assert account.company == "Bursztyn i Len Hanna Jantarska"
    assert account.alias == "BU"
    assert account.token_expires_at is not None
    assert account.token_expires_at - clock() > timedelta(hours=11)
    assert "allegro:api:orders:read" in account.scopes
    assert seal.open(account.sealed_access_token or "") in world.tokens.access
    assert seal.open(account.sealed_refresh_token or "") in world.tokens.refresh


def test_newest_event_of_the_journal_is_where_importing_begins(
    linking: Linking, world: World, session: Session, clock: BothClocks
) -> None:
    bought(world)

    account = linking.link()

    cursor = session.scalars(select(Cursor)).one()
    newest = world.orders.journal(world.sellers[SELLER].id)[-1].id
    assert (cursor.account_id, cursor.position, cursor.started_at) == (account.id, newest, clock())


def test_empty_journal_is_remembered_as_such(linking: Linking, session: Session) -> None:
    linking.link()

    assert session.scalars(select(Cursor)).one().position is None


def test_linking_again_keeps_cursor_alias_and_row(linking: Linking, session: Session, world: World) -> None:
    first = linking.confirmed()
    first_id, alias, version = first.id, first.alias, first.token_version
    bought(world)

    again = linking.link(account_id=first_id)

    assert (again.id, again.alias, again.token_version) == (first_id, alias, version + 1)
    assert again.state == LinkState.CONNECTED
    assert session.scalars(select(Cursor)).one().position is None


def test_broken_link_is_whole_again_and_everybody_is_told(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    account = linking.confirmed()
    account.state, account.state_reason = LinkState.NEEDS_RECONNECT, "password changed"
    account.refresh_failures, account.refused_runs, account.refresh_again_at = 3, 7, clock()
    account.renewed_after_401_at, account.used_at = clock(), None
    session.commit()
    told: list[ConnectionRestored] = []

    with connection_restored.connected_to(lambda sender, fact: told.append(fact)):
        again = linking.link()

    assert (again.state, again.state_reason) == (LinkState.CONNECTED, "")
    assert (again.refresh_failures, again.refused_runs, again.used_at) == (0, 0, clock())
    assert (again.refresh_again_at, again.renewed_after_401_at) == (None, None)
    assert told == [ConnectionRestored(account=SELLER)]
    (alarm,) = session.scalars(select(Alarm))
    assert (alarm.account_id, alarm.kind) == (again.id, "connection_restored")


def test_link_that_was_whole_raises_no_alarm(linking: Linking, session: Session) -> None:
    linking.confirmed()
    linking.link()

    assert session.scalars(select(Alarm)).all() == []


def test_broken_link_that_was_never_confirmed_still_waits_for_the_word(
    linking: Linking, session: Session
) -> None:
    account = linking.link()
    account.state = LinkState.NEEDS_RECONNECT
    session.commit()

    assert linking.link().state == LinkState.UNCONFIRMED


def test_settings_saved_before_linking_become_the_account(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    waiting = Account(
        application_id=linking.application_id,
        environment="simulator",
        alias="AA",
        city="Gdynia",
        created_at=clock(),
    )
    session.add(waiting)
    session.commit()
    waiting_id = waiting.id

    account = linking.link()

    assert (account.id, account.city, account.alias) == (waiting_id, "Gdynia", "BU")
    assert len(accounts(session)) == 1


def test_settings_saved_with_other_keys_become_the_account_too(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    second = linking.with_application("second-client")
    for application_id, alias in ((linking.application_id, "AA"), (second.application_id, "AB")):
        session.add(
            Account(application_id=application_id, environment="simulator", alias=alias, created_at=clock())
        )
    session.commit()

    first, other = second.link(), second.link("drugi_sklep")

    assert (first.id, other.id) == (2, 1)
    assert other.application_id == second.application_id


def test_second_seller_gets_an_account_and_an_alias_of_its_own(linking: Linking, session: Session) -> None:
    linking.link()
    linking.link("drugi_sklep")

    assert [(each.login, each.alias) for each in accounts(session)] == [(SELLER, "BU"), ("drugi_sklep", "DR")]


def test_private_seller_is_linked_and_known_not_to_be_a_company(linking: Linking) -> None:
    account = linking.link("jan_prywatny")

    assert (account.state, account.is_company) == (LinkState.UNCONFIRMED, False)


def test_reconnecting_with_another_seller_leaves_the_tokens_untouched(
    linking: Linking, session: Session
) -> None:
    account = linking.confirmed()
    account_id, sealed = account.id, account.sealed_refresh_token
    begun = linking.begin(account_id)
    back = linking.browser.consent(begun.address, "drugi_sklep")

    assert linking.fails(back, begun.state) == "other_seller"
    assert [each.sealed_refresh_token for each in accounts(session)] == [sealed]
    assert accounts(session)[0].state == LinkState.CONNECTED


def test_other_keys_take_the_seller_over_with_everything_he_has(
    linking: Linking, session: Session, world: World
) -> None:
    account = linking.confirmed()
    account.name, account.city = "Główny", "Gdańsk"
    session.commit()
    account_id = account.id
    bought(world)
    second = linking.with_application("second-client")

    again = second.link()

    assert (again.id, again.application_id) == (account_id, second.application_id)
    assert (again.alias, again.name, again.city) == ("BU", "Główny", "Gdańsk")
    assert (again.state, len(accounts(session))) == (LinkState.CONNECTED, 1)
    assert session.scalars(select(Cursor)).one().position is None


def test_sellers_number_of_another_environment_is_another_seller(
    linking: Linking, session: Session, world: World, application: Application, clock: BothClocks
) -> None:
    elsewhere = Application(
        environment="sandbox",
        client_id="x",
        sealed_client_secret="x",
        created_at=clock(),
        changed_at=clock(),
    )
    account = Account(
        application=elsewhere,
        environment="sandbox",
        alias="XX",
        seller_id=world.sellers[SELLER].id,
        state=LinkState.CONNECTED,
        created_at=clock(),
    )
    session.add(account)
    session.commit()
    begun = linking.begin(account.id)

    assert linking.fails(linking.browser.consent(begun.address), begun.state) == "other_seller"


def test_application_for_devices_has_no_consent_page(linking: Linking, session: Session) -> None:
    with pytest.raises(LinkFailed, match="wrong_kind"):
        linking.with_application("demo-device", GrantType.DEVICE_CODE).begin()

    assert session.scalars(select(LinkAttempt)).all() == []


def test_application_that_turns_out_to_be_for_devices_is_named(linking: Linking, world: World) -> None:
    wrong = linking.with_application("demo-device")
    begun = wrong.begin()

    assert wrong.fails({"state": begun.state, "code": "c"}, begun.state) == "wrong_kind"


def test_wrong_secret_is_found_before_the_seller_leaves(
    linking: Linking, session: Session, seal: Seal
) -> None:
    application = session.get_one(Application, linking.application_id)
    application.sealed_client_secret = seal.close("wrong")
    application.proved_at = None
    session.commit()

    with pytest.raises(LinkFailed, match="wrong_secret"):
        linking.begin()

    assert session.scalars(select(LinkAttempt)).all() == []
    assert session.get_one(Application, linking.application_id).proved_at is None


def test_proof_of_the_secret_is_remembered(linking: Linking, session: Session, clock: BothClocks) -> None:
    clock.forward(days=1)
    linking.begin()

    assert session.get_one(Application, linking.application_id).proved_at == clock()


def test_address_asks_for_confirmation_and_carries_the_challenge(linking: Linking, session: Session) -> None:
    begun = linking.begin()

    asked = parse_qs(urlsplit(begun.address).query)
    assert asked["prompt"] == ["confirm"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["state"] == [begun.state]
    stored = session.scalars(select(LinkAttempt)).one()
    assert begun.state not in (stored.state_hash, stored.sealed_verifier)


def test_refusal_at_consent(linking: Linking, session: Session) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address, decision="deny")

    assert linking.fails(back, begun.state) == "refused_at_consent"
    assert accounts(session) == []


def test_other_error_of_the_consent_page(linking: Linking) -> None:
    begun = linking.begin()

    assert linking.fails({"state": begun.state, "error": "invalid_scope"}, begun.state) == "consent_error"


@pytest.mark.parametrize("state", ["", "made-up"])
def test_state_nobody_gave_out(linking: Linking, state: str) -> None:
    begun = linking.begin()

    assert linking.fails({"state": state, "code": "c"}, begun.state) == "state_unknown"


def test_state_serves_once(linking: Linking) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    linking.finish(back, begun.state)

    assert linking.fails(back, begun.state) == "state_used"


def test_state_of_another_browser_does_not_spoil_the_attempt(linking: Linking) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)

    assert linking.fails(back, "") == "state_foreign"
    assert linking.fails(back, "another") == "state_foreign"
    assert linking.finish(back, begun.state).login == SELLER


def test_attempt_lasts_ten_minutes(linking: Linking, clock: BothClocks) -> None:
    begun = linking.begin()
    clock.forward(minutes=10, seconds=1)
    back = linking.browser.consent(begun.address)

    assert linking.fails(back, begun.state) == "state_expired"


def test_code_that_came_too_late(linking: Linking, clock: BothClocks) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    clock.forward(seconds=11)

    assert linking.fails(back, begun.state) == "code_expired"


@pytest.mark.parametrize("route", ["POST /auth/oauth/token", "GET /me", "GET /order/event-stats"])
def test_allegro_away_while_finishing(
    linking: Linking, simulator: Simulator, session: Session, route: str
) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    simulator.faults.status(route, 503)

    assert linking.fails(back, begun.state) == "unavailable"
    assert accounts(session) == []


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("route", ["GET /me", "GET /order/event-stats"])
def test_application_that_may_not_look_is_no_outage(
    linking: Linking, simulator: Simulator, session: Session, route: str, status: int
) -> None:
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    simulator.faults.status(route, status)

    assert linking.fails(back, begun.state) == "no_rights"
    assert accounts(session) == []


def test_allegro_away_while_beginning(linking: Linking, simulator: Simulator) -> None:
    simulator.faults.reset("POST /auth/oauth/token")

    with pytest.raises(LinkFailed, match="unavailable"):
        linking.begin()


def test_each_link_is_written_into_the_audit_log(linking: Linking, session: Session) -> None:
    linking.confirmed()
    linking.link()

    assert actions(session) == ["account_linked", "account_confirmed", "account_linked_again"]
    first = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).first()
    assert first is not None
    assert (first.who, first.subject) == ("anna", SELLER)
    assert first.details == {"environment": "simulator", "client_id": "demo-client-id"}


def test_no_secret_is_ever_logged(
    linking: Linking, world: World, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    begun = linking.begin()
    back = linking.browser.consent(begun.address)
    simulator.faults.status("POST /auth/oauth/token", 503)
    linking.fails(back, begun.state)
    linking.link()

    secrets: list[Any] = [
        back["code"],
        begun.state,
        "demo-client-secret",
        *world.tokens.access,
        *world.tokens.refresh,
    ]
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert begun.state not in repr(begun)


def test_old_attempts_are_forgotten(linking: Linking, session: Session, clock: BothClocks) -> None:
    linking.begin()
    clock.forward(days=2)

    linking.begin()

    assert len(session.scalars(select(LinkAttempt)).all()) == 1
