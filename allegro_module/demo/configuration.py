"""Configuration: what the demo shop takes from the environment, and the secrets it makes up for itself."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

DEFAULT_HOME = "var/demo"
#: Written by the supervisor while it runs.
RUNNING = "running.json"
#: As the simulator knows its first application.
DEFAULT_APP_NAME = "Sklep-Demo"
DEFAULT_APP_URL = "https://bursztyn-i-len.example/allegro"
#: The software that the simulator lets register itself.
DEFAULT_SOFTWARE_STATEMENT = "demo-software-statement"
DEFAULT_SUPPORT = "pomoc@bursztyn-i-len.example, tel. 22 000 00 00, pn.–pt. 8–16"


def shop_config(environment: Mapping[str, Any]) -> dict[str, Any]:
    """Every ALLEGRO_* and SHOP_* variable, completed by defaults and by secrets kept in the home folder."""
    home = Path(environment.get("SHOP_HOME") or DEFAULT_HOME).resolve()
    given = {
        key: value for key, value in environment.items() if key.startswith(("ALLEGRO_", "SHOP_")) and value
    }
    return {
        "ALLEGRO_APP_NAME": DEFAULT_APP_NAME,
        "ALLEGRO_APP_URL": DEFAULT_APP_URL,
        "ALLEGRO_SOFTWARE_STATEMENT_ID": DEFAULT_SOFTWARE_STATEMENT,
        "ALLEGRO_SUPPORT": DEFAULT_SUPPORT,
        **running_servers(home),
        **given,
        "ALLEGRO_ENCRYPTION_KEYS": given.get("ALLEGRO_ENCRYPTION_KEYS")
        or kept_secret(home / "keys", lambda: Fernet.generate_key().decode()),
        "SHOP_HOME": home,
        "SHOP_ADMIN_PASSWORD": given.get("SHOP_ADMIN_PASSWORD") or kept_password(home),
        "SECRET_KEY": given.get("SHOP_SECRET_KEY")
        or kept_secret(home / "secret-key", lambda: secrets.token_hex(32)),
        "SQLALCHEMY_DATABASE_URI": given.get("SHOP_DATABASE_URL") or f"sqlite:///{home / 'shop.sqlite3'}",
        "SESSION_COOKIE_NAME": "shop_session",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "BOOTSTRAP_SERVE_LOCAL": True,
        # A form stays good as long as the session it belongs to; a seller may type for hours.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def running_servers(home: Path) -> dict[str, str]:
    """Where `make demo` runs its servers just now, so that a command in another terminal reaches them."""
    try:
        note = json.loads((home / RUNNING).read_text())
        os.kill(note["pid"], 0)
    except OSError:
        return {}
    return {key: value for key, value in note.items() if key.startswith("ALLEGRO_")}


def kept_password(home: Path) -> str:
    return kept_secret(home / "admin-password", lambda: secrets.token_urlsafe(9))


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in the file: made once, readable by its owner only, one for all who start together."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(make() + "\n")
        try:
            os.link(fresh, path)  # fails when another process was quicker: then its secret is the one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
