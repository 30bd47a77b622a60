"""Feeding events: every meal of every container, with the cost of the very feed that was taken from the silo or barge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pytest_aquadata.plan import costs, growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.base import CHUNK
from pytest_aquadata.streams.clock import MINUTE, moments
from pytest_aquadata.streams.columns import Rows

TABLE = "inventory_feedingevent"
_WHOLE = 100_000_000
"""Percent with six decimals: 100 % in units of the feeding_percentage column."""


class Feeding:
    """Two meals a day and container, unless the scenario says otherwise."""

    name = "feeding"

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Containers that are fed x meals, day by day."""
        meals = len(simulation.scenario.feeding.times)
        return {TABLE: meals * sum(int((stay.ration > 0).sum()) for stay in batch.stays)}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Chronologically within each stay: day, meal, container."""
        number = plan.first(batch, TABLE)
        for stay, assignments in zip(batch.stays, plan.assignments(batch), strict=True):
            if stay.meals:
                for rows in self._stay(plan, batch, stay, assignments, number):
                    number += rows.count
                    yield rows

    def _stay(self, plan: Plan, batch: Batch, stay: Stay, assignments: columns.Values, number: int) -> Iterator[Rows]:
        simulation = plan.simulation
        times = np.array(simulation.scenario.feeding.times, dtype=np.int64)
        slots = len(stay.containers)
        # shapes (days, meals, slots): the order in which the rows are numbered
        meals = costs.meals_of(simulation, stay)
        amount, cost, feed = meals.amount, meals.cost, meals.feed
        weights = growth.grams(batch.curve[stay.first : stay.first + stay.days])
        alive = np.repeat(stay.alive[:, :-1].T[:, None, :], len(times), axis=1)
        # the day's deaths are found after the first meal
        alive[:, 1:] -= stay.deaths.T[:, None, :]
        biomass = np.rint(alive * (weights / 10.0)[:, None, None]).astype(np.int64)
        days = batch.start + stay.first + np.arange(stay.days)
        shape = amount.shape
        kept = np.flatnonzero(amount.ravel() > 0)
        flat = {
            "day": np.broadcast_to(days[:, None, None], shape).ravel(),
            "minute": np.broadcast_to(times[:, None], shape).ravel(),
            "slot": np.broadcast_to(np.arange(slots), shape).ravel(),
            "feed": np.broadcast_to(feed[:, None, None], shape).ravel(),
            "amount": amount.ravel(),
            "biomass": biomass.ravel(),
            "cost": cost.ravel(),
        }
        containers = np.array(stay.containers, dtype=np.int64)
        for begin in range(0, len(kept), CHUNK):
            rows = kept[begin : begin + CHUNK]
            day, minute, slot = flat["day"][rows], flat["minute"][rows], flat["slot"][rows]
            eaten, kg = flat["amount"][rows], flat["biomass"][rows]
            share = np.rint(eaten / np.maximum(kg, 1) * _WHOLE).astype(np.int64)
            unknown = (kg == 0) | (share >= _WHOLE)
            moment = moments(day, minute)
            yield Rows(
                TABLE,
                len(rows),
                {
                    "id": columns.numbers(TABLE, np.arange(number, number + len(rows))),
                    "feeding_date": columns.dates(day),
                    "feeding_time": columns.times(minute * MINUTE),
                    "amount_kg": columns.fixed(eaten, 2),
                    "batch_biomass_kg": columns.fixed(kg, 2),
                    "feeding_percentage": columns.fixed(np.where(unknown, 0, share), 6, null=unknown if unknown.any() else None),
                    "method": columns.text("AUTOMATIC"),
                    "notes": columns.text(""),
                    "created_at": columns.stamps(moment),
                    "updated_at": columns.stamps(moment),
                    "batch_id": columns.numbers("batch_batch", batch.number),
                    "batch_assignment_id": columns.numbers("batch_batchcontainerassignment", assignments[slot]),
                    "container_id": columns.numbers("infrastructure_container", containers[slot]),
                    "feed_id": columns.numbers("inventory_feed", flat["feed"][rows]),
                    "recorded_by_id": columns.nulls(),
                    "feed_cost": columns.fixed(flat["cost"][rows], 2),
                },
            )
            number += len(rows)
