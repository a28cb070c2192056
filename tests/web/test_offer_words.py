"""Values and limits as a Polish seller writes them."""

from __future__ import annotations

import pytest

from allegro_module.domain.parameters import Parameter, ParameterType
from allegro_module.domain.problems import Problem
from allegro_module.web.offer_words import answer_words, problem_sentence
from tests.web.conftest import Host


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem("parameter_too_small", params={"min": "5.0", "unit": "cm"}), "Wpisz co najmniej 5 cm"),
        (Problem("parameter_too_large", params={"max": "0.50", "unit": "g"}), "Wpisz najwyżej 0,5 g"),
        (
            Problem("price_too_low", "price", {"min": "1", "currency": "PLN"}),
            "Wpisz cenę co najmniej 1,00 zł.",
        ),
    ],
)
def test_limits_are_written_as_everybody_writes_them(host: Host, problem: Problem, sentence: str) -> None:
    with host.app.test_request_context(headers={"Accept-Language": "pl"}):
        assert problem_sentence(problem).replace("\u00a0", " ") == sentence


@pytest.mark.parametrize(("sent", "shown"), [("19.50", "19,5"), ("46.0", "46"), ("100", "100")])
def test_numbers_have_a_comma(host: Host, sent: str, shown: str) -> None:
    length = Parameter("1", "Długość", ParameterType.FLOAT)
    with host.app.test_request_context(headers={"Accept-Language": "pl"}):
        assert answer_words({"values": [sent]}, length) == shown
