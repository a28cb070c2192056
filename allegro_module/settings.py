"""Settings: what the deployer decides, read once from the host's ALLEGRO_* configuration keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import click
from cryptography.fernet import Fernet

VERSION = metadata.version("allegro-module")
DEFAULT_REDIS = "redis://127.0.0.1:6379/0"
DEFAULT_QUEUE = "allegro"


class WrongSettings(click.ClickException):
    """Names every wrong setting at once; stops the start. Command lines print the message alone."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("allegro_module cannot start:\n" + "\n".join(f"  - {each}" for each in complaints))
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per key; the key is `ALLEGRO_` and the field's name in capitals."""

    #: Fernet keys that seal secrets and tokens, newest first; comma separated. Required.
    encryption_keys: tuple[str, ...]
    #: Name under which the application is registered at Allegro; part of the User-Agent. Required.
    app_name: str
    #: Page that describes the application; part of the User-Agent. Required.
    app_url: str
    #: Redis or Valkey for the job queue.
    redis_url: str = DEFAULT_REDIS
    #: Name of the queue.
    queue: str = DEFAULT_QUEUE
    #: Base URL of a server that speaks Allegro's API; environment „simulator” sends everything there.
    simulator_url: str | None = None
    #: False on nodes that must never refresh tokens.
    refresh_tokens: bool = True
    #: Seconds added to the module's clock, in environment „simulator” only.
    clock_offset: timedelta = timedelta(0)
    #: Number that Allegro gives to software which shops install: lets a shop register itself.
    software_statement_id: str | None = None
    #: Who is told by mail when a link breaks; comma separated.
    alarm_mail: tuple[str, ...] = ()
    #: Server that sends it: smtp://user:password@host:587 (STARTTLS where offered) or smtps://…:465.
    smtp_url: str | None = None
    #: Address that is told by POST when a link breaks.
    alarm_webhook: str | None = None
    #: Phone, mail and hours of whoever helps the seller; shown on the settings page.
    support: str | None = None

    def user_agent(self, app_name: str = "") -> str:
        """As Allegro demands since July 2026 (facts.md 1.5, #13599): Name/Version (+https://page).

        `app_name` is the name of the application that asks, where it is not `ALLEGRO_APP_NAME`.
        """
        name = re.sub(r"\s+", "-", (app_name or self.app_name).strip())
        return f"{name}/{VERSION} (+{self.app_url})"


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Raises WrongSettings."""
    complaints: list[str] = []

    def read(key: str, parse: Callable[[Any], Any], default: Any = None) -> Any:
        raw = config.get(f"ALLEGRO_{key}")
        if raw is None or raw == "":
            if default is None and key in REQUIRED:
                complaints.append(f"ALLEGRO_{key} is missing: {REQUIRED[key]}")
            return default
        try:
            return parse(raw)
        except ValueError as wrong:
            complaints.append(f"ALLEGRO_{key}: {wrong}")
            return default

    settings = Settings(
        encryption_keys=read("ENCRYPTION_KEYS", _keys) or (),
        app_name=read("APP_NAME", _app_name) or "",
        app_url=read("APP_URL", _web_address) or "",
        redis_url=read("REDIS_URL", _redis_address, DEFAULT_REDIS),
        queue=read("QUEUE", str, DEFAULT_QUEUE),
        simulator_url=read("SIMULATOR_URL", _web_address),
        refresh_tokens=read("REFRESH_TOKENS", _yes_or_no, True),
        clock_offset=read("CLOCK_OFFSET", _seconds, timedelta(0)),
        software_statement_id=read("SOFTWARE_STATEMENT_ID", str),
        alarm_mail=read("ALARM_MAIL", _mail_addresses, ()),
        smtp_url=read("SMTP_URL", _smtp_address),
        alarm_webhook=read("ALARM_WEBHOOK", _web_address),
        support=read("SUPPORT", str),
    )
    if settings.alarm_mail and not settings.smtp_url:
        complaints.append("ALLEGRO_SMTP_URL is missing: ALLEGRO_ALARM_MAIL names somebody to write to")
    if complaints:
        raise WrongSettings(complaints)
    return settings


REQUIRED = {
    "ENCRYPTION_KEYS": "make one with `python -m allegro_module.sealing` and keep it outside the database",
    "APP_NAME": "the name of your application registered at Allegro",
    "APP_URL": "the address of a page that describes your application",
}


def _keys(raw: str | list[str]) -> tuple[str, ...]:
    keys = raw.split(",") if isinstance(raw, str) else raw
    cleaned = tuple(key.strip() for key in keys if key.strip())
    if not cleaned:
        raise ValueError("there is no key in it; make one with `python -m allegro_module.sealing`")
    for position, key in enumerate(cleaned, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(
                f"key {position} is not a Fernet key (32 bytes, url-safe base64); "
                "make one with `python -m allegro_module.sealing`"
            ) from None
    return cleaned


def _app_name(raw: str) -> str:
    if not re.fullmatch(r"[\w .-]{3,50}", raw.strip(), re.ASCII):
        raise ValueError("use 3 to 50 letters, digits, spaces, dots or dashes, as registered at Allegro")
    return raw.strip()


def _web_address(raw: str) -> str:
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{raw!r} is not an http(s) address")
    return raw.strip().rstrip("/")


def _redis_address(raw: str) -> str:
    # The address itself may hold a password.
    if urlsplit(raw.strip()).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("not an address that begins with redis://, rediss:// or unix://")
    return raw.strip()


def _mail_addresses(raw: str | Sequence[str]) -> tuple[str, ...]:
    addresses = raw.split(",") if isinstance(raw, str) else raw
    cleaned = tuple(address.strip() for address in addresses if address.strip())
    for address in cleaned:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise ValueError(f"{address!r} is not a mail address")
    return cleaned


def _smtp_address(raw: str) -> str:
    # The address itself may hold a password.
    parts = urlsplit(raw.strip())
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("not an address that begins with smtp:// or smtps:// and names a server")
    return raw.strip()


def _yes_or_no(raw: object) -> bool:
    word = str(raw).strip().lower()
    if word in ("true", "1", "yes", "on"):
        return True
    if word in ("false", "0", "no", "off"):
        return False
    raise ValueError(f"{raw!r} is neither true nor false")


def _seconds(raw: object) -> timedelta:
    try:
        return timedelta(seconds=float(str(raw)))
    except ValueError:
        raise ValueError(f"{raw!r} is not a number of seconds") from None
