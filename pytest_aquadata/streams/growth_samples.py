"""Growth samples: some fish of each container weighed and measured every week, and the sample's statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import NOON, moments
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.fish import draw_fish, mean, sample_deviation

Int = NDArray[np.int64]
SAMPLE = "batch_growthsample"
FISH = "batch_individualgrowthobservation"


def sample_days(simulation: Simulation, stay: Stay) -> NDArray[np.bool_]:
    """On which days of a stay, and in which containers, fish are sampled, shape (slots, days).

    Every n-th day of the batch's life, in stages in which fish grow, where enough of them are left after the day.
    """
    plan: Scenario = simulation.scenario
    age = stay.first + np.arange(stay.days)
    growing = simulation.profile.stages[stay.order - 1].tgc > 0
    due = (age % plan.growth_samples.every == 0) & (age > 0) & growing
    sampled: NDArray[np.bool_] = due & (stay.alive[:, 1:] >= plan.growth_samples.fish)
    return sampled


class GrowthSamples:
    """Weekly samples of 30 fish a container, unless the scenario says otherwise."""

    name = "growth_samples"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Samples, and fish in them."""
        samples = sum(int(sample_days(simulation, stay).sum()) for stay in batch.stays)
        return {SAMPLE: samples, FISH: samples * simulation.scenario.growth_samples.fish}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically within each stay: day, container, fish. All samples come before the first fish."""
        simulation = plan.simulation
        number, first_fish = plan.first(batch, SAMPLE), plan.first(batch, FISH)
        fish_rows = []
        for stay, assignments in zip(batch.stays, plan.assignments(batch), strict=True):
            day, slot = np.nonzero(sample_days(simulation, stay).T)
            if not len(day):
                continue
            numbers = np.arange(number, number + len(day))
            number += len(day)
            weights, lengths = self.fish(simulation, batch, stay, day)
            moment = moments(batch.start + stay.first + day, NOON)
            yield Rows(
                SAMPLE,
                len(day),
                {
                    "id": columns.numbers(SAMPLE, numbers),
                    "sample_date": columns.dates(batch.start + stay.first + day),
                    "sample_size": columns.ints(weights.shape[1]),
                    **_statistics(weights, lengths),
                    "notes": columns.text(""),
                    "created_at": columns.stamps(moment),
                    "updated_at": columns.stamps(moment),
                    "assignment_id": columns.numbers("batch_batchcontainerassignment", assignments[slot]),
                },
            )
            fish_rows.append(_individuals(first_fish, numbers, weights, lengths, moment))
            first_fish += weights.size
        yield from fish_rows

    def fish(self, simulation: Simulation, batch: Batch, stay: Stay, day: Int) -> tuple[Int, Int]:
        """The fish sampled on these days of a stay (one day a sample): weights, lengths; see `draw_fish`."""
        scenario = simulation.scenario
        roots = batch.curve[stay.first + day + 1]
        key = (scenario.seed, batch.name, self.name, stay.order)
        return draw_fish(roots, scenario.growth_samples.fish, simulation.profile.samples, *key)


def _statistics(weights: Int, lengths: Int) -> dict[str, columns.Column]:
    weight, length = mean(weights), mean(lengths)
    root = length.astype(np.float64)
    condition = np.rint(weight * 1e8 / (root * root * root)).astype(np.int64)
    return {
        "avg_weight_g": columns.fixed(weight, 2),
        "avg_length_cm": columns.fixed(length, 2),
        "std_deviation_weight": columns.fixed(sample_deviation(weights), 2),
        "std_deviation_length": columns.fixed(sample_deviation(lengths), 2),
        "min_weight_g": columns.fixed(weights.min(axis=1), 2),
        "max_weight_g": columns.fixed(weights.max(axis=1), 2),
        "condition_factor": columns.fixed(condition, 2),
    }


def _individuals(first: int, samples: Int, weights: Int, lengths: Int, moment: Int) -> Rows:
    count, fish = weights.shape
    stamp = columns.stamps(np.repeat(moment, fish))
    return Rows(
        FISH,
        count * fish,
        {
            "id": columns.numbers(FISH, np.arange(first, first + count * fish)),
            "fish_identifier": columns.texts([str(n + 1) for n in range(fish)], np.tile(np.arange(fish), count)),
            "weight_g": columns.fixed(weights.ravel(), 2),
            "length_cm": columns.fixed(lengths.ravel(), 2),
            "created_at": stamp,
            "updated_at": stamp,
            "growth_sample_id": columns.numbers(SAMPLE, np.repeat(samples, fish)),
        },
    )
