"""`flask allegro rotate-keys`: what an operator sees."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from click.testing import Result
from sqlalchemy import select

from allegro_module.db.accounts import Account
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Simulator, World
from tests.jobs.host import KEY, SELLER, Host, a_host

NEW_KEY = new_key()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a shop with one linked account, sealed with the old key."""
    host = start(tmp_path / "shop", KEY)
    host.link()
    host.close()
    return tmp_path / "shop"


def start(home: Path, keys: str) -> Host:
    simulator = Simulator(World(), broken_connection=httpx2.ReadError)
    return a_host(home, simulator, ALLEGRO_ENCRYPTION_KEYS=keys)


def rotate(host: Host) -> Result:
    return host.app.test_cli_runner().invoke(args=["allegro", "rotate-keys"])


def test_old_key_may_be_dropped_afterwards(home: Path) -> None:
    host = start(home, f"{NEW_KEY},{KEY}")

    first, second = rotate(host), rotate(host)

    assert first.output == "3 sealed anew, 0 already with the newest key, 0 cannot be opened\n"
    assert second.output == "0 sealed anew, 3 already with the newest key, 0 cannot be opened\n"
    assert (first.exit_code, second.exit_code) == (0, 0)
    with host.app.app_context():
        account = host.runtime.session.scalars(select(Account)).one()
        assert Seal([NEW_KEY]).open(account.sealed_refresh_token or "")
    host.close()


def test_account_whose_key_was_dropped_too_early_is_named(home: Path) -> None:
    host = start(home, NEW_KEY)

    result = rotate(host)

    assert result.exit_code == 1
    assert "3 cannot be opened" in result.output
    assert f"cannot be opened: account {SELLER} (refresh_token)" in result.output
    assert "Traceback" not in result.output
    host.close()
