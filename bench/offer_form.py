"""The form of two hundred parameters: shown, against Jinja from plain dicts; read, against WTForms."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import httpx2
import jinja2
import wtforms
from flask import render_template, session
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from allegro_module.db.accounts import get_account
from allegro_module.db.categories import Category
from allegro_module.db.offers import Offer, get_offer
from allegro_module.domain.offers import OfferState
from allegro_module.domain.parameter_answers import problems_with
from allegro_module.domain.parameters import (
    Parameter,
    ParameterType,
    decide,
    read_parameters,
    with_gtin,
)
from allegro_module.simulator.categories import parameter_json
from allegro_module.simulator.category_tree import tree
from allegro_module.web.forms.offer_answers import read_answers
from allegro_module.web.offer_facts import read_facts
from allegro_module.web.offer_form import form_view
from allegro_module.web.offer_parameters import ParameterField, ParameterSection, parameter_section
from bench.order_list import counted, get, logged_in
from bench.pages import Rendered
from bench.sizes import sizes
from bench.stores import Host, Store, a_store

ADDRESS = "/backend/allegro/config/offers/{}"
#: „Laptopy”: two hundred parameters with 1,401 values.
CATEGORY = "491"
SKU, GTIN = "BIL-PIER-001", "5907700000130"
RUNS = 15
#: The highest ratios that we accept.
GOAL_SHOWN, GOAL_READ = 4.0, 2.0
NOTHING_SOLD = Rendered({}, (), (), "a seller", 0)
#: As plain as the same fields can be written.
FLOOR = """
{% for field in fields %}
<div class="field"><label for="{{ field["id"] }}">{{ field["label"] }}</label>
{% if field["options"] %}<select id="{{ field["id"] }}" name="{{ field["name"] }}">
{%- for option in field["options"] %}<option value="{{ option["id"] }}"
{%- if option["is_chosen"] %} selected{% endif %}>{{ option["text"] }}</option>{% endfor %}</select>
{% else %}<input id="{{ field["id"] }}" name="{{ field["name"] }}" value="{{ field["value"] }}">{% endif %}
</div>
{% endfor %}"""

Sent = MultiDict[str, str]
Answer = dict[str, Any]
Timed = tuple[float, float]


class Nobody(httpx2.BaseTransport):
    """Allegro is not asked while a page is made."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(f"{request.method} {request.url}")


@dataclass(frozen=True)
class Form:
    """A store with one offer, of which each parameter is answered."""

    store: Store
    offer_id: int
    parameters: Sequence[Parameter]
    answers: Mapping[str, Answer]


def main() -> None:
    given = sizes(__doc__)
    for postgres in ("", *filter(None, [given.postgres])):
        with a_form(postgres) as form:
            measure(form)


@contextmanager
def a_form(postgres: str = "") -> Iterator[Form]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as home,
        a_store(Path(home), postgres, NOTHING_SOLD, "http://127.0.0.1:9") as store,
    ):
        raw = [parameter_json(each, "pl-PL") for each in tree()[CATEGORY].parameters]
        parameters = read_parameters(raw)
        answers = answers_to(parameters)
        with store.opened() as host:
            host.runtime.http_transport = Nobody()
            offer_id = _fill(host.runtime.session, raw, answers)
        yield Form(store, offer_id, parameters, answers)


def _fill(session: Session, raw: Sequence[Mapping[str, Any]], answers: Mapping[str, Answer]) -> int:
    now = datetime.now(UTC)
    category = Category(
        environment="simulator",
        allegro_id=CATEGORY,
        name="Laptopy",
        path="Elektronika › Laptopy",
        is_leaf=True,
        options={},
        fetched_at=now,
        parameters=list(raw),
        parameters_fetched_at=now,
    )
    offer = Offer(
        account=get_account(session, 1),
        sku=SKU,
        external_id=SKU,
        title="A thing with two hundred features",
        gtin=GTIN,
        category_id=CATEGORY,
        parameters=dict(answers),
        price_text="10,00",
        quantity_text="5",
        state=OfferState.DRAFT,
        state_since=now,
        created_at=now,
        changed_at=now,
    )
    session.add_all([category, offer])
    session.commit()
    return offer.id


def answers_to(parameters: Sequence[Parameter]) -> dict[str, Answer]:
    """To every parameter but the EAN, in turn, so that each is shown."""
    answers: dict[str, Answer] = {}
    for parameter in parameters:
        if not parameter.is_gtin:
            answers[parameter.id] = _answer_to(parameter, parameters, answers)
    assert problems_with(parameters, with_gtin(parameters, answers, GTIN)) == []
    return answers


def _answer_to(parameter: Parameter, parameters: Sequence[Parameter], so_far: Mapping[str, Answer]) -> Answer:
    if parameter.type is ParameterType.DICTIONARY:
        is_bound = parameter.depends_on_parameter_id is not None
        allowed = decide(parameters, so_far)[parameter.id].allowed if is_bound else parameter.dictionary
        return {"values_ids": [next(iter(allowed))]}
    if parameter.is_range:
        return {"range": {"from": "5", "to": "50"}}
    return {"values": ["abc" if parameter.type is ParameterType.STRING else "5"]}


def measure(form: Form) -> None:
    _measure_shown(form)
    _measure_read(form)


