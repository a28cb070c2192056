"""What a letter and a webhook say of a link lost or restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from allegro_module.db.alarms import CONNECTION_LOST, CONNECTION_RESTORED
from allegro_module.domain.link_loss import CAUSES, Loss, loss_of
from allegro_module.domain.texts import marked
from allegro_module.sync.mail import Letter
from allegro_module.translations import translations

WARSAW = ZoneInfo("Europe/Warsaw")
#: The letter goes to the shop, not to a visitor with a language of his own.
LANGUAGE = "pl"
ENVIRONMENTS = {
    "production": marked("Production"),
    "sandbox": marked("Sandbox"),
    "simulator": marked("Simulator"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    kind: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AboutAccount:
    """`settings_page` is empty where nobody knows the shop's own address."""

    shop: str
    login: str
    alias: str
    environment: str
    client_id: str
    settings_page: str = ""


def t(text: str, /, **params: Any) -> str:
    return translations(LANGUAGE).gettext(text) % params


def letter(number: str, account: AboutAccount, happenings: Sequence[Happening], now: datetime) -> Letter:
    """Of all that happened since the last letter, the newest being what counts."""
    last = happenings[-1]
    parts = [_first(account, last), *_earlier(happenings[:-1])]
    parts += _lost(account, loss_of(last.reason)) if last.kind == CONNECTION_LOST else _restored()
    return Letter(number, _subject(account, last.kind), "\n\n".join(parts) + "\n", now)


def _subject(account: AboutAccount, kind: str) -> str:
    if kind == CONNECTION_RESTORED:
        return t("%(shop)s: Allegro account %(login)s works again", shop=account.shop, login=account.login)
    return t(
        "%(shop)s: Allegro account %(login)s must be linked again", shop=account.shop, login=account.login
    )


def _first(account: AboutAccount, last: Happening) -> str:
    names = {
        "shop": account.shop,
        "login": account.login,
        "alias": account.alias,
        "environment": t(ENVIRONMENTS.get(account.environment, account.environment)),
        "when": _when(last.at),
    }
    if last.kind == CONNECTION_RESTORED:
        return t(
            "Shop %(shop)s has access to Allegro account %(login)s (%(alias)s, %(environment)s) again "
            "since %(when)s.",
            **names,
        )
    return t(
        "Shop %(shop)s has had no access to Allegro account %(login)s (%(alias)s, %(environment)s) "
        "since %(when)s.",
        **names,
    )


def _earlier(happenings: Sequence[Happening]) -> list[str]:
    if not happenings:
        return []
    lines = [f"- {_when(each.at)}: {_word(each)}" for each in happenings]
    return ["\n".join([t("Before that, since the last letter:"), *lines])]


def _word(happening: Happening) -> str:
    return t("access lost") if happening.kind == CONNECTION_LOST else t("access restored")


def _lost(account: AboutAccount, loss: Loss) -> list[str]:
    what = {
        Loss.CONSENT: t("Allegro refused to renew the access."),
        Loss.KEYS: t(
            "Allegro does not know the keys of application %(client_id)s.", client_id=account.client_id
        ),
        Loss.FRESH: t("Allegro refuses even access that it has just renewed."),
    }[loss]
    causes = "\n".join([t("Most often because:"), *(f"- {t(cause)}" for cause in CAUSES[loss])])
    to_do = (
        t(
            "Open Account settings and save the right Client ID and Client Secret: "
            "work then goes on by itself."
        )
        if loss is Loss.KEYS
        else t("Open Account settings and press Link again at this account.")
    )
    remains = t(
        "Settings, offers and the place in the order journal stay; orders wait at Allegro. "
        "Work goes on from where it stood."
    )
    return [what, causes, "\n".join(filter(None, (to_do, account.settings_page))), remains]


def _restored() -> list[str]:
    return [t("Work goes on from where it stood; you need not do anything.")]


def _when(at: datetime) -> str:
    return at.astimezone(WARSAW).strftime("%d.%m.%Y, %H:%M")


def event(account: AboutAccount, happening: Happening, installation: str) -> dict[str, str]:
    """For programs: nothing in it is secret, and of persons it names the login only."""
    return {
        "event": happening.kind,
        "account": account.login,
        "alias": account.alias,
        "environment": account.environment,
        "reason": happening.reason,
        "at": happening.at.isoformat(),
        "installation": installation,
    }
