"""`flask allegro connect --device` in a terminal, the seller at Allegro."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from allegro_module.cli.connect import connect_device
from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.sealing import Seal, new_key
from allegro_module.simulator import Clock, Simulator, Standing, World
from tests.jobs.host import SELLER, Host, a_host

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    simulator = Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)
    host = a_host(tmp_path / "shop", simulator)
    yield host
    host.close()


def add_application(
    host: Host, client_id: str = "demo-device-id", secret: str = "demo-device-secret"
) -> None:
    now = host.world.now()
    with host.app.app_context():
        host.runtime.session.add(
            Application(
                environment="simulator",
                grant_type=GrantType.DEVICE_CODE,
                client_id=client_id,
                sealed_client_secret=host.runtime.seal.close(secret),
                created_at=now,
                changed_at=now,
            )
        )
        host.runtime.session.commit()


@dataclass
class Terminal:
    """Runs the command; `after` is what the seller does when the command has paused that many times."""

    host: Host
    after: dict[int, Callable[[], None]] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    output: str = ""

    def run(
        self, client_id: str | None = None, login: str | None = None, *, yes: bool = False, typed: str = ""
    ) -> str:
        """What the command complains of at its end, or nothing."""
        complaint = ""
        with CliRunner().isolation(input=typed) as (out, *_), self.host.app.app_context():
            try:
                connect_device(self.host.runtime, client_id, login, yes, self.pause)
            except click.ClickException as end:
                complaint = end.message
            self.output = out.getvalue().decode()
        return complaint

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.host.world.clock.advance(seconds)
        self.after.get(len(self.pauses), lambda: None)()

    def approve(self, login: str = SELLER) -> None:
        (code,) = [c for c in self.host.world.devices.codes.values() if c.is_waiting(self.host.world.now())]
        code.seller_id = self.host.world.sellers[login].id

    def deny(self) -> None:
        for code in self.host.world.devices.codes.values():
            code.is_denied = True


@pytest.fixture
def terminal(host: Host) -> Terminal:
    add_application(host)
    return Terminal(host)


def accounts(host: Host) -> list[tuple[str | None, LinkState]]:
    with host.app.app_context():
        rows = host.runtime.session.scalars(select(Account).order_by(Account.id))
        return [(row.login, LinkState(row.state)) for row in rows]


def test_code_is_shown_in_threes_with_link_and_picture(terminal: Terminal) -> None:
    terminal.after = {1: terminal.deny}

    terminal.run()

    (code,) = [each.user_code for each in terminal.host.world.devices.codes.values()]
    assert f"    {code[:3]} {code[3:6]} {code[6:]}\n" in terminal.output
    assert f"http://allegro.test/skojarz-aplikacje?code={code}" in terminal.output
    assert "▄▄▄▄▄" in terminal.output


def test_account_is_linked_once_the_seller_has_said_that_it_is_the_right_one(terminal: Terminal) -> None:
    terminal.after = {3: terminal.approve}

    assert terminal.run(typed="y\n") == ""

    assert "Bursztyn i Len Hanna Jantarska [simulator]" in terminal.output
    assert "Is this the right account?" in terminal.output
    assert terminal.output.endswith("linked\n")
    assert accounts(terminal.host) == [(SELLER, LinkState.CONNECTED)]
    assert terminal.pauses == [5, 5, 5]


def test_wrong_account_leaves_nothing_behind(terminal: Terminal) -> None:
    terminal.after = {1: lambda: terminal.approve("drugi_sklep")}

    assert "not linked" in terminal.run(typed="n\n")
    assert accounts(terminal.host) == [(None, LinkState.NOT_LINKED)]


def test_without_an_answer_the_account_waits_for_one(terminal: Terminal) -> None:
    terminal.after = {1: terminal.approve}

    assert "waits for the answer" in terminal.run()
    assert accounts(terminal.host) == [(SELLER, LinkState.UNCONFIRMED)]


def test_nobody_is_asked_when_told_so(terminal: Terminal) -> None:
    terminal.after = {1: terminal.approve}

    assert terminal.run(yes=True) == ""
    assert "Is this the right account" not in terminal.output
    assert accounts(terminal.host) == [(SELLER, LinkState.CONNECTED)]


def test_known_account_is_linked_again_without_a_question(terminal: Terminal) -> None:
    terminal.after = {1: terminal.approve}
    terminal.run(yes=True)
    again = Terminal(terminal.host)
    again.after = {1: again.approve}

    assert again.run(login=SELLER) == ""
    assert "linked again" in again.output
    assert accounts(terminal.host) == [(SELLER, LinkState.CONNECTED)]


def test_another_seller_is_refused_for_an_account_to_be_linked_again(terminal: Terminal) -> None:
    terminal.after = {1: terminal.approve}
    terminal.run(yes=True)
    again = Terminal(terminal.host)
    again.after = {1: lambda: again.approve("drugi_sklep")}

    assert "another account" in again.run(login=SELLER)
    assert accounts(terminal.host) == [(SELLER, LinkState.CONNECTED)]


def test_refusal_at_allegro(terminal: Terminal) -> None:
    terminal.after = {2: terminal.deny}

    assert terminal.run() == "not linked: consent was refused at Allegro"


def test_code_nobody_types(terminal: Terminal) -> None:
    assert "in time" in terminal.run()
    assert len(terminal.pauses) <= 721


def test_application_is_named_or_the_one_for_devices(terminal: Terminal) -> None:
    assert "no application 'nobody'" in terminal.run("nobody")

    terminal.after = {1: terminal.approve}
    assert terminal.run("demo-device-id", yes=True) == ""


def test_wrong_keys_and_missing_encryption_key_are_one_line(host: Host) -> None:
    add_application(host, secret="wrong")
    terminal = Terminal(host)

    assert "does not know the application's Client ID" in terminal.run()
    host.runtime.seal = Seal([new_key()])
    assert "ALLEGRO_ENCRYPTION_KEYS" in terminal.run()


def test_lacking_scopes_are_named(terminal: Terminal) -> None:
    with terminal.host.app.app_context():
        session = terminal.host.runtime.session
        session.scalars(select(Application)).one().scopes = "allegro:api:profile:read"
        session.commit()
    terminal.after = {1: terminal.approve}

    terminal.run(yes=True)

    assert "allegro:api:orders:read" in terminal.output


def test_interrupted_command_says_that_the_code_stays_good(terminal: Terminal) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    terminal.after = {1: interrupt}

    with CliRunner().isolation() as (out, *_), terminal.host.app.app_context():
        with pytest.raises(SystemExit) as end:
            connect_device(terminal.host.runtime, None, None, False, terminal.pause)
        output = out.getvalue().decode()

    assert end.value.code == 1
    assert "The code stays good" in output


def test_without_device_the_page_is_named(host: Host) -> None:
    host.link()

    result = host.app.test_cli_runner().invoke(args=["allegro", "connect"])

    assert result.exit_code == 1
    assert "Ustawienia konta" in result.output
    assert "--device" in result.output


def test_without_an_application_for_devices_it_says_so(host: Host) -> None:
    host.link()

    result = host.app.test_cli_runner().invoke(args=["allegro", "connect", "--device"])

    assert (result.exit_code, "no application without a browser" in result.output) == (1, True)


def test_unknown_account_is_named(host: Host) -> None:
    result = host.app.test_cli_runner().invoke(args=["allegro", "connect", "--device", "--account", "nikt"])

    assert (result.exit_code, "no account 'nikt'" in result.output) == (1, True)
