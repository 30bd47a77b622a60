"""Lice counts: some fish of every ring looked at every week, and the lice on them by kind.

The lice on the fish are Poisson around what the plan expects of the day (time at sea, season, treatments) times the ring's own pressure on
that day. A row holds one kind; kinds that were not found have none, but the adult females of the first kind are always reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import draws, masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.plan.treatments import expected_lice
from pytest_aquadata.scenario.profile import Lice
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import LICE_COUNT, moments
from pytest_aquadata.streams.columns import Rows

Int = NDArray[np.int64]
TABLE = "health_licecount"
_TEN_THOUSAND = 10_000


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a batch.

    day, slot: day of the stay at sea and slot of the ring of each count, shape (counts,). lice: by kind of the profile, shape
    (counts, kinds). method: index into the profile's methods, shape (counts,).
    """

    day: Int
    slot: Int
    lice: Int
    method: Int

    @property
    def reported(self) -> NDArray[np.bool_]:
        """Which kinds have a row, shape (counts, kinds)."""
        shown = self.lice > 0
        shown[:, 0] = True
        return shown


def count_days(simulation: Simulation, batch: Batch) -> NDArray[np.bool_]:
    """In which rings and on which days of the stay at sea lice are counted, shape (slots, days); no slot for a batch ashore.

    Every n-th day of the batch's life, where enough fish are left after the day.
    """
    stay, rules = batch.stays[-1], simulation.scenario.lice_counts
    if stay.order < len(simulation.profile.stages):
        return np.zeros((0, 0), dtype=np.bool_)
    due = (stay.first + np.arange(stay.days)) % rules.every == 0
    counted: NDArray[np.bool_] = due & (stay.alive[:, 1:] >= rules.fish)
    return counted


def counts_of(simulation: Simulation, batch: Batch) -> Counts | None:
    """All counts of a batch, day by day and ring by ring; None where there are none."""
    counted = count_days(simulation, batch)
    if not counted.any():
        return None
    rules, fish = simulation.profile.lice, simulation.scenario.lice_counts.fish
    rings = counted.shape[0]
    days = np.flatnonzero((batch.stays[-1].first + np.arange(counted.shape[1])) % simulation.scenario.lice_counts.every == 0)
    key = (simulation.scenario.seed, batch.name, "lice_counts")
    shape = (len(days), rings)
    spread = float(rules.spread_percent) / 100.0
    own = np.maximum(1.0 + spread * (draws.normal(len(days) * rings, *key, "pressure").reshape(shape) / draws.UNIT), 0.0)
    mean = fish * expected_lice(simulation, batch)[days][:, None] * own
    shares = np.array([float(kind.share_percent) / 100.0 for kind in rules.kinds])
    means = mean[:, :, None] * shares
    lice = draws.poisson(means.ravel(), draws.poisson_bits(means.size, *key, "lice")).reshape(means.shape)
    method = _methods(rules, draws.uniform(len(days) * rings, 0, _TEN_THOUSAND - 1, *key, "method")).reshape(shape)
    there = counted[:, days].T
    day, slot = np.nonzero(there)
    return Counts(days[day], slot, lice[there], method[there])


def _methods(rules: Lice, drawn: Int) -> Int:
    edges = np.cumsum([int(method.share_percent * 100) for method in rules.methods.values()])
    return np.searchsorted(edges, drawn, side="right")


class LiceCounts:
    """Weekly counts of 20 fish a ring, unless the scenario says otherwise."""

    name = "lice_counts"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Kinds found, ring by ring and day by day."""
        counts = counts_of(simulation, batch)
        return {TABLE: 0 if counts is None else int(counts.reported.sum())}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Day, ring, kind."""
        simulation = plan.simulation
        counts = counts_of(simulation, batch)
        if counts is None:
            return
        stay, rules = batch.stays[-1], simulation.profile.lice
        which, kind = np.nonzero(counts.reported)
        day, slot, method = counts.day[which], counts.slot[which], counts.method[which]
        numbers = np.array([masterdata.lice_types()[each.species, each.gender, each.stage] for each in rules.kinds])
        confidence = np.array([int(each.confidence * 100) for each in rules.methods.values()])
        yield Rows(
            TABLE,
            len(which),
            {
                "id": columns.numbers(TABLE, plan.numbers(batch, TABLE)),
                "count_date": columns.stamps(moments(batch.start + stay.first + day, LICE_COUNT)),
                # of older rows of the application, which did not tell kinds apart
                "adult_female_count": columns.ints(0),
                "adult_male_count": columns.ints(0),
                "juvenile_count": columns.ints(0),
                "fish_sampled": columns.ints(simulation.scenario.lice_counts.fish),
                "notes": columns.text(""),
                "batch_id": columns.numbers("batch_batch", batch.number),
                "container_id": columns.numbers("infrastructure_container", np.array(stay.containers)[slot]),
                "user_id": columns.numbers("auth_user", masterdata.user("vet")),
                "confidence_level": columns.fixed(confidence[method], 2),
                "count_value": columns.ints(counts.lice[which, kind]),
                "detection_method": columns.texts(list(rules.methods), method),
                "lice_type_id": columns.numbers("health_licetype", numbers[kind]),
                "assignment_id": columns.numbers("batch_batchcontainerassignment", plan.assignments(batch)[-1][slot]),
            },
        )
