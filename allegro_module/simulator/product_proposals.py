"""Proposing a product that the catalogue lacks: 201 with it, 409 with the address of an equal one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from flask import Response

from allegro_module.simulator.catalogue import Product
from allegro_module.simulator.category_tree import Category
from allegro_module.simulator.content_rules import description_findings
from allegro_module.simulator.dependence import missing_for_product, out_of_place, work_out
from allegro_module.simulator.findings import Finding, finding, missing_parameters, refusal, refuse
from allegro_module.simulator.http import LANGUAGES, Call, Room, answer
from allegro_module.simulator.images import address_of, name_in
from allegro_module.simulator.offer_schema import (
    DESCRIPTION,
    FLAG,
    ID,
    TEXT,
    ListOf,
    Shape,
    kind_findings,
    members,
)
from allegro_module.simulator.parameter_reading import items_of, read_section
from allegro_module.simulator.parameter_values import CV
from allegro_module.simulator.parameters import Filling, gtins

room = Room()
LONGEST_NAME = 75
MONTH = timedelta(days=30)
PARAMETER: Mapping[str, Shape] = {
    "id": TEXT,
    "rangeValue": {"from": TEXT, "to": TEXT},
    "values": ListOf(TEXT),
    "valuesIds": ListOf(TEXT),
    "valuesLabels": ListOf(TEXT),
    "unit": TEXT,
    "options": {"identifiesProduct": FLAG},
}
PROPOSAL: Mapping[str, Shape] = {
    "name": TEXT,
    "category": ID,
    "images": ListOf({"url": TEXT}),
    "parameters": ListOf(PARAMETER),
    "description": DESCRIPTION,
    "language": TEXT,
}
NEEDED = ("name", "category", "images", "parameters", "language")


@room.route("POST", "/sale/product-proposals", scope="sale:offers:write")
def propose(call: Call) -> Response:
    body = call.json(members(PROPOSAL))
    refuse(400, kind_findings(body, PROPOSAL))
    refuse(422, _missing(body))
    category = _category(call, body)
    filled, findings = _read(call, body, category)
    refuse(422, findings)
    if existing := _equal(call, body, category, filled):
        location = f"{call.request.host_url}sale/products/{existing.id}"
        told = refusal(409, "ProductAlreadyExists", call.request.path, name=existing.name)
        refused = told.answer(call.language)
        refused.headers["Location"] = location
        return refused
    most = call.world.switches.product_proposals_per_month
    call.world.limits.count("product proposals", call.owner.id, call.now, most, MONTH)
    product = Product(
        id=call.world.uuid(),
        name=body["name"].strip(),
        category_id=category.id,
        filled=filled,
        images=tuple(name_in(image["url"]) for image in body["images"]),
        description=body.get("description"),
        status="PROPOSED",
    )
    call.world.catalogue.add(product)
    call.world.images.keep(product.images)
    return answer(_product_json(call, product, category), 201)


def _missing(body: Mapping[str, Any]) -> Iterator[Finding]:
    for name in NEEDED:
        if not body.get(name):
            yield finding("VALIDATION_FAILED", name, says="body.missing")
    if body.get("language") not in (None, *LANGUAGES):
        metadata = {"availableLocales": ",".join(LANGUAGES)}
        yield finding("UnsupportedLanguageException", "language", metadata=metadata)
    if len(body.get("name") or "") > LONGEST_NAME:
        yield finding(CV + "StringLength", "name", says="product.name", length=len(body["name"]))


def _category(call: Call, body: Mapping[str, Any]) -> Category:
    category_id = str(body["category"].get("id"))
    category, metadata = call.world.catalogue.find_category(category_id), {"categoryId": category_id}
    if category is None:
        raise refusal(422, "CATEGORY_NOT_EXISTS", "category.id", metadata=metadata)
    if not category.leaf:
        raise refusal(422, "INVALID_CATEGORY_ID", "category.id", metadata=metadata)
    if not category.options["productCreationEnabled"]:
        findings = [finding(CV + "CategorySellingRestrictions", "category", says="category.no_products")]
        refuse(422, findings)
    return category


def _read(
    call: Call, body: Mapping[str, Any], category: Category
) -> tuple[dict[str, Filling], list[Finding]]:
    """The product's own parameters; conditions on the offer's, such as its state, cannot hold."""
    section = read_section(body["parameters"], category, "parameters", call.language, describes_product=True)
    outcome = work_out(category.parameters, section.filled)
    lacking = missing_for_product(category.parameters, section.filled, outcome)
    found = list(section.findings)
    if lacking:
        found.append(missing_parameters(lacking, "parameters", call.language))
    for parameter in out_of_place(category.parameters, section.filled, outcome):
        metadata = {"parameterId": parameter.id, "parameterName": parameter.names(call.language)}
        found.append(finding(CV + "DependencyValidator", "parameters", metadata=metadata))
    names = [name_in(image["url"]) for image in body["images"]]
    for number, name in enumerate(names):
        if not call.world.images.has(name, call.now):
            metadata = {"imageUrl": body["images"][number]["url"]}
            path = f"images[{number}]"
            found.append(finding("OfferImagesNotAvailableException", path, metadata=metadata))
    return section.filled, found + description_findings(body.get("description"), names)


def _equal(
    call: Call, body: Mapping[str, Any], category: Category, filled: Mapping[str, Filling]
) -> Product | None:
    """One with the same GTIN, else one that is the same in all."""
    catalogue = call.world.catalogue
    for gtin in gtins(category.parameters, filled):
        if found := catalogue.with_gtin(gtin):
            return found[0]
    wanted = (category.id, body["name"].strip(), dict(filled))
    every = catalogue.products.values()
    return next((item for item in every if (item.category_id, item.name, dict(item.filled)) == wanted), None)


def _product_json(call: Call, product: Product, category: Category) -> dict[str, Any]:
    shown = items_of(product.filled, category, call.language)
    return {
        "id": product.id,
        "name": product.name,
        "category": {"id": product.category_id, "similar": []},
        "images": [{"url": address_of(call.request.host_url, name)} for name in product.images],
        "parameters": [
            {name: value for name, value in item.items() if name != "name" and value is not None}
            for item in shown
        ],
        "description": product.description,
        "language": LANGUAGES[0],
        "publication": {"status": product.status},
    }
