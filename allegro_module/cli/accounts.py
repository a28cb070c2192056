"""Which accounts a command works for."""

from __future__ import annotations

from collections.abc import Sequence

import click

from allegro_module.db.accounts import Account, find_account_by_login, list_working_accounts
from allegro_module.runtime import Runtime

ACCOUNT_HELP = "Login at Allegro; without it every working account."


def working_accounts(runtime: Runtime, login: str | None) -> Sequence[int]:
    """Ids; of every working account without a login. Raises ClickException when the one named cannot work."""
    session = runtime.session
    if login is None:
        return [account.id for account in list_working_accounts(session)]
    account = find_account_by_login(session, login)
    if account is None:
        raise click.ClickException(f"no account {login!r}; `flask allegro status` lists them")
    if not account.is_working:
        raise click.ClickException(f"account {login} is {account.state}{_switched(account)}")
    return [account.id]


def _switched(account: Account) -> str:
    return "" if account.is_enabled else " and switched off"
