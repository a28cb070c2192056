"""What a link may do, the seller's word that it is the right account, and undoing it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import Client

from allegro_module.db.accounts import Application
from allegro_module.db.alarms import Alarm
from allegro_module.db.cursors import Cursor
from allegro_module.domain.accounts import KEYS_REFUSED, LinkState
from allegro_module.domain.facts import ConnectionRestored
from allegro_module.domain.scopes import NEEDED, READ_ORDERS, READ_PROFILE
from allegro_module.sealing import Seal
from allegro_module.signals import connection_restored
from allegro_module.simulator import Simulator, World
from allegro_module.sync.linking import LinkFailed, confirm_link, disconnect, undo_link
from tests.sync.conftest import BothClocks
from tests.sync.link_builders import Browser, Linking, accounts, actions
from tests.sync.order_builders import SELLER, bought


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


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


def test_only_the_scopes_of_the_application_are_asked_for(linking: Linking, session: Session) -> None:
    application = session.get_one(Application, linking.application_id)
    application.scopes = f"{READ_PROFILE} {READ_ORDERS}"
    session.commit()

    begun = linking.begin()
    account = linking.finish(linking.browser.consent(begun.address), begun.state)

    assert parse_qs(urlsplit(begun.address).query)["scope"] == [f"{READ_PROFILE} {READ_ORDERS}"]
    assert account.scopes.split() == [READ_PROFILE, READ_ORDERS]


def ask_for(linking: Linking, *scopes: str) -> None:
    linking.session.get_one(Application, linking.application_id).scopes = " ".join(scopes)
    linking.session.commit()


def test_without_the_right_to_read_orders_the_account_is_linked_without_a_cursor(
    linking: Linking, session: Session, world: World
) -> None:
    ask_for(linking, READ_PROFILE)
    bought(world)

    account = linking.confirmed()

    assert (account.state, account.login) == (LinkState.CONNECTED, SELLER)
    assert session.scalars(select(Cursor)).all() == []


def test_cursor_comes_with_the_right_to_read_orders(linking: Linking, session: Session, world: World) -> None:
    ask_for(linking, READ_PROFILE)
    linking.confirmed()
    bought(world)
    ask_for(linking, *NEEDED)

    linking.link()

    newest = world.orders.journal(world.sellers[SELLER].id)[-1].id
    assert session.scalars(select(Cursor)).one().position == newest


def test_right_that_went_away_keeps_the_cursor(linking: Linking, session: Session, world: World) -> None:
    linking.confirmed()
    bought(world)
    ask_for(linking, READ_PROFILE)

    linking.link()

    assert session.scalars(select(Cursor)).one().position is None


def test_without_the_right_to_read_the_profile_nobody_knows_whose_account_it_is(
    linking: Linking, session: Session
) -> None:
    ask_for(linking, READ_ORDERS)
    begun = linking.begin()
    back = linking.browser.consent(begun.address)

    with pytest.raises(LinkFailed) as failed:
        linking.finish(back, begun.state)

    assert (failed.value.code, failed.value.scopes) == ("no_rights", (READ_PROFILE,))
    assert accounts(session) == []


def test_right_keys_heal_what_wrong_ones_broke(linking: Linking, session: Session, clock: BothClocks) -> None:
    account = linking.confirmed()
    account.state, account.state_reason, account.refused_runs = LinkState.NEEDS_RECONNECT, KEYS_REFUSED, 4
    session.commit()
    told: list[ConnectionRestored] = []

    with connection_restored.connected_to(lambda sender, fact: told.append(fact)):
        linking.begin()

    session.refresh(account)
    assert (account.state, account.state_reason, account.refused_runs) == (LinkState.CONNECTED, "", 0)
    assert told == [ConnectionRestored(account=SELLER)]
    assert [alarm.kind for alarm in session.scalars(select(Alarm))] == ["connection_restored"]


def test_sellers_word_sets_the_jobs_going(linking: Linking, session: Session, clock: BothClocks) -> None:
    account = linking.link()
    clock.forward(minutes=1)

    confirm_link(session, account, "ewa", clock())
    confirm_link(session, account, "ewa", clock())

    assert account.is_working
    assert account.state_since == clock()
    assert actions(session) == ["account_linked", "account_confirmed"]


def test_rejected_account_leaves_nothing_but_its_settings(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    account = linking.link()
    account.city = "Gdynia"
    session.commit()

    undo_link(session, account, "ewa", clock())

    assert (account.state, account.seller_id, account.login) == (LinkState.NOT_LINKED, None, None)
    assert (account.sealed_access_token, account.sealed_refresh_token, account.scopes) == (None, None, "")
    assert account.city == "Gdynia"
    assert session.scalars(select(Cursor)).all() == []
    assert actions(session) == ["account_linked", "account_rejected"]


def test_right_account_takes_the_place_of_the_rejected_one(
    linking: Linking, session: Session, clock: BothClocks, world: World
) -> None:
    rejected = linking.link("drugi_sklep")
    undo_link(session, rejected, "ewa", clock())
    bought(world)

    account = linking.link()

    assert [(each.login, each.alias) for each in accounts(session)] == [(SELLER, "BU")]
    undo_link(session, account, "ewa", clock())
    assert linking.link().alias == "BU"
    assert session.scalars(select(Cursor)).one().position is not None
    assert account.state == LinkState.UNCONFIRMED


def test_late_no_disconnects_an_account_that_was_confirmed(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    account = linking.confirmed()

    undo_link(session, account, "ewa", clock())

    assert (account.state, account.login) == (LinkState.DISCONNECTED, SELLER)
    assert len(session.scalars(select(Cursor)).all()) == 1
    assert actions(session)[-1] == "account_disconnected"


def test_disconnecting_wipes_the_tokens_and_keeps_the_rest(
    linking: Linking, session: Session, clock: BothClocks
) -> None:
    account = linking.confirmed()
    version, alias = account.token_version, account.alias

    disconnect(session, account, "ewa", clock())
    disconnect(session, account, "ewa", clock())

    assert (account.state, account.state_since) == (LinkState.DISCONNECTED, clock())
    assert (account.sealed_access_token, account.sealed_refresh_token) == (None, None)
    assert (account.token_version, account.alias, account.login) == (version + 1, alias, SELLER)
    assert len(session.scalars(select(Cursor)).all()) == 1
    assert actions(session) == ["account_linked", "account_confirmed", "account_disconnected"]


def test_disconnected_account_comes_back_where_it_stood(
    linking: Linking, session: Session, clock: BothClocks, world: World
) -> None:
    account = linking.confirmed()
    disconnect(session, account, "ewa", clock())
    bought(world)

    again = linking.link()

    assert (again.id, again.state) == (account.id, LinkState.CONNECTED)
    assert session.scalars(select(Cursor)).one().position is None
