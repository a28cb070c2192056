"""Alarms in the head of every page: what is wrong with which account, and the one deed that mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

from allegro_module.db.accounts import Account, Application
from allegro_module.domain.accounts import HOLDS_TOKENS, GrantType, LinkState
from allegro_module.domain.link_loss import CAUSES, Loss, loss_of
from allegro_module.domain.scopes import NEEDED, PREFIX, missing
from allegro_module.sealing import Seal, SealBroken
from allegro_module.web import scope_words
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import LOUD_BEFORE_END, WARN_BEFORE_END, access_ends_at

#: The rest are counted.
MOST_NAMED = 3
MOST_SCOPES = 2
SETTINGS_PAGE = "allegro.connection.index"


class Kind(IntEnum):
    """The worst first."""

    SEALED = 0
    KEYS_REFUSED = 1
    LOST = 2
    ENDS_SOON = 3
    UNCONFIRMED = 4
    ENDS = 5
    SCOPES = 6

    @property
    def is_bad(self) -> bool:
        return self <= Kind.ENDS_SOON


@dataclass(frozen=True, slots=True)
class Remedy:
    """`is_post`: pressing does it, with the `fields` sent along; else a link to where it is done."""

    text: str
    endpoint: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    is_post: bool = False
    fields: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """`account_id` is None when it concerns more than one account."""

    kind: Kind
    icon: str
    title: str
    text: str
    remedy: Remedy | None
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An application with one of its accounts, or with none."""

    application: Application
    account: Account | None


@dataclass(frozen=True, slots=True)
class LostLink:
    """What the settings page says of one account that must be linked again."""

    title: str
    text: str
    causes: Sequence[str]
    remains: str
    remedy: Remedy


def alarms_of(rows: Sequence[Seen], seal: Seal, now_of: Callable[[str], datetime]) -> list[Alarm]:
    """At most one of each account, the worst."""
    broken = [row for row in rows if not is_open(row, seal)]
    found = [_sealed(broken)] if broken else []
    sound = [row for row in rows if row not in broken]
    refused = [row for row in sound if row.account and _loss(row.account) is Loss.KEYS]
    found += [_keys_refused(rows_of) for rows_of in _by_application(refused).values()]
    others = [row.account for row in sound if row.account and row not in refused]
    found += [alarm for account in others if (alarm := _alarm_of(account, now_of(account.environment)))]
    return sorted(found, key=lambda alarm: alarm.kind)


def is_open(row: Seen, seal: Seal) -> bool:
    """The secrets that this process must be able to open."""
    sealed = [row.application.sealed_client_secret]
    if row.account is not None:
        sealed += [row.account.sealed_access_token or "", row.account.sealed_refresh_token or ""]
    return all(_opens(seal, each) for each in sealed if each)


@lru_cache(maxsize=512)
def _opens(seal: Seal, sealed: str) -> bool:
    try:
        seal.open(sealed)
    except SealBroken:
        return False
    return True


def _loss(account: Account) -> Loss | None:
    return loss_of(account.state_reason) if account.state == LinkState.NEEDS_RECONNECT else None


def _by_application(rows: Sequence[Seen]) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = {}
    for row in rows:
        found.setdefault(row.application.id, []).append(row)
    return found


def _alarm_of(account: Account, now: datetime) -> Alarm | None:
    if account.state == LinkState.NEEDS_RECONNECT:
        return _lost(account)
    return _ends(account, now) or _unconfirmed(account) or _lacks_scopes(account)


def _sealed(rows: Sequence[Seen]) -> Alarm:
    title = t("Stored secrets cannot be opened.")
    words = t(
        "The key they were sealed with is missing from ALLEGRO_ENCRYPTION_KEYS. Whoever runs the shop puts "
        "it back: then work goes on by itself, nothing is lost."
    )
    return Alarm(Kind.SEALED, "key", title, " ".join(filter(None, (_waiting(rows), words))), remedy=None)


def _keys_refused(rows: Sequence[Seen]) -> Alarm:
    client_id = rows[0].application.client_id
    title = t("Allegro does not know the keys of application %(client_id)s.", client_id=client_id)
    words = t("Save the right Client ID and Client Secret: then work goes on by itself.")
    remedy = Remedy(t("Correct the keys"), SETTINGS_PAGE, {"_anchor": "settings"})
    return Alarm(Kind.KEYS_REFUSED, "key", title, f"{_waiting(rows)} {words}", remedy)


def _waiting(rows: Sequence[Seen]) -> str:
    names = [_name(row.account) for row in rows if row.account]
    if not names:
        return ""
    shown = _some(names, MOST_NAMED)
    return n("Waiting: %(names)s.", "Waiting: %(names)s.", len(names), names=shown)


