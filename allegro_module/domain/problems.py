"""Problem: something the seller can correct, and the field where."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHOLE_FORM = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` picks the sentence in `web/i18n.py`; `text` is Allegro's own, shown as it came.

    `field` is the name of a form field (`title`, `parameters.11323`, `images.2`) or WHOLE_FORM.
    """

    code: str
    field: str = WHOLE_FORM
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    text: str | None = None
    is_warning: bool = False


def to_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "field": problem.field,
        "params": dict(problem.params),
        "text": problem.text,
        "is_warning": problem.is_warning,
    }


def from_json(stored: Mapping[str, Any]) -> Problem:
    return Problem(
        code=stored["code"],
        field=stored["field"],
        params=stored["params"],
        text=stored["text"],
        is_warning=stored["is_warning"],
    )
