"""Guarantees whose PDF is still on its way to Allegro: they wait for it, then name it by Allegro's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.attachments import Attachment
from allegro_module.db.terms import SellingTerm
from allegro_module.domain.files import GUARANTEE
from allegro_module.domain.problems import Problem
from allegro_module.sync.attachments import attachments_of

FIELD = "attachment"
#: Before the id of a row of ours, until Allegro has the file; anything else is Allegro's id.
OWN = "file:"


def find_guarantee_file(session: Session, account_id: int, name: str) -> Attachment | None:
    """`name` is `file:` with the id of the row."""
    number = name.removeprefix(OWN)
    if not (number.isdecimal() and number.isascii() and len(number) < 10):
        return None
    row = attachments_of(session, [int(number)]).get(int(number))
    return row if row and (row.account_id, row.kind) == (account_id, GUARANTEE) else None


def names_own_file(content: Mapping[str, Any]) -> bool:
    return _named(content).startswith(OWN)


def name_by_allegro(session: Session, term: SellingTerm) -> Problem | None:
    """The wish names the file as Allegro does, as soon as it has it; why it never will, else."""
    content = dict(term.content or {})
    row = find_guarantee_file(session, term.account_id, _named(content))
    if row is None:
        return Problem("guarantee_file_unknown", FIELD)
    if row.is_refused:
        return Problem("guarantee_file_refused", FIELD, {"reason": row.trouble})
    if row.uploaded_at is not None and row.allegro_id:
        term.content = {**content, FIELD: {"id": row.allegro_id, "name": row.name}}
    return None


def _named(content: Mapping[str, Any]) -> str:
    file = content.get(FIELD)
    return str(file.get("id") or "") if isinstance(file, Mapping) else ""
