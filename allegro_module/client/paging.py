"""Reading a list to its end, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from allegro_module.client.errors import Unexpected

T = TypeVar("T")
MOST_PAGES = 1000


def all_pages(fetch: Callable[[int], Sequence[T]], limit: int) -> tuple[T, ...]:
    """`fetch` gets the offset. The list ends with the first page that is not full.

    Raises Unexpected when it never does, as half a list must not pass for a whole one.
    """
    found: list[T] = []
    for page in range(MOST_PAGES):
        items = fetch(page * limit)
        found.extend(items)
        if len(items) < limit:
            return tuple(found)
    raise Unexpected(f"a list without an end after {len(found)} entries")
