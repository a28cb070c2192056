"""CATEGORY_MISMATCH, PARAMETER_MISMATCH: the catalogue's data and the offer's side by side (facts.md 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from allegro_module.db.catalogue import find_catalogue_product
from allegro_module.db.categories import find_category
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.parameters import (
    Answers,
    Parameter,
    chosen_ids,
    typed_range,
    typed_values,
    with_gtin,
)
from allegro_module.domain.permissions import Permission
from allegro_module.runtime import Runtime, current_runtime
from allegro_module.sync.catalogue import (
    Content,
    accepted_categories,
    effective_answers,
    product_answers,
)
from allegro_module.sync.offer_check import parameters_of
from allegro_module.web import categories
from allegro_module.web.fragments import page_or_fragment
from allegro_module.web.i18n import t
from allegro_module.web.offer_product import disputed
from allegro_module.web.product_words import category_of, shown_product
from allegro_module.web.products import keep, learn
from allegro_module.web.security import requires
from allegro_module.web.ui import Note, tell

PAGE = "allegro/products/differences.html"
CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one parameter, or of the category; `key` names the choice."""

    key: str
    name: str
    catalogue: str
    own: str


def add_rules(page: Blueprint) -> None:
    rule = "/<int:offer_id>/products/differences"
    page.add_url_rule(rule, "product_differences", show, methods=["GET"])
    page.add_url_rule(rule, "settle_differences", settle, methods=["POST"])


@requires(Permission.LIST_OFFERS)
def show(offer_id: int) -> Response:
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    product_id = _product_id(offer)
    content = _content(runtime, offer, product_id)
    return page_or_fragment(
        PAGE,
        PAGE,
        offer=offer,
        product_id=product_id,
        product=shown_product(content) if content else None,
        differences=differences_of(runtime, offer, content) if content else [],
    )


def _product_id(offer: Offer) -> str:
    """The one that Allegro holds the offer's data against, else the offer's own."""
    return next(iter(disputed(offer)), offer.product_id or "")


def _content(runtime: Runtime, offer: Offer, product_id: str) -> dict[str, Any] | None:
    found = find_catalogue_product(runtime.session, offer.account.environment, product_id)
    return found.content if found else None


def differences_of(runtime: Runtime, offer: Offer, content: Content) -> list[Difference]:
    found = []
    if offer.category_id not in accepted_categories(content):
        found.append(Difference(CATEGORY, t("Category"), category_of(content), _own_path(runtime, offer)))
    parameters = parameters_of(runtime.session, offer)
    return [*found, *_parameter_differences(parameters, offer, content)]


def _own_path(runtime: Runtime, offer: Offer) -> str:
    category_id = offer.category_id or ""
    found = find_category(runtime.session, offer.account.environment, category_id)
    return found.path if found else category_id


def _parameter_differences(
    parameters: Sequence[Parameter], offer: Offer, content: Content
) -> Iterator[Difference]:
    own = with_gtin(parameters, offer.parameters, offer.gtin)
    theirs = product_answers(content, parameters)
    for parameter in parameters:
        if parameter.id not in theirs:
            continue
        catalogue, mine = answer_words(parameter, theirs), answer_words(parameter, own)
        if mine and catalogue != mine and not _is_among(parameter, own, theirs):
            yield Difference(f"parameters.{parameter.id}", parameter.name, catalogue, mine)


def _is_among(parameter: Parameter, own: Answers, theirs: Answers) -> bool:
    """A product may bear several EANs, of which an offer names one."""
    bare = {text.lstrip("0") for text in typed_values(theirs, parameter.id)}
    return parameter.is_gtin and all(text.lstrip("0") in bare for text in typed_values(own, parameter.id))


def answer_words(parameter: Parameter, answers: Answers) -> str:
    """The answer as a seller reads it."""
    names = [
        parameter.dictionary[each].name
        for each in chosen_ids(answers, parameter.id)
        if each in parameter.dictionary
    ]
    own = str((answers.get(parameter.id) or {}).get("custom") or "")
    bounds = [each for each in typed_range(answers, parameter.id) if each]
    words = ", ".join([*names, *([own] if own else [])]) or ", ".join(typed_values(answers, parameter.id))
    words = words or " – ".join(bounds)
    return f"{words} {parameter.unit}".strip() if words else ""


@requires(Permission.LIST_OFFERS)
def settle(offer_id: int) -> Response:
    """Every point for the catalogue: the product is taken. One for the seller's: it is not."""
    runtime = current_runtime()
    offer = get_offer(runtime.session, offer_id)
    product_id = _product_id(offer)
    if "fetch" in request.form:
        learn(runtime, offer_id, product_id)
        return redirect(url_for("allegro.offers.product_differences", offer_id=offer_id), 303)
    content = _content(runtime, offer, product_id)
    if content is None:
        return redirect(url_for("allegro.offers.product_differences", offer_id=offer_id), 303)
    points = differences_of(runtime, offer, content)
    if any(request.form.get(each.key) != "catalogue" for each in points):
        return _keep_own(offer_id)
    takes_category = any(each.key == CATEGORY for each in points)
    note = _take(runtime, offer_id, product_id, content, takes_category=takes_category)
    if note is not None:
        tell(note.kind, note.title, note.text)
    return redirect(url_for("allegro.offers.edit", offer_id=offer_id, _anchor="offer-product"), 303)


def _keep_own(offer_id: int) -> Response:
    """Allegro compares with the product as long as the EAN is the product's: another one is to be found."""
    title = t("A product of the catalogue cannot be offered with other data.")
    tell("warn", title, t("Choose another product, or correct the EAN: it belongs to the product above."))
    return redirect(url_for("allegro.offers.products", offer_id=offer_id), 303)


def _take(
    runtime: Runtime, offer_id: int, product_id: str, content: Content, *, takes_category: bool
) -> Note | None:
    offer = get_offer(runtime.session, offer_id)
    parameters = parameters_of(runtime.session, offer)
    answers = effective_answers(offer.parameters, content, [each for each in parameters if not each.is_gtin])
    if not keep(runtime, offer, product_id):
        return None
    offer = get_offer(runtime.session, offer_id)
    offer.parameters = {key: dict(answer) for key, answer in answers.items()}
    if not takes_category:
        runtime.session.commit()
        return None
    category: Mapping[str, Any] = content.get("category") or {}
    offer.category_id = category.get("id") or offer.category_id
    runtime.session.commit()
    return categories.learn(runtime, offer_id)
