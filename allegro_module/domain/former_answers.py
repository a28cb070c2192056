"""Answers given while Allegro called a parameter or a value otherwise (`formerData`, facts.md 7.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from allegro_module.domain.parameters import Answers, Parameter


def have_moved(parameters: Sequence[Parameter]) -> bool:
    """Whether there is anything to bring up to date."""
    return any(
        parameter.former or any(value.former or value.former_names for value in parameter.dictionary.values())
        for parameter in parameters
    )


def brought_up_to_date(parameters: Sequence[Parameter], answers: Answers) -> Answers:
    """The answers under today's ids; what has never moved, or is unknown, stays as it is.

    An answer under today's id counts more than one that was given under a former one.
    """
    by_id = {parameter.id: parameter for parameter in parameters}
    now_by_former = {former: each.id for each in parameters for former in each.former if former not in by_id}
    moved = {now_by_former[key]: answer for key, answer in answers.items() if key in now_by_former}
    kept = {key: answer for key, answer in answers.items() if key not in now_by_former}
    return {
        key: with_ids_of_today(by_id[key], answer) if key in by_id else answer
        for key, answer in {**moved, **kept}.items()
    }


def with_ids_of_today(parameter: Parameter, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = answer.get("values_ids") or ()
    if all(each in parameter.dictionary for each in chosen):
        return answer
    now_by_former = dict(_former_values(parameter))
    # A value that changed its name may have been typed, and then stands here by its name.
    ids = [each if each in parameter.dictionary else now_by_former.get(each, each) for each in chosen]
    return {**answer, "values_ids": list(dict.fromkeys(ids))}


def _former_values(parameter: Parameter) -> Iterator[tuple[str, str]]:
    for value in parameter.dictionary.values():
        for former in (*value.former_names, *value.former):
            yield former, value.id