def _some(names: Sequence[str], most: int) -> str:
    shown, more = ", ".join(names[:most]), len(names) - most
    return f"{shown} {n('and %(num)s other', 'and %(num)s others', more)}" if more > 0 else shown


def _name(account: Account) -> str:
    return f"{account.login or account.name} ({account.alias})"


def _lost(account: Account) -> Alarm:
    title = t("Account %(login)s (%(alias)s) must be linked again.", login=account.login, alias=account.alias)
    if _loss(account) is Loss.FRESH:
        words = t("Allegro refuses even access that it has just renewed.")
    else:
        words = t(
            "Most often after a change of password, a log-out from all devices or unpinning the application."
        )
    words += " " + t("Orders wait at Allegro, nothing is lost.")
    return Alarm(Kind.LOST, "plug-fill", title, words, _link_again(account), account.id)


def _link_again(account: Account) -> Remedy:
    values = {"account_id": account.id}
    if account.application.grant_type == GrantType.DEVICE_CODE:
        fields = {"application_id": account.application_id, **values}
        return Remedy(t("Link by code"), "allegro.connection.device", is_post=True, fields=fields)
    return Remedy(t("Link again"), "allegro.connection.link_again", values, is_post=True)


def _unconfirmed(account: Account) -> Alarm | None:
    if account.state != LinkState.UNCONFIRMED:
        return None
    names = {"login": account.login, "alias": account.alias}
    title = t("Account %(login)s (%(alias)s) waits to be confirmed.", **names)
    words = t("Nothing is imported or listed until you say that it is the right one.")
    remedy = Remedy(t("See and confirm"), "allegro.connection.confirm_account", {"account_id": account.id})
    return Alarm(Kind.UNCONFIRMED, "question-circle-fill", title, words, remedy, account.id)


def _ends(account: Account, now: datetime) -> Alarm | None:
    """Allegro forgets whoever is idle: the job that keeps tokens alive does not run, or runs in vain."""
    ends_at = access_ends_at(account)
    if account.state not in HOLDS_TOKENS or ends_at is None or ends_at - now >= WARN_BEFORE_END:
        return None
    days = max((ends_at - now).days, 0)
    title = n(
        "Access to account %(login)s (%(alias)s) ends in %(num)s day.",
        "Access to account %(login)s (%(alias)s) ends in %(num)s days.",
        days,
        login=account.login,
        alias=account.alias,
    )
    words = t("It was not renewed for long: the worker does not run. Tell whoever runs the shop.")
    values = {"account_id": account.id}
    remedy = Remedy(t("Renew tokens"), "allegro.connection.renew", values, is_post=True)
    kind = Kind.ENDS_SOON if ends_at - now < LOUD_BEFORE_END else Kind.ENDS
    return Alarm(kind, "hourglass-split", title, words, remedy, account.id)


def _lacks_scopes(account: Account) -> Alarm | None:
    lacking = lacking_scopes(account)
    if not lacking or account.state != LinkState.CONNECTED:
        return None
    title = n(
        "Account %(login)s (%(alias)s) lacks a right: %(scopes)s.",
        "Account %(login)s (%(alias)s) lacks rights: %(scopes)s.",
        len(lacking),
        login=account.login,
        alias=account.alias,
        scopes=_some([name.removeprefix(PREFIX) for name in lacking], MOST_SCOPES),
    )
    without = [scope_words.without(name) for name in lacking[:MOST_SCOPES]]
    words = " ".join([*without, t("Tick it at the application at Allegro, then link again; the rest works.")])
    return Alarm(Kind.SCOPES, "key", title, words, _link_again(account), account.id)


def lacking_scopes(account: Account) -> tuple[str, ...]:
    """Needed ones that Allegro did not grant; one that the seller does not ask for is no surprise."""
    asked = account.application.scopes.split()
    return missing(account.scopes, [name for name in NEEDED if not asked or name in asked])


def lost_link(account: Account) -> LostLink | None:
    """None for an account whose link holds."""
    loss = _loss(account)
    if loss is None:
        return None
    causes = [t(cause) for cause in CAUSES[loss]]
    remains = t(
        "Settings, offers and the place in the order journal stay; orders wait at Allegro. "
        "Work goes on from where it stood."
    )
    title = t("%(login)s must be linked again.", login=account.login)
    if loss is Loss.KEYS:
        title = t("%(login)s waits for the right keys.", login=account.login)
        words = t(
            "Allegro does not know the keys of application %(client_id)s.",
            client_id=account.application.client_id,
        )
        remedy = Remedy(t("Correct the keys"), SETTINGS_PAGE, {"_anchor": "settings"})
    elif loss is Loss.FRESH:
        words, remedy = t("Allegro refuses even access that it has just renewed."), _link_again(account)
    else:
        words, remedy = t("Allegro refused to renew the access."), _link_again(account)
    return LostLink(title, words, causes, remains, remedy)
