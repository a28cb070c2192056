"""The measurements run: with tiny sizes, so that they keep up with what they measure."""

from __future__ import annotations

import pytest

from bench import backlog, idle, naive, order_list
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
