"""`flask allegro connect --device`: link an account from a machine that has no browser."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import datetime

import click
import segno

from allegro_module.cli.group import group, ready_runtime
from allegro_module.db.accounts import (
    Account,
    Application,
    find_account_by_login,
    find_latest_application,
    get_account,
    list_applications,
)
from allegro_module.db.links import LINKED, LinkAttempt
from allegro_module.domain.accounts import GrantType, LinkState
from allegro_module.domain.scopes import missing
from allegro_module.jobs.tasks import settings_page
from allegro_module.runtime import Runtime
from allegro_module.sync.device_link import begin_device_link, poll_device_link
from allegro_module.sync.linking import Doors, LinkFailed, confirm_link, undo_link

WHO = "flask allegro connect"
NOT_LINKED = {
    "refused_at_consent": "consent was refused at Allegro",
    "device_expired": "the code was not confirmed in time, or the answer was lost: begin again",
    "wrong_secret": "Allegro does not know the application's Client ID and Client Secret",
    "wrong_kind": "the application is one for browsers: link it on the page Ustawienia konta",
    "other_seller": "consent was given as another account than the one to be linked again",
    "no_rights": "the application may not read the account: allow profile:read and orders:read",
    "too_many_tokens": "Allegro has given out too many tokens lately: try again in an hour",
    "unavailable": "Allegro does not answer: try again in a few minutes",
    "database_busy": "the database is busy: try again",
    "key_missing": "the Client Secret cannot be opened: its key is missing from ALLEGRO_ENCRYPTION_KEYS",
    "consent_error": "Allegro refuses the access that it has just given",
}


@group.command()
@click.option("--device", is_flag=True, help="Link by a code that is typed at Allegro on any device.")
@click.option("--application", "client_id", help="Client ID; without it the one for devices saved last.")
@click.option("--account", "login", help="Login at Allegro of the account to be linked again.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether it is the right account.")
def connect(device: bool, client_id: str | None, login: str | None, is_sure: bool) -> None:
    """Link an account by a code; exit 1 when none was linked or its owner was not confirmed."""
    runtime = ready_runtime()
    if not device:
        page = settings_page(runtime, find_latest_application(runtime.session))
        raise click.ClickException(
            f"with a browser accounts are linked on the page Ustawienia konta{page and f', {page}'}; "
            "add --device to link by a code"
        )
    connect_device(runtime, client_id, login, is_sure, time.sleep)


def connect_device(
    runtime: Runtime,
    client_id: str | None,
    login: str | None,
    is_sure: bool,
    pause: Callable[[float], None],
) -> None:
    """1. Ask for a code and show it.  2. Wait for the seller.  3. Ask whether it is the right account."""
    session = runtime.session
    account = _account(runtime, login) if login else None
    application = _application(runtime, client_id, account)
    try:
        attempt = begin_device_link(
            session,
            runtime.oauth(application.environment, application.name),
            runtime.seal,
            application,
            account.id if account else None,
            WHO,
            runtime.now(application.environment),
        )
    except LinkFailed as failure:
        raise _not_linked(failure.code) from None
    _show(attempt)
    environment, attempt_id = application.environment, attempt.id
    outcome = _wait(runtime, environment, attempt, pause)
    if outcome != LINKED:
        raise _not_linked(outcome)
    linked = get_account(session, session.get_one(LinkAttempt, attempt_id).linked_account_id or 0)
    _ask_for_the_word(runtime, linked, is_sure)


def _account(runtime: Runtime, login: str) -> Account:
    account = find_account_by_login(runtime.session, login)
    if account is None:
        raise click.ClickException(f"no account {login!r}")
    return account


def _application(runtime: Runtime, client_id: str | None, account: Account | None) -> Application:
    """The named one, else the account's own, else the one saved last."""
    known = [
        each
        for each in list_applications(runtime.session)
        if client_id in (None, each.client_id)
        and (account is None or each.environment == account.environment)
    ]
    if client_id is not None:
        if not known:
            raise click.ClickException(f"no application {client_id!r} is saved on the page Ustawienia konta")
        return known[0]
    for_devices = [each for each in known if each.grant_type == GrantType.DEVICE_CODE]
    if not for_devices:
        raise click.ClickException(
            "no application without a browser is saved: save its Client ID and Client Secret "
            "on the page Ustawienia konta"
        )
    own = [each for each in for_devices if account and each.id == account.application_id]
    return (own or for_devices)[0]


def _show(attempt: LinkAttempt) -> None:
    code = attempt.user_code
    picture = io.StringIO()
    segno.make(attempt.verification_uri_complete, micro=False).terminal(picture, compact=True, border=2)
    click.echo(picture.getvalue())
    click.echo(f"Open {attempt.verification_uri_complete}")
    click.echo(f"or type at {attempt.verification_uri} the code")
    # In threes, as Allegro asks (facts.md 2.2).
    click.echo(f"\n    {' '.join(code[start : start + 3] for start in range(0, len(code), 3))}\n")


def _wait(runtime: Runtime, environment: str, attempt: LinkAttempt, pause: Callable[[float], None]) -> str:
    doors = Doors(runtime.oauth, runtime.api_with_token, runtime.now)
    attempt_id, interval = attempt.id, attempt.interval_seconds
    expires_at = attempt.expires_at or attempt.begun_at
    runtime.session.rollback()
    try:
        while not (outcome := poll_device_link(runtime.session, doors, runtime.seal, attempt_id)):
            _count_down(expires_at, runtime.now(environment))
            pause(interval)
    except KeyboardInterrupt:
        click.echo("\nThe code stays good: while a worker runs, it waits on.")
        sys.exit(1)
    click.echo()
    return outcome


def _count_down(expires_at: datetime, now: datetime) -> None:
    """One line that changes; nothing where nobody looks."""
    minutes, seconds = divmod(max(int((expires_at - now).total_seconds()), 0), 60)
    if sys.stdout.isatty():
        click.echo(f"\rWaiting for consent at Allegro, {minutes:2}:{seconds:02} left ", nl=False)


def _ask_for_the_word(runtime: Runtime, account: Account, is_sure: bool) -> None:
    """A seller confirmed here before needs no question."""
    now = runtime.now(account.environment)
    click.echo(f"Allegro let in {account.login}, {account.company or 'no company'} [{account.environment}]")
    if lacking := missing(account.scopes):
        click.echo(f"It may not do everything: {', '.join(lacking)} was not granted")
    if account.state != LinkState.UNCONFIRMED:
        click.echo("linked again; work goes on from where it stopped")
    elif is_sure or _is_right():
        confirm_link(runtime.session, account, WHO, now)
        click.echo("linked")
    else:
        undo_link(runtime.session, account, WHO, now)
        raise click.ClickException("not linked: its access was wiped here")


def _is_right() -> bool:
    try:
        return click.confirm("Is this the right account?")
    except click.Abort:
        raise click.ClickException(
            "nobody answered: the account waits for the answer on the page Ustawienia konta"
        ) from None


def _not_linked(code: str) -> click.ClickException:
    return click.ClickException(f"not linked: {NOT_LINKED.get(code, code)}")
