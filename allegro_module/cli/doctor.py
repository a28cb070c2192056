"""`flask allegro doctor`: the connection test of every account, and what all of them stand on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from allegro_module import schema
from allegro_module.cli.group import group
from allegro_module.db.accounts import Account, find_account_by_login, list_accounts, list_applications
from allegro_module.db.schedule import list_tasks
from allegro_module.jobs.connection_test import is_queue_there, test_now
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync import local_checks
from allegro_module.sync.check_words import spoken
from allegro_module.sync.checks import Check, Outcome, bad, ok, to_json

MARKS = {Outcome.OK: "ok  ", Outcome.WARN: "warn", Outcome.BAD: "BAD ", Outcome.SKIPPED: "-   "}
#: Said once for the installation, not once for each account.
OF_INSTALLATION = frozenset({"worker", "queue"})


@group.command()
@click.option("--account", "login", help="Login at Allegro; without it every account.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(login: str | None, as_json: bool) -> None:
    """Test the installation and each account's link, say what to do; exit 1 when something is bad."""
    runtime = current_runtime()
    installation = _check_installation(runtime)
    # Without tables of this version no account can be read.
    reports = {} if _are_tables_wrong(installation) else _check_accounts(runtime, login)
    if as_json:
        click.echo(json.dumps(_as_json(installation, reports), ensure_ascii=False, indent=2))
    else:
        _print("installation", installation)
        for name, report in reports.items():
            _print(name, report)
    everything = [*installation, *(check for report in reports.values() for check in report)]
    if any(check.outcome is Outcome.BAD for check in everything):
        sys.exit(1)


def _check_installation(runtime: Runtime) -> list[Check]:
    """The settings are complete, else the command would not have started."""
    checks = [ok("settings"), _tables(runtime)]
    if not _are_tables_wrong(checks):
        session = runtime.session
        checks.append(
            local_checks.check_seal(runtime.seal, list_applications(session), list_accounts(session))
        )
        checks.append(local_checks.worker(list_tasks(session), runtime.wall_clock()))
        session.rollback()
    checks.append(local_checks.queue(is_queue_there(runtime)))
    return checks


def _tables(runtime: Runtime) -> Check:
    try:
        schema.check(runtime.db.engine)
    except CommandError:
        return bad("tables", "old")
    except SQLAlchemyError:
        return bad("tables", "unreachable")
    return ok("tables")


def _are_tables_wrong(checks: Sequence[Check]) -> bool:
    return any(check.code == "tables" and check.outcome is Outcome.BAD for check in checks)


def _check_accounts(runtime: Runtime, login: str | None) -> dict[str, list[Check]]:
    reports = {}
    for account_id in _account_ids(runtime, login):
        account = runtime.session.get_one(Account, account_id)
        name = f"{account.login or account.alias} [{account.environment}]"
        report = test_now(runtime, account)
        reports[name] = [check for check in report if check.code not in OF_INSTALLATION]
    return reports


def _account_ids(runtime: Runtime, login: str | None) -> list[int]:
    if login is None:
        return [account.id for account in list_accounts(runtime.session)]
    account = find_account_by_login(runtime.session, login)
    if account is None:
        raise click.ClickException(f"no account {login!r}; `flask allegro status` lists them")
    return [account.id]


def _as_json(installation: Sequence[Check], reports: dict[str, list[Check]]) -> dict[str, Any]:
    return {
        "installation": to_json(installation),
        "accounts": [{"account": name, "checks": to_json(report)} for name, report in reports.items()],
    }


def _print(name: str, checks: Sequence[Check]) -> None:
    click.echo(f"{name}:")
    for check in checks:
        words = spoken(check, _english, _moment)
        todo = f" {words.todo}" if words.todo else ""
        click.echo(f"  {MARKS[check.outcome]} {words.title}: {words.text}{todo}")


def _english(text: str) -> str:
    return text


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
