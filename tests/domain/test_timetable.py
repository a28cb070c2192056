"""When a task runs next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.timetable import (
    EVERY_DAY,
    POLAND,
    Timetable,
    coming_runs,
    is_open,
    next_open,
    next_run,
)

#: The clocks go forward on 28 March 2027 at 2:00 and back on 25 October 2026 at 3:00.
CHANGES = (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC))
HALF_HOUR = timedelta(minutes=30)

minutes = st.integers(0, 24 * 60 - 1)
hours = st.one_of(st.just((None, None)), st.tuples(minutes, st.integers(1, 24 * 60)))
days = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda chosen: "".join(sorted(chosen)))
tables = st.builds(
    lambda pause, span, weekdays: Timetable(timedelta(seconds=pause), span[0], span[1], weekdays),
    st.integers(5, 7 * 24 * 3600),
    hours,
    days,
)
anywhere = st.datetimes(datetime(2026, 9, 1), datetime(2027, 5, 1), timezones=st.just(UTC))
near_a_change = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-40 * 3600, 40 * 3600),
)
moments = st.one_of(anywhere, near_a_change)


def poland(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=POLAND).astimezone(UTC)  # type: ignore[arg-type,misc]


def is_near_a_change(moment: datetime) -> bool:
    return any(abs(moment - change) < timedelta(days=2) for change in CHANGES)


def is_within(table: Timetable, moment: datetime) -> bool:
    """By the clock on the wall, written down as a seller would read it."""
    local = moment.astimezone(POLAND)
    minute, today = local.hour * 60 + local.minute, str(local.isoweekday())
    yesterday = str((local - timedelta(days=1)).isoweekday())
    begin = table.from_minute or 0
    end = 24 * 60 if table.to_minute is None else table.to_minute
    if begin < end:
        return begin <= minute < end and today in table.weekdays
    return (minute >= begin and today in table.weekdays) or (minute < end and yesterday in table.weekdays)


@given(tables, moments)
def test_next_run_is_never_earlier_than_the_pause(table: Timetable, last: datetime) -> None:
    assert next_run(table, last) - last >= table.pause


@given(tables, moments)
def test_next_run_is_within_hours_and_days(table: Timetable, last: datetime) -> None:
    found = next_run(table, last)

    assert is_open(table, found)
    assert is_within(table, found) or is_near_a_change(found)


@given(tables, moments)
def test_next_run_comes_within_eight_days_of_the_pause(table: Timetable, last: datetime) -> None:
    assert next_run(table, last) - last - table.pause <= timedelta(days=8)


@given(tables, moments, moments)
def test_later_run_is_not_followed_by_an_earlier_one(
    table: Timetable, one: datetime, other: datetime
) -> None:
    first, second = sorted((one, other))

    assert next_run(table, first) <= next_run(table, second)


@given(tables, moments)
def test_no_open_moment_is_passed_over(table: Timetable, moment: datetime) -> None:
    found = next_open(table, moment)

    between = [moment + (found - moment) * part / 7 for part in range(7)]
    assert found == moment or not any(is_open(table, each) for each in between)


@given(tables, moments)
def test_coming_runs_are_each_after_the_one_before(table: Timetable, moment: datetime) -> None:
    runs = list(coming_runs(table, moment, 4))

    assert all(later - earlier >= table.pause for earlier, later in pairwise(runs))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (poland(2026, 11, 20, 6, 59), poland(2026, 11, 20, 7)),
        (poland(2026, 11, 20, 7), poland(2026, 11, 20, 7)),
        (poland(2026, 11, 20, 21, 59), poland(2026, 11, 20, 21, 59)),
        (poland(2026, 11, 20, 22), poland(2026, 11, 21, 7)),
        (poland(2026, 11, 21, 22), poland(2026, 11, 23, 7)),
    ],
)
def test_hours_begin_with_the_first_minute_and_end_before_the_last(
    moment: datetime, expected: datetime
) -> None:
    # Monday to Saturday; the 21st is a Saturday.
    assert next_open(Timetable(HALF_HOUR, 7 * 60, 22 * 60, "123456"), moment) == expected


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    friday_night = Timetable(HALF_HOUR, 22 * 60, 6 * 60, "5")

    assert is_open(friday_night, poland(2026, 11, 21, 5, 59))
    assert not is_open(friday_night, poland(2026, 11, 20, 5, 59))
    assert not is_open(friday_night, poland(2026, 11, 21, 22, 30))


def test_same_hour_twice_means_a_whole_day_from_it() -> None:
    table = Timetable(HALF_HOUR, 600, 600, "5")

    assert is_open(table, poland(2026, 11, 21, 9, 59))
    assert not is_open(table, poland(2026, 11, 21, 10))


def test_time_that_is_skipped_comes_an_hour_later() -> None:
    at_half_past_two = Timetable(timedelta(hours=20), 150, 165)

    found = next_open(at_half_past_two, poland(2027, 3, 27, 12))

    assert found == poland(2027, 3, 28, 3, 30)
    assert next_run(at_half_past_two, found) == poland(2027, 3, 29, 2, 30)


def test_time_that_comes_twice_counts_once() -> None:
    at_half_past_two = Timetable(timedelta(minutes=30), 150, 165)

    found = next_open(at_half_past_two, poland(2026, 10, 24, 12))

    assert found == poland(2026, 10, 25, 2, 30)
    assert next_run(at_half_past_two, found) == poland(2026, 10, 26, 2, 30)


def test_short_pause_is_kept_while_the_clocks_change() -> None:
    always = Timetable(HALF_HOUR)

    runs = list(coming_runs(always, poland(2027, 3, 28, 1, 30), 3))

    assert [run.astimezone(POLAND).strftime("%H:%M") for run in runs] == ["01:30", "03:00", "03:30"]


def test_no_day_at_all_counts_as_every_day() -> None:
    assert is_open(Timetable(HALF_HOUR, weekdays=""), poland(2026, 11, 21, 10))
