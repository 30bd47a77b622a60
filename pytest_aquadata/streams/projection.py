"""The scenario's projection: what was expected of the batch on day 1, day by day, from the same biology that its life follows.

The projected weights are the planned ones, the projected fish die at the stage's rate without chance, and no harvest ends the curve: life
and projection differ by noise, never by construction. Temperature follows place and date while a profile is keyed by day number, so every
batch has a temperature profile of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.life import Life, millidegrees
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import moments
from pytest_aquadata.streams.columns import Rows

TABLE = "scenario_scenarioprojection"
TEMPERATURE = "scenario_temperaturereading"


@dataclass(frozen=True, slots=True)
class Projected:
    """A batch as it was expected on day 1, without chance; every array has shape (days,).

    stage: order of the stage. degrees: temperature, C. grams, fish: mean weight and number after the day. feed: kg of the day.
    """

    stage: NDArray[np.int64]
    degrees: NDArray[np.float64]
    grams: NDArray[np.float64]
    fish: NDArray[np.float64]
    feed: NDArray[np.float64]


def project(life: Life, days: int) -> Projected:
    """The first `days` days of a life by growth, loss and rations of its geography alone."""
    profile = life.profile
    water = millidegrees(life.climate, profile, life.start, days)
    weights = growth.grams(growth.curve(profile, water))
    gain = weights[1:] - weights[:-1]
    order = np.minimum(np.searchsorted(profile.first_days, np.arange(days), side="right"), len(profile.stages))
    loss = np.array([stage.loss_per_100k / 100_000 for stage in profile.stages])[order - 1]
    fcr = np.array([float(stage.fcr) for stage in profile.stages])[order - 1]
    keep = np.array([float(stage.maintenance_percent) / 100.0 for stage in profile.stages])[order - 1]
    fish = np.multiply.accumulate(np.concatenate(([float(life.eggs)], 1.0 - loss)))
    feed = fish[:-1] * np.maximum(fcr * gain, keep * weights[:-1]) / 1000.0
    return Projected(order, water / 1000.0, weights[1:], fish[1:], feed)


class Projection:
    """A row a day for 900 days, unless the scenario says otherwise, and the temperatures behind them."""

    name = "projection"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Projected days, and as many temperatures."""
        days = simulation.scenario.projection.days
        return {TABLE: days, TEMPERATURE: days}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Day by day."""
        days = plan.simulation.scenario.projection.days
        projected = project(batch.life, days)
        yield self._temperatures(plan, batch, projected.degrees)
        moment = columns.stamps(moments(batch.start, 0))
        yield Rows(
            TABLE,
            days,
            {
                "projection_id": columns.numbers(TABLE, plan.numbers(batch, TABLE)),
                "projection_date": columns.dates(batch.start + np.arange(days)),
                "day_number": columns.ints(np.arange(1, days + 1)),
                "average_weight": columns.floats(projected.grams),
                "population": columns.floats(projected.fish),
                "biomass": columns.floats(projected.fish * projected.grams / 1000.0),
                "daily_feed": columns.floats(projected.feed),
                "cumulative_feed": columns.floats(np.add.accumulate(projected.feed)),
                "temperature": columns.floats(projected.degrees),
                "created_at": moment,
                "updated_at": moment,
                "current_stage_id": columns.numbers("batch_lifecyclestage", projected.stage),
                "scenario_id": columns.numbers("scenario", plan.first(batch, "scenario")),
            },
        )

    def _temperatures(self, plan: Plan, batch: Batch, degrees: columns.Values) -> Rows:
        moment = columns.stamps(moments(batch.start, 0))
        return Rows(
            TEMPERATURE,
            len(degrees),
            {
                "reading_id": columns.numbers(TEMPERATURE, plan.numbers(batch, TEMPERATURE)),
                "temperature": columns.floats(degrees),
                "created_at": moment,
                "updated_at": moment,
                "profile_id": columns.numbers("scenario_temperatureprofile", plan.first(batch, "scenario_temperatureprofile")),
                "day_number": columns.ints(np.arange(1, len(degrees) + 1)),
            },
        )
