"""Mortality events: the daily count of dead fish, for each container and day on which there are any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import NOON, moments
from pytest_aquadata.streams.columns import Rows

TABLE = "batch_mortalityevent"


class Mortality:
    """A row for each container and day with dead fish."""

    name = "mortality"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Container-days with at least one death."""
        return {TABLE: sum(int((stay.deaths > 0).sum()) for stay in batch.stays)}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically within each stay: day, container."""
        number = plan.first(batch, TABLE)
        for stay, assignments in zip(batch.stays, plan.assignments(batch), strict=True):
            day, slot = np.nonzero(stay.deaths.T)
            if not len(day):
                continue
            dead = stay.deaths.T[day, slot]
            weights = growth.grams(batch.curve[stay.first : stay.first + stay.days])
            when = batch.start + stay.first + day
            moment = moments(when, NOON)
            stage = plan.simulation.profile.stages[stay.order - 1]
            yield Rows(
                TABLE,
                len(day),
                {
                    "id": columns.numbers(TABLE, np.arange(number, number + len(day))),
                    "event_date": columns.dates(when),
                    "count": columns.ints(dead),
                    "biomass_kg": columns.fixed(np.rint(dead * (weights[day] / 10.0)).astype(np.int64), 2),
                    "cause": columns.text("UNKNOWN"),
                    "description": columns.text(f"Daily check {stage.name}"),
                    "created_at": columns.stamps(moment),
                    "updated_at": columns.stamps(moment),
                    "batch_id": columns.numbers("batch_batch", batch.number),
                    "assignment_id": columns.numbers("batch_batchcontainerassignment", assignments[slot]),
                },
            )
            number += len(day)
