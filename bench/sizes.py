"""How much is measured: by default what takes minutes; options and variables ask for more."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

#: Variable → default. Options of the same name (`--orders`, `--history` …) win.
DEFAULTS = {"orders": 5_000, "memory_orders": 10_000, "history": 200_000, "offers": 500}


def sizes(about: str | None, *names: str) -> argparse.Namespace:
    """`BENCH_ORDERS`, `BENCH_MEMORY_ORDERS`, `BENCH_HISTORY` and `BENCH_POSTGRES` do what the options do."""
    parser = argparse.ArgumentParser(description=about)
    for name in names:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=_given(name, os.environ))
    parser.add_argument(
        "--postgres",
        metavar="URL",
        default=os.environ.get("BENCH_POSTGRES", ""),
        help="postgresql+psycopg://… of a server to measure on as well",
    )
    return parser.parse_known_args()[0]


def _given(name: str, environment: Mapping[str, str]) -> int:
    return int(environment.get(f"BENCH_{name.upper()}", DEFAULTS[name]))
