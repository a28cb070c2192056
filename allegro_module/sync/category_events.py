"""What changes in Allegro's category tree between two readings, and which parameters will be required."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from allegro_module.client import AllegroClient
from allegro_module.client.categories import CategoryEvent, CategoryEventType, ScheduledChange
from allegro_module.db.categories import (
    BETWEEN_NAMES,
    PATH_LENGTH,
    Category,
    find_category,
    has_tree,
    list_below,
)
from allegro_module.db.cursors import Cursor, find_cursor

JOURNAL = "categories"
#: As much as the cursor holds; Allegro's ids are far shorter.
POSITION_LENGTH = 64
REQUIREMENT_CHANGE = "REQUIREMENT_CHANGE"


def follow_category_events(
    session: Session, api: AllegroClient, account_id: int, environment: str, now: datetime
) -> int:
    """How many events were followed; each page is committed with the place reached.

    Events may come again, as when another account begins to read them: all say how the category stands after
    them, so that does no harm. Raises AllegroError.
    """
    if not has_tree(session, environment):
        # The tree, once read, is newer than any event.
        session.rollback()
        return 0
    count = 0
    position = _position(session, account_id)
    while True:
        session.rollback()
        events = api.categories.events(position)
        if not events:
            return count
        for event in events:
            _follow(session, environment, event, now)
        _move(session, account_id, events[-1].id, now)
        session.commit()
        count += len(events)
        if events[-1].id == position:
            return count
        position = events[-1].id


def _position(session: Session, account_id: int) -> str | None:
    cursor = find_cursor(session, account_id, JOURNAL)
    return cursor.position if cursor else None


def _move(session: Session, account_id: int, position: str, now: datetime) -> None:
    if len(position) > POSITION_LENGTH:
        return
    cursor = find_cursor(session, account_id, JOURNAL)
    if cursor is None:
        cursor = Cursor(account_id=account_id, journal=JOURNAL, started_at=now)
        session.add(cursor)
    cursor.position, cursor.moved_at = position, now


def _follow(session: Session, environment: str, event: CategoryEvent, now: datetime) -> None:
    known = find_category(session, environment, event.category.id)
    if event.type is CategoryEventType.CREATED and known is None:
        _add(session, environment, event, now)
    elif known is not None and event.type in DEED_BY_TYPE:
        DEED_BY_TYPE[event.type](session, known, event)


def _add(session: Session, environment: str, event: CategoryEvent, now: datetime) -> None:
    """Below a parent that we know; any other comes with the next reading of the tree."""
    parent_id = event.category.parent.id if event.category.parent else None
    parent = find_category(session, environment, parent_id) if parent_id else None
    if not event.category.name or (parent_id and parent is None):
        return
    session.add(
        Category(
            environment=environment,
            allegro_id=event.category.id,
            parent_id=parent_id,
            name=event.category.name[:255],
            path=_path(parent, event.category.name),
            is_leaf=bool(event.category.leaf),
            fetched_at=now,
        )
    )
    session.flush()


def _rename(session: Session, category: Category, event: CategoryEvent) -> None:
    if event.category.name:
        category.name = event.category.name[:255]
        _put_under(session, category, _parent(session, category))


def _put_elsewhere(session: Session, category: Category, event: CategoryEvent) -> None:
    category.parent_id = event.category.parent.id if event.category.parent else None
    parent = _parent(session, category)
    if parent is not None or category.parent_id is None:
        _put_under(session, category, parent)


def _delete(session: Session, category: Category, event: CategoryEvent) -> None:
    """It stays for the offers that are there, so that the form can name its successor."""
    category.is_leaf = False
    category.redirect_id = event.redirect_category.id if event.redirect_category else ""
    session.flush()


DEED_BY_TYPE: Mapping[CategoryEventType, Callable[[Session, Category, CategoryEvent], None]] = {
    CategoryEventType.RENAMED: _rename,
    CategoryEventType.MOVED: _put_elsewhere,
    CategoryEventType.DELETED: _delete,
}


def _parent(session: Session, category: Category) -> Category | None:
    return find_category(session, category.environment, category.parent_id) if category.parent_id else None


def _put_under(session: Session, category: Category, parent: Category | None) -> None:
    """Its path, and those of all below it."""
    before, after = category.path, _path(parent, category.name)
    if before == after:
        return
    below = list_below(session, category.environment, before)
    category.path = after
    for each in below:
        each.path = (after + each.path[len(before) :])[:PATH_LENGTH]
    session.flush()


def _path(parent: Category | None, name: str) -> str:
    return (f"{parent.path}{BETWEEN_NAMES}{name}" if parent else name)[:PATH_LENGTH]


def refresh_planned_changes(session: Session, api: AllegroClient, environment: str, now: datetime) -> int:
    """Keep which parameters Allegro will require from when on; how many. Commits. Raises AllegroError."""
    session.rollback()
    planned = _by_category([each for each in api.categories.scheduled_changes() if each.scheduled_for > now])
    had_some = cast(Category.planned_changes, String) != "[]"
    rows = session.scalars(
        select(Category).where(
            Category.environment == environment, or_(Category.allegro_id.in_(sorted(planned)), had_some)
        )
    )
    for row in rows:
        wanted = planned.get(row.allegro_id, [])
        if row.planned_changes != wanted:
            row.planned_changes = wanted
    session.commit()
    return sum(map(len, planned.values()))


def _by_category(changes: list[ScheduledChange]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for change in sorted(changes, key=lambda each: each.scheduled_for):
        if change.type == REQUIREMENT_CHANGE and change.category and change.parameter:
            entry = {
                "parameter_id": change.parameter.id,
                "from": change.scheduled_for.isoformat(),
                "is_required": True,
            }
            found.setdefault(change.category.id, []).append(entry)
    return found
