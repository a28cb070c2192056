"""What a command brought: a result at each offer, and the offers' rows as Allegro has them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from allegro_module.client.commands import CommandTask, TaskStatus
from allegro_module.client.errors import Objection
from allegro_module.db.offer_changes import ChangeState, ItemState, OfferChange, OfferChangeItem
from allegro_module.db.offers import Offer
from allegro_module.domain.problems import Problem, to_json
from allegro_module.sync.change_claims import close
from allegro_module.sync.objections import problems_at_fields

#: Troubles of ours: what became of the command cannot be known any more.
GONE = "report_gone"
TOO_OLD = "too_old"
#: Problems of ours.
NOT_ON_ALLEGRO = Problem("change_not_on_allegro")
NOT_TOLD = Problem("change_not_told")


def settle(session: Session, change: OfferChange, tasks: Mapping[str, CommandTask], now: datetime) -> None:
    """The command has ended; `tasks` by Allegro's id of the offer."""
    outcomes = {
        item_id: (offer_id, _outcome(allegro_id, tasks))
        for item_id, offer_id, allegro_id in session.execute(
            select(OfferChangeItem.id, OfferChangeItem.offer_id, Offer.allegro_offer_id)
            .join(Offer, Offer.id == OfferChangeItem.offer_id)
            .where(OfferChangeItem.change_id == change.id)
        )
    }
    _remember(session, {item_id: problems for item_id, (_, problems) in outcomes.items()})
    changed = sorted(offer_id for offer_id, problems in outcomes.values() if not problems)
    _set_at_offers(session, change, changed)
    change.succeeded, change.failed = len(changed), len(outcomes) - len(changed)
    close(change, ChangeState.DONE, now)


def refuse_all(session: Session, change: OfferChange, objections: Sequence[Objection], now: datetime) -> None:
    """Allegro did not take the command: nothing was changed."""
    problems = problems_at_fields(objections, ())
    ids = session.scalars(select(OfferChangeItem.id).where(OfferChangeItem.change_id == change.id))
    _remember(session, dict.fromkeys(ids, problems))
    change.failed = change.size
    words = " ".join(dict.fromkeys(each.text for each in objections))
    close(change, ChangeState.FAILED, now, words)


def _outcome(allegro_id: str | None, tasks: Mapping[str, CommandTask]) -> list[Problem]:
    """Empty when the offer was changed."""
    task = tasks.get(allegro_id or "")
    if task is None:
        return [NOT_ON_ALLEGRO if allegro_id is None else NOT_TOLD]
    if task.status is TaskStatus.SUCCESS:
        return []
    return problems_at_fields(task.objections, ()) or [NOT_TOLD]


def _remember(session: Session, problems_by_item: Mapping[int, Sequence[Problem]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": item_id,
            "state": ItemState.FAIL if problems else ItemState.SUCCESS,
            "problems": [to_json(problem) for problem in problems],
        }
        for item_id, problems in problems_by_item.items()
    ]
    if rows:
        session.execute(update(OfferChangeItem), rows)


def _set_at_offers(session: Session, change: OfferChange, offer_ids: Sequence[int]) -> None:
    """In the rows too, also of one whose form is open: its version grows, so the form will not undo it."""
    if not offer_ids:
        return
    values: dict[str, Any] = {change.field: change.value, "version": Offer.version + 1}
    if change.field == "safety_text":
        # The text stands in the place of the files that were there.
        values["safety_attachments"] = []
    session.execute(
        update(Offer).where(Offer.id.in_(offer_ids)).values(values),
        execution_options={"synchronize_session": False},
    )
