"""Words to values and back, exactly."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.scenario import units
from pytest_aquadata.scenario.units import Wrong


@given(st.integers(0, 10_000))
def test_days_in_all_their_forms(number: int) -> None:
    assert units.days(number) == units.days(str(number)) == units.days(f"{number} days") == number
    assert units.days(f"{number} weeks") == units.days(f"{number}w") == 7 * number


@given(st.decimals("0.01", "49.99", places=2))
def test_years(number: Decimal) -> None:
    assert units.years(f"{number} years") == units.years(float(number)) == float(number)


@given(st.integers(1, 10_000))
def test_shares_as_percent_and_as_fraction(hundredths: int) -> None:
    percent = Decimal(hundredths) / 100
    assert units.share(f"{percent} %") == units.share(f"{percent}%") == float(Decimal(hundredths) / 10_000)
    assert units.share(hundredths / 10_000) == hundredths / 10_000


@given(st.integers(1, 9_999), st.integers(0, 9_999))
def test_millions_are_exact(low: int, more: int) -> None:
    """Thousands written as millions with three decimals come back to the fish."""
    high = low + more
    text = f"{Decimal(low) / 1000}M..{Decimal(high) / 1000}M"
    assert units.counts(text) == (low * 1000, high * 1000)
    assert units.counts(text.replace("M..", "..")) == (low * 1000, high * 1000)
    assert units.counts(low * 1000) == units.counts(f"{low}k") == (low * 1000, low * 1000)


@given(st.integers(1, 20_000), st.integers(0, 20_000))
def test_weights_are_grams(low: int, more: int) -> None:
    high = low + more
    assert units.grams(f"{Decimal(low) / 1000}..{Decimal(high) / 1000} kg") == (low, high)
    assert units.grams(f"{low}..{high} g") == units.grams(f"{low} g .. {Decimal(high) / 1000} kg") == (low, high)


@given(st.integers(0, 1439))
def test_times_of_day(minute: int) -> None:
    assert units.minutes(f"{minute // 60:02d}:{minute % 60:02d}") == minute
    assert units.minutes(f"{minute // 60}:{minute % 60:02d}:00") == minute


@given(st.integers(-2_000, 30_000))
def test_temperatures_are_thousandths(thousandths: int) -> None:
    degrees = Decimal(thousandths) / 1000
    assert units.millidegrees(f"{degrees} °C") == units.millidegrees(float(degrees)) == thousandths


@given(st.dates(units.FIRST_DATE, units.LAST_DATE))
def test_dates(day: date) -> None:
    assert units.day(day) == units.day(day.isoformat()) == day
    assert units.day("today", day) == day


@pytest.mark.parametrize(
    ("text", "value"),
    [("83 %", 0.83), ("4.5 kg", 4500.0), ("3.5M", 3_500_000.0), ("2 weeks", 14.0), (0.9, 0.9), ("-1", -1.0), (0, 0.0)],
)
def test_bounds(text: object, value: float) -> None:
    assert units.bound(text) == value


@pytest.mark.parametrize(
    ("parse", "value", "message"),
    [
        (units.days, "11 dais", "'11 dais' is not a number of days"),
        (units.days, "3.5 days", "'3.5 days' is not a whole number of days"),
        (units.days, True, "true is not a number of days"),
        (units.days, [3], "a list is not a number of days"),
        (units.days, {"a": 3}, "a mapping is not a number of days"),
        (units.years, float("nan"), "nan is not a number of years"),
        (units.share, 85, "85 is not between 0 and 1"),
        (units.share, "0 %", "'0 %' is not between 0 and 1"),
        (units.share, "8 kg", "'8 kg' is not a share"),
        (units.counts, "3.5m", "'3.5m' is not a number"),
        (units.counts, "3..", "'3..' is not a range"),
        (units.counts, "3.78M..3.0M", "'3.78M..3.0M': the low end is above the high end"),
        (units.counts, "1.5", "'1.5' is not a whole number of fish"),
        (units.grams, "4.5..6.5", "'4.5..6.5' has no unit"),
        (units.grams, 5, "5 has no unit"),
        (units.grams, "4.5-6.5 kg", "'4.5-6.5 kg' is not a weight"),
        (units.minutes, 8, "8 is not a time of day"),
        (units.minutes, "24:00", "'24:00' is not a time of day"),
        (units.millidegrees, 40, "40 is not a water temperature"),
        (units.millidegrees, "9 F", "'9 F' is not a temperature"),
        (units.bound, "3 fish", "'3 fish' is not a bound"),
        (units.day, "2025-02-30", "'2025-02-30' is not a day of the calendar"),
        (units.day, "21.11.2025", "'21.11.2025' is not a date"),
        (units.day, "today", "'today' is not a date"),
        (units.day, date(1, 1, 1) + timedelta(days=3), "0001-01-04 is too far away"),
        (units.days, "x" * 99, f"'{'x' * 37}...' is not a number of days"),
    ],
)
def test_what_cannot_be_read(parse: object, value: object, message: str) -> None:
    with pytest.raises(Wrong, match=f"^{re.escape(message)}$") as caught:
        parse(value)  # type: ignore[operator]
    assert caught.value.hint


@given(st.text(max_size=30) | st.floats() | st.integers() | st.none() | st.booleans() | st.lists(st.integers(), max_size=2))
def test_nothing_else_escapes(value: object) -> None:
    """Whatever is written, the answer is a value or a `Wrong`."""
    for parse in (units.days, units.years, units.share, units.bound, units.counts, units.grams, units.minutes):
        try:
            parse(value)
        except Wrong:
            continue
