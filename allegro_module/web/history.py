"""The page *Historia zmian*: alarms, and who changed which setting or link; the same as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as BaseResponse

from allegro_module.db.alarms import list_latest_alarms, mark_alarms_seen
from allegro_module.db.audit import AuditEntry, AuditFilter, list_latest, list_subjects
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.csv_files import BYTE_ORDER_MARK, csv_line
from allegro_module.web.formats import WARSAW
from allegro_module.web.history_words import (
    Change,
    changes_of,
    filter_of,
    kind_choices,
    label_of_alarm,
    name_of,
    reason_of_alarm,
    sentence_of_action,
)
from allegro_module.web.i18n import t
from allegro_module.web.labels import Label
from allegro_module.web.security import requires
from allegro_module.web.ui import LARGEST_ID, before_in_address, page_now

PAGE_SIZE = 50
ALARMS_SHOWN = 10
STEP_OF_FILE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    who: str
    sentence: str
    subject: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """`mailed_at`, `posted_at`: when it was sent on; `next_try_at`: when that is tried again."""

    id: int
    at: datetime
    login: str
    alias: str
    label: Label
    reason: str
    is_unread: bool
    mailed_at: datetime | None
    posted_at: datetime | None
    tries: int
    next_try_at: datetime | None


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/history", "history", history, methods=["GET"])
    page.add_url_rule("/history.csv", "history_file", history_file, methods=["GET"])
    page.add_url_rule("/history/seen", "mark_seen", mark_seen, methods=["POST"])


@requires(Permission.SETTINGS)
def history() -> str:
    runtime = current_runtime()
    before_id = before_in_address()
    subject, kind = request.args.get("subject", ""), request.args.get("kind", "")
    # One more than shown tells whether there is a next page.
    found = list_latest(runtime.session, PAGE_SIZE + 1, before_id, filter_of(subject, kind))
    shown = found[:PAGE_SIZE]
    return render_template(
        "allegro/connection/history.html",
        entries=[_entry(each) for each in shown],
        next_before=shown[-1].id if len(found) > PAGE_SIZE else None,
        before_id=before_id,
        alarms=[] if before_id else _alarms(runtime),
        subject=subject,
        kind=kind,
        subjects=list_subjects(runtime.session),
        kinds=kind_choices(),
        filters={name: value for name, value in (("subject", subject), ("kind", kind)) if value},
    )


@requires(Permission.SETTINGS)
def history_file() -> Response:
    wanted = filter_of(request.args.get("subject", ""), request.args.get("kind", ""))
    lines = stream_with_context(_lines(current_runtime(), wanted))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="allegro-historia-zmian.csv"'
    return response


@requires(Permission.SETTINGS)
def mark_seen() -> BaseResponse:
    """Up to the newest alarm that the page showed."""
    runtime = current_runtime()
    until_id = request.form.get("until", 0, type=int)
    mark_alarms_seen(runtime.session, min(until_id, LARGEST_ID), page_now())
    runtime.session.commit()
    return redirect(url_for("allegro.connection.history"), 303)


def _entry(entry: AuditEntry) -> Entry:
    changes = tuple(changes_of(entry.details))
    return Entry(entry.at, name_of(entry.who), sentence_of_action(entry.action), entry.subject, changes)


def _alarms(runtime: Runtime) -> list[AlarmRow]:
    return [
        AlarmRow(
            id=alarm.id,
            at=alarm.at,
            login=alarm.account.login or "",
            alias=alarm.account.alias,
            label=label_of_alarm(alarm),
            reason=reason_of_alarm(alarm),
            is_unread=alarm.seen_at is None,
            mailed_at=alarm.mailed_at,
            posted_at=alarm.posted_at,
            tries=alarm.tries,
            next_try_at=alarm.next_try_at,
        )
        for alarm in list_latest_alarms(runtime.session, ALARMS_SHOWN)
    ]


def _lines(runtime: Runtime, wanted: AuditFilter) -> Iterator[str]:
    """Semicolons, as Polish spreadsheets read them."""
    yield BYTE_ORDER_MARK + csv_line([t("When"), t("Who"), t("What"), t("Whom it concerns"), t("Changes")])
    before_id = None
    while rows := list_latest(runtime.session, STEP_OF_FILE, before_id, wanted):
        for row in rows:
            entry = _entry(row)
            at = entry.at.astimezone(WARSAW).strftime("%Y-%m-%d %H:%M:%S")
            changes = ", ".join(str(change) for change in entry.changes)
            yield csv_line([at, entry.who, entry.sentence, entry.subject, changes])
        before_id = rows[-1].id
        runtime.session.expunge_all()
