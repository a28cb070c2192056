"""Control routes of the category tree and its parameters, and the rules of parameters by themselves.

POST   /_control/categories            {"id", "parent", "name", "parameters": [...]}: a leaf category with
       parameters as GET /sale/categories/{id}/parameters tells them; an `isGTIN` or `identifiesProduct` may
       stand among the options. Also "options", "tax" (goods, books, services), "gpsr", "vague". Of a known
       id what is left out stays.
POST   /_control/categories/ID/rename  {"name"}
POST   /_control/categories/ID/move    {"parent"}
POST   /_control/categories/ID/delete  {"redirect": id}: products and offers move there
POST   /_control/categories/ID/plan    {"parameter": id, "at": ISO time}: demanded from then on
POST   /_control/parameter-findings    {"parameters": [...raw], "offer": {"parameters": [...],
       "productSet": [{"product": {"parameters": [...]}}]}} or {"questions": [...such]}: what an offer with
       these parameters, its product made of them, would be refused for: {"findings": [...]}, or "answers",
       a list of such lists
POST   /_control/hosted-images         {"url", "width", "height", "format", "status", "fails", "too_slow"}:
       what stands under an address of the world outside; "status": 404 is nothing, "fails": 2 only twice
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allegro_module.simulator.categories import category_json
from allegro_module.simulator.category_tree import OPTIONS, Category
from allegro_module.simulator.control_room import ControlRoom
from allegro_module.simulator.http import Call
from allegro_module.simulator.image_hosts import HostedPicture
from allegro_module.simulator.offer_homes import rehouse
from allegro_module.simulator.parameter_findings import parameter_findings
from allegro_module.simulator.parameters import Names
from allegro_module.simulator.raw_parameters import parameters_of
from allegro_module.simulator.tree_changes import CategoryEvent, PlannedRequirement

room = ControlRoom()
TRAITS = ("id", "parent", "name", "parameters", "options", "tax", "gpsr", "vague")


@room.control("POST", "/categories")
def put_category(call: Call) -> object:
    asked = call.json(dict.fromkeys(TRAITS))
    catalogue, category_id = call.world.catalogue, asked["id"]
    is_new = catalogue.find_category(category_id) is None
    if is_new and asked.get("parent") not in catalogue.tree:
        raise ValueError("a new category needs a parent in the tree")
    parameters_of(asked.get("parameters") or ())
    catalogue.changes.put[category_id] = {**catalogue.changes.put.get(category_id, {}), **asked}
    catalogue.changes.deleted.pop(category_id, None)
    catalogue.changes.forget()
    if is_new:
        _tell(call, "CATEGORY_CREATED", catalogue.tree[category_id])
    return category_json(catalogue.tree[category_id], call.language)


@room.control("POST", "/categories/<category_id>/rename")
def rename(call: Call, category_id: str) -> object:
    catalogue, name = call.world.catalogue, call.json({"name": None})["name"]
    return _changed(call, catalogue.changes.names, category_id, name, "CATEGORY_RENAMED")


@room.control("POST", "/categories/<category_id>/move")
def move(call: Call, category_id: str) -> object:
    catalogue, parent_id = call.world.catalogue, call.json({"parent": None})["parent"]
    if category_id in [step.id for step in catalogue.path(parent_id)]:
        raise ValueError("a category cannot stand below itself")
    return _changed(call, catalogue.changes.parents, category_id, parent_id, "CATEGORY_MOVED")


def _changed(call: Call, book: dict[str, str], category_id: str, value: str, event: str) -> object:
    catalogue = call.world.catalogue
    if category_id not in catalogue.tree:
        raise ValueError(f"there is no category {category_id}")
    book[category_id] = value
    catalogue.changes.forget()
    _tell(call, event, catalogue.tree[category_id])
    return category_json(catalogue.tree[category_id], call.language)


@room.control("POST", "/categories/<category_id>/delete")
def delete(call: Call, category_id: str) -> object:
    redirect_id = call.json({"redirect": None}).get("redirect")
    catalogue = call.world.catalogue
    category = catalogue.tree[category_id]
    if not category.leaf or redirect_id == category_id:
        raise ValueError("only a leaf is deleted, in favour of another")
    if redirect_id is not None and not catalogue.tree[redirect_id].leaf:
        raise ValueError("the category that takes its place must be a leaf")
    rehouse(call.world, category_id, redirect_id)
    catalogue.changes.deleted[category_id] = redirect_id
    catalogue.changes.forget()
    _tell(call, "CATEGORY_DELETED", category, redirect_id)
    return {"id": category_id, "redirect": redirect_id}


def _tell(call: Call, kind: str, category: Category, redirect_id: str | None = None) -> None:
    told = {"id": category.id, "leaf": category.leaf, "name": category.names.polish}
    if category.parent_id is not None:
        told["parent"] = {"id": category.parent_id}
    event_id = call.world.next_moment_id("category event", call.now)
    call.world.catalogue.changes.events.append(CategoryEvent(event_id, kind, call.now, told, redirect_id))


@room.control("POST", "/categories/<category_id>/plan")
def plan(call: Call, category_id: str) -> object:
    asked = call.json({"parameter": None, "at": None})
    category, at = call.world.catalogue.tree[category_id], datetime.fromisoformat(asked["at"])
    if category.find_parameter(asked["parameter"]) is None or at.tzinfo is None:
        raise ValueError("a parameter of the category and a time with its zone are needed")
    planned = PlannedRequirement(category_id, asked["parameter"], call.now, at)
    call.world.catalogue.changes.planned.append(planned)
    return {"category": category_id, **asked}


@room.control("POST", "/parameter-findings")
def find(call: Call) -> object:
    asked = call.json()
    if "questions" not in asked:
        return {"findings": _findings(asked, call.language)}
    return {"answers": [_findings(question, call.language) for question in asked["questions"]]}


def _findings(question: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    parameters = parameters_of(question["parameters"])
    category = Category("0", Names("?", "?"), None, True, OPTIONS, lambda: parameters)
    return [
        {**found.problem.as_json(language), "gap": found.gap}
        for found in parameter_findings(question.get("offer") or {}, category, language)
    ]


@room.control("POST", "/hosted-images")
def host_image(call: Call) -> object:
    asked = call.json(
        {"url": None, **dict.fromkeys(("width", "height", "format", "status", "fails", "too_slow"))}
    )
    url = asked.pop("url")
    call.world.images.hosted[url] = HostedPicture(**asked)
    return {"url": url, **asked}
