"""`flask allegro …` in the foreground, without a queue."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError

from allegro_module.db.accounts import Account
from allegro_module.db.offers import Offer
from allegro_module.demo.models import Order, Product
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Clock, Simulator, Standing, World
from allegro_module.simulator.aftermath import forget
from allegro_module.simulator.bulk import place_many
from allegro_module.simulator.journal_tricks import hush
from tests.jobs.host import SELLER, Host, a_host

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    simulator = Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)
    host = a_host(tmp_path / "shop", simulator)
    yield host
    host.close()


def allegro(host: Host, *command: str) -> Result:
    return host.app.test_cli_runner().invoke(args=["allegro", *command])


def in_database(host: Host, kind: type) -> int:
    with host.app.app_context():
        return len(host.runtime.session.scalars(select(kind)).all())


def test_orders_are_imported_and_what_happened_is_printed(host: Host) -> None:
    host.link()
    place_many(host.world, host.world.sellers[SELLER], 3)

    result = allegro(host, "import-orders")

    assert result.exit_code == 0
    assert result.output == "bursztyn_i_len: 3 new, 0 changed, 0 noted, 0 unchanged\n"
    assert in_database(host, Order) == 3


def test_one_account_can_be_named(host: Host) -> None:
    host.link()
    host.link("drugi_sklep", "DR")
    place_many(host.world, host.world.sellers["drugi_sklep"], 2)

    result = allegro(host, "import-orders", "--account", "drugi_sklep")

    assert result.output == "drugi_sklep: 2 new, 0 changed, 0 noted, 0 unchanged\n"


def test_allegro_away_is_one_line_and_exit_1(host: Host) -> None:
    host.link()
    host.simulator.faults.status("GET /order/events", 503)

    result = allegro(host, "import-orders")

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert "Allegro cannot be reached" in line
    assert "503" in line


def test_busy_database_is_one_line_and_exit_1(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("UPDATE", {"login": "a-name"}, sqlite3.OperationalError("database is locked"))

    host.link()
    monkeypatch.setattr("allegro_module.jobs.tasks.import_now", busy)

    result = allegro(host, "import-orders")

    assert result.exit_code == 1
    assert result.output == "Error: the database is busy or away (OperationalError): try again in a moment\n"


def test_unknown_account_is_named(host: Host) -> None:
    result = allegro(host, "import-orders", "--account", "nikt")

    assert result.exit_code == 1
    assert "no account 'nikt'" in result.output


def test_account_switched_off_is_not_imported(host: Host) -> None:
    account_id = host.link()
    with host.app.app_context():
        host.runtime.session.get_one(Account, account_id).is_enabled = False
        host.runtime.session.commit()

    assert "no account is connected" in allegro(host, "import-orders").output
    named = allegro(host, "import-orders", "--account", SELLER)
    assert (named.exit_code, "switched off" in named.output) == (1, True)


def test_status_tells_how_things_stand(host: Host) -> None:
    host.link()
    place_many(host.world, host.world.sellers[SELLER], 4)
    allegro(host, "import-orders")

    result = allegro(host, "status", "--json")

    found = json.loads(result.output)
    (account,) = found["accounts"]
    assert (account["login"], account["state"], account["environment"]) == (SELLER, "connected", "simulator")
    assert account["token_expires_at"] == "2026-11-20T23:59:59Z"
    assert account["cursor"]["last_message"] == "Orders imported."
    assert account["cursor"]["position"] == host.world.orders.journal(host.world.sellers[SELLER].id)[-1].id
    assert found["counts"]["orders"] == 4
    assert found["failures"] == []


def test_status_holds_no_personal_data_and_no_secret(host: Host) -> None:
    host.link()
    place_many(host.world, host.world.sellers[SELLER], 4)
    allegro(host, "import-orders")

    output = allegro(host, "status", "--json").output + allegro(host, "status").output

    people = [form.buyer for form in host.world.orders.forms.values()]
    words = {word for person in people for word in (person.login, person.home.last_name)}
    assert [word for word in (*words, *host.world.tokens.access, "sealed") if word in output] == []


def test_settling_fetches_terms_and_categories_of_a_new_account(host: Host) -> None:
    host.link()

    first = allegro(host, "settle")
    second = allegro(host, "settle")

    assert first.exit_code == 0
    assert "terms fetched" in first.output
    assert "categories fetched" in first.output
    assert second.output == "nothing is open\n"


def test_settling_says_when_allegro_is_away(host: Host) -> None:
    host.link()
    host.simulator.faults.status("*", 503, times=50)

    result = allegro(host, "settle")

    assert result.exit_code == 1
    assert "Allegro cannot be reached" in result.output


def test_publishing_prints_each_problem_on_a_line(host: Host) -> None:
    account_id = host.link()
    offer_id = add_offer(host, account_id, title="")

    result = allegro(host, "publish", str(offer_id))

    assert result.exit_code == 1
    assert result.output.startswith(f"offer {offer_id} LEN-OB-001: refused\n")
    assert "  title: " in result.output


def test_offer_is_found_by_its_external_id(host: Host) -> None:
    add_offer(host, host.link())

    assert "LEN-OB-001" in allegro(host, "publish", "LEN-OB-001").output
    assert allegro(host, "publish", "NIE-MA").exit_code == 1


def test_offer_in_two_accounts_must_be_named_by_id(host: Host) -> None:
    add_offer(host, host.link())
    add_offer(host, host.link("drugi_sklep", "DR"))

    result = allegro(host, "publish", "LEN-OB-001")

    assert result.exit_code == 1
    assert "in several accounts" in result.output


def add_offer(host: Host, account_id: int, title: str = "Obrus lniany") -> int:
    now = host.world.now()
    with host.app.app_context():
        sku = host.runtime.session.scalars(select(Product.sku).limit(1)).one()
        offer = Offer(
            account_id=account_id,
            sku=sku,
            external_id="LEN-OB-001",
            title=title,
            state=OfferState.DRAFT,
            state_since=now,
            created_at=now,
            changed_at=now,
        )
        host.runtime.session.add(offer)
        host.runtime.session.commit()
        return offer.id


def test_new_key_is_a_fernet_key(host: Host) -> None:
    key = allegro(host, "new-key").output.strip()

    assert Fernet(key)


def test_tables_go_up_and_down_beside_the_shop_s(host: Host) -> None:
    assert "as this version expects" in allegro(host, "db", "check").output

    assert "base" in allegro(host, "db", "downgrade", "base").output
    with host.app.app_context():
        names = inspect(host.runtime.db.engine).get_table_names()
    assert "shop_product" in names
    assert "allegro_order" not in names

    assert allegro(host, "db", "upgrade").exit_code == 0
    assert allegro(host, "db", "check").exit_code == 0


def test_tables_that_differ_are_named(host: Host) -> None:
    allegro(host, "db", "downgrade", "base")

    result = allegro(host, "db", "check")

    assert result.exit_code == 1
    assert "Error" in result.output


@pytest.mark.parametrize("command", ["import-orders", "settle", "status", "worker"])
def test_missing_tables_are_one_line(host: Host, command: str) -> None:
    allegro(host, "db", "downgrade", "base")

    result = allegro(host, command)

    assert (result.exit_code, "run `flask allegro db upgrade`" in result.output) == (1, True)
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("command", ["import-orders", "settle", "worker"])
def test_missing_encryption_key_is_one_line(host: Host, command: str) -> None:
    host.link()
    host.runtime.seal = Seal([new_key()])

    result = allegro(host, command)

    assert (result.exit_code, "ALLEGRO_ENCRYPTION_KEYS" in result.output) == (1, True)
    assert len(result.output.splitlines()) == 1


def test_account_that_must_be_linked_again_is_no_success(host: Host) -> None:
    account_id = host.link()
    with host.app.app_context():
        host.runtime.session.get_one(Account, account_id).state = LinkState.NEEDS_RECONNECT
        host.runtime.session.commit()

    result = allegro(host, "import-orders")

    assert result.exit_code == 1
    assert result.output == f"Error: must be linked again on the page Ustawienia konta: {SELLER}\n"


def test_nothing_linked_is_nothing_to_complain_of(host: Host) -> None:
    assert allegro(host, "import-orders").exit_code == 0


def test_order_set_aside_is_named_and_no_failure_of_the_run(host: Host) -> None:
    host.link()
    first, second = place_many(host.world, host.world.sellers[SELLER], 2)
    forget(host.world, second)

    result = allegro(host, "import-orders")

    assert result.exit_code == 0
    assert result.output.splitlines()[1:] == [f"  set aside: {second.id}: not at Allegro yet"]
    assert first.id not in result.output


def test_old_orders_are_asked_for_by_day(host: Host) -> None:
    host.link()
    for form in place_many(host.world, host.world.sellers[SELLER], 2):
        hush(host.world, form)
    today = f"{host.world.now():%Y-%m-%d}"

    journal = allegro(host, "import-orders")
    dated = allegro(host, "import-orders", "--since", today, "--until", today)

    assert journal.output == "bursztyn_i_len: 0 new, 0 changed, 0 noted, 0 unchanged\n"
    assert dated.output == "bursztyn_i_len: 2 new, 0 changed, 0 noted, 0 unchanged\n"
    assert allegro(host, "import-orders", "--until", today).exit_code == 2


def test_reconciling_proves_that_no_order_is_missing(host: Host) -> None:
    host.link()
    place_many(host.world, host.world.sellers[SELLER], 2)

    result = allegro(host, "reconcile-orders", "--account", SELLER)

    assert result.exit_code == 0
    assert result.output.splitlines()[1] == "bursztyn_i_len: Allegro 2 = shop 2"
