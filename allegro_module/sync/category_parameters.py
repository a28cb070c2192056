"""Parameters of a category, read from our copy once per process: brands alone are megabytes of JSON."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import object_session

from allegro_module.db.categories import Category
from allegro_module.domain.parameters import Parameter, read_parameters

#: Categories that one process keeps at hand.
KEPT = 32


class _Fetched(NamedTuple):
    """What is fetched again gets another time."""

    environment: str
    category_id: str
    at: datetime


class _Read(NamedTuple):
    """The category's parameters, and as they are asked where the product is chosen from the catalogue."""

    all: tuple[Parameter, ...]
    beside_product: tuple[Parameter, ...]


_Shelf: TypeAlias = OrderedDict[_Fetched, _Read]
_shelves: WeakKeyDictionary[Engine | Connection, _Shelf] = WeakKeyDictionary()
_lock = Lock()


def find_parameters(category: Category, *, has_product: bool = False) -> tuple[Parameter, ...] | None:
    """None while they have never been fetched.

    With a product of the catalogue no new one is made, so what only a new one needs is not required.
    """
    found = _find(category)
    if found is None:
        return None
    return found.beside_product if has_product else found.all


def parameters_in(category: Category) -> tuple[Parameter, ...]:
    """Empty while they have never been fetched."""
    return find_parameters(category) or ()


def _find(category: Category) -> _Read | None:
    at, session = category.parameters_fetched_at, object_session(category)
    if at is None or session is None:
        return None if category.parameters is None else _read(category)
    key = _Fetched(category.environment, category.allegro_id, at)
    with _lock:
        shelf = _shelves.setdefault(session.get_bind(), OrderedDict())
        if key in shelf:
            shelf.move_to_end(key)
            return shelf[key]
    found = _read(category)
    with _lock:
        shelf[key] = found
        if len(shelf) > KEPT:
            shelf.popitem(last=False)
    return found


def _read(category: Category) -> _Read:
    parameters = read_parameters(category.parameters or ())
    return _Read(parameters, tuple(_beside_product(parameters)))


def _beside_product(parameters: Sequence[Parameter]) -> list[Parameter]:
    return [
        replace(each, required_for_product=False) if each.required_for_product else each
        for each in parameters
    ]
