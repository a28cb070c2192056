"""The support box: what whoever helps the seller asks first, without secrets and without persons."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from allegro_module.db.accounts import Account, Application
from allegro_module.db.installation import give_number, installation_number
from allegro_module.db.schedule import last_tick
from allegro_module.domain.accounts import LinkState
from allegro_module.runtime import Runtime
from allegro_module.settings import VERSION

LIBRARIES = ("Flask", "SQLAlchemy")


@dataclass(frozen=True, slots=True)
class Support:
    """`text` is for the clipboard; English, as it is read by the support."""

    version: str
    number: str
    contact: str
    worker_seen_at: datetime | None
    text: str


def number_of_installation(runtime: Runtime) -> str:
    """Made at the first call and committed; whatever was read before in this session is read anew then."""
    known = installation_number(runtime.session)
    if known is None:
        known = give_number(runtime.session, runtime.wall_clock())
        runtime.session.commit()
    return known


def support(
    runtime: Runtime, number: str, applications: Sequence[Application], accounts: Sequence[Account]
) -> Support:
    seen = last_tick(runtime.session)
    return Support(
        version=VERSION,
        number=number,
        contact=(runtime.settings.support or "").strip(),
        worker_seen_at=seen,
        text=_text(runtime, number, applications, accounts, seen),
    )


def _text(
    runtime: Runtime,
    number: str,
    applications: Sequence[Application],
    accounts: Sequence[Account],
    seen: datetime | None,
) -> str:
    environments = sorted(
        {each.environment for each in applications} | {each.environment for each in accounts}
    )
    lines = {
        "allegro_module": VERSION,
        "installation": number,
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
        "database": runtime.db.engine.dialect.name,
        "environments": ", ".join(environments) or "none",
        "applications": str(len(applications)),
        "accounts": _counted(accounts),
        "worker last seen": seen.isoformat(timespec="seconds") if seen else "never",
        "time": runtime.wall_clock().isoformat(timespec="seconds"),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _counted(accounts: Sequence[Account]) -> str:
    """„2 connected, 1 needs_reconnect (1 switched off)”."""
    by_state = Counter(str(account.state) for account in accounts)
    words = ", ".join(f"{by_state[state]} {state}" for state in LinkState if by_state[state])
    off = sum(not account.is_enabled for account in accounts)
    return (words or "none") + (f" ({off} switched off)" if off else "")
