"""The streams there are, and the plan of a scenario with all of them counted.

A new kind of event is a module of its own and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_aquadata.plan.farmrows import farm_rows
from pytest_aquadata.plan.identities import Identities
from pytest_aquadata.plan.numbering import Plan, number_rows
from pytest_aquadata.plan.simulation import simulate
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
    """The streams that a scenario leaves on."""
    return tuple(stream for stream in STREAMS if getattr(scenario.streams, stream.name))


def make_plan(scenario: Scenario) -> Plan:
    """The whole plan of a scenario: simulated, counted and numbered.

    Raises:
        AquadataError: the schedule does not fit or the farm cannot carry it.
    """
    world = world_of(scenario)
    simulation = simulate(scenario, world, load_profile(scenario.profile))
    farm: Mapping[str, int] = {**farm_rows(world, simulation.profile), **feed_stock.count(simulation)}
    return number_rows(simulation, (Identities(), *active_streams(scenario)), farm)
