"""Testuj połączenie: each line right and wrong, whatever Allegro answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.environment import environment
from allegro_module.client.oauth import OAuth
from allegro_module.client.transport import Transport
from allegro_module.db.accounts import Account
from allegro_module.db.cursors import Cursor
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.accounts import KEYS_REFUSED, GrantType, LinkState
from allegro_module.domain.scopes import NEEDED, READ_ORDERS, READ_PROFILE, READ_SETTINGS, SCOPES
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import World
from allegro_module.sync import connection_test
from allegro_module.sync.check_words import spoken
from allegro_module.sync.checks import Check, Outcome, from_json
from allegro_module.sync.connection_test import Tools
from allegro_module.sync.orders import Message
from allegro_module.tokens import StoredTokens
from tests.sync.conftest import SELLER, SIMULATOR_URL, USER_AGENT, BothClocks, Wire

CALLBACK = "https://bursztyn-i-len.example/backend/allegro/config/callback"
OK, WARN, BAD, SKIPPED = Outcome.OK, Outcome.WARN, Outcome.BAD, Outcome.SKIPPED
TERMS = ("return_policy", "implied_warranty", "shipping_rate")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is judged here is the same whatever the database."""
    return sqlite_url


@pytest.fixture
def tools(
    http: httpx2.Client, account: Account, session: Session, engine: Engine, seal: Seal, clock: BothClocks
) -> Tools:
    """All is well with what does not come from the database or from Allegro."""
    here = environment("simulator", SIMULATOR_URL)
    oauth = OAuth(here, USER_AGENT, http)
    tokens = StoredTokens(account.id, engine, seal, oauth, clock)
    session.add(
        Cursor(account_id=account.id, started_at=clock(), last_run_at=clock(), last_success_at=clock())
    )
    session.add(a_task("settle", 0, clock))
    session.add(a_task("import_orders", account.id, clock))
    session.commit()
    return Tools(
        oauth=oauth,
        api=AllegroClient(Transport(here, USER_AGENT, tokens, http, clock)),
        seal=seal,
        user_agent=USER_AGENT,
        redirect_uri=CALLBACK,
        clock_ahead=lambda: timedelta(seconds=1),
        is_queue_there=lambda: True,
        now=clock,
        wall_now=clock,
    )


def a_task(name: str, account_id: int, clock: BothClocks) -> ScheduledTask:
    return ScheduledTask(name=name, account_id=account_id, every_seconds=60, next_at=clock(), last_at=clock())


Run = Callable[..., dict[str, Check]]


@pytest.fixture
def run(session: Session, account: Account, tools: Tools) -> Run:
    """Run it with some of the tools changed; the checks by code."""

    def test_it(**changes: object) -> dict[str, Check]:
        session.commit()
        report = connection_test.test_connection(session, replace(tools, **changes), account.id)  # type: ignore[arg-type]
        return {check.code: check for check in report}

    return test_it


def verdict(check: Check) -> tuple[Outcome, str]:
    return check.outcome, check.found


def test_everything_works(run: Run) -> None:
    report = run()

    assert {code: check for code, check in report.items() if check.outcome is not OK} == {}
    assert report["seller"].params == {"login": SELLER}
    assert report["shipping_rate"].params["count"] != "0"


def test_allegro_is_asked_five_questions(run: Run, wire: Wire) -> None:
    run()

    assert wire.requests == [
        "POST /auth/oauth/token",
        "GET /me",
        "GET /after-sales-service-conditions/return-policies",
        "GET /after-sales-service-conditions/implied-warranties",
        "GET /sale/shipping-rates",
    ]


def test_report_stays_at_the_account(run: Run, session: Session, account: Account, clock: BothClocks) -> None:
    report = run()

    session.expire_all()
    assert from_json(account.test_report or ()) == list(report.values())
    assert account.tested_at == clock()


def test_no_transaction_is_open_while_allegro_thinks(run: Run, wire: Wire) -> None:
    run()

    assert wire.requests
    assert wire.held_open == []


def test_wrong_secret(run: Run, session: Session, account: Account, seal: Seal) -> None:
    account.application.sealed_client_secret = seal.close("not the secret")

    report = run()

    assert verdict(report["keys"]) == (BAD, "refused")
    assert report["seller"].is_fine


