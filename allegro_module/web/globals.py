"""Names that our templates and macros use; all begin with `al_`, since the host's templates see them too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import url_for
from markupsafe import Markup

from allegro_module.domain.money import Money
from allegro_module.web import (
    account_choice,
    addresses,
    alarms,
    formats,
    labels,
    order_words,
    preparation,
    ui,
)
from allegro_module.web.i18n import language, n, t
from allegro_module.web.security import csrf_token


def template_globals() -> dict[str, Callable[..., Any]]:
    return {
        "al_t": t,
        "al_n": n,
        "al_language": language,
        "al_money": money,
        "al_number": formats.number,
        "al_percent": formats.percent,
        "al_when": when,
        "al_offer_number": formats.offer_number,
        "al_static": static_address,
        "al_csrf_token": csrf_token,
        "al_field_id": field_id,
        "al_head": ui.head,
        "al_alarms": ui.alarms_here,
        "al_lost_link": alarms.lost_link,
        "al_tabs": ui.tabs,
        "al_subtabs": account_choice.subtabs,
        "al_may_open": ui.may_open,
        "al_take_notes": ui.take_notes,
        "al_preparation": preparation.preparation,
        "al_address": addresses.template_value,
        "al_script_texts": script_texts,
        "al_sentence": labels.sentence,
        "al_environment": labels.label_of_environment,
        "al_offer_state": labels.label_of_offer_state,
        "al_order_state": labels.label_of_order,
        "al_flag": labels.word_of_flag,
        "al_country": labels.country_name,
        "al_order_field": order_words.field_word,
        "al_import_message": labels.words_of_import,
        "al_failure_reason": labels.words_of_failure,
    }


def money(amount: Money | Decimal, currency: str = "PLN") -> str:
    return formats.money(amount if isinstance(amount, Money) else Money(amount, currency))


def when(at: datetime | None) -> Markup:
    return formats.time_element(at, ui.page_now())


def static_address(path: str) -> str:
    return url_for("allegro.static", filename=path)


def field_id(name: str) -> str:
    """The id of the control of the form field `name`: `parameters.11323` → `f-parameters-11323`."""
    return "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", name)


def script_texts() -> str:
    return json.dumps(ui.script_texts(), ensure_ascii=False)