def _measure_shown(form: Form) -> None:
    client, address = logged_in(form.store), ADDRESS.format(form.offer_id)
    with form.store.opened() as host, host.app.test_request_context():
        session["user"] = "admin"
        rendered, built, fields = _section(host, form)
        floor = jinja2.Environment(autoescape=True).from_string(FLOOR)
        sides = {
            "floor": lambda: floor.render(fields=fields),
            "rendered": rendered,
            "built and rendered": built,
            "whole page": lambda: get(client, address),
        }
        times = by_turns(sides)
    with counted(form.store) as statements:
        get(client, address)
    options = sum(len(each["options"]) for each in fields)
    print(f"form of {len(fields)} parameters, {options} options, {form.store.kind}, median of {RUNS}")
    _report("rendered", times["rendered"], times["floor"], f" (goal {GOAL_SHOWN})")
    for name in ("built and rendered", "whole page"):
        _report(name, times[name], times["floor"], "")
    print(f"  whole page: {len(statements)} statements, no call to Allegro")


def _section(
    host: Host, form: Form
) -> tuple[Callable[[], object], Callable[[], object], list[dict[str, Any]]]:
    """Rendering the section that is ready, making and rendering it, and its fields as plain dicts."""
    offer = get_offer(host.runtime.session, form.offer_id)
    facts = read_facts(host.runtime, offer)
    view = form_view(facts)

    def render(section: ParameterSection) -> str:
        parts = {"view": replace(view, parameters=section), "offer": offer}
        return render_template("allegro/offers/_parameters.html", **parts)

    def build() -> ParameterSection:
        return parameter_section(facts, decide(form.parameters, facts.answers), view.errors)

    ready = build()
    return lambda: render(ready), lambda: render(build()), [*_plain_fields(ready)]


def _plain_fields(section: ParameterSection) -> Iterator[dict[str, Any]]:
    for group in (*section.needed, *section.optional, *section.folded):
        for field in (group.root, *group.dependents):
            yield {
                "id": field.control_id,
                "name": field.name,
                "label": field.label,
                "value": field.value or field.bounds[0],
                "options": _plain_options(field),
            }


def _plain_options(field: ParameterField) -> list[dict[str, Any]]:
    return [{"id": each.id, "text": each.text, "is_chosen": each.is_chosen} for each in field.options]


def _measure_read(form: Form) -> None:
    parameters = form.parameters
    sent = _sent(parameters, form.answers)
    fields = {name: field for each in parameters for name, field in _wtforms_fields(each)}

    def ours() -> None:
        answers = read_answers(sent, parameters, {})
        assert problems_with(parameters, with_gtin(parameters, answers, GTIN)) == []

    def wtforms_own() -> None:
        bare = BaseForm(fields)
        bare.process(sent)
        assert bare.validate(), bare.errors

    times = by_turns({"read and judged": ours, "WTForms": wtforms_own})
    print(f"answers to {len(parameters)} parameters read and judged, WTForms {len(fields)} fields")
    _report("read and judged", times["read and judged"], times["WTForms"], f" (goal {GOAL_READ})")


def _sent(parameters: Sequence[Parameter], answers: Mapping[str, Answer]) -> Sent:
    """As the page sends it."""
    sent: Sent = MultiDict()
    for parameter in parameters:
        name, answer = f"parameters.{parameter.id}", answers.get(parameter.id, {"values": [GTIN]})
        sent.add("shown", parameter.id)
        for value in (*answer.get("values_ids", ()), *answer.get("values", ())):
            sent.add(name, value)
        for side, text in answer.get("range", {}).items():
            sent.add(f"{name}.{side}", text)
        if parameter.takes_own_value:
            sent.add(f"{name}.custom", "")
    return sent


def _wtforms_fields(parameter: Parameter) -> Iterator[tuple[str, Any]]:
    name, needed = f"parameters.{parameter.id}", InputRequired() if parameter.required else Optional()
    if parameter.type is ParameterType.DICTIONARY:
        kind = wtforms.SelectMultipleField if parameter.multiple else wtforms.SelectField
        choices = [SelectChoice(value.id, value.name) for value in parameter.dictionary.values()]
        yield name, kind(parameter.name, choices=choices, validators=[needed])
    elif parameter.type is ParameterType.STRING:
        limit = Length(parameter.min_length or -1, parameter.max_length or -1)
        yield name, wtforms.StringField(parameter.name, validators=[needed, limit])
    else:
        number = wtforms.IntegerField if parameter.type is ParameterType.INTEGER else wtforms.DecimalField
        limits = NumberRange(parameter.min, parameter.max)
        for side in (".from", ".to") if parameter.is_range else ("",):
            yield name + side, number(parameter.name, validators=[needed, limits])


def by_turns(sides: Mapping[str, Callable[[], object]]) -> dict[str, list[Timed]]:
    """Each once to get warm, then in turn, so that what else the machine does weighs on all."""
    for work in sides.values():
        work()
    times: dict[str, list[Timed]] = {name: [] for name in sides}
    for _ in range(RUNS):
        for name, work in sides.items():
            started, cpu_started = perf_counter(), process_time()
            work()
            times[name].append((perf_counter() - started, process_time() - cpu_started))
    return times


def _report(name: str, ours: Sequence[Timed], floor: Sequence[Timed], goal: str) -> None:
    wall, cpu = (median(part) for part in zip(*ours, strict=True))
    floor_wall, floor_cpu = (median(part) for part in zip(*floor, strict=True))
    print(
        f"  {name:20}{wall * 1000:6.1f} ms, floor {floor_wall * 1000:.1f}, "
        f"ratio {wall / floor_wall:.2f}{goal}, by processor time {cpu / floor_cpu:.2f}"
    )


if __name__ == "__main__":
    main()
