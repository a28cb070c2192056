"""Marks of an order's lines: found, or made when the seller first does something with a line."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from allegro_module.db.orders import LineMark


def mark_of(session: Session, order_id: int, line_item_id: str) -> LineMark:
    """Two admins who touch a line for the first time at once get the same row."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(LineMark).values(order_id=order_id, line_item_id=line_item_id, sku="", picked_by="")
    session.execute(statement.on_conflict_do_nothing())
    return session.get_one(LineMark, (order_id, line_item_id), populate_existing=True)


def list_marks(session: Session, order_ids: Collection[int]) -> dict[tuple[int, str], LineMark]:
    """By order and line; lines that nobody has touched are left out."""
    rows = session.scalars(select(LineMark).where(LineMark.order_id.in_(order_ids)))
    return {(row.order_id, row.line_item_id): row for row in rows}
