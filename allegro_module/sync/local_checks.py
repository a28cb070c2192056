"""What the connection test sees without Allegro: settings, place of dispatch, worker, imports."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, Application
from allegro_module.db.cursors import find_cursor
from allegro_module.db.schedule import ScheduledTask, list_tasks
from allegro_module.domain.accounts import GrantType, is_post_code
from allegro_module.domain.redirects import uris_of
from allegro_module.domain.scopes import READ_ORDERS, missing
from allegro_module.sealing import Seal, SealBroken
from allegro_module.sync.checks import Check, bad, ok, skipped, warn

# The generator of apps.developer.allegro.pl/user-agent makes this form (facts.md 1.5).
USER_AGENT = re.compile(r"(?P<name>[^\s/()]+)/(?P<version>\d[\w.+-]*) \(\+(?P<url>https?://[^\s()]+)\)")
#: The beat of the schedule: these are looked at every few seconds while a worker lives; one may be off.
BEATS = frozenset({"settle", "follow_links", "send_alarms"})
NO_ACCOUNT = 0
IMPORT = "import_orders"
WORKER_IS_DEAD_AFTER = timedelta(minutes=2)
IMPORT_IS_LATE_AFTER = timedelta(minutes=15)


def home(account: Account) -> Check:
    """A token of one environment is worth nothing in another (facts.md 1.1)."""
    if account.environment != account.application.environment:
        other = account.application.environment
        return bad("environment", "other", environment=account.environment, other=other)
    return ok("environment", account.environment)


def user_agent(account: Account, sent: str) -> Check:
    """Mandatory since July 2026: the name as registered, and a page that describes the application."""
    parts = USER_AGENT.fullmatch(sent)
    if parts is None:
        return bad("user_agent", "form", sent=sent)
    if account.environment == "simulator":
        return ok("user_agent", sent=sent)
    if not _is_public(parts["url"]):
        return warn("user_agent", "address", sent=sent, url=parts["url"])
    if not account.application.name:
        return warn("user_agent", "name_unknown", sent=sent, name=parts["name"])
    return ok("user_agent", sent=sent)


def redirect(account: Account, here: str) -> Check:
    """`here` is the address as this browser sees it; empty on the command line."""
    application = account.application
    if application.grant_type == GrantType.DEVICE_CODE:
        return ok("redirect", "not_needed")
    registered = uris_of(application.redirect_uris)
    if here and registered and here not in registered:
        return bad("redirect", "other", here=here, registered=", ".join(registered))
    address = here or next(iter(registered), "")
    if not address:
        return skipped("redirect", "unknown")
    parts = urlsplit(address)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        return bad("redirect", "not_https", address=address)
    return ok("redirect", address=address)


def place(account: Account) -> Check:
    code = account.post_code or ""
    lacking = not account.city or not code or (account.country == "PL" and not account.province)
    if lacking:
        return bad("place", "missing")
    if not is_post_code(code, account.country):
        return bad("place", "post_code", post_code=code)
    return ok("place", post_code=code, city=account.city)


def check_work(session: Session, account: Account, now: datetime, wall_now: datetime) -> list[Check]:
    """Is the account switched on, does somebody work, when were orders last looked for?"""
    tasks = list_tasks(session)
    return [_switch(account), worker(tasks, wall_now), *_imports(session, account, tasks, now)]


def _switch(account: Account) -> Check:
    return ok("switch") if account.is_enabled else warn("switch", "off")


def worker(tasks: Sequence[ScheduledTask], wall_now: datetime) -> Check:
    beat = max((task.last_at for task in tasks if task.name in BEATS and task.last_at), default=None)
    if beat is None:
        return bad("worker", "never")
    # Also a beat from the future is none: the clock has been put back since.
    if abs(wall_now - beat) > WORKER_IS_DEAD_AFTER:
        return bad("worker", "silent", beat_at=beat)
    return ok("worker")


def queue(is_there: bool) -> Check:
    return ok("queue") if is_there else bad("queue", "down")


def _imports(
    session: Session, account: Account, tasks: Sequence[ScheduledTask], now: datetime
) -> Iterator[Check]:
    task = next((each for each in tasks if each.name == IMPORT and each.account_id == account.id), None)
    cursor = find_cursor(session, account.id)
    if not account.is_working:
        yield skipped("import", "not_working")
    elif missing(account.scopes, (READ_ORDERS,)):
        yield skipped("import", "scope", scope=READ_ORDERS)
    elif task is not None and not task.is_on:
        yield warn("import", "off")
    elif cursor is None or cursor.last_run_at is None:
        yield skipped("import", "not_yet")
    elif cursor.last_success_at is None:
        yield warn("import", "never", message=cursor.last_message)
    elif now - cursor.last_success_at > IMPORT_IS_LATE_AFTER:
        yield warn("import", "late", success_at=cursor.last_success_at, message=cursor.last_message)
    else:
        yield ok("import", success_at=cursor.last_success_at)


def check_seal(seal: Seal, applications: Iterable[Application], accounts: Iterable[Account]) -> Check:
    """Do the encryption keys open all that is stored?"""
    sealed = [each.sealed_client_secret for each in applications]
    for account in accounts:
        sealed += filter(None, [account.sealed_access_token, account.sealed_refresh_token])
    shut = sum(not _opens(seal, each) for each in sealed)
    return bad("seal", "shut", shut=shut, all=len(sealed)) if shut else ok("seal", count=len(sealed))


def _opens(seal: Seal, sealed: str) -> bool:
    try:
        seal.open(sealed)
    except SealBroken:
        return False
    return True


def _is_public(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" and not _is_loopback(host) and not _is_private(host) and "." in host


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
