"""How things stand: accounts, how far their journals are read, counts, failures. No personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account, list_accounts
from allegro_module.db.cursors import find_cursor
from allegro_module.db.failures import Failure, list_open_failures
from allegro_module.db.offers import count_by_state
from allegro_module.db.orders import count_orders


def read_status(session: Session) -> dict[str, Any]:
    """Ready for JSON; times in UTC."""
    return {
        "accounts": [_account(session, account) for account in list_accounts(session)],
        "counts": {
            "offers": {state.value: count for state, count in sorted(count_by_state(session).items())},
            "orders": count_orders(session),
        },
        "failures": [_failure(failure) for failure in list_open_failures(session)],
    }


def _account(session: Session, account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "login": account.login,
        "alias": account.alias,
        "environment": account.environment,
        "state": account.state,
        "state_reason": account.state_reason,
        "is_enabled": account.is_enabled,
        "token_expires_at": _time(account.token_expires_at),
        "cursor": _cursor(session, account.id),
        "counts": {
            "offers": {
                state.value: count for state, count in sorted(count_by_state(session, account.id).items())
            },
            "orders": count_orders(session, account.id),
        },
    }


def _cursor(session: Session, account_id: int) -> dict[str, Any] | None:
    cursor = find_cursor(session, account_id)
    if cursor is None:
        return None
    return {
        "position": cursor.position,
        "started_at": _time(cursor.started_at),
        "last_run_at": _time(cursor.last_run_at),
        "last_success_at": _time(cursor.last_success_at),
        "last_message": cursor.last_message,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "account_id": failure.account_id,
        "kind": failure.kind,
        "subject": failure.subject,
        "reason": failure.reason,
        "tries": failure.tries,
        "last_at": _time(failure.last_at),
        "next_try_at": _time(failure.next_try_at),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
