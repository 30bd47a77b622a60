"""Criterion `world`: the farm's places and companies are there with the values that the plan was computed for.

A database may hold more than the scenario needs (an application's own stations), so nothing is said about other rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.places import Company, Container
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.holdings import Holding, Row, check_holdings


def _place(world: World, hall: int | None, area: int | None) -> tuple[str, str]:
    """Geography and name of a hall or an area."""
    if area is not None:
        where = world.areas[area - 1]
        return world.geographies[where.geography - 1].name, where.name
    room = world.halls[(hall or 0) - 1]
    return world.geographies[world.stations[room.station - 1].geography - 1].name, room.name


_IN_A_PLACE = """
  LEFT JOIN infrastructure_hall h ON h.id = c.hall_id
  LEFT JOIN infrastructure_freshwaterstation s ON s.id = h.freshwater_station_id
  LEFT JOIN infrastructure_area a ON a.id = c.area_id
  JOIN infrastructure_geography g ON g.id = coalesce(s.geography_id, a.geography_id)"""


def _stations(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    return ((world.geographies[row.geography - 1].name, row.name, row.latitude, row.longitude, True) for row in world.stations)


def _halls(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    return ((world.stations[row.station - 1].name, row.name, True) for row in world.halls)


def _areas(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    for row in world.areas:
        yield world.geographies[row.geography - 1].name, row.name, row.latitude, row.longitude, row.max_biomass_kg, True


def _containers(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world

    def values(row: Container) -> Row:
        kind = world.container_types[row.type_number - 1]
        return *_place(world, row.hall, row.area), row.name, kind.name, kind.category, row.volume_m3, row.capacity_kg, True

    return (values(row) for row in world.containers)


def _feed_containers(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    return ((*_place(world, row.hall, row.area), row.name, row.kind, row.capacity_kg, True) for row in world.feed_containers)


def _sensors(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    return ((world.container(row.container).name, row.sensor_type, row.name, row.serial_number, True) for row in world.each_sensor())


def _companies(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    for row in world.companies:
        yield world.geographies[row.geography - 1].name, row.subsidiary, row.name, row.currency, row.nav_code


def _sites(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    return ((row.source, row.name, row.name, world.companies[row.company - 1].name) for row in world.sites)


def _policies(plan: Plan) -> Iterator[Row]:
    world = plan.simulation.world
    stages = {order: name for name, order in masterdata.stages().items()}
    grades = {number: code for code, number in masterdata.grades().items()}

    def company(number: int) -> Company:
        return world.companies[number - 1]

    for row in world.policies:
        stage = None if row.stage_order is None else stages[row.stage_order]
        grade = None if row.grade is None else grades[row.grade]
        terms = (row.pricing_basis, stage, grade, row.method, row.markup_percent, row.price_per_kg)
        yield company(row.from_company).name, company(row.to_company).name, *terms


HOLDINGS = (
    Holding(
        "geographies",
        ("geography",),
        lambda plan: ((row.name,) for row in plan.simulation.world.geographies),
        "SELECT name FROM infrastructure_geography",
    ),
    Holding(
        "freshwater stations",
        ("geography", "station", "latitude", "longitude", "active"),
        _stations,
        """SELECT g.name, s.name, s.latitude, s.longitude, s.active
FROM infrastructure_freshwaterstation s JOIN infrastructure_geography g ON g.id = s.geography_id""",
        key=2,
    ),
    Holding(
        "halls",
        ("station", "hall", "active"),
        _halls,
        """SELECT s.name, h.name, h.active
FROM infrastructure_hall h JOIN infrastructure_freshwaterstation s ON s.id = h.freshwater_station_id""",
        key=2,
    ),
    Holding(
        "sea areas",
        ("geography", "area", "latitude", "longitude", "max_biomass", "active"),
        _areas,
        """SELECT g.name, a.name, a.latitude, a.longitude, a.max_biomass, a.active
FROM infrastructure_area a JOIN infrastructure_geography g ON g.id = a.geography_id""",
        key=2,
    ),
    Holding(
        "containers",
        ("geography", "place", "container", "type", "category", "volume_m3", "max_biomass_kg", "active"),
        _containers,
        f"""SELECT g.name, coalesce(h.name, a.name), c.name, k.name, k.category, c.volume_m3, c.max_biomass_kg, c.active
FROM infrastructure_container c
  JOIN infrastructure_containertype k ON k.id = c.container_type_id{_IN_A_PLACE}""",
        key=3,
    ),
    Holding(
        "silos and barges",
        ("geography", "place", "feed container", "type", "capacity_kg", "active"),
        _feed_containers,
        f"""SELECT g.name, coalesce(h.name, a.name), c.name, c.container_type, c.capacity_kg, c.active
FROM infrastructure_feedcontainer c{_IN_A_PLACE}""",
        key=3,
    ),
    Holding(
        "sensors",
        ("container", "sensor_type", "sensor", "serial_number", "active"),
        _sensors,
        """SELECT c.name, s.sensor_type, s.name, s.serial_number, s.active
FROM infrastructure_sensor s JOIN infrastructure_container c ON c.id = s.container_id""",
        key=2,
    ),
    Holding(
        "companies",
        ("geography", "subsidiary", "company", "currency", "nav_company_code"),
        _companies,
        """SELECT g.name, c.subsidiary, c.display_name, c.currency, c.nav_company_code
FROM finance_dimcompany c JOIN infrastructure_geography g ON g.id = c.geography_id""",
        key=2,
    ),
    Holding(
        "sites",
        ("source_model", "place", "site", "company"),
        _sites,
        """SELECT d.source_model, coalesce(s.name, a.name), d.site_name, c.display_name
FROM finance_dimsite d
  JOIN finance_dimcompany c ON c.company_id = d.company_id
  LEFT JOIN infrastructure_freshwaterstation s ON d.source_model = 'station' AND s.id = d.source_pk
  LEFT JOIN infrastructure_area a ON d.source_model = 'area' AND a.id = d.source_pk""",
        key=2,
    ),
    Holding(
        "intercompany policies",
        ("from company", "to company", "pricing_basis", "stage", "grade", "method", "markup_percent", "price_per_kg"),
        _policies,
        """SELECT f.display_name, t.display_name, p.pricing_basis, l.name, r.code, p.method, p.markup_percent, p.price_per_kg
FROM finance_intercompanypolicy p
  JOIN finance_dimcompany f ON f.company_id = p.from_company_id
  JOIN finance_dimcompany t ON t.company_id = p.to_company_id
  LEFT JOIN batch_lifecyclestage l ON l.id = p.lifecycle_stage_id
  LEFT JOIN harvest_productgrade r ON r.id = p.product_grade_id""",
        key=5,
    ),
)
"""The world table by table, each with the values that batches depend on."""


@dataclass(frozen=True, slots=True)
class WorldHoldings:
    """The plan's places, feed stores, sensors, companies, sites and policies are in the database."""

    name: str = "world"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Compare the world table by table."""
        return check_holdings(conn, plan, HOLDINGS, built, "the world of the plan, with its capacities, sensors, companies and policies")
