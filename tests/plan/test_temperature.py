"""Water temperature: the monthly means in the middle of their months, a straight line between them, every year alike."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.plan.temperature import daily_millidegrees, day_number

MONTHS = st.lists(st.integers(-2_000, 30_000), min_size=12, max_size=12)
DAYS = st.dates(date(1980, 1, 1), date(2099, 1, 1))


@given(MONTHS, st.integers(1980, 2099))
def test_a_mean_holds_on_the_middle_day_of_its_month(means: list[int], year: int) -> None:
    for month in range(1, 13):
        assert daily_millidegrees(means, date(year, month, 15), 1).tolist() == [means[month - 1]]


@given(MONTHS, DAYS)
def test_temperature_goes_in_small_steps_between_neighbouring_means(means: list[int], first: date) -> None:
    values = daily_millidegrees(means, first, 800)
    greatest = max(abs(a - b) for a, b in zip(means, means[1:] + means[:1], strict=True))
    assert np.abs(np.diff(values)).max() <= greatest / 28 + 1
    assert min(means) <= values.min() <= values.max() <= max(means)


@given(MONTHS, DAYS, st.integers(0, 500), st.integers(1, 50))
def test_it_is_a_function_of_the_date(means: list[int], first: date, later: int, days: int) -> None:
    whole = daily_millidegrees(means, first, later + days)
    assert daily_millidegrees(means, first + timedelta(days=later), days).tolist() == whole[later:].tolist()


@given(MONTHS)
def test_leap_years_have_one_day_more_and_no_jump(means: list[int]) -> None:
    leap, plain = (daily_millidegrees(means, date(year, 1, 1), 365 + (year == 2024)) for year in (2024, 2023))
    assert (leap[:45] == plain[:45]).all()
    assert (leap[74:] == plain[73:]).all()  # from 15 March on
    middle = daily_millidegrees(means, date(2024, 2, 29), 1)[0]
    assert min(means[1], means[2]) <= middle <= max(means[1], means[2])


@given(st.integers(-2_000, 30_000), DAYS, st.integers(0, 800))
def test_one_mean_for_all_months_is_constant(mean: int, first: date, days: int) -> None:
    assert daily_millidegrees([mean] * 12, first, days).tolist() == [mean] * days


def test_between_two_means_it_is_a_straight_line() -> None:
    values = daily_millidegrees([0, 2_800, *[0] * 10], date(2023, 2, 15), 29)
    assert values.tolist() == [2_800 - 100 * n for n in range(29)]


def test_twelve_means_are_needed() -> None:
    with pytest.raises(ValueError, match="twelve monthly means are needed, not 11"):
        daily_millidegrees([0] * 11, date(2023, 1, 1), 1)


def test_days_count_from_1970() -> None:
    assert [day_number(day) for day in (date(1970, 1, 1), date(1969, 12, 31), date(2000, 3, 1))] == [0, -1, 11017]
