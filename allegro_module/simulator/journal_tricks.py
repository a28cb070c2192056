"""What the journal of orders does on bad days: events lost, repeated, in disorder, of unknown types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from allegro_module.simulator.orders import Drop

if TYPE_CHECKING:
    from allegro_module.simulator.forms import Form
    from allegro_module.simulator.world import World


def drop(world: World, types: Sequence[str], times: int) -> None:
    """The next `times` events of these types, of any without types, are never written."""
    world.orders.drops = [waiting for waiting in world.orders.drops if waiting.times]
    if times:
        world.orders.drops.append(Drop(tuple(types), times))


def hush(world: World, form: Form) -> int:
    """The journal says nothing of this form, not even what it said already; gives how much that was."""
    form.is_hushed = True
    journal = world.orders.journal(form.seller_id)
    left = [event for event in journal if event.form is not form]
    gone = len(journal) - len(left)
    journal[:] = left
    return gone


def repeat(world: World, form: Form, kind: str) -> None:
    """Say it once more, true or not; a type that nobody knows is welcome."""
    world.orders.record(world, form, kind, world.now())


def shuffle(world: World, seller_id: str) -> int:
    """The same ids, each with another's event: neither time nor sense follow the ids (#4869)."""
    journal = world.orders.journal(seller_id)
    shuffled = world.random.sample(journal, len(journal))
    journal[:] = [replace(event, id=place.id) for place, event in zip(journal, shuffled, strict=True)]
    return len(journal)
