"""Allegro's catalogue, asked seldom: searches and products are kept for a day (facts.md 3.2, 6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.products import Product, SearchMode
from allegro_module.db.base import upsert
from allegro_module.db.catalogue import (
    CatalogueProduct,
    ProductSearch,
    catalogue_products,
    find_catalogue_product,
    find_search,
)
from allegro_module.db.offers import Offer
from allegro_module.domain.gtin import bare_gtin
from allegro_module.domain.listing import Wish
from allegro_module.domain.parameters import Answers, Parameter, ParameterType
from allegro_module.domain.problems import Problem

FRESH_FOR = timedelta(days=1)
PHRASE_LENGTH = 200
#: In `CatalogueProduct.content` only when the product was asked for by itself.
REQUIREMENTS = "offerRequirements"

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """`mode` is GTIN, MPN or empty for words; `page` as the answer before named the next one."""

    phrase: str
    mode: str = ""
    category_id: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    products: Sequence[CatalogueProduct]
    next_page: str | None
    fetched_at: datetime


def search_products(
    session: Session,
    api: AllegroClient,
    environment: str,
    phrase: str,
    mode: str,
    category_id: str,
    page: str,
    now: datetime,
) -> Found:
    """What the catalogue has, by our copy while that is fresh; commits. Raises AllegroError."""
    question = question_of(phrase, mode, category_id, page)
    found = found_products(session, environment, question, now)
    session.rollback()
    if found is None:
        _ask(session, api, environment, question, now)
        found = found_products(session, environment, question, now)
    assert found is not None
    return found


def question_of(phrase: str, mode: str = "", category_id: str = "", page: str = "") -> Question:
    """Questions that differ in spelling only are one."""
    words = " ".join(phrase.split())
    exact: dict[str, str] = {SearchMode.GTIN: bare_gtin(phrase), SearchMode.MPN: words}
    plain = exact.get(mode, words.casefold())
    return Question(plain[:PHRASE_LENGTH], mode, category_id[:64], page[:100])


def found_products(session: Session, environment: str, question: Question, now: datetime) -> Found | None:
    """By our copy alone; None when the catalogue has to be asked."""
    known = _search(session, environment, question)
    if known is None or now - known.fetched_at >= FRESH_FOR:
        return None
    rows = catalogue_products(session, environment, known.product_ids)
    products = [rows[each] for each in known.product_ids if each in rows]
    return Found(products, known.next_page, known.fetched_at)


def _search(session: Session, environment: str, question: Question) -> ProductSearch | None:
    return find_search(
        session, environment, question.mode, question.phrase, question.category_id, question.page
    )


def _ask(session: Session, api: AllegroClient, environment: str, question: Question, now: datetime) -> None:
    mode = SearchMode(question.mode) if question.mode else None
    answer = api.products.search(question.phrase, mode, question.category_id or None, question.page or None)
    keep_products(session, environment, answer.products, now)
    row = {
        "environment": environment,
        "mode": question.mode,
        "phrase": question.phrase,
        "category_id": question.category_id,
        "page": question.page,
        "product_ids": [product.id for product in answer.products],
        "next_page": answer.next_page.id[:100] if answer.next_page else None,
        "fetched_at": now,
    }
    upsert(session, ProductSearch, ["environment", "mode", "phrase", "category_id", "page"], [row])
    session.commit()


def keep_products(session: Session, environment: str, products: Sequence[Product], now: datetime) -> None:
    """From a search: what only the single answer tells of a product stays as it is known."""
    known = catalogue_products(session, environment, [product.id for product in products])
    rows = []
    for product in {product.id: product for product in products}.values():
        content = content_of(product)
        del content[REQUIREMENTS]
        row = known.get(product.id)
        if row is not None and REQUIREMENTS in row.content:
            content[REQUIREMENTS] = row.content[REQUIREMENTS]
        rows.append(_row(environment, product, content, now))
    upsert(session, CatalogueProduct, ["environment", "allegro_id"], rows)


def _row(environment: str, product: Product, content: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "environment": environment,
        "allegro_id": product.id,
        "name": product.name[:255],
        "category_id": product.category.id if product.category else None,
        "content": content,
        "fetched_at": now,
    }


def content_of(product: Product) -> dict[str, Any]:
    """As Allegro words it."""
    content: dict[str, Any] = msgspec.to_builtins(product)
    return content


def refresh_product(
    session: Session, api: AllegroClient, environment: str, product_id: str, now: datetime
) -> None:
    """Ask for the whole product unless our copy of it is whole and fresh; commits. Raises AllegroError."""
    known = find_catalogue_product(session, environment, product_id)
    is_fresh = known is not None and REQUIREMENTS in known.content and now - known.fetched_at < FRESH_FOR
    session.rollback()
    if is_fresh:
        return
    product = api.products.product(product_id)
    upsert(
        session,
        CatalogueProduct,
        ["environment", "allegro_id"],
        [_row(environment, product, content_of(product), now)],
    )
    session.commit()


def catalogue_of(session: Session, offer: Offer) -> dict[str, Any] | None:
    """Content of the offer's (first) product, as far as we know it."""
    if not offer.product_id:
        return None
    found = find_catalogue_product(session, offer.account.environment, offer.product_id)
    return found.content if found else None


