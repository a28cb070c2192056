"""The rules of parameters decide the same in the browser (js/parameters.js) as on the server."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from allegro_module.domain.parameters import Parameter, decide, read_parameters, with_gtin
from allegro_module.web.parameter_data import browser_data

RULES = Path(__file__).parents[2] / "static" / "allegro" / "js" / "parameters.js"
#: `allows` is asked for every value there is.
ANSWERING = """({ decide, withGtin }, { parameters, answers, gtin }) => {
  const decisions = decide(parameters, withGtin(parameters, answers, gtin));
  const told = parameters.map(({ id, values }) => {
    const { isShown, isRequired, allows, because } = decisions.get(id);
    return [id, { isShown, isRequired, because, allowed: values.map(([each]) => each).filter(allows) }];
  });
  return Object.fromEntries(told);
}"""
IN_NODE = f"""
import {{ createInterface }} from "node:readline";
import * as rules from "{RULES.as_uri()}";
const answer = {ANSWERING};
for await (const line of createInterface({{ input: process.stdin }})) {{
  console.log(JSON.stringify(answer(rules, JSON.parse(line))));
}}
"""
IN_CHROMIUM = f"""async (source) => {{
  const rules = await import(URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }})));
  const answer = {ANSWERING};
  window.answer = (question) => answer(rules, question);
}}"""

Question = Mapping[str, Any]
Engine = Callable[[Question], Mapping[str, Any]]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Node where there is one, as it is quicker; else Chromium."""
    if shutil.which("node"):
        with engine_in_node() as asked:
            yield asked
    else:
        with engine_in(request.getfixturevalue("chromium")) as asked:
            yield asked


