"""The PDF of a guarantee: sent to Allegro first; the guarantee that names it waits for that by itself."""

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
from allegro_module.sync.attachments import keep_file
from allegro_module.sync.guarantee_files import FIELD, OWN, find_guarantee_file
from allegro_module.web.i18n import t


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
        return _of_row(runtime, row) if row else _unknown()
    known = part(before, FIELD)
    if typed and typed != text(known, "id"):
        return _unknown()
    return Chosen(typed, known if typed else {})


def _unknown() -> Chosen:
    """Neither the file that the guarantee has nor one of this account."""
    return Chosen("", {}, Problem("guarantee_file_unknown", FIELD))


def _find(runtime: Runtime, account: Account, typed: str) -> Attachment | None:
    return find_guarantee_file(runtime.session, account.id, typed)


def _of_row(runtime: Runtime, row: Attachment) -> Chosen:
    """The row is committed at once: the file is on its way whatever else the form still lacks.

    Until Allegro has it, the guarantee names it by our id, which the push turns into Allegro's.
    """
    typed = f"{OWN}{row.id}"
    if row.uploaded_at is not None and row.allegro_id:
        return Chosen(typed, {"id": row.allegro_id, "name": row.name})
    if row.is_refused:
        problem = Problem("guarantee_file_refused", FIELD, {"reason": row.trouble})
        return Chosen(typed, {}, problem)
    runtime.session.commit()
    ring_upload_attachments(runtime)
    return Chosen(typed, {"id": typed, "name": row.name})


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
    return [*choices, (chosen, row.name)] if row and chosen != text(known, "id") else choices
