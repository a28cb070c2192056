"""`flask allegro doctor`: one line for each thing, what to do, and an exit code for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from click.testing import Result
from sqlalchemy import text

from allegro_module.db.accounts import Account
from allegro_module.db.cursors import find_cursor
from allegro_module.db.schedule import ScheduledTask
from allegro_module.domain.scopes import NEEDED, READ_ORDERS
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Clock, Simulator, Standing, World
from tests.jobs.host import SELLER, Host, a_host

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A shop in which all is well; that the queue answers is only said."""
    for place in ("jobs.connection_test", "cli.doctor"):
        monkeypatch.setattr(f"allegro_module.{place}.is_queue_there", lambda runtime: True)
    simulator = Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)
    host = a_host(tmp_path / "shop", simulator)
    with host.app.app_context():
        session = host.runtime.session
        session.add(ScheduledTask(name="settle", every_seconds=5, next_at=NOON, last_at=NOON))
        session.commit()
    yield host
    host.close()


def linked(host: Host, login: str = SELLER, alias: str = "BL", **changes: object) -> int:
    account_id = host.link(login, alias)
    values = {"city": "Gdańsk", "post_code": "80-831", "province": "POMORSKIE", **changes}
    with host.app.app_context():
        session = host.runtime.session
        account = session.get_one(Account, account_id)
        for name, value in values.items():
            setattr(account, name, value)
        cursor = find_cursor(session, account_id)
        assert cursor is not None
        cursor.last_run_at = cursor.last_success_at = NOON
        session.commit()
    return account_id


def doctor(host: Host, *options: str) -> Result:
    return host.app.test_cli_runner().invoke(args=["allegro", "doctor", *options])


def test_all_is_well(host: Host) -> None:
    linked(host)

    result = doctor(host)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "installation:"
    assert f"{SELLER} [simulator]:" in lines
    assert f"  ok   Seller: Allegro answers as {SELLER}." in lines
    assert "  ok   Tables: As this version expects them." in lines


def test_each_account_is_tested(host: Host) -> None:
    linked(host)
    linked(host, "drugi_sklep", "DR")

    output = doctor(host).output

    assert f"{SELLER} [simulator]:" in output
    assert "drugi_sklep [simulator]:" in output


def test_one_account_can_be_named(host: Host) -> None:
    linked(host)
    linked(host, "drugi_sklep", "DR")

    output = doctor(host, "--account", "drugi_sklep").output

    assert SELLER not in output
    assert "drugi_sklep [simulator]:" in output


def test_unknown_account_is_named(host: Host) -> None:
    result = doctor(host, "--account", "nikt")

    assert (result.exit_code, "no account 'nikt'" in result.output) == (1, True)


def test_something_bad_says_what_to_do_and_exits_1(host: Host) -> None:
    linked(host, scopes=" ".join(name for name in NEEDED if name != READ_ORDERS))

    result = doctor(host)

    assert result.exit_code == 1
    assert "  BAD  Permission orders:read: Not granted. Orders are not imported. Add it to" in result.output


def test_allegro_away_is_nothing_bad(host: Host) -> None:
    linked(host)
    host.simulator.faults.status("*", 503, times=50)

    result = doctor(host)

    assert result.exit_code == 0
    assert "Allegro does not answer" in result.output


def test_programs_read_json(host: Host) -> None:
    linked(host, city="")

    result = doctor(host, "--json")

    found = json.loads(result.output)
    (account,) = found["accounts"]
    assert result.exit_code == 1
    assert account["account"] == f"{SELLER} [simulator]"
    assert {"code": "place", "outcome": "bad", "found": "missing", "params": {}} in account["checks"]
    assert {check["code"] for check in found["installation"]} == {
        "settings",
        "tables",
        "seal",
        "worker",
        "queue",
    }


def test_tables_of_another_version_end_the_examination(host: Host) -> None:
    with host.app.app_context(), host.runtime.db.engine.begin() as connection:
        connection.execute(text("alter table allegro_account rename to allegro_account_gone"))

    result = doctor(host)

    assert result.exit_code == 1
    assert "BAD  Tables:" in result.output
    assert "flask allegro db upgrade" in result.output


def test_lost_encryption_key_is_counted(host: Host) -> None:
    linked(host, sealed_refresh_token=Seal([new_key()]).close("refresh"))

    result = doctor(host)

    assert result.exit_code == 1
    assert "BAD  Encryption keys: 1 of 3 stored secrets cannot be opened." in result.output


def test_worker_that_fell_silent(host: Host) -> None:
    host.world.clock.advance(600)

    result = doctor(host)

    assert result.exit_code == 1
    assert "BAD  Worker and schedule: Last seen at work: 2026-11-20 12:00 UTC." in result.output


def test_queue_that_cannot_be_reached(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    result = doctor(host)

    assert result.exit_code == 1
    assert "BAD  Job queue: It does not answer" in result.output


def test_no_secret_is_printed(host: Host) -> None:
    linked(host)

    output = doctor(host).output + doctor(host, "--json").output

    secrets = ["demo-client-secret", *host.world.tokens.access, *host.world.tokens.refresh]
    assert [secret for secret in secrets if secret in output] == []
