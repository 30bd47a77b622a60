"""Health samplings: every month some fish of one container are weighed, measured and scored for every health parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import draws, masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import NOON, moments
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.fish import draw_fish, mean, population_deviation

Int = NDArray[np.int64]
EVENT = "health_healthsamplingevent"
FISH = "health_individualfishobservation"
SCORE = "health_fishparameterscore"
_CONDITION = 10_000
"""Condition factors with four decimals."""


def samplings(simulation: Simulation, batch: Batch) -> list[tuple[int, Stay, Int, Int]]:
    """(index of the stay, the stay, days of the stay, slots) of every sampling.

    Every n-th day of the batch's life from the profile's stage on, in one container drawn from those with enough fish after the day.
    """
    rules = simulation.scenario.health_samples
    key = (simulation.scenario.seed, batch.name, "health_samples", "container")
    picks = draws.uniform(batch.age // rules.every + 1, 0, 2**31 - 1, *key).tolist()
    found = []
    for index, stay in enumerate(batch.stays):
        if stay.order < simulation.profile.health.from_stage:
            continue
        days, slots = [], []
        for age in range(max(-(-stay.first // rules.every), 1) * rules.every, stay.first + stay.days, rules.every):
            enough = np.flatnonzero(stay.alive[:, age - stay.first + 1] >= rules.fish)
            if len(enough):
                days.append(age - stay.first)
                slots.append(int(enough[picks[age // rules.every] * len(enough) >> 31]))
        if days:
            found.append((index, stay, np.array(days), np.array(slots)))
    return found


class HealthSamples:
    """Monthly samplings of 75 fish, unless the scenario says otherwise."""

    name = "health_samples"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Samplings, fish in them, and scores."""
        events = sum(len(days) for _, _, days, _ in samplings(simulation, batch))
        fish = events * simulation.scenario.health_samples.fish
        return {EVENT: events, FISH: fish, SCORE: fish * len(masterdata.health_parameters())}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically: all samplings, then their fish, then the scores."""
        assignments = plan.assignments(batch)
        event, fish = plan.first(batch, EVENT), plan.first(batch, FISH)
        individuals, stamps = [], []
        for index, stay, days, slots in samplings(plan.simulation, batch):
            numbers = np.arange(event, event + len(days))
            weights, lengths = self._fish(plan.simulation, batch, stay, days)
            moment = moments(batch.start + stay.first + days, NOON)
            yield _events(numbers, batch.start + stay.first + days, moment, assignments[index][slots], weights, lengths)
            individuals.append(_individuals(fish, numbers, moment, weights, lengths))
            stamps.append(np.repeat(moment, weights.shape[1]))
            event += len(days)
            fish += weights.size
        yield from individuals
        if stamps:
            yield self._scores(plan, batch, np.concatenate(stamps))

    def _fish(self, simulation: Simulation, batch: Batch, stay: Stay, days: Int) -> tuple[Int, Int]:
        key = (simulation.scenario.seed, batch.name, self.name, stay.order)
        roots = batch.curve[stay.first + days + 1]
        return draw_fish(roots, simulation.scenario.health_samples.fish, simulation.profile.samples, *key)

    def _scores(self, plan: Plan, batch: Batch, moment: Int) -> Rows:
        """One score a fish and parameter."""
        simulation = plan.simulation
        parameters = len(masterdata.health_parameters())
        count = len(moment) * parameters
        edges = np.cumsum([int(share * 100) for share in simulation.profile.health.scores_percent])
        drawn = draws.uniform(count, 0, int(edges[-1]) - 1, simulation.scenario.seed, batch.name, self.name, "scores")
        stamp = columns.stamps(np.repeat(moment, parameters))
        return Rows(
            SCORE,
            count,
            {
                "id": columns.numbers(SCORE, plan.numbers(batch, SCORE)),
                "score": columns.ints(np.searchsorted(edges, drawn, side="right")),
                "created_at": stamp,
                "updated_at": stamp,
                "individual_fish_observation_id": columns.numbers(FISH, np.repeat(plan.numbers(batch, FISH), parameters)),
                "parameter_id": columns.numbers("health_healthparameter", np.tile(np.arange(1, parameters + 1), len(moment))),
            },
        )


def _events(numbers: Int, dates: Int, moment: Int, assignments: Int, weights: Int, lengths: Int) -> Rows:
    fish = columns.ints(weights.shape[1])
    stamp = columns.stamps(moment)
    return Rows(
        EVENT,
        len(numbers),
        {
            "id": columns.numbers(EVENT, numbers),
            "sampling_date": columns.dates(dates),
            "number_of_fish_sampled": fish,
            "notes": columns.text(""),
            "created_at": stamp,
            "updated_at": stamp,
            "assignment_id": columns.numbers("batch_batchcontainerassignment", assignments),
            "sampled_by_id": columns.numbers("auth_user", masterdata.user("vet")),
            "avg_k_factor": columns.fixed(mean(_conditions(weights, lengths)), 4),
            "calculated_sample_size": fish,
            **_statistics("weight_g", weights),
            **_statistics("length_cm", lengths),
        },
    )


def _statistics(what: str, values: Int) -> dict[str, columns.Column]:
    return {
        f"avg_{what}": columns.fixed(mean(values), 2),
        f"std_dev_{what}": columns.fixed(population_deviation(values), 2),
        f"min_{what}": columns.fixed(values.min(axis=1), 2),
        f"max_{what}": columns.fixed(values.max(axis=1), 2),
    }


def _conditions(weights: Int, lengths: Int) -> Int:
    """K = 100 W / L^3 of every fish, four decimals, from hundredths of g and cm; same shape."""
    length = lengths.astype(np.float64)
    return np.rint(weights * (100.0 * 100.0 * 100.0 * _CONDITION) / (length * length * length)).astype(np.int64)


def _individuals(first: int, events: Int, moment: Int, weights: Int, lengths: Int) -> Rows:
    count, fish = weights.shape
    stamp = columns.stamps(np.repeat(moment, fish))
    return Rows(
        FISH,
        count * fish,
        {
            "id": columns.numbers(FISH, np.arange(first, first + count * fish)),
            "fish_identifier": columns.texts([f"F{n + 1:03d}" for n in range(fish)], np.tile(np.arange(fish), count)),
            "length_cm": columns.fixed(lengths.ravel(), 2),
            "weight_g": columns.fixed(weights.ravel(), 2),
            "created_at": stamp,
            "updated_at": stamp,
            "sampling_event_id": columns.numbers(EVENT, np.repeat(events, fish)),
        },
    )
