"""Which of Allegro's objections are still told once the seller has changed the offer, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from allegro_module.domain.problems import Problem
from allegro_module.domain.product_sets import FURTHER
from allegro_module.sync.offer_conflicts import CODE

PICTURE = "images."


def still_told(
    problems: Iterable[Problem], changed: Collection[str], before: Sequence[str], after: Sequence[str]
) -> Iterator[Problem]:
    """What Allegro objected to stays at its field until that changes; a picture takes it along to its place.

    So does what was changed on both sides, until it is settled or listed again.
    `before` and `after` are the refs of the offer's pictures.
    """
    for problem in problems:
        is_open = problem.text is not None or problem.code == CODE
        if not is_open or problem.field in changed:
            continue
        if problem.field.startswith(PICTURE) and "images" in changed:
            yield from _with_its_picture(problem, before, after)
        elif FURTHER not in changed or problem.field.partition(".")[0] != FURTHER:
            yield problem


def _with_its_picture(problem: Problem, before: Sequence[str], after: Sequence[str]) -> Iterator[Problem]:
    """Nothing of a picture that is chosen no more."""
    place = problem.field.removeprefix(PICTURE)
    ref = before[int(place)] if place.isdecimal() and int(place) < len(before) else None
    if ref is not None and ref in after:
        there = after.index(ref)
        params = {**problem.params, **({"number": str(there + 1)} if "number" in problem.params else {})}
        yield replace(problem, field=f"{PICTURE}{there}", params=params)
