"""Settings of one account: its name and alias, whether it works, where it ships from; copying them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from allegro_module.db.accounts import Account, Application, free_alias
from allegro_module.db.audit import record
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.problems import Problem
from allegro_module.runtime import Runtime
from allegro_module.web.forms.connection import AccountForm, Sent
from allegro_module.web.sentences import sentence

#: What *Skopiuj ustawienia z konta* takes over: all that does not tell one account from another.
COPIED = ("country", "province", "city", "post_code")
AUDITED = ("name", "alias", "is_enabled", "wait_minutes", "search_minutes", *COPIED)
#: In the names of the fields: the account that waits to be linked, also while it is not stored yet.
WAITING = 0


def account_forms(sent: Sent, accounts: Sequence[Account]) -> list[AccountForm]:
    """One per account; before the first is stored, an empty one."""
    waiting = next((account for account in accounts if account.seller_id is None), None)
    aliases = {account.id: account.alias for account in accounts}
    forms = [
        AccountForm(
            sent,
            account,
            WAITING if account is waiting else account.id,
            {alias for account_id, alias in aliases.items() if account_id != account.id},
        )
        for account in accounts
    ]
    return forms or [AccountForm(sent, None, WAITING, set())]


def save_account(runtime: Runtime, form: AccountForm, application: Application | None) -> None:
    """The form holds. `application` is what an account not stored yet will be linked with."""
    session = runtime.session
    account = form.account
    if account is None:
        if application is None:
            return
        account = _new_account(runtime, application)
        form.account = account
    before = _values(account, AUDITED)
    try:
        with session.begin_nested():
            form.apply(account)
            session.flush()
    except IntegrityError:
        # Somebody else has given these letters to another account a moment ago.
        form.alias.errors = [sentence(Problem("alias_taken", params={"alias": form.alias.data}))]
        return
    changes = _changes(before, _values(account, AUDITED))
    if changes:
        now = runtime.now(account.environment)
        record(session, now, runtime.who(), "account_saved", account.login or account.alias, changes)


def copy_settings(runtime: Runtime, source: Account, target: Account) -> None:
    session = runtime.session
    before = _values(target, COPIED)
    for name in COPIED:
        setattr(target, name, getattr(source, name))
    changes = _changes(before, _values(target, COPIED))
    if changes:
        now = runtime.now(target.environment)
        details = {"from": source.login or source.alias, **changes}
        record(session, now, runtime.who(), "settings_copied", target.login or target.alias, details)
    session.commit()


def _new_account(runtime: Runtime, application: Application) -> Account:
    account = Account(
        application=application,
        environment=application.environment,
        alias=free_alias(runtime.session, ""),
        state=LinkState.NOT_LINKED,
        created_at=runtime.now(application.environment),
    )
    runtime.session.add(account)
    runtime.session.flush()
    return account


def _values(account: Account, names: Sequence[str]) -> dict[str, str]:
    values = {name: getattr(account, name) for name in names}
    return {name: str("" if value is None else value) for name, value in values.items()}


def _changes(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    return {name: f"{before[name]} → {after[name]}" for name in after if before[name] != after[name]}
