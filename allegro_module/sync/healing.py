"""Accounts lost by wrong keys, whose consent still holds, once the keys are right again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from allegro_module.db.accounts import list_accounts_lost_by_keys
from allegro_module.db.alarms import CONNECTION_RESTORED, raise_alarm
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.facts import ConnectionRestored


def heal_accounts(session: Session, application_id: int, now: datetime) -> list[ConnectionRestored]:
    """Try them with their old consent. The caller commits, then announces what is returned."""
    healed = []
    for account in list_accounts_lost_by_keys(session, application_id):
        account.state = LinkState.CONNECTED if account.is_trusted else LinkState.UNCONFIRMED
        account.state_reason, account.state_since = "", now
        account.refresh_failures = account.refused_runs = 0
        account.refresh_again_at = None
        raise_alarm(session, account.id, CONNECTION_RESTORED, "", now)
        healed.append(ConnectionRestored(account=account.login or account.alias))
    return healed
