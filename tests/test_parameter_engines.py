"""Three engines decide a category's rules alike: the server's, the browser's, and the simulator's own."""

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
from playwright.sync_api import Browser
from werkzeug.test import Client

from allegro_module.domain.parameter_answers import problems_with
from allegro_module.domain.parameters import Parameter, decide, read_parameters, with_gtin
from allegro_module.simulator import create_simulator
from allegro_module.web.parameter_data import browser_data, browser_rules
from tests.parameter_sets import GTINS, Items, Raw, Sets, answers_of, items_of

RULES = Path(__file__).parents[1] / "static" / "allegro" / "js" / "parameters.js"
#: `allows` is asked for every value that the page was told.
ANSWERING = """({ decide, withGtin, problemsWith }, { parameters, answers, gtin }) => {
  const filled = withGtin(parameters, answers, gtin);
  const decisions = decide(parameters, filled);
  const decided = parameters.map(({ id, values }) => {
    const { isShown, isRequired, allows, because } = decisions.get(id);
    return [id, { isShown, isRequired, because, allowed: values.map(([each]) => each).filter(allows) }];
  });
  return { decided: Object.fromEntries(decided), problems: problemsWith(parameters, filled) };
}"""
IN_NODE = f"""
import {{ createInterface }} from "node:readline";
import * as rules from "{RULES.as_uri()}";
const answer = {ANSWERING};
for await (const line of createInterface({{ input: process.stdin }})) {{
  console.log(JSON.stringify(JSON.parse(line).map((question) => answer(rules, question))));
}}
"""
IN_CHROMIUM = f"""async (source) => {{
  const rules = await import(URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }})));
  const answer = {ANSWERING};
  window.answer = (questions) => questions.map((question) => answer(rules, question));
}}"""

