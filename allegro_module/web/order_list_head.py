"""The head of the order list: when orders were fetched last, and whether the shop has them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request

from allegro_module.db.accounts import Account
from allegro_module.db.completeness import Completeness
from allegro_module.db.order_lists import Source
from allegro_module.domain.scopes import READ_ORDERS, missing
from allegro_module.runtime import Runtime
from allegro_module.sync.orders import Message
from allegro_module.web.formats import WARSAW
from allegro_module.web.i18n import n, t
from allegro_module.web.labels import Label
from allegro_module.web.ui import page_now

#: After *Importuj teraz* the page looks for the outcome this long.
WATCH_FOR = timedelta(minutes=2)
DAY = timedelta(hours=24)
#: Orders that come in later overtake the proof.
VALID = timedelta(hours=1)
#: An older proof is shown with its span.
FRESH = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Proof:
    """`missing` are forms at Allegro that the shop lacks; `label` says how far the proof reaches.

    Without a label it is overtaken: orders have come in since, and it proves nothing of them.
    """

    at_allegro: int
    in_shop: int
    label: Label | None
    at: datetime
    missing: Sequence[str]
    unknown: int


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an account's orders have been read. `is_running`: somebody reads them right now."""

    account: Account
    last_success_at: datetime | None
    last_run_at: datetime | None
    message: str
    is_running: bool
    proof: Proof | None


def import_states(runtime: Runtime, sources: Sequence[Source]) -> list[ImportState]:
    return [_state(runtime, source) for source in sources]


def _state(runtime: Runtime, source: Source) -> ImportState:
    account, cursor = source.account, source.cursor
    now = runtime.now(account.environment)
    moved_at = cursor.moved_at if cursor else None
    shown = _proof(source.proof, moved_at, now) if source.proof else None
    if cursor is None:
        return ImportState(account, None, None, "", is_running=False, proof=shown)
    is_running = cursor.claim is not None and cursor.claimed_until is not None and cursor.claimed_until > now
    # The schedule does not even ask, so no run would say it.
    is_skipped = bool(missing(account.scopes, (READ_ORDERS,)))
    message = Message.SCOPE_MISSING if is_skipped else cursor.last_message
    return ImportState(account, cursor.last_success_at, cursor.last_run_at, message, is_running, shown)


def _proof(proof: Completeness, moved_at: datetime | None, now: datetime) -> Proof:
    is_overtaken = now - proof.at > VALID and moved_at is not None and moved_at > proof.at
    return Proof(
        at_allegro=proof.at_allegro,
        in_shop=proof.in_shop,
        label=None if is_overtaken and proof.is_complete else _label(proof, now),
        at=proof.at,
        missing=proof.missing,
        unknown=len(proof.unknown),
    )


def _label(proof: Completeness, now: datetime) -> Label:
    if not proof.is_complete:
        return Label(
            n("%(num)s order is missing", "%(num)s orders are missing", len(proof.missing)),
            "exclamation-octagon-fill",
            "bad",
        )
    is_usual = abs(proof.until - proof.since - DAY) < timedelta(minutes=10) and now - proof.at <= FRESH
    words = (
        t("complete for the last 24 hours")
        if is_usual
        else t("complete from %(since)s to %(until)s", since=_day(proof.since), until=_day(proof.until))
    )
    return Label(words, "check-circle-fill", "ok")


def _day(at: datetime) -> str:
    return at.astimezone(WARSAW).strftime("%d.%m, %H:%M")


def watched(imports: Sequence[ImportState]) -> int | None:
    """The time of *Importuj teraz* in milliseconds, as long as its outcome is still to come."""
    asked = request.args.get("asked", type=int)
    if asked is None:
        return None
    if not 0 <= milliseconds(page_now()) - asked < WATCH_FOR // timedelta(milliseconds=1):
        return None
    asked_at = datetime.fromtimestamp(asked / 1000, UTC)
    working = [state for state in imports if state.account.is_working]
    is_done = all(
        state.last_run_at is not None and state.last_run_at >= asked_at and not state.is_running
        for state in working
    )
    return None if is_done else asked


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
