"""`flask allegro push-orders`: statuses, tracking numbers and invoices that wait for Allegro."""

from __future__ import annotations

from collections.abc import Collection

import click

from allegro_module.cli.group import group, ready_runtime
from allegro_module.db.accounts import find_account_by_login
from allegro_module.jobs import tasks
from allegro_module.runtime import Runtime


@group.command("push-orders")
@click.option("--account", "login", help="Login at Allegro; without it every working account.")
def push_orders(login: str | None) -> None:
    """Send what is meant for Allegro, without waiting for its next turn; what was refused is named."""
    runtime = ready_runtime()
    counts = tasks.push_now(runtime, account_ids=_account_ids(runtime, login), waits_its_turn=False)
    click.echo(str(counts))
    for refused in counts.refused:
        click.echo(f"refused: {refused.kind} of order {refused.number}: {refused.trouble}", err=True)


def _account_ids(runtime: Runtime, login: str | None) -> Collection[int] | None:
    if login is None:
        return None
    account = find_account_by_login(runtime.session, login)
    if account is None:
        raise click.ClickException(f"no account {login!r}; `flask allegro status` lists them")
    if not account.is_working:
        raise click.ClickException(f"account {login} is {account.state}")
    return [account.id]
