"""How far sums lie from their expectation by chance: too strict an answer fails good farms, too lax a one finds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_aquadata.verify.chance import deviations_of_count, deviations_of_skewed, deviations_of_sum_of_squares

RNG = np.random.default_rng(20251121)
DRAWS = 20_000


@pytest.mark.parametrize("mean", [3.0, 30.0, 3_000.0])
def test_counts_are_standard_normal(mean: float) -> None:
    off = np.array([deviations_of_count(count, mean) for count in RNG.poisson(mean, DRAWS)])
    assert abs(off.mean()) < 0.06 + 0.3 / mean
    assert abs(off.std() - 1.0) < 0.06
    assert np.abs(off).max() < 5.0


@pytest.mark.parametrize("numbers", [10, 100, 2_000])
def test_sums_of_squares_are_standard_normal(numbers: int) -> None:
    squares = (RNG.standard_normal((DRAWS, numbers)) ** 2).sum(axis=1)
    off = deviations_of_sum_of_squares(squares, numbers, 2.0 * numbers)
    assert abs(off.mean()) < 0.03
    assert abs(off.std() - 1.0) < 0.03
    assert np.abs(off).max() < 5.0


@pytest.mark.parametrize("numbers", [10, 100, 2_000])
def test_no_spread_at_all_is_far_off(numbers: int) -> None:
    assert float(deviations_of_sum_of_squares(0.0, numbers, 2.0 * numbers)) < -6.0


def test_twice_the_spread_is_far_off() -> None:
    assert float(deviations_of_sum_of_squares(4.0 * 100, 100, 200)) > 8.0


def test_fourth_powers_are_nearly_normal() -> None:
    """Sums of the fourth Hermite polynomial, as tails are judged: far fewer false alarms than their own standard deviations would give."""
    numbers = 1_000  # the least by which a shape is judged
    x = RNG.standard_normal((5_000, numbers))
    raw = (x**4 - 6.0 * x**2 + 3.0).sum(axis=1) / np.sqrt(24.0 * numbers)
    off = deviations_of_skewed(raw, 6.0**1.5 / np.sqrt(numbers))
    assert raw.max() > 4.5
    assert np.abs(off).max() < 5.0
    assert abs(off.mean()) < 0.1
