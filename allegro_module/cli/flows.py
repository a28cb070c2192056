"""One tick of each flow in the foreground, the worker, how things stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from allegro_module.cli.accounts import ACCOUNT_HELP, working_accounts
from allegro_module.cli.group import group, ready_runtime
from allegro_module.client.errors import AllegroError
from allegro_module.db.accounts import (
    Account,
    find_latest_application,
    list_linked_accounts,
    list_working_accounts,
)
from allegro_module.db.categories import has_tree
from allegro_module.db.offers import Offer, get_offer
from allegro_module.db.terms import list_terms
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.offers import OfferState
from allegro_module.domain.problems import Problem
from allegro_module.jobs import tasks
from allegro_module.jobs.worker import work
from allegro_module.runtime import Runtime
from allegro_module.sync.orders import ImportOutcome, Message
from allegro_module.sync.status import read_status

WARSAW = ZoneInfo("Europe/Warsaw")
DAY = click.DateTime(["%Y-%m-%d"])


@group.command("import-orders")
@click.option("--account", "login", help=ACCOUNT_HELP)
@click.option("--since", type=DAY, help="Bring orders bought from this day on into the shop, old ones too.")
@click.option("--until", type=DAY, help="With --since: the last day.")
def import_orders(login: str | None, since: datetime | None, until: datetime | None) -> None:
    """Look once at the order journals; exit 1 when Allegro cannot be reached or no link holds."""
    if until and not since:
        raise click.UsageError("--until needs --since")
    runtime = ready_runtime()
    begin, end = _midnight(since), _midnight(until and until + timedelta(days=1))
    _for_accounts(runtime, login, lambda account: _import(runtime, account, begin, end))


@group.command("reconcile-orders")
@click.option("--account", "login", help=ACCOUNT_HELP)
def reconcile_orders(login: str | None) -> None:
    """Look for orders that the journals never named, prove that none is missing; exit 1 as import-orders."""
    runtime = ready_runtime()
    _for_accounts(runtime, login, lambda account: _reconcile(runtime, account))


def _midnight(day: datetime | None) -> datetime | None:
    """The beginning of the day in Poland."""
    return day.replace(tzinfo=WARSAW).astimezone(UTC) if day else None


def _for_accounts(runtime: Runtime, login: str | None, do: Callable[[Account], bool]) -> None:
    """Exit 1 when it did not go well for one of them."""
    account_ids = working_accounts(runtime, login)
    went_well = [do(runtime.session.get_one(Account, account_id)) for account_id in account_ids]
    if not went_well:
        _complain_of_lost_links(runtime)
        click.echo("no account is connected and switched on")
    if not all(went_well):
        sys.exit(1)


def _complain_of_lost_links(runtime: Runtime) -> None:
    lost = [
        account.login or account.alias
        for account in list_linked_accounts(runtime.session)
        if account.is_enabled and account.state == LinkState.NEEDS_RECONNECT
    ]
    if lost:
        raise click.ClickException(f"must be linked again on the page Ustawienia konta: {', '.join(lost)}")


def _import(runtime: Runtime, account: Account, since: datetime | None, until: datetime | None) -> bool:
    name = account.login or account.alias
    if since is None:
        return _report(name, tasks.import_now(runtime, account))
    return _report(name, tasks.import_history_now(runtime, account, since, until))


def _report(name: str, outcome: ImportOutcome) -> bool:
    """Orders that were set aside are named, and are no failure of the run."""
    click.echo(f"{name}: {outcome}", err=bool(outcome.trouble))
    for form_id, reason in outcome.saved.named.items():
        click.echo(f"  set aside: {form_id or '(without an id)'}: {reason}")
    return outcome.message is not Message.UNAVAILABLE and not outcome.trouble


def _reconcile(runtime: Runtime, account: Account) -> bool:
    name, account_id = account.login or account.alias, account.id
    if not _report(name, tasks.reconcile_now(runtime, account)):
        return False
    try:
        proof = tasks.prove_now(runtime, runtime.session.get_one(Account, account_id))
    except AllegroError as trouble:
        click.echo(f"{name}: {trouble}", err=True)
        return False
    sign = "=" if proof.is_complete else "≠"
    click.echo(f"{name}: Allegro {proof.at_allegro} {sign} shop {proof.in_shop}")
    for form_id in proof.missing:
        click.echo(f"  missing: {form_id}")
    return True


@group.command()
@click.argument("offer")
def publish(offer: str) -> None:
    """List OFFER (its id or external id) on Allegro now, and print what Allegro says."""
    runtime = ready_runtime()
    row = _find_offer(runtime, offer)
    if not row.account.is_working:
        raise click.ClickException(f"account {row.account.login or row.account.alias} is not connected")
    if row.state not in (OfferState.WAITING, OfferState.SENDING):
        tasks.ask_for_listing(runtime, row, "flask allegro publish")
    offer_id = row.id
    tasks.publish_now(runtime, row.account, offer_id)
    _print_offer(runtime, offer_id)
    if get_offer(runtime.session, offer_id).state == OfferState.REFUSED:
        sys.exit(1)


def _find_offer(runtime: Runtime, wanted: str) -> Offer:
    """By our id, else by the external id."""
    rows = runtime.session.scalars(select(Offer).where(Offer.external_id == wanted).order_by(Offer.id)).all()
    by_id = runtime.session.get(Offer, int(wanted)) if wanted.isascii() and wanted.isdigit() else None
    found = [by_id] if by_id else list(rows)
    if not found:
        raise click.ClickException(f"no offer {wanted!r}")
    if len(found) > 1:
        ids = ", ".join(str(row.id) for row in found)
        raise click.ClickException(f"{wanted!r} is an offer in several accounts: name one of the ids {ids}")
    return found[0]


@group.command()
def settle() -> None:
    """Look once at everything whose outcome is open, without waiting for its next turn."""
    runtime = ready_runtime()
    fetched = [_fetch_what_is_missing(runtime, each.id) for each in list_working_accounts(runtime.session)]
    settled = tasks.settle_now(runtime, waits_its_turn=False)
    for offer_id in settled:
        _print_offer(runtime, offer_id)
    if Fetched.FAILED in fetched:
        sys.exit(1)
    if not settled and Fetched.SOMETHING not in fetched:
        click.echo("nothing is open")


class Fetched(Enum):
    NOTHING = auto()
    SOMETHING = auto()
    FAILED = auto()


def _fetch_what_is_missing(runtime: Runtime, account_id: int) -> Fetched:
    """Terms and categories of an account that has none yet."""
    session = runtime.session
    account = session.get_one(Account, account_id)
    name = account.login or account.alias
    missing = [
        (tasks.fetch_terms_now, "terms", bool(list_terms(session, account_id))),
        (tasks.fetch_categories_now, "categories", has_tree(session, account.environment)),
    ]
    fetched = Fetched.NOTHING
    for fetch, what, is_there in missing:
        if is_there:
            continue
        try:
            fetch(runtime, session.get_one(Account, account_id))
        except AllegroError as trouble:
            click.echo(f"{name}: {what}: {trouble}", err=True)
            return Fetched.FAILED
        click.echo(f"{name}: {what} fetched")
        fetched = Fetched.SOMETHING
    return fetched


def _print_offer(runtime: Runtime, offer_id: int) -> None:
    offer = get_offer(runtime.session, offer_id)
    where = f" {offer.allegro_offer_id}" if offer.allegro_offer_id else ""
    trouble = f" ({offer.trouble})" if offer.trouble else ""
    click.echo(f"offer {offer.id} {offer.external_id}: {offer.state}{where}{trouble}")
    for problem in offer.problems:
        click.echo(f"  {_line(problem)}")


def _line(problem: Problem) -> str:
    details = ", ".join(f"{key}={value}" for key, value in problem.params.items())
    words = problem.text or (f"{problem.code} ({details})" if details else problem.code)
    return f"{problem.field}: {words}" if problem.field else words


@group.command()
def worker() -> None:
    """Run jobs and tick the schedule until told to stop; several workers tick it once."""
    runtime = ready_runtime()
    application = find_latest_application(runtime.session)
    if application is not None:
        # Jobs would only fail one by one with a key that is not here.
        runtime.seal.open(application.sealed_client_secret)
    work(runtime)


@group.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Accounts, how far their journals are read, counts, what was set aside."""
    found = read_status(ready_runtime().session)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for account in found["accounts"]:
        cursor = account["cursor"] or {}
        click.echo(
            f"{account['alias']} {account['login'] or '(not linked)'} [{account['environment']}] "
            f"{account['state']}; token until {account['token_expires_at'] or '-'}; "
            f"last import {cursor.get('last_success_at') or '-'}: {cursor.get('last_message') or '-'}"
        )
    offers = ", ".join(f"{count} {state}" for state, count in found["counts"]["offers"].items())
    click.echo(f"offers: {offers or 'none'}; orders: {found['counts']['orders']}")
    for failure in found["failures"]:
        click.echo(f"set aside: {failure['kind']} {failure['subject']}: {failure['reason']}")
