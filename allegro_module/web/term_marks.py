"""Marks of what a page of selling terms showed: a form with an old one was filled for something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import request

from allegro_module.db.terms import SellingTerm

FIELD = "mark"


def mark_of_states(*states: Mapping[str, Any] | None) -> str:
    text = json.dumps(states, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def mark_of_comparison(term: SellingTerm) -> str:
    """Of all that a choice between the two sides rests on."""
    return mark_of_states(term.base, term.content, term.theirs)


def is_comparison_old(term: SellingTerm) -> bool:
    """Whether the form was sent from a comparison of other states than the term has now."""
    return request.form.get(FIELD) != mark_of_comparison(term)
