"""`flask allegro push-orders`: statuses, tracking numbers and invoices that wait for Allegro."""

from __future__ import annotations

import click

from allegro_module.cli.accounts import ACCOUNT_HELP, working_accounts
from allegro_module.cli.group import group, ready_runtime
from allegro_module.jobs import tasks


@group.command("push-orders")
@click.option("--account", "login", help=ACCOUNT_HELP)
def push_orders(login: str | None) -> None:
    """Send what is meant for Allegro, without waiting for its next turn; what was refused is named."""
    runtime = ready_runtime()
    counts = tasks.push_now(runtime, account_ids=working_accounts(runtime, login), waits_its_turn=False)
    click.echo(str(counts))
    for refused in counts.refused:
        click.echo(f"refused: {refused.kind} of order {refused.number}: {refused.trouble}", err=True)
