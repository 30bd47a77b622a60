"""Growth analysis: the state of every container on every day, as the application assimilates it from what was measured.

A day's state is that of its end. Weight is a sample's mean where fish were sampled, else one step of growth in the day's water from the
state before; so samples pull the curve to what was weighed, as they do in the application. A destination starts empty and is filled by
the move: fish are never counted twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.life import millidegrees
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay, move_between
from pytest_aquadata.streams import columns, readings
from pytest_aquadata.streams.clock import EVENING, moments
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.fish import mean
from pytest_aquadata.streams.growth_samples import GrowthSamples, sample_days

Int = NDArray[np.int64]
Float = NDArray[np.float64]
TABLE = "batch_actualdailyassignmentstate"

MOST_FCR = 10_000
"""A day's feed conversion is kept up to this, in thousandths; above it the day's gain is too small to mean anything."""
LEAST_GAIN = 1.0
"""kg a container has to gain in a day for its feed conversion to be observed."""

TEMPERATURES = ("measured", "profile", "none")
"""Where a temperature can come from in a build, the best first."""

_CONFIDENCE = {
    "weight": {"measured": 1.0, "tgc_computed": 0.8, "tgc_by_profile": 0.5, "unchanged": 0.3},
    "temp": {"measured": 1.0, "profile": 0.5, "none": 0.0},
    "mortality": {"actual": 1.0, "model": 0.4},
    "feed": {"actual": 1.0, "none": 1.0},
}
"""How far the application trusts each source; growth is trusted no more than the temperature that it is worked out from."""


@dataclass(frozen=True, slots=True)
class States:
    """The states of a stay; arrays have shape (slots, days).

    root: cube root of the weight in g. fish: after the day. dead: on the day. feed: hundredths of a kg. sampled: weight is a sample's mean.
    water: hundredths of a degree. temperature: where it comes from, an index into `TEMPERATURES`. fcr: thousandths, 0 for none.
    """

    root: Float
    fish: Int
    dead: Int
    feed: Int
    sampled: NDArray[np.bool_]
    water: Int
    fcr: Int
    temperature: Int


class DailyStates:
    """A row for each container and day."""

    name = "daily_states"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Containers x days."""
        return {TABLE: sum(len(stay.containers) * stay.days for stay in batch.stays)}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically within each stay: day, container."""
        number = plan.first(batch, TABLE)
        for stay, assignments, states in zip(batch.stays, plan.assignments(batch), states_of(plan.simulation, batch), strict=True):
            yield _rows(plan, batch, stay, assignments, states, number)
            number += states.fish.size


def states_of(simulation: Simulation, batch: Batch) -> Iterator[States]:
    """The states of every stay of a batch, in order: each begins where the one before ended."""
    before: tuple[Stay, States] | None = None
    for stay in batch.stays:
        if before is None:
            start = np.full(len(stay.containers), growth.cube_root(simulation.profile.egg_weight_g))
        else:
            start = _carried(before[0], stay, before[1], growth.cube_root(simulation.profile.egg_weight_g))
        states = _stay(simulation, batch, stay, start)
        yield states
        before = stay, states


def _carried(before: Stay, after: Stay, states: States, empty: float) -> Float:
    """Cube roots of the weights that come into each container, weighted by the fish that bring them, shape (slots,)."""
    grams = growth.grams(states.root[:, -1]).tolist()
    total, fish = [0.0] * len(after.containers), [0] * len(after.containers)
    for source, destination, moved in move_between(before, after):
        total[destination] += grams[source] * moved
        fish[destination] += moved
    roots = growth.cube_roots(np.array([kg / count if count else 1.0 for kg, count in zip(total, fish, strict=True)]))
    return np.where(np.array(fish) > 0, roots, empty)


def _stay(simulation: Simulation, batch: Batch, stay: Stay, start: Float) -> States:
    streams = simulation.scenario.streams
    water, scale, temperature = _water(simulation, batch, stay)
    sampled, weighed = _samples(simulation, batch, stay)
    stage = batch.life.stages[stay.order - 1]
    root = _grown(start, water * np.float64(float(stage.tgc) / (1000.0 * scale)), sampled, weighed, growth.cube_root(stage.cap_g))
    fish, dead = (stay.alive[:, 1:], stay.deaths) if streams.mortality else _modelled(stay.arrived, stage.loss_per_100k, stay.days)
    feed = stay.ration if streams.feeding else np.zeros_like(stay.ration)
    grams = growth.grams(root)
    gain = fish * (grams - np.concatenate((growth.grams(start)[:, None], grams[:, :-1]), axis=1)) / 1000.0
    observed = (feed > 0) & (gain > LEAST_GAIN)
    ratio = np.rint(np.minimum(feed * 10.0 / np.where(observed, gain, 1.0), MOST_FCR)).astype(np.int64)
    unit = scale // 100
    centidegrees = (2 * water + unit) // (2 * unit)
    return States(root, fish, dead, feed, sampled, centidegrees, np.where(observed, ratio, 0), temperature)


def _water(simulation: Simulation, batch: Batch, stay: Stay) -> tuple[Int, int, Int]:
    """Temperature of each container and day in units of 1 / scale degrees, shape (slots, days); the scale; and its source.

    A container without a sensor has the temperature of the batch's own profile, if there is one.
    """
    streams, times = simulation.scenario.streams, len(simulation.scenario.readings.times)
    scale = 10**readings.SCALE * times
    profile = millidegrees(batch.life.climate, simulation.profile, batch.start, batch.age)[stay.first : stay.first + stay.days]
    foreseen = simulation.scenario.projection.days if streams.projection else 0
    known = np.tile(stay.first + np.arange(stay.days) < foreseen, (len(stay.containers), 1))
    water = np.where(known, profile * (scale // 1000), 0)
    source = np.where(known, 1, 2)
    if streams.readings:
        slots, sums = readings.water_read(simulation, batch, stay)
        water[slots] = sums
        source[slots] = 0
    return water, scale, source


def _samples(simulation: Simulation, batch: Batch, stay: Stay) -> tuple[NDArray[np.bool_], Float]:
    """Where fish were weighed, shape (slots, days), and the cube roots of the samples' means there."""
    sampled = np.zeros(stay.deaths.shape, dtype=np.bool_)
    weighed = np.zeros(stay.deaths.shape)
    if simulation.scenario.streams.growth_samples:
        sampled = sample_days(simulation, stay)
        day, slot = np.nonzero(sampled.T)
        if len(day):
            weights, _ = GrowthSamples().fish(simulation, batch, stay, day)
            weighed[slot, day] = growth.cube_roots(mean(weights) / 100.0)
    return sampled, weighed