@contextmanager
def engine_in_node() -> Iterator[Engine]:
    command = ["node", "--input-type=module", "--eval", IN_NODE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdin is not None and node.stdout is not None
        to_node, from_node = node.stdin, node.stdout

        def ask(question: Question) -> Mapping[str, Any]:
            print(json.dumps(question), file=to_node, flush=True)
            answer: Mapping[str, Any] = json.loads(from_node.readline())
            return answer

        yield ask
        to_node.close()


@contextmanager
def engine_in(chromium: Browser) -> Iterator[Engine]:
    page = chromium.new_page()
    page.evaluate(IN_CHROMIUM, RULES.read_text())
    yield lambda question: page.evaluate("(question) => window.answer(question)", question)
    page.close()


def ask(engine: Engine, known: Sequence[Parameter], answers: Mapping[str, Any], gtin: str = "") -> Any:
    return engine({**browser_data(known, answers), "answers": answers, "gtin": gtin})


@pytest.fixture(autouse=True)
def texts() -> Iterator[None]:
    with Flask("texts").app_context():
        yield


IDS = ("11", "22", "33", "44", "55")


def value_ids(parameter_id: str) -> list[str]:
    return [f"{parameter_id}_{number}" for number in range(1, 4)]


ANY_VALUES = st.sampled_from(IDS).flatmap(
    lambda key: st.tuples(
        st.just(key), st.lists(st.sampled_from(value_ids(key)), min_size=1, max_size=3, unique=True)
    )
)
CONDITIONS = st.none() | st.fixed_dictionaries(
    {
        "parametersWithValue": st.lists(
            ANY_VALUES.map(lambda pair: {"id": pair[0], "oneOfValueIds": pair[1]}), max_size=2
        ),
        "parametersWithoutValue": st.lists(st.sampled_from(IDS).map(lambda key: {"id": key}), max_size=1),
    }
)
DISPLAY_CONDITIONS = CONDITIONS.map(lambda each: each and {**each, "parametersWithoutValue": []})


@st.composite
def parameters(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [draw(a_parameter(key)) for key in draw(st.permutations(IDS))]


@st.composite
def a_parameter(draw: st.DrawFn, key: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["dictionary", "dictionary", "string", "integer"]))
    parent = draw(st.none() | st.sampled_from(IDS)) if kind == "dictionary" else None
    dictionary = [
        {
            "id": value_id,
            "value": value_id,
            "dependsOnValueIds": draw(st.lists(st.sampled_from(value_ids(parent)), max_size=2))
            if parent
            else [],
        }
        for value_id in value_ids(key)
    ]
    return {
        "id": key,
        "name": draw(st.sampled_from(["Stan", "EAN (GTIN)", "ISBN", "Marka"])),
        "type": kind,
        "required": draw(st.booleans()),
        "requiredForProduct": draw(st.booleans()),
        "requiredIf": draw(CONDITIONS),
        "displayedIf": draw(DISPLAY_CONDITIONS),
        "options": {"describesProduct": draw(st.booleans()), "dependsOnParameterId": parent},
        "restrictions": {"range": kind == "integer" and draw(st.booleans())},
        "dictionary": dictionary if kind == "dictionary" else None,
    }


ANSWERS = st.dictionaries(
    st.sampled_from(IDS),
    st.fixed_dictionaries(
        {},
        optional={
            "values": st.lists(st.sampled_from(["", " ", "x", "7"]), max_size=2),
            "range": st.fixed_dictionaries(
                {"from": st.sampled_from(["", " ", "1"]), "to": st.sampled_from(["", "2"])}
            ),
        },
    ),
)
CHOICES = st.dictionaries(st.sampled_from(IDS), st.lists(st.integers(1, 4), max_size=2))


def answers_of(typed: Mapping[str, Any], chosen: Mapping[str, list[int]]) -> dict[str, Any]:
    """A value that no dictionary has stands among them, too."""
    ids = {key: [f"{key}_{number}" for number in numbers] for key, numbers in chosen.items()}
    return {key: {**typed.get(key, {}), "values_ids": ids.get(key, [])} for key in {*typed, *ids}}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=parameters(),
    typed=ANSWERS,
    chosen=CHOICES,
    gtin=st.sampled_from(["", " ", "5907700000130", "978-83-240-0000-1", "8324000001"]),
)
def test_browser_and_server_decide_the_same(
    engine: Engine, raw: list[dict[str, Any]], typed: dict[str, Any], chosen: dict[str, list[int]], gtin: str
) -> None:
    known = read_parameters(raw)
    answers = answers_of(typed, chosen)

    in_browser = ask(engine, known, answers, gtin)

    on_server = decide(known, with_gtin(known, answers, gtin))
    assert in_browser == {
        key: {
            "isShown": decision.is_shown,
            "isRequired": decision.is_required,
            "because": [[cause.parameter_id, list(cause.value_ids)] for cause in decision.because],
            "allowed": [each for each in decision.parameter.dictionary if each in decision.allowed],
        }
        for key, decision in on_server.items()
    }


def test_a_long_dictionary_is_not_sent_whole_but_allows_what_was_left_out(engine: Engine) -> None:
    brands = [{"id": f"b_{number}", "value": f"Marka {number}"} for number in range(5000)]
    raw = [
        {"id": "b", "name": "Marka", "type": "dictionary", "dictionary": brands},
        {
            "id": "m",
            "name": "Model",
            "type": "dictionary",
            "displayedIf": {"parametersWithValue": [{"id": "b", "oneOfValueIds": ["b_77"]}]},
            "dictionary": [{"id": "m_1", "value": "Model 1"}],
        },
    ]
    known = read_parameters(raw)

    shown = ask(engine, known, {"b": {"values_ids": ["b_77"]}})
    hidden = ask(engine, known, {"b": {"values_ids": ["b_78"]}})

    sent = browser_data(known, {})["parameters"][0]["values"]
    assert [value for value, *_ in sent] == ["b_77"]
    assert (shown["m"]["isShown"], hidden["m"]["isShown"]) == (True, False)


@pytest.mark.browser
def test_without_node_the_engine_runs_in_chromium(chromium: Browser) -> None:
    known = read_parameters([{"id": "11", "name": "Stan", "type": "string", "required": True}])

    with engine_in(chromium) as asked:
        decided = ask(asked, known, {})

    assert decided["11"]["isRequired"]
