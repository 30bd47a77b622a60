"""Growth by thermal units: cube roots, curves, caps, and the day of harvest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.plan import growth
from pytest_aquadata.scenario.profile import load_profile

GUIDE = load_profile("guide")
DAYS = GUIDE.first_days[-1]


@given(st.floats(1e-6, 1e9))
def test_the_cube_root_is_one(x: float) -> None:
    assert growth.cube_root(x) ** 3 == pytest.approx(x, rel=1e-14)


@pytest.mark.parametrize("root", [1, 2, 3, 10, 19, 100])
def test_the_cube_root_of_a_cube_is_exact(root: int) -> None:
    assert growth.cube_root(root**3) == root


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_cube_root_rises(x: float, y: float) -> None:
    assert (growth.cube_root(min(x, y))) <= growth.cube_root(max(x, y))


def test_a_day_grows_by_tgc_times_its_degrees() -> None:
    """Iwama and Tautz: 100 days of 10 degrees at TGC 2.75 add 2.75 to the cube root of the weight."""
    water = np.full(DAYS, 10_000)
    curve = growth.curve(GUIDE, water)
    assert curve[0] == curve[90] == growth.cube_root(GUIDE.egg_weight_g)
    stage = GUIDE.stages[1]
    for age in range(90, 130):
        grown = curve[90] + float(stage.tgc) / 1000 * 10 * (age - 90)
        assert curve[age] == pytest.approx(min(grown, growth.cube_root(stage.cap_g)), rel=1e-12)


waters = st.lists(st.integers(0, 18_000), min_size=12, max_size=12).map(lambda means: np.repeat(means, DAYS // 12 + 1)[:DAYS])


@given(waters)
def test_curves_rise_and_stay_below_each_cap(water: np.ndarray) -> None:
    curve = growth.curve(GUIDE, water)
    assert curve.shape == (DAYS + 1,)
    assert (np.diff(curve) >= 0).all()
    for stage, first, after in zip(GUIDE.stages, GUIDE.first_days, GUIDE.first_days[1:], strict=False):
        assert curve[first + 1 : after + 1].max() <= growth.cube_root(stage.cap_g)


@given(waters, st.integers(1, 200))
def test_warmer_water_never_gives_smaller_fish(water: np.ndarray, more: int) -> None:
    assert (growth.curve(GUIDE, water + more) >= growth.curve(GUIDE, water)).all()


@given(waters, st.integers(1, DAYS - 1))
def test_a_shorter_curve_is_the_beginning_of_the_longer(water: np.ndarray, days: int) -> None:
    assert (growth.curve(GUIDE, water[:days]) == growth.curve(GUIDE, water)[: days + 1]).all()


@given(waters, st.integers(100, 20_000))
def test_harvest_is_the_first_day_at_sea_on_target_or_the_last(water: np.ndarray, target: int) -> None:
    curve = growth.curve(GUIDE, water)
    day = growth.harvest_day(GUIDE, curve, target)
    root = growth.cube_root(target)
    assert 450 < day <= DAYS
    assert (curve[451:day] < root).all()
    assert day == DAYS or curve[day] >= root


@given(waters, st.integers(100, 9_000), st.integers(0, 3_000))
def test_a_heavier_target_is_never_reached_earlier(water: np.ndarray, target: int, more: int) -> None:
    curve = growth.curve(GUIDE, water)
    assert growth.harvest_day(GUIDE, curve, target) <= growth.harvest_day(GUIDE, curve, target + more)


def test_weights_are_cubes_and_are_kept_in_hundredths_of_a_gram() -> None:
    roots = np.array([0.5, 1.0, 2.479])
    assert growth.grams(roots).tolist() == (roots**3).tolist()
    assert growth.centigrams(roots).tolist() == [12, 100, 1523]


def test_stages_of_the_guide_change_on_the_documented_days() -> None:
    assert GUIDE.first_days == (0, 90, 180, 270, 360, 450, 900)
