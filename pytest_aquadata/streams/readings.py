"""Sensor readings: every sensor of every container the batch stands in, at the scenario's times of day.

A reading is the parameter's mean (water temperature: the one function of place and date that growth uses), a swing over the day, and
autocorrelated noise of the declared spread, rounded to what the sensor reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import draws, masterdata
from pytest_aquadata.plan.life import millidegrees
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.base import CHUNK
from pytest_aquadata.streams.clock import moments
from pytest_aquadata.streams.columns import Rows

Int = NDArray[np.int64]
TABLE = "environmental_environmentalreading"
TEMPERATURE = "Temperature"
SCALE = 4
"""Decimals of a reading as it is kept."""
_WARMEST = 14 * 60
_QUARTER_DAY = 6 * 60
MEMORY_DAYS = 2
"""Noise forgets within this many days."""


class Readings:
    """Six readings a day and sensor, unless the scenario says otherwise."""

    name = "readings"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Sensors of each container x days x times of day."""
        times, world = len(simulation.scenario.readings.times), simulation.world
        return {
            TABLE: sum(
                stay.days * times * sum(len(world.container(number).parameters) for number in stay.containers) for stay in batch.stays
            )
        }

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically within each stay: day, time, container, sensor."""
        number = plan.first(batch, TABLE)
        for stay, assignments in zip(batch.stays, plan.assignments(batch), strict=True):
            for rows in self._stay(plan, batch, stay, assignments, number):
                number += rows.count
                yield rows

    def _stay(self, plan: Plan, batch: Batch, stay: Stay, assignments: Int, number: int) -> Iterator[Rows]:
        simulation = plan.simulation
        containers = [simulation.world.container(n) for n in stay.containers]
        parameters = np.array([p for c in containers for p in c.parameters], dtype=np.int64)
        if not len(parameters):
            return
        slot = np.repeat(np.arange(len(containers)), [len(c.parameters) for c in containers])
        sensors = np.concatenate([np.arange(len(c.parameters)) + (c.first_sensor or 0) for c in containers])
        values = self._values(simulation, batch, stay, parameters)
        times = np.array(simulation.scenario.readings.times, dtype=np.int64)
        days = batch.start + stay.first + np.arange(stay.days)
        when = moments(days[:, None], times).ravel()
        steps = max(1, CHUNK // len(parameters))
        for begin in range(0, len(when), steps):
            part = slice(begin, min(begin + steps, len(when)))
            count = (part.stop - begin) * len(parameters)
            moment = np.repeat(when[part], len(parameters))
            repeat = part.stop - begin
            yield Rows(
                TABLE,
                count,
                {
                    "id": columns.numbers(TABLE, np.arange(number, number + count)),
                    "value": columns.fixed(values[part].ravel(), SCALE),
                    "reading_time": columns.stamps(moment),
                    "is_manual": columns.bools(False),
                    "notes": columns.text(""),
                    "created_at": columns.stamps(moment),
                    "batch_id": columns.numbers("batch_batch", batch.number),
                    "container_id": columns.numbers("infrastructure_container", np.tile(np.array(stay.containers)[slot], repeat)),
                    "parameter_id": columns.numbers("environmental_environmentalparameter", np.tile(parameters, repeat)),
                    "recorded_by_id": columns.nulls(),
                    "sensor_id": columns.numbers("infrastructure_sensor", np.tile(sensors, repeat)),
                    "batch_container_assignment_id": columns.numbers("batch_batchcontainerassignment", np.tile(assignments[slot], repeat)),
                },
            )
            number += count

    def _values(self, simulation: Simulation, batch: Batch, stay: Stay, parameters: Int) -> Int:
        """Values in whole units of 1e-4, shape (days x times, sensors)."""
        names = {number: name for name, number in masterdata.parameters().items()}
        values = np.empty((stay.days * len(simulation.scenario.readings.times), len(parameters)), dtype=np.int64)
        for number in np.unique(parameters).tolist():
            mine = np.flatnonzero(parameters == number)
            values[:, mine] = values_of(simulation, batch, stay, names[number], len(mine))
        return values


def values_of(simulation: Simulation, batch: Batch, stay: Stay, parameter: str, sensors: int) -> Int:
    """What the sensors of one parameter read in a stay, in whole units of 1e-4, shape (days x times, sensors).

    sensors: how many there are, in the order of the containers. Each parameter has random numbers of its own: one more changes no other.
    """
    scenario, reading = simulation.scenario, simulation.profile.readings[parameter]
    times = len(scenario.readings.times)
    key = (scenario.seed, batch.name, "readings", stay.order, parameter)
    noise = draws.smooth(sensors, stay.days * times, MEMORY_DAYS * times, *key)
    exact = _course(simulation, batch, stay, parameter)[:, None] + noise.T * int(reading.spread * 10**SCALE)
    step = 10 ** (SCALE - reading.decimals) * draws.UNIT
    units: Int = np.maximum((exact + step // 2) // step * (step // draws.UNIT), 0)
    return units


def course_of(simulation: Simulation, batch: Batch, stay: Stay, parameter: str) -> NDArray[np.float64]:
    """What a sensor of a parameter would read without noise, in units of 1e-4, shape (days, times)."""
    return (_course(simulation, batch, stay, parameter) / draws.UNIT).reshape(stay.days, -1)


def _course(simulation: Simulation, batch: Batch, stay: Stay, parameter: str) -> Int:
    """The same in units of 1e-4 / UNIT, shape (days x times,): the mean, or the water temperature of the day, and the day's swing."""
    profile, unit = simulation.profile, 10**SCALE
    reading, times = profile.readings[parameter], np.array(simulation.scenario.readings.times, dtype=np.int64)
    away = np.abs((times - _WARMEST + 720) % 1440 - 720)
    swing = np.tile((_QUARTER_DAY - away) * draws.UNIT // _QUARTER_DAY, stay.days)
    mean = reading.sea if stay.order == len(profile.stages) else reading.freshwater
    if mean is None:
        water = millidegrees(batch.life.climate, profile, batch.start, batch.age)[stay.first : stay.first + stay.days]
        basis = np.repeat(water * (unit // 1000), len(times))
    else:
        basis = np.full(len(swing), int(mean * unit), dtype=np.int64)
    course: Int = basis * draws.UNIT + swing * int(reading.daily * unit)
    return course


def water_read(simulation: Simulation, batch: Batch, stay: Stay) -> tuple[Int, Int]:
    """Slots of the containers whose temperature is read, and the sum of a day's readings in each, units of 1e-4, shape (slots, days)."""
    number = masterdata.parameters()[TEMPERATURE]
    slots = [slot for slot, container in enumerate(stay.containers) if number in simulation.world.container(container).parameters]
    values = values_of(simulation, batch, stay, TEMPERATURE, len(slots))
    return np.array(slots, dtype=np.int64), values.reshape(stay.days, -1, len(slots)).sum(axis=1).T
