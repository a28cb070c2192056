"""Ringing the queue."""

from __future__ import annotations

from time import monotonic

import pytest

from allegro_module.jobs.queue import ring_fetch_categories, ring_fetch_terms, ring_import, ring_publish
from tests.jobs.host import Host


def test_each_bell_has_a_job_of_its_own(ringing_host: Host) -> None:
    runtime = ringing_host.runtime

    answers = [
        ring(runtime, 3) for ring in (ring_publish, ring_import, ring_fetch_terms, ring_fetch_categories)
    ]

    assert answers == [True] * 4
    assert runtime.queue.job_ids == [
        "publish-offer-3",
        "import-orders-3",
        "fetch-terms-3",
        "fetch-categories-3",
    ]


def test_ringing_twice_makes_one_job(ringing_host: Host) -> None:
    assert ring_import(ringing_host.runtime, 3)
    assert ring_import(ringing_host.runtime, 3)

    assert len(ringing_host.runtime.queue) == 1


def test_queue_that_is_down_is_no_error_and_keeps_nobody_waiting(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    started = monotonic()

    assert ring_publish(host.runtime, 3) is False

    assert monotonic() - started < 5
    assert "the job queue cannot be reached" in caplog.text