#: A question is {"parameters", "answers", "gtin"}; many are asked at once.
Engine = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
SEEDS = range(12)
SETS_OF_A_SEED = 250
OFFERS_OF_A_SEED = 300


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

        def ask(questions: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
            print(json.dumps(questions), file=to_node, flush=True)
            answers: Sequence[Mapping[str, Any]] = json.loads(from_node.readline())
            return answers

        yield ask
        to_node.close()


@contextmanager
def engine_in(chromium: Browser) -> Iterator[Engine]:
    page = chromium.new_page()
    page.evaluate(IN_CHROMIUM, RULES.read_text())
    yield lambda questions: page.evaluate("(questions) => window.answer(questions)", questions)
    page.close()


def question(known: Sequence[Parameter], answers: Mapping[str, Any], gtin: str = "") -> dict[str, Any]:
    """As the page asks it: what was typed into a search and is no value is known to be none."""
    dictionaries = {parameter.id: parameter.dictionary for parameter in known}
    told = {
        key: {
            **answer,
            "strange": [each for each in answer.get("values_ids", ()) if each not in dictionaries[key]],
        }
        for key, answer in answers.items()
    }
    return {"parameters": browser_rules(known, answers), "answers": told, "gtin": gtin}


def on_server(asked: Mapping[str, Any], known: Sequence[Parameter], answers: Mapping[str, Any]) -> Any:
    """The answer that the browser should give."""
    filled = with_gtin(known, answers, asked["gtin"])
    told = {each["id"]: {value for value, *_ in each["values"]} for each in asked["parameters"]}
    decided = {
        key: {
            "isShown": decision.is_shown,
            "isRequired": decision.is_required,
            "because": [[cause.parameter_id, list(cause.value_ids)] for cause in decision.because],
            "allowed": sorted(set(decision.allowed) & told[key]),
        }
        for key, decision in decide(known, filled).items()
    }
    problems = [
        {
            "id": problem.field.removeprefix("parameters."),
            "code": problem.code,
            "params": {key: text for key, text in problem.params.items() if key not in ("name", "because")},
        }
        for problem in problems_with(known, filled)
    ]
    return {"decided": decided, "problems": problems}


def in_order(answer: Mapping[str, Any]) -> Any:
    decided = {key: {**each, "allowed": sorted(each["allowed"])} for key, each in answer["decided"].items()}
    return {"decided": decided, "problems": answer["problems"]}


@pytest.mark.parametrize("seed", SEEDS)
def test_browser_and_server_decide_the_same_and_find_the_same_problems(engine: Engine, seed: int) -> None:
    sets = Sets(seed)
    asked, expected = [], []
    for _ in range(SETS_OF_A_SEED):
        raw = sets.parameters()
        known, answers = read_parameters(raw), sets.any_answers(raw)
        asked.append(question(known, answers, sets.chance.choice(["", " ", *GTINS])))
        expected.append(on_server(asked[-1], known, answers))

    for each, answer, right in zip(asked, engine(asked), expected, strict=True):
        assert in_order(answer) == right, each


# The simulator, which stands for Allegro, judges what is sent -----------------------------------------------


@pytest.fixture(scope="module")
def allegro() -> Client:
    return Client(create_simulator())


def findings(allegro: Client, sent: Sequence[tuple[list[Raw], Items]]) -> list[list[str]]:
    """The codes that an offer with these parameters, its product made of them, would be refused for."""
    questions = [{"parameters": raw, "offer": an_offer(raw, items)} for raw, items in sent]
    answer = allegro.post("/_control/parameter-findings", json={"questions": questions})
    assert answer.status_code == 200, answer.text
    told: list[list[dict[str, Any]]] = json.loads(answer.text)["answers"]
    return [[found["code"] for found in each] for each in told]


def an_offer(raw: Sequence[Raw], items: Items) -> dict[str, Any]:
    """Each parameter in its section; one that the category does not know goes to the offer's."""
    of_product = {each["id"] for each in raw if each["options"]["describesProduct"]}
    return {
        "parameters": [item for item in items if item["id"] not in of_product],
        "productSet": [
            {"product": {"parameters": [item for item in items if item["id"] in of_product]}},
        ],
    }


def valid_offers(sets: Sets, count: int) -> Iterator[tuple[list[Raw], Items]]:
    while count:
        raw = sets.parameters()
        answers = sets.valid_answers(raw)
        if answers is not None:
            yield raw, items_of(raw, answers)
            count -= 1


@pytest.mark.parametrize("seed", range(4))
def test_allegro_takes_every_valid_answer(allegro: Client, seed: int) -> None:
    offers = list(valid_offers(Sets(seed), OFFERS_OF_A_SEED))

    for offer, found in zip(offers, findings(allegro, offers), strict=True):
        assert not found, offer


@pytest.mark.parametrize("seed", range(4, 8))
def test_allegro_refuses_an_offer_with_one_rule_broken(allegro: Client, seed: int) -> None:
    sets = Sets(seed)
    offers = valid_offers(sets, OFFERS_OF_A_SEED)
    broken = [(raw, *spoilt) for raw, items in offers if (spoilt := sets.broken(raw, items))]

    for (raw, what, items), found in zip(
        broken, findings(allegro, [(raw, items) for raw, _, items in broken]), strict=True
    ):
        assert found, (what, raw, items)


@pytest.mark.parametrize("seed", range(8, 12))
def test_what_is_sent_of_any_answers_is_refused_exactly_when_the_seller_was_told(
    allegro: Client, seed: int
) -> None:
    """Whatever was typed: hidden fields and values that do not fit are left out of what is sent."""
    sets = Sets(seed)
    typed = [(raw, sets.any_answers(raw)) for raw in (sets.parameters() for _ in range(OFFERS_OF_A_SEED))]
    sent = [(raw, items_of(raw, answers)) for raw, answers in typed]

    for (raw, items), found in zip(sent, findings(allegro, sent), strict=True):
        told = {each.code for each in problems_with(read_parameters(raw), answers_of(raw, items))}
        # We ask for both ends, as the official description does; Allegro's list of errors asks for one.
        assert bool(found) == bool(told) or "range_needs_boundary" in told, (raw, items, found, told)


def test_a_long_dictionary_is_not_sent_whole_but_allows_what_was_left_out(engine: Engine) -> None:
    brands = [{"id": f"b_{number}", "value": f"Marka {number}"} for number in range(5000)]
    raw: list[Raw] = [
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
    of_77, of_78 = ({"b": {"values_ids": [each]}} for each in ("b_77", "b_78"))

    shown, hidden = engine([question(known, of_77), {**question(known, {}), "answers": of_78}])

    assert [value for value, *_ in browser_rules(known, {})[0]["values"]] == ["b_77"]
    assert (shown["decided"]["m"]["isShown"], hidden["decided"]["m"]["isShown"]) == (True, False)
    assert hidden["problems"] == []


def test_every_fault_that_the_browser_finds_has_its_sentence() -> None:
    with Flask("texts").app_context():
        sentences = browser_data((), {})["sentences"]

    assert all(text and code not in text for code, text in sentences.items())
    assert "{max}" in sentences["parameter_too_large"]


@pytest.mark.browser
def test_without_node_the_engine_runs_in_chromium(chromium: Browser) -> None:
    known = read_parameters([{"id": "11", "name": "Stan", "type": "string", "required": True}])

    with engine_in(chromium) as asked:
        answer = asked([question(known, {})])[0]

    assert answer["decided"]["11"]["isRequired"]
    assert [problem["code"] for problem in answer["problems"]] == ["parameter_required"]
