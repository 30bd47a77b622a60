"""Criterion `readings`, and what it says of series that chance made otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from small_farm import AT_SEA, HARVESTED, Farm

from pytest_aquadata.plan import draws
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.readings import _powers
from pytest_aquadata.verify.sensor_series import Due, Found, Key, due_series, memory_of, strange

READING = "environmental_environmentalreading"
ONE_SENSOR = f"sensor_id = (SELECT max(sensor_id) FROM {READING} WHERE batch_id = %(id)s) AND batch_id = %(id)s"
LAST = f"id = (SELECT max(id) FROM {READING} WHERE batch_id = %(id)s)"
OXYGEN = "parameter_id = (SELECT id FROM environmental_environmentalparameter WHERE name = 'Dissolved Oxygen') AND batch_id = %(id)s"


@pytest.mark.parametrize(
    "harm",
    [
        f"DELETE FROM {READING} WHERE {LAST}",
        f"DELETE FROM {READING} WHERE {ONE_SENSOR}",
        f"UPDATE {READING} SET reading_time = reading_time + interval '1 minute' WHERE {LAST}",
        f"UPDATE {READING} SET created_at = created_at - interval '1 second' WHERE {LAST}",
    ],
    ids=["one missing", "a sensor missing", "a minute late", "written down before"],
)
@pytest.mark.parametrize("batch", [HARVESTED, AT_SEA])
def test_moments(farm: Farm, batch: str, harm: str) -> None:
    farm.do(harm, id=farm.id(batch))
    farm.fails("readings", batch, expected="every declared time")


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        ("value + 3", "mean"),
        ("90 + (value - 90) * 2", "spread"),
        ("90 + (value - 90) / 3", "spread"),
        ("value + CASE WHEN mod(id, 50) = 0 THEN 7.8 ELSE -0.15 END", "tails"),
        ("90 + abs(value - 90) - 1.6", "skewness"),
    ],
)
def test_values(farm: Farm, harm: str, what: str) -> None:
    farm.do(f"UPDATE {READING} SET value = greatest({harm}, 0) WHERE {OXYGEN}", id=farm.id(AT_SEA))
    verdict = farm.fails("readings", AT_SEA, expected="mean, spread and shape")
    assert what in {row[4] for row in verdict.rows}, verdict.rows


def test_a_stuck_sensor(farm: Farm) -> None:
    farm.do(f"UPDATE {READING} SET value = (SELECT min(value) FROM {READING} WHERE {ONE_SENSOR}) WHERE {ONE_SENSOR}", id=farm.id(HARVESTED))
    farm.fails("readings", HARVESTED, expected="mean, spread and shape")


def test_left_out(farm: Farm) -> None:
    assert farm.check("readings", plan=farm.without("readings")).state == "skip"


@pytest.mark.parametrize("window", [2, 12])
def test_memory_is_that_of_the_noise(window: int) -> None:
    """A mean of n readings strays as one of n / memory independent numbers does, and so does a mean of their squares."""
    noise = draws.smooth(4_000, 60 * window, window, 7, "test") / draws.UNIT
    first, second, third, fourth = memory_of(window)
    n = noise.shape[1]
    for power, memory, variance in ((noise, first, 1.0), (noise**2 - 1, second, 2.0), (noise**3 - 3 * noise, third, 6.0)):
        assert power.mean(axis=1).var() == pytest.approx(variance * memory / n, rel=0.15)
    assert (noise**4 - 6 * noise**2 + 3).mean(axis=1).var() == pytest.approx(24.0 * fourth / n, rel=0.3)


def test_powers_from_regression_sums() -> None:
    values = np.random.default_rng(5).normal(90.0, 2.0, 500)
    squares = values**2
    off, off2 = values - values.mean(), squares - squares.mean()
    sums = len(values), values.mean(), squares.mean(), (off**2).sum(), (off * off2).sum(), (off2**2).sum()
    due = [((values - 89.0) ** power).sum() for power in range(5)]
    assert _powers(*sums, 89.0) == pytest.approx(due, rel=1e-6)
    assert _powers(0, 0.0, 0.0, 0.0, 0.0, 0.0, 89.0) == (0, 0.0, 0.0, 0.0, 0.0)


def found_of(due: Due, values: np.ndarray) -> Found:
    """The series that these values would be."""
    away = values - due.mean
    judged = (len(values), *(float((away**power).sum()) for power in (1, 2, 3, 4)))
    return Found(due.n, due.minutes, due.minutes_off, float(values.mean()), float(((values - values.mean()) ** 2).sum()), 0, judged)


def test_chance_alone_is_not_strange(farm: Farm) -> None:
    """A thousand farms' worth of series, drawn anew as declared: none is called strange, so a seed of one's own fails no farm."""
    plan = farm.plan
    due = {key: series for batch in plan.simulation.batches[:3] for key, series in due_series(plan.simulation, batch) if key.month < 0}
    for seed in range(20):
        found = {}
        for key, series in due.items():
            noise = draws.smooth(1, series.n, 2, seed, *key[:3])[0] / draws.UNIT
            found[key] = found_of(series, series.mean + series.spread * noise + _course(series))
        assert not list(strange(due, found))


def _course(series: Due) -> np.ndarray:
    """Of one reading a day there is none: it always falls on the same hour."""
    assert series.course[2] == pytest.approx(0.0)
    return np.zeros(series.n)


def test_a_key_is_shown_with_its_month() -> None:
    assert Key("FAR-2025-001", "C01", "Temperature", 55 * 12).shown == ("FAR-2025-001", "C01", "Temperature", "2025-01")
    assert Key("FAR-2025-001", "C01", "pH", -1).shown[-1] is None


@pytest.mark.parametrize(
    ("bounds", "state"), [({"min": 1}, "pass"), ({"min": 50_000_000}, "fail"), ({"max": 1}, "fail"), ({"warn_max": 1}, "warn")]
)
def test_number_of_readings(farm: Farm, bounds: dict[str, float], state: str) -> None:
    assert farm.check("readings", CriterionSpec(**bounds)).state == state
