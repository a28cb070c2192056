"""The PDF of a guarantee: sent to Allegro first, named by the guarantee after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from allegro_module.db.accounts import Account
from allegro_module.db.attachments import Attachment
from allegro_module.domain.after_sales import Content, part, text
from allegro_module.domain.files import GUARANTEE
from allegro_module.domain.problems import Problem
from allegro_module.jobs.queue import ring_upload_attachments
from allegro_module.runtime import Runtime
from allegro_module.sync.attachments import attachments_of, keep_file
from allegro_module.web.i18n import t

FIELD = "attachment"
#: Before the id of a row of ours; anything else is Allegro's id.
OWN = "file:"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`typed` is what the field says again; `content` goes into the guarantee; `problem` keeps it back."""

    typed: str
    content: Content
    problem: Problem | None = None


def read_file(runtime: Runtime, account: Account, typed: str, before: Content) -> Chosen:
    """A file just sent by the browser, one that waits for Allegro, the one from before, or none."""
    file = request.files.get("file")
    if file is not None and file.filename:
        now = runtime.now(account.environment)
        kept = keep_file(
            runtime.session, account.id, GUARANTEE, file.filename, file.read(), runtime.who(), now
        )
        if isinstance(kept, Problem):
            return Chosen(typed, {}, replace(kept, field=FIELD))
        return _of_row(runtime, kept)
    if typed.startswith(OWN):
        row = _find(runtime, account, typed)
        return _of_row(runtime, row) if row else Chosen("", {})
    known = part(before, FIELD)
    return Chosen(typed, known) if typed and typed == text(known, "id") else Chosen("", {})


def _find(runtime: Runtime, account: Account, typed: str) -> Attachment | None:
    number = typed.removeprefix(OWN)
    if not (number.isdecimal() and number.isascii() and len(number) < 10):
        return None
    row = attachments_of(runtime.session, [int(number)]).get(int(number))
    return row if row and (row.account_id, row.kind) == (account.id, GUARANTEE) else None


def _of_row(runtime: Runtime, row: Attachment) -> Chosen:
    """The row is committed at once: the file is on its way whatever else the form still lacks."""
    typed = f"{OWN}{row.id}"
    if row.uploaded_at is not None and row.allegro_id:
        return Chosen(typed, {"id": row.allegro_id, "name": row.name})
    if row.is_refused:
        problem = Problem("guarantee_file_refused", FIELD, {"reason": row.trouble})
        return Chosen(typed, {}, problem)
    runtime.session.commit()
    ring_upload_attachments(runtime)
    return Chosen(typed, {}, Problem("guarantee_file_on_its_way", FIELD))


def file_choices(
    runtime: Runtime, account: Account, typed: Mapping[str, str], before: Content
) -> list[tuple[str, str]]:
    """None, the guarantee's own, and the one that has just been brought."""
    known: Mapping[str, Any] = part(before, FIELD)
    choices = [("", t("none"))]
    if text(known, "id"):
        choices.append((text(known, "id"), text(known, "name") or t("File")))
    chosen = typed.get(FIELD, "")
    row = _find(runtime, account, chosen) if chosen.startswith(OWN) else None
    return [*choices, (chosen, row.name)] if row else choices
