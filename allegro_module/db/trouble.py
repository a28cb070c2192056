"""Troubles of the database that pass by themselves, told from our own mistakes."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

#: What PostgreSQL calls them: lock not available, deadlock, serialization failure, too many connections,
#: the server starts or stops.
PASSING_STATES = frozenset({"55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03"})
LOCKED = "is locked"


def is_passing(error: BaseException) -> bool:
    """A lock that somebody else holds, a connection that broke: the same call goes well a moment later."""
    if isinstance(error, PoolTimeoutError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in PASSING_STATES:
        return True
    return isinstance(error, OperationalError) and (LOCKED in str(error.orig) or _has_no_server(error))


def _has_no_server(error: OperationalError) -> bool:
    """psycopg names no state when it cannot connect at all; SQLite's errors have none either."""
    kind = type(error.orig).__module__
    return kind.startswith("psycopg") and getattr(error.orig, "sqlstate", None) is None


def hide_parameters(error: BaseException) -> None:
    """What a statement was given are names, addresses and sealed secrets: not for the log."""
    if isinstance(error, DBAPIError):
        error.hide_parameters = True
