"""Claims: the right of one process to a piece of work, and how to see that its holder has died.

A claim runs out by itself; one whose process has ended on this machine need not be waited for.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from functools import cache
from pathlib import Path

#: Fits the columns that hold a claim.
LENGTH = 80
_PROC = Path("/proc")


def new_claim() -> str:
    """Names this process: machine, process id, when it started, and something random."""
    pid = os.getpid()
    return f"{_machine()}.{pid}.{_started(pid)}.{uuid.uuid4().hex[:12]}"


def is_dead(claim: str | None) -> bool:
    """True only when we are sure: the holder ran on this machine and does so no more."""
    machine, _, rest = (claim or "").partition(".")
    pid, _, rest = rest.partition(".")
    started = rest.partition(".")[0]
    if machine != _machine() or not pid.isdigit() or not _PROC.is_dir():
        return False
    return _started(int(pid)) != started


@cache
def _machine() -> str:
    """Containers may share a host's name, and process ids mean nothing in another namespace."""
    parts = [socket.gethostname()]
    for source in ("sys/kernel/random/boot_id", "self/ns/pid"):
        try:
            path = _PROC / source
            parts.append(str(path.readlink()) if path.is_symlink() else path.read_text().strip())
        except OSError:
            parts.append("")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """When the process started, in ticks since boot; a number is given again to another process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return "0"
    fields = stat.rpartition(")")[2].split()
    # A killed process that nobody has waited for yet is dead as well.
    return "0" if fields[0] == "Z" else fields[19]