def test_encryption_key_is_missing(run: Run, account: Account) -> None:
    stranger = Seal([new_key()])
    account.application.sealed_client_secret = stranger.close("demo-client-secret")
    account.sealed_access_token = stranger.close("access")

    report = run()

    assert verdict(report["keys"]) == (BAD, "sealed")
    assert verdict(report["token"]) == (BAD, "sealed")


def test_token_about_to_end_is_renewed(run: Run, account: Account, clock: BothClocks) -> None:
    account.token_expires_at = clock() + timedelta(minutes=1)

    report = run()

    assert verdict(report["token"]) == (OK, "renewed")
    assert report["token"].params["expires_at"] > clock().isoformat()


def test_withdrawn_access_needs_a_new_link(run: Run, world: World) -> None:
    world.tokens.revoke(world.sellers[SELLER].id)

    report = run()

    assert verdict(report["token"]) == (BAD, "lost")
    assert verdict(report["seller"]) == (SKIPPED, "no_access")
    assert report["keys"].is_fine


@pytest.mark.parametrize(
    ("state", "reason", "found"),
    [
        (LinkState.NOT_LINKED, "", "not_linked"),
        (LinkState.DISCONNECTED, "", "disconnected"),
        (LinkState.NEEDS_RECONNECT, "invalid_grant", "lost"),
        (LinkState.NEEDS_RECONNECT, KEYS_REFUSED, "keys_refused"),
    ],
)
def test_account_without_link_is_not_asked_for(
    run: Run, account: Account, wire: Wire, state: LinkState, reason: str, found: str
) -> None:
    account.state, account.state_reason = state, reason

    report = run()

    assert verdict(report["token"]) == (BAD, found)
    assert {verdict(report[code]) for code in ("seller", "scopes", *TERMS)} == {(SKIPPED, "not_linked")}
    assert wire.requests == ["POST /auth/oauth/token"]
    assert account.state == state


def test_unconfirmed_account_waits_for_the_seller(run: Run, account: Account) -> None:
    account.state = LinkState.UNCONFIRMED

    report = run()

    assert verdict(report["token"]) == (WARN, "unconfirmed")
    assert report["seller"].is_fine


def test_login_changed_at_allegro_is_taken_over(run: Run, session: Session, account: Account) -> None:
    account.login = "dawny_login"

    report = run()

    assert verdict(report["seller"]) == (OK, "renamed")
    assert report["seller"].params == {"login": SELLER, "earlier": "dawny_login"}
    assert account.login == SELLER


def test_access_of_another_seller_is_found_out(run: Run, account: Account) -> None:
    account.seller_id, account.login = "999", "ktos_inny"

    report = run()

    assert verdict(report["seller"]) == (BAD, "other")
    assert account.login == "ktos_inny"


def test_each_missing_scope_is_named(run: Run, session: Session, account: Account, tools: Tools) -> None:
    account.scopes = " ".join(
        name for name in NEEDED if name not in (READ_ORDERS, "allegro:api:billing:read")
    )
    session.commit()

    report = connection_test.test_connection(session, tools, account.id)

    lacking = [(check.params["scope"], check.outcome) for check in report if check.code == "scope"]
    assert lacking == [(READ_ORDERS, BAD), ("allegro:api:billing:read", WARN)]
    assert next(check for check in report if check.code == "import").found == "scope"


def test_missing_scope_costs_no_call_and_hides_nothing(run: Run, account: Account, wire: Wire) -> None:
    account.scopes = " ".join(set(NEEDED) - {READ_SETTINGS, READ_PROFILE})

    report = run()

    assert wire.requests == ["POST /auth/oauth/token"]
    assert {verdict(report[code]) for code in ("seller", *TERMS)} == {(SKIPPED, "scope")}
    assert report["token"].is_fine


def test_scope_wanted_by_the_application_counts(run: Run, account: Account) -> None:
    account.application.scopes = f"{' '.join(NEEDED)} allegro:api:ratings"
    account.scopes = " ".join(NEEDED)

    assert run()["scope"].params == {"scope": "allegro:api:ratings"}


