"""`python -m allegro_module.demo`: the whole demo with one command, stopped with Ctrl-C."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allegro_module.demo.configuration import DEFAULT_HOME, kept_password
from allegro_module.demo.door import USER
from allegro_module.demo.parts import PREPARING, Addresses, announced, choose_addresses, servers, shop_parts
from allegro_module.demo.supervisor import PartFailed, StopAsked, Supervisor, say

#: The applications that the simulator knows from the start: with a browser, for a device code, one key more.
KEYS = (
    ("  Client ID", "demo-client-id"),
    ("  Client Secret", "demo-client-secret"),
    ("  … kod urządzenia / device code", "demo-device-id, demo-device-secret"),
    ("  … drugi klucz / a second key", "second-client-id, second-client-secret"),
)


def main() -> int:
    options = read_options()
    home: Path = options.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with only_one(home) as is_first:
        if not is_first:
            say(f"Sklep już działa w {home} / the shop is already running there")
            return 1
        return run(home, options)


def run(home: Path, options: argparse.Namespace) -> int:
    """1. Servers.  2. Tables and products.  3. Worker and web.  4. Watch until Ctrl-C or a failure."""
    at = choose_addresses(options.port, options.simulator_port, options.valkey_port, os.environ)
    supervisor = Supervisor({**os.environ, **at.as_environment(home)})
    try:
        for part in servers(at, home):
            supervisor.start(part)
        for name, command in PREPARING.items():
            supervisor.run_once(name, command)
        supervisor.wait_for_answers()
        for part in shop_parts(at):
            supervisor.start(part)
        supervisor.wait_for_answers()
        with announced(at, home):
            say(welcome(at, home))
            supervisor.watch()
    except StopAsked:
        say("Zatrzymuję… / stopping…")
        return 0
    except PartFailed as failure:
        say(f"Zatrzymuję wszystko / stopping everything: {failure}")
        return 1
    finally:
        supervisor.stop()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m allegro_module.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("SHOP_PORT") or 8000))
    parser.add_argument("--simulator-port", type=int, default=8600)
    parser.add_argument("--valkey-port", type=int, default=16380)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("SHOP_HOME") or DEFAULT_HOME))
    return parser.parse_args()


def welcome(at: Addresses, home: Path) -> str:
    rows = [
        ("Panel sklepu / shop admin", f"{at.web_url}/"),
        ("Użytkownik / user", USER),
        ("Hasło / password", os.environ.get("SHOP_ADMIN_PASSWORD") or kept_password(home)),
        ("Ustawienia Allegro / Allegro settings", f"{at.web_url}/backend/allegro/config"),
        ("Symulator Allegro / Allegro simulator", f"{at.simulator_url}/"),
    ]
    if at.simulator_port is not None:
        rows += KEYS
    rows += [("Dane zostają w / data are kept in", str(home)), ("Zatrzymanie / stop", "Ctrl-C")]
    lines = [f"  {label:<38} {value}" for label, value in rows]
    width = max(map(len, lines)) + 2
    title = "  Bursztyn i Len – sklep demonstracyjny działa / the demo shop is running"
    inside = ["", title, "", *lines, ""]
    width = max(width, len(title) + 2)
    box = [f"║{line:<{width}}║" for line in inside]
    return "\n".join(["╔" + "═" * width + "╗", *box, "╚" + "═" * width + "╝"])


@contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Two supervisors must not share one folder: their queue servers would write the same file."""
    with (home / "running.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


if __name__ == "__main__":
    sys.exit(main())
