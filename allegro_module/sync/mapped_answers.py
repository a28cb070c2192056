"""Mapping at work: category and answers of a new offer, by what the seller settled or chose before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from allegro_module.db.mappings import (
    find_category_mapping,
    key_of,
    list_attribute_mappings,
    list_value_mappings,
)
from allegro_module.domain.mappings import MappedBy
from allegro_module.domain.parameters import Parameter
from allegro_module.domain.shop import ShopProduct
from allegro_module.sync.answer_guesses import GRAMS, answer_in_words, without_faults

#: Names under which a product's own fields can be mapped beside the shop's attributes.
BRAND, MPN, WEIGHT = "Marka", "Kod producenta", "Waga"

Answer = dict[str, Any]


def mapped_category(session: Session, environment: str, product: ShopProduct) -> str | None:
    """The leaf that stands for the product's category; a suggestion nobody has accepted does not count."""
    if not product.category_id:
        return None
    found = find_category_mapping(session, environment, product.category_id)
    return None if found is None or found.mapped_by == MappedBy.SUGGESTED else found.category_id


def mapped_answers(
    session: Session,
    environment: str,
    category_id: str,
    parameters: Sequence[Parameter],
    product: ShopProduct,
) -> dict[str, Answer]:
    """Answers that the mapping gives and Allegro's rules accept, by parameter id.

    The value's own mapping decides; without one the shop's words do, as far as the parameter takes them.
    Mappings of the category count more than those of every category.
    """
    words_by_key = attribute_words(product)
    rows = list_attribute_mappings(session, environment, category_id)
    words_by_parameter = {
        row.parameter_id: words_by_key[row.attribute_key] for row in rows if row.attribute_key in words_by_key
    }
    if not words_by_parameter:
        return {}
    settled = _settled_values(session, environment, category_id, words_by_parameter)
    answers: dict[str, Answer] = {}
    for parameter in parameters:
        words = words_by_parameter.get(parameter.id, "")
        if not words or parameter.is_gtin:
            continue
        answer = settled.get((parameter.id, key_of(words))) or _in_words(parameter, words, product)
        if answer:
            answers[parameter.id] = answer
    return without_faults(parameters, answers)


def attribute_words(product: ShopProduct) -> dict[str, str]:
    """By the attribute's key: the shop's attributes, and those fields of a product that answer parameters."""
    fields = {
        BRAND: product.brand or "",
        MPN: product.mpn or "",
        WEIGHT: f"{product.weight_kg.normalize():f}" if product.weight_kg else "",
    }
    known = {**fields, **product.attributes}
    return {key_of(name): text.strip() for name, text in known.items() if text.strip()}


def _settled_values(
    session: Session, environment: str, category_id: str, words_by_parameter: Mapping[str, str]
) -> dict[tuple[str, str], Answer]:
    keys = {key_of(words) for words in words_by_parameter.values()}
    rows = list_value_mappings(session, environment, category_id, keys)
    return {(row.parameter_id, row.value_key): dict(row.answer) for row in rows}


def _in_words(parameter: Parameter, words: str, product: ShopProduct) -> Answer | None:
    """The product's weight is in kilograms, whatever unit the parameter asks for."""
    weight = product.weight_kg
    if weight and parameter.unit in GRAMS and words == f"{weight.normalize():f}":
        words = f"{(weight * GRAMS[parameter.unit]).normalize():f}"
    return answer_in_words(parameter, words)