def test_scope_refused_by_allegro_is_named(run: Run, world: World, account: Account) -> None:
    account.scopes = ""
    for token in world.tokens.access.values():
        token.session.consent = replace(token.session.consent, scopes=(READ_PROFILE,))

    report = run()

    assert verdict(report["shipping_rate"]) == (SKIPPED, "scope")
    assert report["shipping_rate"].params == {"scope": READ_SETTINGS}
    assert account.state == LinkState.CONNECTED


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(seconds=59), (OK, "ok")),
        (timedelta(seconds=60), (WARN, "ahead")),
        (-timedelta(seconds=90), (WARN, "behind")),
        (timedelta(minutes=5), (BAD, "ahead")),
        (-timedelta(minutes=10), (BAD, "behind")),
        (None, (SKIPPED, "unknown")),
    ],
)
def test_clock(run: Run, ahead: timedelta | None, expected: tuple[Outcome, str]) -> None:
    assert verdict(run(clock_ahead=lambda: ahead)["clock"]) == expected


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("Bursztyn i Len", USER_AGENT, (OK, "ok")),
        ("", USER_AGENT, (WARN, "name_unknown")),
        ("Bursztyn i Len", "python-httpx/1.0", (BAD, "form")),
        ("Bursztyn i Len", "Bursztyn/1.0 (+http://127.0.0.1:8000/allegro)", (WARN, "address")),
        ("Bursztyn i Len", "Bursztyn/1.0 (+https://192.168.1.7/allegro)", (WARN, "address")),
        ("Bursztyn i Len", "Bursztyn/1.0 (+http://bursztyn.example/allegro)", (WARN, "address")),
    ],
)
def test_user_agent(run: Run, account: Account, name: str, sent: str, expected: tuple[Outcome, str]) -> None:
    account.application.name = name
    account.environment = account.application.environment = "sandbox"

    assert verdict(run(user_agent=sent)["user_agent"]) == expected


@pytest.mark.parametrize(
    ("here", "registered", "expected"),
    [
        (CALLBACK, "", (OK, "ok")),
        (CALLBACK, f"https://other.example/callback\n{CALLBACK}", (OK, "ok")),
        (CALLBACK, "https://other.example/callback", (BAD, "other")),
        ("http://bursztyn.example/callback", "", (BAD, "not_https")),
        ("http://127.0.0.1:8000/callback", "", (OK, "ok")),
        ("", CALLBACK, (OK, "ok")),
        ("", "", (SKIPPED, "unknown")),
    ],
)
def test_redirect_uri(
    run: Run, account: Account, here: str, registered: str, expected: tuple[Outcome, str]
) -> None:
    account.application.redirect_uris = registered

    assert verdict(run(redirect_uri=here)["redirect"]) == expected


def test_redirect_uri_is_not_needed_for_a_code(run: Run, account: Account) -> None:
    account.application.grant_type = GrantType.DEVICE_CODE

    assert verdict(run(redirect_uri="http://192.168.1.7/callback")["redirect"]) == (OK, "not_needed")


def test_private_account_cannot_list(
    run: Run, account: Account, world: World, tokens_of: Callable[[str], dict[str, object]], seal: Seal
) -> None:
    tokens = tokens_of("jan_prywatny")
    account.sealed_access_token = seal.close(str(tokens["access_token"]))
    account.seller_id = world.sellers["jan_prywatny"].id

    report = run()

    assert verdict(report["company"]) == (BAD, "private")
    assert account.is_company is False
    assert {verdict(report[code]) for code in TERMS} == {(BAD, "none")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"city": ""}, (BAD, "missing")),
        ({"province": None}, (BAD, "missing")),
        ({"post_code": "8083"}, (BAD, "post_code")),
        ({"country": "CZ", "province": None, "post_code": "110 00"}, (OK, "ok")),
    ],
)
def test_place_of_dispatch(
    run: Run, account: Account, changes: dict[str, object], expected: tuple[Outcome, str]
) -> None:
    for name, value in changes.items():
        setattr(account, name, value)

    assert verdict(run()["place"]) == expected


def test_account_switched_off(run: Run, account: Account) -> None:
    account.is_enabled = False

    report = run()

    assert verdict(report["switch"]) == (WARN, "off")
    assert verdict(report["import"]) == (SKIPPED, "not_working")
    assert report["seller"].is_fine


def test_token_of_another_environment(run: Run, account: Account) -> None:
    account.application.environment = "sandbox"

    assert verdict(run()["environment"]) == (BAD, "other")


