"""Random numbers: as theory says they fall, independent by key, and the same integers for ever. All seeds are fixed."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.plan import draws

MANY = 400_000
GOLDEN_RAW = [16414824211481214242, 17036763839471243843]
GOLDEN_UNIFORM = [56, 5, 77, 15, 77, 2]
GOLDEN_NORMAL = [70203, 9464, -14772, -108200, -8315]
GOLDEN_POISSON = [0, 0, 23, 476]
GOLDEN_SMOOTH = [[-74636, -42892, 7736], [-42749, -60140, -60908]]
GOLDEN_TABLE = "f03b5e98d639586e"


def test_integers_are_the_same_for_ever() -> None:
    """Changing any of these changes every farm that was ever built."""
    assert draws.raw(2, 1, "FAR-2025-001", "plan", "deaths").tolist() == GOLDEN_RAW
    assert draws.uniform(6, 1, 100, 1, "a").tolist() == GOLDEN_UNIFORM
    assert draws.normal(5, 1, "a").tolist() == GOLDEN_NORMAL
    assert draws.poisson(np.array([0.3, 3.0, 20.0, 500.0]), draws.poisson_bits(4, 1, "a")).tolist() == GOLDEN_POISSON
    assert draws.smooth(2, 3, 4, 1, "a").tolist() == GOLDEN_SMOOTH
    assert hashlib.blake2b(draws._normal_table().astype("<i8").tobytes(), digest_size=8).hexdigest() == GOLDEN_TABLE


def test_a_key_is_neither_the_text_beside_it_nor_another_seed() -> None:
    keys = [(1, "a", "b"), (1, "ab"), (1, "a", "b", ""), (1, "b", "a"), (2, "a", "b"), (11, "a", "b"), (1, 1, "a", "b")]
    assert len({tuple(draws.raw(2, *key).tolist()) for key in keys}) == len(keys)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 2**63 - 1))
def test_a_longer_series_begins_with_the_shorter_one(few: int, more: int, seed: int) -> None:
    for draw in (draws.raw, draws.normal, draws.poisson_bits):
        assert draw(few + more, seed, "x")[:few].tolist() == draw(few, seed, "x").tolist()
    assert draws.smooth(3, few + more, 5, seed, "x")[:, :few].tolist() == draws.smooth(3, few, 5, seed, "x").tolist()


def test_what_is_drawn_before_changes_nothing() -> None:
    first = draws.normal(10, 7, "readings")
    draws.normal(1000, 7, "another stream")
    draws.normal(3, 7, "readings")
    assert draws.normal(10, 7, "readings").tolist() == first.tolist()


def test_streams_of_two_purposes_are_uncorrelated() -> None:
    one, other = (draws.normal(MANY, 1, "FAR-2025-001", purpose) / draws.UNIT for purpose in ("weight", "condition"))
    assert abs(np.mean(one * other)) < 4 / math.sqrt(MANY)
    for lag in (1, 2, 3, 4):
        assert abs(np.mean(one[lag:] * one[:-lag])) < 4 / math.sqrt(MANY)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (-5, 5), (3_000_000, 3_780_000), (0, 2**31 - 1), (-(2**30), 2**30 - 1)])
def test_uniform_stays_in_its_range_and_reaches_over_all_of_it(low: int, high: int) -> None:
    values = draws.uniform(MANY, low, high, 3, "u")
    width = high - low + 1
    assert low <= values.min() <= low + width * 1e-3
    assert high - width * 1e-3 <= values.max() <= high
    assert abs(values.mean() - (low + high) / 2) <= 4 * width / math.sqrt(12 * MANY)
    assert values.var() == pytest.approx((width**2 - 1) / 12, rel=0.01)


def test_uniform_is_even() -> None:
    counts = np.bincount(draws.uniform(MANY, 0, 99, 4, "u"), minlength=100)
    chi_square = float(((counts - MANY / 100) ** 2 / (MANY / 100)).sum())
    assert 55 < chi_square < 155  # 99 degrees of freedom: 99 +- 4 standard deviations of 14


def test_the_normal_table_is_symmetric_rising_and_of_variance_one() -> None:
    table = draws._normal_table()
    assert len(table) == draws.UNIT
    assert (table == -table[::-1]).all()
    assert (np.diff(table) >= 0).all()
    assert table.sum() == 0
    assert float(((table / draws.UNIT) ** 2).mean()) == pytest.approx(1, abs=1e-3)
    assert table.max() / draws.UNIT < 4.4


def test_normal_has_the_moments_and_tails_of_theory() -> None:
    z = draws.normal(MANY, 5, "n") / draws.UNIT
    assert abs(z.mean()) < 4 / math.sqrt(MANY)
    assert z.var() == pytest.approx(1, abs=0.01)
    assert (z**3).mean() == pytest.approx(0, abs=0.02)
    assert (z**4).mean() == pytest.approx(3, abs=0.08)
    for bound in (0.5, 1, 2, 3):
        tail = math.erfc(bound / math.sqrt(2))
        assert abs((np.abs(z) > bound).mean() - tail) < 4 * math.sqrt(tail * (1 - tail) / MANY)


def poisson(mean: float, count: int = MANY) -> np.ndarray:
    return draws.poisson(np.full(count, mean), draws.poisson_bits(count, 6, "p", str(mean)))


@pytest.mark.parametrize("mean", [0.0004, 0.02, 0.3, 1.0, 3.0, 10.0, 24.0, 24.5, 100.0, 570.0, 5_000.0])
def test_poisson_has_mean_and_variance_of_theory(mean: float) -> None:
    drawn = poisson(mean)
    error = math.sqrt(mean / MANY)
    assert abs(drawn.mean() - mean) < 4 * error + 0.001 * math.sqrt(mean)
    assert drawn.var() == pytest.approx(mean, rel=0.02 + 4 * math.sqrt((2 + 1 / mean) / MANY))
    assert drawn.min() >= 0


@pytest.mark.parametrize("mean", [0.0004, 0.02, 0.3, 1.0, 3.0])
def test_poisson_leaves_out_as_many_days_as_theory(mean: float) -> None:
    none = math.exp(-mean)
    assert abs((poisson(mean) == 0).mean() - none) < 4 * math.sqrt(none * (1 - none) / MANY)


@pytest.mark.parametrize("mean", [0.3, 3.0, 20.0, 24.0, 26.0, 60.0, 600.0])
def test_poisson_falls_as_theory_says(mean: float) -> None:
    """Chi-square over the values that are expected at least 50 times, the rest in two tails."""
    count = 50_000
    drawn = poisson(mean, count)
    top = int(mean + 12 * math.sqrt(mean) + 12)
    share = np.array([math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(top)])
    often = np.flatnonzero(share * count >= 50)
    low, high = int(often[0]), int(often[-1]) + 1
    expected = np.concatenate(([share[:low].sum()], share[low:high], [1 - share[:high].sum()])) * count
    seen = np.bincount(np.clip(drawn, low - 1, high) - low + 1, minlength=high - low + 2)
    kept = expected > 5
    chi_square = float(((seen - expected)[kept] ** 2 / expected[kept]).sum())
    freedom = int(kept.sum()) - 1
    assert chi_square < freedom + 5 * math.sqrt(2 * freedom) + 5


def test_poisson_of_no_fish_is_nothing() -> None:
    assert not poisson(0.0, 1000).any()


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.01, 0.5, 1.0, 5.0, 24.0, 64.0])
def test_exp_of_basic_operations_is_exp(x: float) -> None:
    assert float(draws._exp_minus(np.array([x]))[0]) == pytest.approx(math.exp(-x), rel=1e-11)


@pytest.mark.parametrize("window", [2, 12])
def test_smooth_noise_has_unit_spread_and_forgets_within_its_window(window: int) -> None:
    rows = draws.smooth(20, 20_000, window, 8, "s") / draws.UNIT
    assert rows.shape == (20, 20_000)
    assert rows.std() == pytest.approx(1, abs=0.02)
    assert abs(rows.mean()) < 0.03
    for lag in range(window + 3):
        expected = max(0.0, 1 - lag / window)
        assert (rows[:, lag:] * rows[:, : rows.shape[1] - lag]).mean() == pytest.approx(expected, abs=0.03)
    between = np.corrcoef(rows) - np.eye(20)
    assert np.abs(between).max() < 0.12