def product_answers(content: Content | None, parameters: Sequence[Parameter]) -> Answers:
    """What the catalogue says of the product, as answers to those parameters of a category that it fills."""
    return _answers((content or {}).get("parameters") or (), parameters)


def requirement_answers(content: Content | None, parameters: Sequence[Parameter]) -> Answers:
    """What an offer of the product has to answer, such as condition New."""
    wanted = (content or {}).get(REQUIREMENTS) or {}
    return _answers(wanted.get("parameters") or (), parameters)


def effective_answers(answers: Answers, content: Content | None, parameters: Sequence[Parameter]) -> Answers:
    """The seller's, and the catalogue's where it has any: those cannot be changed in an offer."""
    given = product_answers(content, parameters)
    return {**answers, **given} if given else answers


def _answers(entries: Sequence[Content], parameters: Sequence[Parameter]) -> Answers:
    by_id = {parameter.id: parameter for parameter in parameters}
    found = {entry["id"]: _answer(entry, by_id[entry["id"]]) for entry in entries if entry.get("id") in by_id}
    return {key: answer for key, answer in found.items() if answer}


def _answer(entry: Content, parameter: Parameter) -> dict[str, Any]:
    texts = [str(text) for text in entry.get("values") or ()]
    if parameter.type is ParameterType.DICTIONARY:
        return _choice(entry, parameter, texts)
    if parameter.is_range:
        bounds = entry.get("rangeValue") or {}
        return {"range": {"from": bounds.get("from") or "", "to": bounds.get("to") or ""}} if bounds else {}
    return {"values": texts} if texts else {}


def _choice(entry: Content, parameter: Parameter, texts: Sequence[str]) -> dict[str, Any]:
    ids = [each for each in entry.get("valuesIds") or () if each in parameter.dictionary]
    if not ids:
        named = (parameter.find_named(text) for text in entry.get("valuesLabels") or texts)
        ids = [value.id for value in named if value is not None]
    if not ids:
        return {}
    if parameter.takes_own_value and parameter.ambiguous_value_id in ids:
        labels = {value.name for value in parameter.dictionary.values()}
        own = next((text for text in texts if text not in labels), "")
        return {"values_ids": ids, "custom": own}
    return {"values_ids": ids}


def accepted_categories(content: Content) -> list[str]:
    """Where an offer of the product may be."""
    category = content.get("category") or {}
    similar = [each.get("id") for each in category.get("similar") or ()]
    return [each for each in (category.get("id"), *similar) if each]


def products_named(problems: Iterable[Problem]) -> list[str]:
    """Products that Allegro named in its objections to an offer's data (`objections.py`)."""
    found = (each.params.get("products", "") for each in problems)
    return list(dict.fromkeys(each for text in found for each in text.split(",") if each))


def given_by_product(offer: Offer, content: Content | None) -> frozenset[str]:
    """Fields that need no value of the seller's, as `Wish.product_gives` names them.

    A title of its own is left out of offers made by EAN only: the form always has one.
    """
    if content is None:
        return frozenset()
    gives = {
        "title": offer.is_quick,
        "images": bool(content.get("images")),
        "safety": has_safety_data(content),
    }
    return frozenset(name for name, is_given in gives.items() if is_given)


def has_safety_data(content: Content | None) -> bool:
    """Producer and safety information both, so that an offer of the product needs none (facts.md 6.10)."""
    safety = (content or {}).get("productSafety") or {}
    return bool(safety.get("responsibleProducers") and safety.get("safetyInformation"))


def with_catalogue(
    wish: Wish, offer: Offer, content: Content | None, parameters: Sequence[Parameter]
) -> Wish:
    """The wish as it counts: the catalogue's data win, and fill what the seller leaves empty."""
    answers = effective_answers(wish.answers, content, parameters)
    return replace(wish, answers=answers, product_gives=given_by_product(offer, content))
