"""When to ask again for tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.renewal import GRACE, LONGEST_WAIT, Silence, is_within, rest_of, wait_after

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@given(st.integers(1, 1000), st.sampled_from(Silence), st.none() | st.timedeltas(timedelta(0)))
def test_while_an_answer_may_be_lost_there_are_several_tries_within_the_grace(
    failures: int, silence: Silence, retry_after: timedelta | None
) -> None:
    assert wait_after(failures, silence, is_in_doubt=True, retry_after=retry_after) <= GRACE / 3


@pytest.mark.parametrize(
    ("silence", "seconds"),
    [
        (Silence.OPEN, [5, 10, 15, 15]),
        (Silence.AWAY, [5, 10, 20, 40, 80, 160, 320, 600, 600]),
        (Silence.LIMIT, [60, 120, 240, 480, 600, 600]),
    ],
)
def test_waits_grow(silence: Silence, seconds: list[int]) -> None:
    waits = [wait_after(failures, silence).total_seconds() for failures in range(1, len(seconds) + 1)]

    assert waits == seconds


def test_wait_that_allegro_asks_for_is_kept() -> None:
    assert wait_after(1, Silence.LIMIT, retry_after=timedelta(seconds=90)) == timedelta(seconds=90)
    assert wait_after(1, Silence.LIMIT, retry_after=timedelta(days=1)) == LONGEST_WAIT


@pytest.mark.parametrize(("seconds", "rest"), [(-1, 0), (0, 0), (30, 30), (600, 600), (601, 0)])
def test_rest_of_a_wait_is_nothing_when_a_clock_was_put_back(seconds: int, rest: int) -> None:
    until = NOON + timedelta(seconds=seconds)

    assert rest_of(until, NOON, LONGEST_WAIT) == timedelta(seconds=rest)
    assert rest_of(None, NOON, LONGEST_WAIT) == timedelta(0)


def test_moment_in_the_future_is_no_moment_ago() -> None:
    second = timedelta(seconds=1)

    assert is_within(NOON, NOON, second)
    assert not is_within(NOON - second, NOON, second)
    assert not is_within(NOON + second, NOON, 2 * second)
    assert not is_within(None, NOON, second)
