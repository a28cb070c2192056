"""Answers stored under ids that Allegro has replaced move to today's: of offers, and of the mapping."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.categories import find_category
from allegro_module.db.mappings import AttributeMapping, ValueMapping
from allegro_module.db.offers import Offer, claim_edit
from allegro_module.domain.former_answers import brought_up_to_date, have_moved
from allegro_module.domain.offers import EDITABLE_STATES
from allegro_module.domain.parameters import Parameter
from allegro_module.sync.category_parameters import parameters_in


def bring_answers_up_to_date(session: Session, environment: str, category_id: str) -> int:
    """How many offers were changed, each committed. One on its way to Allegro is left for the next time."""
    category = find_category(session, environment, category_id)
    parameters = parameters_in(category) if category is not None else ()
    if not have_moved(parameters):
        session.rollback()
        return 0
    _move_mappings(session, environment, category_id, parameters)
    session.commit()
    found = session.execute(
        select(Offer.id, Offer.version, Offer.parameters)
        .join(Account, Account.id == Offer.account_id)
        .where(
            Account.environment == environment,
            Offer.category_id == category_id,
            Offer.state.in_(EDITABLE_STATES),
        )
    ).all()
    session.rollback()
    stale = [row for row in found if row[2] and brought_up_to_date(parameters, row[2]) != row[2]]
    return sum(_move(session, row[0], row[1], parameters) for row in stale)


def _move(session: Session, offer_id: int, version: int, parameters: Sequence[Parameter]) -> bool:
    """A page that is open with the former ids collides, and shows both: nothing of it is lost."""
    if not claim_edit(session, offer_id, version):
        session.rollback()
        return False
    offer = session.get_one(Offer, offer_id, populate_existing=True)
    moved = brought_up_to_date(parameters, offer.parameters)
    offer.parameters = {key: dict(answer) for key, answer in moved.items()}
    session.commit()
    return True


def _move_mappings(
    session: Session, environment: str, category_id: str, parameters: Sequence[Parameter]
) -> None:
    """Those of this category; what is said for every category may still be right in another."""
    now_by_former = {former: each.id for each in parameters for former in each.former}
    attributes = session.scalars(
        select(AttributeMapping).where(
            AttributeMapping.environment == environment, AttributeMapping.category_id == category_id
        )
    )
    for attribute in attributes:
        attribute.parameter_id = now_by_former.get(attribute.parameter_id, attribute.parameter_id)
    values = session.scalars(
        select(ValueMapping).where(
            ValueMapping.environment == environment, ValueMapping.category_id == category_id
        )
    ).all()
    taken = {(row.parameter_id, row.value_key) for row in values}
    for row in values:
        moved = brought_up_to_date(parameters, {row.parameter_id: row.answer})
        for parameter_id, answer in moved.items():
            if parameter_id == row.parameter_id or (parameter_id, row.value_key) not in taken:
                row.parameter_id, row.answer = parameter_id, dict(answer)
