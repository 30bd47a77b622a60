"""The part of a plan that one batch is made of: small enough to travel with each batch, however large the farm is.

A batch's rows depend on the scenario, the world (which follows from it), the batch itself, its numbers, and the prices of the deliveries of
feed that it eats from; the rest of the plan is other batches. Who has a part makes the very rows that who has the whole plan makes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.calendar import Calendar
from pytest_aquadata.plan.feed import Deliveries, Ledger
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.plan.world import World, world_of
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.profile import Profile, load_profile

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """What travels.

    tables: as the plan's. counts, firsts: the batch's rows of the plan's arrays, shape (1, tables).
    calendar: of this batch alone. deliveries: those of the accounts that the batch eats from, under the accounts' own numbers.
    """

    scenario: Scenario
    batch: Batch
    calendar: Calendar
    deliveries: Deliveries
    tables: tuple[str, ...]
    counts: Int
    firsts: Int

    @property
    def number(self) -> int:
        """The batch's number."""
        return self.batch.number

    def plan(self) -> Plan:
        """A plan that knows this batch and no other."""
        world, profile = _farm(self.scenario)
        nothing = np.zeros((0, 1), dtype=np.int64)
        simulation = Simulation(
            self.scenario, profile, world, self.calendar, (self.batch,), Ledger((), self.deliveries, 0, given=nothing, offsets=())
        )
        return _OneBatch(simulation, self.tables, self.counts, self.firsts, {})


class _OneBatch(Plan):
    """A plan whose arrays have the one row of its one batch."""

    def batch(self, number: int) -> Batch:
        (batch,) = self.simulation.batches
        if number != batch.number:
            raise LookupError(f"this part of the plan is of batch {batch.number}, not of {number}")
        return batch

    def first(self, batch: Batch, table: str) -> int:
        return int(self.firsts[0, self.tables.index(table)])

    def count(self, batch: Batch, table: str) -> int:
        return int(self.counts[0, self.tables.index(table)]) if table in self.tables else 0


def part_of(plan: Plan, number: int) -> Part:
    """The part of a whole plan that holds batch `number`."""
    simulation, batch = plan.simulation, plan.batch(number)
    accounts = sorted({meals.account for stay in batch.stays for meals in stay.meals})
    all_deliveries = simulation.ledger.deliveries
    mine = np.isin(all_deliveries.account, accounts)
    deliveries = Deliveries(*(getattr(all_deliveries, name)[mine] for name in Deliveries.__slots__))
    calendar = replace(simulation.calendar, lives=(batch.life,), staggers={}, sites=())
    row = slice(number - 1, number)
    batch = replace(batch, stays=tuple(batch.stays))  # they may lie in a file of this machine
    return Part(simulation.scenario, batch, calendar, deliveries, plan.tables, plan.counts[row], plan.firsts[row])


def _farm(scenario: Scenario) -> tuple[World, Profile]:
    """World and profile of a scenario; a process that builds many batches of one makes them once."""
    key = scenario.resolved()
    if key not in _made:
        _made.clear()
        _made[key] = world_of(scenario), load_profile(scenario.profile)
    return _made[key]


_made: dict[str, tuple[World, Profile]] = {}
