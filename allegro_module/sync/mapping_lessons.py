"""Learning a mapping from what the seller chose in an offer that Allegro has taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from allegro_module.db.categories import find_category
from allegro_module.db.mappings import (
    AttributeMapping,
    CategoryMapping,
    ValueMapping,
    find_category_mapping,
    key_of,
    list_attribute_mappings,
    list_value_mappings,
)
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import Parameter, decide, is_answered
from allegro_module.domain.shop import ShopAdapter, ShopProduct, Sku
from allegro_module.sync.answer_guesses import answer_in_words
from allegro_module.sync.category_parameters import parameters_in
from allegro_module.sync.mapped_answers import attribute_words

#: Texts longer than this are descriptions, not values.
LONGEST_VALUE = 255
Row = CategoryMapping | AttributeMapping | ValueMapping


def learn_from_listed(session: Session, shop: ShopAdapter, offer_id: int, now: datetime) -> None:
    """Learn from an offer that has just become active for the first time; commits.

    A lesson that is lost on the way, or that another worker gives at this moment, costs nothing.
    """
    offer = get_offer(session, offer_id)
    if offer.state == OfferState.ACTIVE and offer.listed_at == offer.synced_at:
        sku = Sku(offer.sku)
        learn_from(session, offer, shop.products([sku]).get(sku), now)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()


def learn_from(session: Session, offer: Offer, product: ShopProduct | None, now: datetime) -> None:
    """Rows are added and changed; the caller commits. What the seller wrote into the table stays as it is.

    One choice outweighs another by majority: a choice that differs takes one use from the row, and at none
    left the row follows the newer choice.
    """
    if product is None or not offer.category_id:
        return
    environment = offer.account.environment
    if product.category_id:
        _learn_category(session, environment, product.category_id, offer.category_id, now)
    category = find_category(session, environment, offer.category_id)
    if category is not None:
        _learn_answers(session, offer, parameters_in(category), product, now)


def _learn_category(
    session: Session, environment: str, shop_category_id: str, category_id: str, now: datetime
) -> None:
    row = find_category_mapping(session, environment, shop_category_id)
    if row is None:
        row = CategoryMapping(
            environment=environment,
            shop_category_id=shop_category_id,
            category_id=category_id,
            mapped_by=MappedBy.LEARNED,
            uses=0,
            changed_at=now,
        )
        session.add(row)
    if _follows(row, row.category_id == category_id, now):
        row.category_id = category_id


def _learn_answers(
    session: Session, offer: Offer, parameters: tuple[Parameter, ...], product: ShopProduct, now: datetime
) -> None:
    environment, category_id = offer.account.environment, offer.category_id or ""
    words_by_key = attribute_words(product)
    names = {key_of(name): name for name in product.attributes}
    attributes = {row.parameter_id: row for row in list_attribute_mappings(session, environment, category_id)}
    answered = [
        each.parameter
        for each in decide(parameters, offer.parameters).values()
        if each.is_shown and not each.parameter.is_gtin and is_answered(each.parameter, offer.parameters)
    ]
    lessons: list[tuple[Parameter, str]] = []
    for parameter in answered:
        row = attributes.get(parameter.id)
        key = row.attribute_key if row else _attribute_of(parameter, offer.parameters, words_by_key)
        if row is None and key:
            session.add(
                AttributeMapping(
                    environment=environment,
                    category_id=category_id,
                    attribute=names.get(key, key.capitalize())[:100],
                    attribute_key=key[:100],
                    parameter_id=parameter.id,
                    mapped_by=MappedBy.LEARNED,
                    uses=1,
                    changed_at=now,
                )
            )
            attributes[parameter.id] = AttributeMapping(attribute_key=key)
        elif row is not None:
            row.uses += 1
        if key in words_by_key and len(words_by_key[key]) <= LONGEST_VALUE:
            lessons.append((parameter, words_by_key[key]))
    _learn_values(session, offer, lessons, now)


def _attribute_of(
    parameter: Parameter, answers: Mapping[str, Mapping[str, Any]], words_by_key: Mapping[str, str]
) -> str:
    """The attribute with the parameter's name; else the only one whose words give just this answer."""
    named = key_of(parameter.name)
    if named in words_by_key:
        return named
    given = _bare(answers[parameter.id])
    same = [
        key
        for key, words in words_by_key.items()
        if (answer := answer_in_words(parameter, words)) is not None and _bare(answer) == given
    ]
    return same[0] if len(same) == 1 else ""


def _learn_values(
    session: Session, offer: Offer, lessons: list[tuple[Parameter, str]], now: datetime
) -> None:
    """Only what the shop's own words would not give by themselves."""
    if not lessons:
        return
    environment, category_id = offer.account.environment, offer.category_id or ""
    keys = {key_of(words) for _, words in lessons}
    rows = {
        (row.parameter_id, row.value_key): row
        for row in list_value_mappings(session, environment, category_id, keys)
    }
    for parameter, words in lessons:
        given = _bare(offer.parameters[parameter.id])
        row = rows.get((parameter.id, key_of(words)))
        by_words = answer_in_words(parameter, words)
        if row is not None:
            if _follows(row, _bare(row.answer) == given, now):
                row.answer = given
        elif by_words is None or _bare(by_words) != given:
            session.add(
                ValueMapping(
                    environment=environment,
                    category_id=category_id,
                    parameter_id=parameter.id,
                    value=words,
                    value_key=key_of(words),
                    answer=given,
                    mapped_by=MappedBy.LEARNED,
                    uses=1,
                    changed_at=now,
                )
            )


def _follows(row: Row, is_same: bool, now: datetime) -> bool:
    """Count this choice; True when the row has to take it over."""
    if row.mapped_by == MappedBy.SUGGESTED:
        # What spoke for a suggestion were products, not choices.
        row.uses = 0
    if is_same:
        row.uses += 1
        if row.mapped_by == MappedBy.SUGGESTED:
            row.mapped_by, row.changed_at = MappedBy.LEARNED, now
        return False
    if row.mapped_by == MappedBy.SELLER:
        return False
    row.uses -= 1
    if row.uses > 0:
        return False
    row.uses, row.mapped_by, row.changed_at = 1, MappedBy.LEARNED, now
    return True


def _bare(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, and lists where the row has them, so that two answers can be compared."""
    bounds = {side: text for side, text in (answer.get("range") or {}).items() if text}
    values = [text for text in answer.get("values") or () if text]
    whole = {**answer, "values": values, "values_ids": list(answer.get("values_ids") or ()), "range": bounds}
    return {key: value for key, value in whole.items() if value}
