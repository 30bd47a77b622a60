"""Sensor readings: which sensors, when, and how their values spread, swing and remember."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tables import plan_of, table

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.life import millidegrees
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.streams.readings import TABLE, Readings

NAMES = {number: name for name, number in masterdata.parameters().items()}
TIMES = (360, 480, 600, 840, 960, 1080)
DAY = 86_400_000_000


@pytest.fixture(scope="module")
def full() -> Plan:
    """A batch at sea with the standard times, in water of one temperature."""
    return plan_of(ages=[820], harvest_weight="6.9 kg", geographies=["Scotland"], temperatures={"freshwater": 12, "sea": 9})


@pytest.fixture(scope="module")
def values(full: Plan) -> dict[str, np.ndarray]:
    return table(Readings().rows(full, full.simulation.batches[0]), TABLE)


def series(full: Plan, values: dict[str, np.ndarray]) -> Iterator[tuple[str, bool, np.ndarray]]:
    """(parameter, at sea, values of shape (sensors, days, times)) of each parameter ashore and at sea, stay by stay."""
    world = full.simulation.world
    for stay in full.simulation.batches[0].stays:
        sensors = {c.first_sensor + n: p for c in map(world.container, stay.containers) for n, p in enumerate(c.parameters)}
        for parameter in sorted(set(sensors.values())):
            mine = np.isin(values["sensor_id"], [s for s, p in sensors.items() if p == parameter])
            order = np.lexsort((values["reading_time"][mine], values["sensor_id"][mine]))
            yield NAMES[parameter], stay.order == 6, values["value"][mine][order].reshape(-1, stay.days, len(TIMES)) / 10_000


def test_every_sensor_of_a_container_reads_at_every_time_and_no_other(full: Plan, values: dict[str, np.ndarray]) -> None:
    simulation, batch = full.simulation, full.simulation.batches[0]
    expected, at = [], 0
    for stay, assignments in zip(batch.stays, full.assignments(batch), strict=True):
        one = [
            (c.first_sensor + n, p, c.number, a)
            for c, a in zip(map(simulation.world.container, stay.containers), assignments.tolist(), strict=True)
            for n, p in enumerate(c.parameters)
        ]
        count = stay.days * len(TIMES) * len(one)
        rows = slice(at, at + count)
        for place, column in enumerate(("sensor_id", "parameter_id", "container_id", "batch_container_assignment_id")):
            assert (values[column][rows].reshape(-1, len(one)) == [row[place] for row in one]).all()
        times = (batch.start + stay.first + np.arange(stay.days))[:, None] * DAY + np.array(TIMES) * 60_000_000
        assert (values["reading_time"][rows].reshape(-1, len(one)) == times.reshape(-1, 1)).all()
        expected.append(count)
        at += count
    assert at == len(values["id"])


def test_only_what_there_are_sensors_for_is_read(full: Plan, values: dict[str, np.ndarray]) -> None:
    read = {(name, at_sea) for name, at_sea, _ in series(full, values)}
    assert {name for name, at_sea in read if not at_sea} == {"Temperature", "Dissolved Oxygen", "pH", "CO2", "NO2", "NO3", "NH4"}
    assert {name for name, at_sea in read if at_sea} == {"Temperature", "Dissolved Oxygen", "pH", "Salinity"}


def test_containers_without_sensors_are_not_read() -> None:
    place: dict[str, Any] = {"name": "Bare", "latitude": 60, "longitude": 5, "sensors": False}
    stages = ("Egg&Alevin", "Fry", "Parr", "Smolt", "Post-Smolt")
    halls = [{"letter": letter, "stage": stage, "containers": 10} for letter, stage in zip("ABCDE", stages, strict=True)]
    own = {"name": "Bare", "stations": [{**place, "halls": halls}], "areas": [{**place, "name": "Bare Sea", "rings": 20, "sensors": True}]}
    plan = plan_of(ages=[500], saturation=1.0, geographies=[own])
    batch = plan.simulation.batches[0]
    rows = table(Readings().rows(plan, batch), TABLE)
    assert len(rows["id"]) == plan.count(batch, TABLE) == 50 * 10 * 4 * 6
    assert rows["reading_time"].min() // DAY == batch.start + 450


def test_means_and_spreads_are_the_declared_ones(full: Plan, values: dict[str, np.ndarray]) -> None:
    for name, at_sea, got in series(full, values):
        declared = full.simulation.profile.readings[name]
        mean = declared.sea if at_sea else declared.freshwater
        expected = (9.0 if at_sea else 12.0) if mean is None else float(mean)
        # what is left when the swing over the day is taken out, which is the same every day
        noise = got - got.mean(axis=(0, 1))
        assert noise.std() == pytest.approx(float(declared.spread), rel=0.12), name
        assert got.mean() == pytest.approx(expected, abs=0.2 * float(declared.spread) + float(declared.daily)), name
        assert got.min() >= 0


def test_decimals_are_those_of_the_sensor(full: Plan, values: dict[str, np.ndarray]) -> None:
    for name, _, got in series(full, values):
        units = np.rint(got * 10_000).astype(np.int64)
        step = 10 ** (4 - full.simulation.profile.readings[name].decimals)
        assert (units % step == 0).all(), name
        assert len(np.unique(units)) > 5, name
        assert (units % (step * 10) != 0).any(), name


def test_noise_remembers_a_day_and_forgets_after_two(full: Plan, values: dict[str, np.ndarray]) -> None:
    """The correlation falls in a straight line over two days of readings, and sensors know nothing of one another."""
    window = 2 * len(TIMES)
    for name, _, got in series(full, values):
        noise = (got - got.mean(axis=(0, 1))).reshape(len(got), -1)
        variance = (noise**2).mean()
        for lag in (1, window // 2, window, 2 * window):
            correlation = (noise[:, lag:] * noise[:, :-lag]).mean() / variance
            assert correlation == pytest.approx(max(0, 1 - lag / window), abs=0.17), (name, lag)
        neighbours = np.corrcoef(noise)[~np.eye(len(noise), dtype=bool)]
        assert abs(neighbours.mean()) < 0.1, name


def test_the_day_swings_as_declared_and_is_warmest_at_two(full: Plan, values: dict[str, np.ndarray]) -> None:
    for name, _, got in series(full, values):
        declared = full.simulation.profile.readings[name]
        swing = got.mean(axis=(0, 1)) - got.mean()
        theory = np.array([1 - abs(minute - 840) / 360 for minute in TIMES])
        theory = (theory - theory.mean()) * float(declared.daily)
        # the means of a time of day all carry the same noise, except for what six hours change
        tolerance = 0.12 * float(declared.spread) + 10.0**-declared.decimals / 2
        assert swing == pytest.approx(theory, abs=tolerance), name
    temperature = next(got for name, _, got in series(full, values) if name == "Temperature")
    assert int(temperature.mean(axis=(0, 1)).argmax()) == TIMES.index(840)


def test_temperature_is_that_of_the_place_and_date() -> None:
    plan = plan_of(ages=[880], geographies=["Scotland"], readings={"times": ["08:00", "20:00"]}, eggs="1M", containers_per_stage=5)
    batch = plan.simulation.batches[0]
    rows = table(Readings().rows(plan, batch), TABLE)
    mine = rows["parameter_id"] == masterdata.parameters()["Temperature"]
    day, value = rows["reading_time"][mine] // DAY - batch.start, rows["value"][mine]
    mean = np.bincount(day, value) / np.bincount(day) / 10_000
    water = millidegrees(batch.life.climate, plan.simulation.profile, batch.start, batch.age) / 1000
    assert np.abs(mean - water).mean() < 0.15
    assert np.abs(mean - water).max() < 0.6


def test_a_later_look_finds_the_same_readings() -> None:
    keys: dict[str, Any] = {"start": "2024-01-01", "batches": 1, "geographies": ["Scotland"], "eggs": "500k", "containers_per_stage": 2}
    early, late = (plan_of(**keys, as_of=day) for day in ("2024-04-20", "2024-06-01"))
    before, after = (table(Readings().rows(plan, plan.simulation.batches[0]), TABLE) for plan in (early, late))
    assert before["value"].tolist() == after["value"][: len(before["value"])].tolist()
    assert before["reading_time"].tolist() == after["reading_time"][: len(before["value"])].tolist()
