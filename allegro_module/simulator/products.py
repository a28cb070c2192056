"""Searching Allegro's catalogue of products, and one product in full."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import Response

from allegro_module.simulator.catalogue import Catalogue, Product
from allegro_module.simulator.findings import refusal
from allegro_module.simulator.http import LANGUAGES, Call, Room, answer, bad_parameter
from allegro_module.simulator.images import address_of
from allegro_module.simulator.parameters import Filled, Filling, Parameter

room = Room()
PAGE = 30
MODES = ("GTIN", "MPN")
OWN_QUERY = ("phrase", "mode", "language", "category.id", "page.id", "searchFeatures")


@room.route("GET", "/sale/products", scope="sale:offers:read")
def search(call: Call) -> Response:
    """Thirty products a page; a query parameter of another name filters by the parameter of that id."""
    _count(call)
    phrase = call.query.get("phrase", "").strip()
    category_id = call.query.get("category.id")
    if not phrase:
        raise bad_parameter("phrase", "is required", 422)
    _check_language(call)
    if category_id is not None and call.world.catalogue.find_category(category_id) is None:
        raise refusal(422, "CATEGORY_NOT_EXISTS", "category.id", metadata={"categoryId": category_id})
    found = _filtered(call, _matching(call, phrase))
    in_category = [item for item in found if category_id is None or _sits_in(call, item, category_id)]
    start = _start(call.query.get("page.id"))
    body: dict[str, Any] = {
        "products": [row(call, item) for item in in_category[start : start + PAGE]],
        "categories": _categories(call, found, category_id),
        "filters": _filters(call, category_id),
    }
    if start + PAGE < len(in_category):
        body["nextPage"] = {"id": _page_id(start + PAGE)}
    return answer(body)


@room.route("GET", "/sale/products/<product_id>", scope="sale:offers:read")
def get_product(call: Call, product_id: str) -> Response:
    _count(call)
    call.only_query(("category.id", "language"))
    _check_language(call)
    product = call.world.catalogue.find_product(product_id)
    if product is None:
        metadata = {"productId": product_id}
        raise refusal(404, "ProductNotFoundException", call.request.path, metadata=metadata)
    body = row(call, product)
    if product.requirements:
        requirements = parameters_json(call, product, product.requirements)
        body["offerRequirements"] = {"id": product.id, "parameters": requirements}
    return answer(body)


def _count(call: Call) -> None:
    switches = call.world.switches
    at_once, seconds = switches.product_searches_at_once, switches.product_search_seconds
    call.world.limits.drip("products", call.owner.id, call.now, at_once, seconds)


def _check_language(call: Call) -> None:
    if call.query.get("language", LANGUAGES[0]) not in LANGUAGES:
        raise bad_parameter("language", "is not a language of Allegro", 422)


def _matching(call: Call, phrase: str) -> list[Product]:
    catalogue, mode = call.world.catalogue, call.query.get("mode")
    if mode is not None and mode not in MODES:
        raise bad_parameter("mode", "must be GTIN or MPN", 422)
    if mode == "GTIN":
        return catalogue.with_gtin(phrase)
    if mode == "MPN":
        return catalogue.with_mpn(phrase)
    exact = [*catalogue.with_gtin(phrase), *catalogue.with_mpn(phrase)]
    return list({item.id: item for item in (*exact, *_named(catalogue, phrase))}.values())


def _named(catalogue: Catalogue, phrase: str) -> list[Product]:
    """Products whose name has all the words of the phrase."""
    words = phrase.casefold().split()
    return [
        item for item in catalogue.products.values() if all(word in item.name.casefold() for word in words)
    ]


def _filtered(call: Call, products: list[Product]) -> list[Product]:
    wanted = {key: call.query.getlist(key) for key in call.query if key not in OWN_QUERY}
    return [item for item in products if all(_has(item, key, values) for key, values in wanted.items())]


def _has(product: Product, parameter_id: str, values: list[str]) -> bool:
    filling = product.filled.get(parameter_id, Filling())
    return not set(values).isdisjoint((*filling.ids, *filling.texts))


def _sits_in(call: Call, product: Product, category_id: str) -> bool:
    homes = [product.category_id]
    if call.query.get("searchFeatures") == "SIMILAR_CATEGORIES":
        homes += product.similar
    path = [step.id for home in homes for step in call.world.catalogue.path(home)]
    return category_id in path


def _page_id(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(page_id: str | None) -> int:
    if page_id is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(page_id).decode().removeprefix("from:"))
    except (binascii.Error, ValueError):
        raise bad_parameter("page.id", "is not a page of this search", 422) from None


def _categories(call: Call, found: Iterable[Product], category_id: str | None) -> dict[str, Any]:
    """The level below the chosen category, with how many products each branch holds."""
    catalogue = call.world.catalogue
    branches: Counter[str] = Counter()
    for item in found:
        steps = [step.id for step in catalogue.path(item.category_id)]
        below = (
            steps
            if category_id is None
            else steps[steps.index(category_id) + 1 :]
            if category_id in steps
            else []
        )
        branches.update(below[:1])
    return {
        "subcategories": [
            {"id": key, "name": catalogue.tree[key].names(call.language), "count": count}
            for key, count in branches.items()
        ],
        "path": [] if category_id is None else path_json(catalogue, category_id, call.language),
    }


def _filters(call: Call, category_id: str | None) -> list[dict[str, Any]]:
    if category_id is None:
        return []
    return [
        {
            "id": item.id,
            "type": "MULTI",
            "name": item.names(call.language),
            "values": [{"name": value.names(call.language), "value": value.id} for value in item.values],
        }
        for item in call.world.catalogue.tree[category_id].parameters
        if item.describes_product and item.type == "dictionary"
    ]


def path_json(catalogue: Catalogue, category_id: str, language: str) -> list[dict[str, str]]:
    return [{"id": step.id, "name": step.names(language)} for step in catalogue.path(category_id)]


def row(call: Call, product: Product) -> dict[str, Any]:
    """A product as search shows it, and as the single answer begins."""
    catalogue = call.world.catalogue
    home: dict[str, Any] = {
        "id": product.category_id,
        "path": path_json(catalogue, product.category_id, call.language),
    }
    home["similar"] = [
        {"id": other, "path": path_json(catalogue, other, call.language)} for other in product.similar
    ]
    trusted = ["description", "images"] if product.is_trusted else []
    return {
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "category": home,
        "images": [{"url": address_of(call.request.host_url, name)} for name in product.images],
        "parameters": parameters_json(call, product, product.filled),
        "trustedContent": {"paths": trusted, "productPaths": trusted},
        "hasProtectedBrand": product.is_protected,
        "productSafety": product.safety,
        "publication": {"status": product.status},
    }


def parameters_json(call: Call, product: Product, filled: Filled) -> list[dict[str, Any]]:
    home = call.world.catalogue.tree[product.category_id]
    named = ((home.find_parameter(key), filling) for key, filling in filled.items())
    return [
        parameter_json(product, item, filling, call.language) for item, filling in named if item is not None
    ]


def parameter_json(product: Product, parameter: Parameter, filling: Filling, language: str) -> dict[str, Any]:
    labels = [value.names(language) for value in parameter.values if value.id in filling.ids]
    own = {
        "identifiesProduct": parameter.identifies_product,
        "isGTIN": parameter.is_gtin,
        "isTrusted": product.is_trusted and parameter.identifies_product,
    }
    body: dict[str, Any] = {
        "id": parameter.id,
        "name": parameter.names(language),
        "values": list(filling.texts) or labels,
        "valuesIds": list(filling.ids),
        "valuesLabels": list(filling.texts) or labels,
        "unit": parameter.unit,
        "options": own,
    }
    return body | bounds_json(filling)


def bounds_json(filling: Filling) -> dict[str, Any]:
    if filling.bounds is None:
        return {}
    return {"rangeValue": {"from": filling.bounds[0], "to": filling.bounds[1]}}
