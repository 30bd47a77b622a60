"""The streams there are, and the plan of a scenario with all of them counted.

A new kind of event is a module of its own and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_aquadata.plan.farmrows import farm_rows
from pytest_aquadata.plan.identities import Identities
from pytest_aquadata.plan.numbering import Plan, number_rows
from pytest_aquadata.plan.simulation import Simulation, simulate
from pytest_aquadata.plan.world import world_of
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.profile import load_profile
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.base import Stream
from pytest_aquadata.streams.daily_states import DailyStates
from pytest_aquadata.streams.feeding import Feeding
from pytest_aquadata.streams.finance import Finance
from pytest_aquadata.streams.growth_samples import GrowthSamples
from pytest_aquadata.streams.health_samples import HealthSamples
from pytest_aquadata.streams.journal import Journal
from pytest_aquadata.streams.lice_counts import LiceCounts
from pytest_aquadata.streams.mortality import Mortality
from pytest_aquadata.streams.projection import Projection
from pytest_aquadata.streams.readings import Readings
from pytest_aquadata.streams.third_party import third_party
from pytest_aquadata.streams.treatments import Treatments

STREAMS: tuple[Stream, ...] = (
    Readings(),
    Feeding(),
    Mortality(),
    GrowthSamples(),
    Projection(),
    DailyStates(),
    HealthSamples(),
    LiceCounts(),
    Journal(),
    Treatments(),
    Finance(),
)


def active_streams(scenario: Scenario) -> tuple[Stream, ...]:
    """The streams that a scenario leaves on, and those of other packages that it names.

    Raises:
        AquadataError: one of another package cannot be loaded.
    """
    ours = tuple(stream for stream in STREAMS if getattr(scenario.streams, stream.name))
    return (*ours, *(third_party(name) for name in scenario.streams.of_others))


def farm_of(simulation: Simulation) -> Mapping[str, int]:
    """Rows by table that belong to no batch."""
    return {**farm_rows(simulation.world, simulation.profile), **feed_stock.count(simulation)}


def make_plan(scenario: Scenario) -> Plan:
    """The whole plan of a scenario: simulated, counted and numbered, in memory. `planning.plan_into` makes the same plan in files.

    Raises:
        AquadataError: the schedule does not fit or the farm cannot carry it.
    """
    simulation = simulate(scenario, world_of(scenario), load_profile(scenario.profile))
    return number_rows(simulation, (Identities(), *active_streams(scenario)), farm_of(simulation))