def test_worker_that_fell_silent(run: Run, session: Session, clock: BothClocks) -> None:
    clock.forward(minutes=3)

    assert verdict(run()["worker"]) == (BAD, "silent")


def test_worker_that_never_ran(run: Run, session: Session) -> None:
    session.query(ScheduledTask).delete()

    assert verdict(run()["worker"]) == (BAD, "never")


def test_queue_that_does_not_answer(run: Run) -> None:
    assert verdict(run(is_queue_there=lambda: False)["queue"]) == (BAD, "down")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"last_run_at": None, "last_success_at": None}, (SKIPPED, "not_yet")),
        ({"last_success_at": None, "last_message": Message.UNAVAILABLE}, (WARN, "never")),
    ],
)
def test_import_of_orders(
    run: Run, session: Session, changes: dict[str, object], expected: tuple[Outcome, str]
) -> None:
    cursor = session.query(Cursor).one()
    for name, value in changes.items():
        setattr(cursor, name, value)

    assert verdict(run()["import"]) == expected


def test_import_that_is_late_says_since_when(run: Run, session: Session, clock: BothClocks) -> None:
    cursor = session.query(Cursor).one()
    cursor.last_message = Message.UNAVAILABLE
    succeeded = clock().isoformat()
    clock.forward(minutes=20)

    check = run()["import"]

    assert verdict(check) == (WARN, "late")
    assert check.params == {"success_at": succeeded, "message": Message.UNAVAILABLE}


def test_import_switched_off_in_the_schedule(run: Run, session: Session) -> None:
    session.query(ScheduledTask).filter_by(name="import_orders").one().is_on = False

    assert verdict(run()["import"]) == (WARN, "off")


def test_one_fault_of_allegro_hides_nothing_else(run: Run, world: World) -> None:
    world.faults.status("GET /after-sales-service-conditions/return-policies", 503)

    report = run()

    assert verdict(report["return_policy"]) == (SKIPPED, "unavailable")
    assert [code for code, check in report.items() if check.outcome is not OK] == ["return_policy"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_allegro_away_is_nobodys_mistake(run: Run, world: World, account: Account, status: int) -> None:
    world.faults.status("*", status, times=50)

    report = run()

    asked = ("keys", "seller", *TERMS)
    assert {verdict(report[code]) for code in asked} == {(SKIPPED, "unavailable")}
    assert not [check for check in report.values() if check.outcome in (BAD, WARN)]
    assert account.state == LinkState.CONNECTED


def test_nobody_is_asked_for_ever_when_nobody_answers(run: Run, world: World, wire: Wire) -> None:
    world.faults.reset("*", times=50)

    report = run()

    assert verdict(report["shipping_rate"]) == (SKIPPED, "unavailable")
    assert len(wire.requests) == 2


def test_answer_that_cannot_be_read_is_for_the_support(run: Run, world: World, wire: Wire) -> None:
    world.faults.malformed("GET /me")

    with wire.check.expecting_violations():
        check = run()["seller"]

    assert verdict(check) == (WARN, "unexpected")
    assert "GET /me: 200" in check.params["where"]


def test_access_that_allegro_refuses_although_renewed(run: Run, world: World, wire: Wire) -> None:
    world.faults.status("GET /me", 401, times=5)

    with wire.check.expecting_violations():
        report = run()

    assert verdict(report["token"]) == (BAD, "refused")
    assert verdict(report["seller"]) == (SKIPPED, "no_access")


def test_every_finding_has_words(run: Run, world: World, account: Account, tools: Tools) -> None:
    """Nothing is said in codes."""
    reports = [run(), run(clock_ahead=lambda: None, is_queue_there=lambda: False, redirect_uri="")]
    account.scopes = " ".join(scope.name for scope in SCOPES if not scope.is_needed)
    account.city = ""
    account.is_enabled = False
    reports.append(run(user_agent="x"))

    for check in (check for report in reports for check in report.values()):
        words = spoken(check, str, lambda at: at.isoformat())
        assert words.title != check.code
        assert words.text != check.found
        assert "%(" not in words.title + words.text + words.todo
        assert words.todo or check.outcome in (OK, SKIPPED), check


def test_report_of_another_version_is_still_shown() -> None:
    words = spoken(Check("future", BAD, "strange"), str, str)

    assert (words.title, words.text) == ("future", "strange")
