"""Learning a mapping from what the seller chose in an offer that Allegro has taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from allegro_module.db.offers import Offer
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameters import Parameter, decide, is_answered
from allegro_module.domain.shop import ShopProduct
from allegro_module.sync.answer_guesses import answer_in_words
from allegro_module.sync.category_parameters import parameters_in
from allegro_module.sync.mapped_answers import attribute_words

#: Texts longer than this are descriptions, not values.
LONGEST_VALUE = 255
Row = CategoryMapping | AttributeMapping | ValueMapping


@dataclass(slots=True)
class Book:
    """The mappings that lessons are written into, each read once within a transaction."""

    session: Session
    _parameters: dict[tuple[str, str], tuple[Parameter, ...] | None] = field(default_factory=dict)
    _categories: dict[tuple[str, str], CategoryMapping | None] = field(default_factory=dict)
    _attributes: dict[tuple[str, str], dict[str, AttributeMapping]] = field(default_factory=dict)
    _values: dict[tuple[str, str], dict[tuple[str, str], ValueMapping]] = field(default_factory=dict)
    _keys: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def parameters(self, environment: str, category_id: str) -> tuple[Parameter, ...] | None:
        """None for a category that is not in our copy of the tree."""
        place = environment, category_id
        if place not in self._parameters:
            category = find_category(self.session, environment, category_id)
            self._parameters[place] = None if category is None else parameters_in(category)
        return self._parameters[place]

    def category(self, environment: str, shop_category_id: str) -> CategoryMapping | None:
        place = environment, shop_category_id
        if place not in self._categories:
            self._categories[place] = find_category_mapping(self.session, environment, shop_category_id)
        return self._categories[place]

    def attributes(self, environment: str, category_id: str) -> dict[str, AttributeMapping]:
        """By parameter."""
        place = environment, category_id
        if place not in self._attributes:
            rows = list_attribute_mappings(self.session, environment, category_id)
            self._attributes[place] = {row.parameter_id: row for row in rows}
        return self._attributes[place]

    def values(
        self, environment: str, category_id: str, keys: set[str]
    ) -> dict[tuple[str, str], ValueMapping]:
        """By parameter and value, at least those of `keys`."""
        place = environment, category_id
        known = self._values.setdefault(place, {})
        if unknown := keys - self._keys.setdefault(place, set()):
            rows = list_value_mappings(self.session, environment, category_id, unknown)
            known.update({(row.parameter_id, row.value_key): row for row in rows})
            self._keys[place] |= unknown
        return known

    def add(self, row: Row) -> None:
        self.session.add(row)
        if isinstance(row, CategoryMapping):
            self._categories[row.environment, row.shop_category_id] = row
        elif isinstance(row, AttributeMapping):
            self.attributes(row.environment, row.category_id)[row.parameter_id] = row
        else:
            self._values[row.environment, row.category_id][row.parameter_id, row.value_key] = row


def has_lesson(offer: Offer) -> bool:
    """It has just become active for the first time."""
    return offer.state == OfferState.ACTIVE and offer.listed_at == offer.synced_at


def learn_from_listed(
    session: Session,
    offers: Sequence[Offer],
    product_of: Callable[[str], ShopProduct | None],
    now: datetime,
) -> None:
    """Learn from offers that have a lesson; commits.

    A lesson that is lost on the way, or that another worker gives at this moment, costs nothing.
    """
    book = Book(session)
    for offer in offers:
        learn_from(session, offer, product_of(offer.sku), now, book)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()


def learn_from(
    session: Session, offer: Offer, product: ShopProduct | None, now: datetime, book: Book | None = None
) -> None:
    """Rows are added and changed; the caller commits. What the seller wrote into the table stays as it is.

    One choice outweighs another by majority: a choice that differs takes one use from the row, and at none
    left the row follows the newer choice.
    """
    if product is None or not offer.category_id:
        return
    book, environment = book or Book(session), offer.account.environment
    if product.category_id:
        _learn_category(book, environment, product.category_id, offer.category_id, now)
    parameters = book.parameters(environment, offer.category_id)
    if parameters is not None:
        _learn_answers(book, offer, parameters, product, now)


def _learn_category(
    book: Book, environment: str, shop_category_id: str, category_id: str, now: datetime
) -> None:
    row = book.category(environment, shop_category_id)
    if row is None:
        row = CategoryMapping(
            environment=environment,
            shop_category_id=shop_category_id,
            category_id=category_id,
            mapped_by=MappedBy.LEARNED,
            uses=0,
            changed_at=now,
        )
        book.add(row)
    if _follows(row, row.category_id == category_id, now):
        row.category_id = category_id


def _learn_answers(
    book: Book, offer: Offer, parameters: tuple[Parameter, ...], product: ShopProduct, now: datetime
) -> None:
    environment, category_id = offer.account.environment, offer.category_id or ""
    words_by_key = attribute_words(product)
    names = {key_of(name): name for name in product.attributes}
    attributes = book.attributes(environment, category_id)
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
            book.add(
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
        elif row is not None:
            row.uses += 1
        if key in words_by_key and len(words_by_key[key]) <= LONGEST_VALUE:
            lessons.append((parameter, words_by_key[key]))
    _learn_values(book, offer, lessons, now)


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


def _learn_values(book: Book, offer: Offer, lessons: list[tuple[Parameter, str]], now: datetime) -> None:
    """Only what the shop's own words would not give by themselves."""
    if not lessons:
        return
    environment, category_id = offer.account.environment, offer.category_id or ""
    keys = {key_of(words) for _, words in lessons}
    rows = book.values(environment, category_id, keys)
    for parameter, words in lessons:
        given = _bare(offer.parameters[parameter.id])
        row = rows.get((parameter.id, key_of(words)))
        by_words = answer_in_words(parameter, words)
        if row is not None:
            if _follows(row, _bare(row.answer) == given, now):
                row.answer = given
        elif by_words is None or _bare(by_words) != given:
            book.add(
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