def _grown(start: Float, step: Float, sampled: NDArray[np.bool_], weighed: Float, cap: float) -> Float:
    """Cube roots of weight after each day, shape (slots, days). A weight above the stage's cap stays; growth does not pass it."""
    roots = np.empty(step.shape)
    root = start
    for day in range(step.shape[1]):
        root = np.where(sampled[:, day], weighed[:, day], np.maximum(root, np.minimum(root + step[:, day], cap)))
        roots[:, day] = root
    return roots


def _modelled(arrived: Int, loss_per_100k: int, days: int) -> tuple[Int, Int]:
    """Fish and deaths by the mortality model, for a batch of which no death is recorded; shape (slots, days)."""
    fish, dead = np.empty((len(arrived), days), dtype=np.int64), np.empty((len(arrived), days), dtype=np.int64)
    alive = arrived
    for day in range(days):
        dead[:, day] = (2 * alive * loss_per_100k + 100_000) // 200_000
        alive = alive - dead[:, day]
        fish[:, day] = alive
    return fish, dead


def _rows(plan: Plan, batch: Batch, stay: Stay, assignments: Int, states: States, number: int) -> Rows:
    simulation = plan.simulation
    slots, days = states.fish.shape
    count = slots * days
    day = np.repeat(stay.first + np.arange(days), slots)
    slot = np.tile(np.arange(slots), days)
    grams = growth.grams(states.root)

    def flat(values: NDArray[np.generic]) -> columns.Values:
        return values.T.ravel()

    sources, confidences, index = _provenance(simulation, states)
    dry = flat(states.temperature) == TEMPERATURES.index("none")
    sampled, fcr = flat(states.sampled), flat(states.fcr)
    return Rows(
        TABLE,
        count,
        {
            "id": columns.numbers(TABLE, np.arange(number, number + count)),
            "date": columns.dates(batch.start + day),
            "day_number": columns.ints(day + 1),
            "avg_weight_g": columns.fixed(np.rint(flat(grams) * 100.0).astype(np.int64), 2),
            "population": columns.ints(flat(states.fish)),
            "biomass_kg": columns.fixed(np.rint(flat(states.fish * (grams / 10.0))).astype(np.int64), 2),
            "temp_c": columns.fixed(flat(states.water), 2, null=dry if dry.any() else None),
            "mortality_count": columns.ints(flat(states.dead)),
            "feed_kg": columns.fixed(flat(states.feed), 2),
            "observed_fcr": columns.fixed(fcr, 3, null=fcr == 0),
            "anchor_type": columns.texts(("growth_sample",), np.zeros(count, dtype=np.int64), null=~sampled),
            "sources": columns.jsons(sources, index),
            "confidence_scores": columns.jsons(confidences, index),
            "last_computed_at": columns.stamps(moments(batch.start + day, EVENING)),
            "assignment_id": columns.numbers("batch_batchcontainerassignment", assignments[slot]),
            "batch_id": columns.numbers("batch_batch", batch.number),
            "container_id": columns.numbers("infrastructure_container", np.array(stay.containers)[slot]),
            "lifecycle_stage_id": columns.numbers("batch_lifecyclestage", stay.order),
        },
    )


def _provenance(simulation: Simulation, states: States) -> tuple[list[str], list[str], Int]:
    """Documents of sources and confidences, and which of them each row has, shape (days x slots,)."""
    mortality = "actual" if simulation.scenario.streams.mortality else "model"
    by_source = {"measured": "tgc_computed", "profile": "tgc_by_profile", "none": "unchanged"}
    sources, confidences = [], []
    for temperature in TEMPERATURES:
        for weight in (by_source[temperature], "measured"):
            for feed in ("none", "actual"):
                for observed in (False, True):
                    chosen = {"weight": weight, "temp": temperature, "mortality": mortality, "feed": feed}
                    confidences.append(_document({key: _CONFIDENCE[key][source] for key, source in chosen.items()}))
                    named = {**chosen, "weight": "tgc_computed" if weight == "tgc_by_profile" else weight}
                    sources.append(_document({**named, **({"fcr": "observed"} if observed else {})}))
    index = ((states.temperature * 2 + states.sampled) * 2 + (states.feed > 0)) * 2 + (states.fcr > 0)
    return sources, confidences, index.T.ravel()


def _document(content: Mapping[str, object]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
