"""Fetching Allegro's category tree and the parameters of a category; no full dump exists (facts.md 7.1)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.categories import Category as CategoryPayload
from allegro_module.db.base import upsert
from allegro_module.db.categories import BETWEEN_NAMES, PATH_LENGTH, Category, find_category
from allegro_module.sync.former_answers import bring_answers_up_to_date
from allegro_module.sync.taxes import refresh_taxes

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(hours=24)
#: Rows of one statement; SQLite takes some 32,000 values at once.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Node:
    """A category on its way into our copy, with the names from the root down."""

    payload: CategoryPayload
    parent_id: str | None
    path: str


def fetch_tree(session: Session, api: AllegroClient, environment: str, now: datetime) -> int:
    """How many categories there are.

    1. Read level after level, each saved as soon as it is known.  2. Only when all was read, forget what
    Allegro no longer has; a tree that has lost most of its categories is rather an incomplete answer.
    Raises AllegroError: what was read stays.
    """
    session.rollback()
    level = [Node(root, None, root.name) for root in api.categories.children()]
    count = 0
    while level:
        _save(session, environment, level, now)
        count += len(level)
        level = [child for node in level if not node.payload.leaf for child in _children(api, node)]
    _forget_others(session, environment, count, now)
    return count


def _children(api: AllegroClient, node: Node) -> Iterable[Node]:
    for child in api.categories.children(node.payload.id):
        yield Node(child, node.payload.id, f"{node.path}{BETWEEN_NAMES}{child.name}")


def _save(session: Session, environment: str, nodes: Sequence[Node], now: datetime) -> None:
    rows = [_row(environment, node, now) for node in nodes]
    for start in range(0, len(rows), CHUNK):
        upsert(session, Category, ["environment", "allegro_id"], rows[start : start + CHUNK])
    session.commit()


def _row(environment: str, node: Node, now: datetime) -> dict[str, Any]:
    options = node.payload.options
    return {
        "environment": environment,
        "allegro_id": node.payload.id,
        "parent_id": node.parent_id,
        "name": node.payload.name[:255],
        "path": node.path[:PATH_LENGTH],
        "is_leaf": node.payload.leaf,
        "options": {
            "advertisement": bool(options and options.advertisement),
            "product_creation_enabled": options is None or options.product_creation_enabled is not False,
        },
        "redirect_id": None,
        "fetched_at": now,
    }


def _forget_others(session: Session, environment: str, count: int, now: datetime) -> None:
    is_ours = Category.environment == environment
    known = session.scalar(select(func.count()).select_from(Category).where(is_ours)) or 0
    session.rollback()
    if count * 2 < known:
        log.warning("%s categories instead of %s: nothing is forgotten", count, known)
        return
    session.execute(
        # A deleted one stays: offers that are still there are told of its successor.
        delete(Category).where(is_ours, Category.fetched_at < now, Category.redirect_id.is_(None)),
        execution_options={"synchronize_session": False},
    )
    session.commit()


def parameters_are_fresh(category: Category | None, now: datetime) -> bool:
    if category is None or category.parameters_fetched_at is None:
        return False
    return now - category.parameters_fetched_at < FRESH_FOR


def fetch_parameters(
    session: Session, api: AllegroClient, environment: str, category_id: str, now: datetime
) -> None:
    """Keep the parameters of a category as Allegro words them, and its taxes.

    One outside our copy of the tree joins it; answers under ids that Allegro has replaced move to the new.

    Raises AllegroError.
    """
    is_known = find_category(session, environment, category_id) is not None
    session.rollback()
    nodes = [] if is_known else _with_ancestors(api, category_id)
    raw = api.categories.parameters(category_id).raw
    if nodes:
        upsert(
            session, Category, ["environment", "allegro_id"], [_row(environment, each, now) for each in nodes]
        )
    session.execute(
        update(Category)
        .where(Category.environment == environment, Category.allegro_id == category_id)
        .values(parameters=raw, parameters_fetched_at=now),
        execution_options={"synchronize_session": False},
    )
    session.commit()
    bring_answers_up_to_date(session, environment, category_id)
    refresh_taxes(session, api, environment, category_id, now)


def forget_parameters(session: Session, environment: str, category_id: str) -> None:
    """Allegro has refused a parameter, so our copy may be out of date: who looks next fetches it anew.

    Until then the copy serves, as an old one does. The caller commits.
    """
    category = find_category(session, environment, category_id)
    if category is not None and category.parameters_fetched_at is not None:
        category.parameters_fetched_at -= FRESH_FOR


def _with_ancestors(api: AllegroClient, category_id: str) -> list[Node]:
    """From the root down to the category."""
    line = [api.categories.category(category_id)]
    while (parent := line[0].parent) is not None:
        line.insert(0, api.categories.category(parent.id))
    nodes: list[Node] = []
    for payload in line:
        path = f"{nodes[-1].path}{BETWEEN_NAMES}{payload.name}" if nodes else payload.name
        nodes.append(Node(payload, nodes[-1].payload.id if nodes else None, path))
    return nodes


def refresh_parameters(
    session: Session, api: AllegroClient, environment: str, category_id: str, now: datetime
) -> None:
    """Fetch the parameters unless our copy is fresh; leaves no transaction open. Raises AllegroError."""
    is_fresh = parameters_are_fresh(find_category(session, environment, category_id), now)
    session.rollback()
    if not is_fresh:
        fetch_parameters(session, api, environment, category_id, now)
