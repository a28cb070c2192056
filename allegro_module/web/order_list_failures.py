"""Orders set aside: why, how often they were tried, „Ponów teraz”, and what Allegro sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from allegro_module.db.failures import Failure, list_open_failures
from allegro_module.db.order_lists import Source
from allegro_module.domain.permissions import Permission
from allegro_module.jobs.queue import ring_import
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.web.i18n import t
from allegro_module.web.labels import words_of_failure
from allegro_module.web.security import requires
from allegro_module.web.ui import page_now, tell

KIND = "order"
#: A browser shows no more than this at once without faltering.
LONGEST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class FailureRow:
    id: int
    alias: str
    subject: str
    reason: str
    tries: int
    first_at: datetime
    last_at: datetime
    next_try_at: datetime | None


def add_rules(page: Blueprint) -> None:
    page.add_url_rule("/failures/<int:failure_id>", "failure", failure, methods=["GET"])
    page.add_url_rule("/failures/<int:failure_id>/retry", "retry", retry, methods=["POST"])


def failure_rows(runtime: Runtime, sources: Sequence[Source]) -> list[FailureRow]:
    alias_by_account = {source.account.id: source.account.alias for source in sources}
    found = [each for each in list_open_failures(runtime.session) if each.kind == KIND]
    return [_row(each, alias_by_account.get(each.account_id, "")) for each in found]


def _row(failure: Failure, alias: str) -> FailureRow:
    return FailureRow(
        id=failure.id,
        alias=alias,
        subject=failure.subject,
        reason=words_of_failure(failure.reason),
        tries=failure.tries,
        first_at=failure.first_at,
        last_at=failure.last_at,
        next_try_at=failure.next_try_at,
    )


@requires(Permission.HANDLE_ORDERS)
def failure(failure_id: int) -> str:
    """„Pokaż dane”: the buyer's data are in it, so it has a page and a permission of its own."""
    found = _find(current_runtime(), failure_id)
    data = _printed(found.data) if found.data else ""
    return render_template(
        "allegro/orders/failure.html",
        failure=_row(found, ""),
        data=data[:LONGEST_SHOWN],
        is_cut=len(data) > LONGEST_SHOWN,
    )


@requires(Permission.HANDLE_ORDERS)
def retry(failure_id: int) -> Response:
    runtime = current_runtime()
    found = _find(runtime, failure_id)
    subject, account_id = found.subject, found.account_id
    found.next_try_at = page_now()
    runtime.session.commit()
    if ring_import(runtime, account_id):
        tell("ok", t("Order %(id)s is being tried again.", id=subject), t("The list shows the outcome."))
    else:
        title = t("The queue does not answer, so the import could not be started now.")
        tell("warn", title, t("The order is tried again with the next import."))
    return redirect(url_for("allegro.orders.index"), 303)


def _find(runtime: Runtime, failure_id: int) -> Failure:
    found = runtime.session.get(Failure, failure_id) if failure_id < 2**31 else None
    if found is None or found.kind != KIND or found.resolved_at is not None:
        abort(404)
    return found


def _printed(data: str) -> str:
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return data
