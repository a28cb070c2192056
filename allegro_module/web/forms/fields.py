"""Ground for our forms: fields that strip, validators that speak our sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wtforms import Field, Form, StringField
from wtforms.validators import StopValidation

from allegro_module.domain.problems import Problem
from allegro_module.web.sentences import sentence

Validator = Callable[[Form, Field], None]


def stripped(value: str | None) -> str:
    return (value or "").strip()


class Text(StringField):
    """A line of text without the blanks around it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, filters=[stripped], **kwargs)


def stop(code: str, **params: str) -> StopValidation:
    """What a validator raises: the first complaint about a field is enough."""
    return StopValidation(sentence(Problem(code, params=params)))


def filled(code: str = "required") -> Validator:
    def check(form: Form, field: Field) -> None:
        if not field.data:
            raise stop(code)

    return check


def shaped(pattern: str, code: str) -> Validator:
    """The whole text has the shape; an empty one is `filled`'s business."""

    def check(form: Form, field: Field) -> None:
        if field.data and not re.fullmatch(pattern, field.data):
            raise stop(code)

    return check
