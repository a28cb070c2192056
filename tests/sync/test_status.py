"""How things stand, for people and programs."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.failures import set_aside
from allegro_module.sync.status import read_status
from tests.sync.conftest import BothClocks
from tests.sync.order_builders import a_cursor, our_offer


def test_account_that_was_never_read_has_no_cursor(session: Session, account: Account) -> None:
    (found,) = read_status(session)["accounts"]

    assert (found["alias"], found["state"], found["cursor"]) == ("BL", "connected", None)


def test_counts_and_failures_are_told(session: Session, account: Account, clock: BothClocks) -> None:
    our_offer(session, account.id, clock())
    a_cursor(session, account.id, clock(), "1754473579227620")
    soon = clock() + timedelta(minutes=5)
    set_aside(session, account.id, "order", "aaaa", "no such country", clock(), soon)
    session.commit()

    found = read_status(session)

    assert found["counts"] == {"offers": {"active": 1}, "orders": 0}
    assert found["accounts"][0]["cursor"]["position"] == "1754473579227620"
    assert found["failures"] == [
        {
            "account_id": account.id,
            "kind": "order",
            "subject": "aaaa",
            "reason": "no such country",
            "tries": 1,
            "last_at": "2026-11-20T12:00:00Z",
            "next_try_at": "2026-11-20T12:05:00Z",
        }
    ]


def test_status_is_ready_for_json_and_holds_no_secret(session: Session, account: Account) -> None:
    text = json.dumps(read_status(session))

    assert account.sealed_access_token not in text
    assert account.sealed_refresh_token not in text
