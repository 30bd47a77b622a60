"""The world is exactly the documented one, numbered densely in the order of the file."""

from __future__ import annotations

import pickle
import time
from collections import Counter

import pytest

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.world import World, build_world
from pytest_aquadata.scenario.geography import GeographySpec
from pytest_aquadata.scenario.worldfile import world as specs

TABLES = (
    "geographies",
    "stations",
    "halls",
    "areas",
    "container_types",
    "containers",
    "feed_containers",
    "companies",
    "sites",
    "policies",
    "sensors",
)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(list(specs().values()))


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ("geographies", 3),
        ("stations", 25),
        ("halls", 120),
        ("areas", 43),
        ("containers", 2_017),
        ("sensors", 11_060),
        ("feed_containers", 238),
        ("sites", 68),
        ("companies", 9),
        ("policies", 18),
        ("container_types", 6),
    ],
)
def test_counts(world: World, table: str, count: int) -> None:
    assert len(getattr(world, table)) == count


def test_kinds_of_containers(world: World) -> None:
    assert sum(container.hall is not None for container in world.containers) == 1_157
    assert sum(container.area is not None for container in world.containers) == 860
    assert all((container.hall is None) != (container.area is None) for container in world.containers)
    assert Counter(feeder.kind for feeder in world.feed_containers) == {"SILO": 111, "BARGE": 127}
    assert all((feeder.hall is None) != (feeder.area is None) for feeder in world.feed_containers)


def test_containers_by_geography(world: World) -> None:
    held = Counter((world.geography_of(each.number), each.area is not None) for each in world.containers)
    scotland, faroe, trial = (world.geography(name).number for name in ("Scotland", "Faroe Islands", "Test Geography"))
    assert held == {
        (scotland, False): 500,
        (scotland, True): 400,
        (faroe, False): 656,
        (faroe, True): 460,
        (trial, False): 1,
    }


def test_what_takes_batches(world: World) -> None:
    stations = {station.number for station in world.stations if station.takes_batches}
    halls = {hall.number for hall in world.halls if hall.station in stations}
    areas = {area.number for area in world.areas if area.takes_batches}
    used = [each for each in world.containers if each.hall in halls or each.area in areas]
    assert (len(stations), len(halls), len(areas), len(used)) == (22, 110, 42, 1_940)
    assert [geography.name for geography in world.takers] == ["Scotland", "Faroe Islands"]
    assert all(world.feed_containers_of(each.number) for each in used)


def test_only_what_takes_batches_has_sensors(world: World) -> None:
    names = {number: name for name, number in masterdata.parameters().items()}
    for container in world.containers:
        if container.area is not None:
            takes = world.areas[container.area - 1].takes_batches
        else:
            takes = world.stations[world.halls[container.hall - 1].station - 1].takes_batches
        assert len(container.parameters) == (0 if not takes else 4 if container.area is not None else 7)
    assert {each.sensor_type for each in world.sensors} == set(names.values())
    for sensor in world.sensors[::97]:
        container = world.container(sensor.container)
        assert container.parameters[sensor.number - container.first_sensor] == sensor.parameter
        assert names[sensor.parameter] == sensor.sensor_type


@pytest.mark.parametrize("table", TABLES)
def test_numbers_are_dense_and_in_order(world: World, table: str) -> None:
    assert [row.number for row in getattr(world, table)] == list(range(1, len(getattr(world, table)) + 1))


@pytest.mark.parametrize("table", ["geographies", "stations", "halls", "areas", "containers", "feed_containers", "sensors", "companies"])
def test_names_are_unique(world: World, table: str) -> None:
    names = [row.name for row in getattr(world, table)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 100


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("stations", "S-FW-10"),
        ("stations", "FI-FW-12"),
        ("halls", "FI-FW-01-Hall-A"),
        ("containers", "S-FW-01-A-C01"),
        ("containers", "FI-FW-12-E-C10"),
        ("containers", "FI-SEA-22-Ring-20"),
        ("feed_containers", "S-FW-03-C-Silo"),
        ("feed_containers", "FI-SEA-01-Barge-3"),
        ("sensors", "S-FW-01-A-C01-DissolvedOxygen"),
        ("areas", "S-SEA-20"),
        ("companies", "Faroe Islands Farming"),
    ],
)
def test_names(world: World, table: str, name: str) -> None:
    assert name in {row.name for row in getattr(world, table)}


def test_serial_numbers(world: World) -> None:
    assert world.sensors[1].serial_number == "SN-1-DIS"
    kinds = {sensor.serial_number.rsplit("-", 1)[1] for sensor in world.sensors}
    assert kinds == {"TEM", "DIS", "PH", "CO2", "NO2", "NO3", "NH4", "SAL"}


def test_capacities(world: World) -> None:
    rings = [each for each in world.containers if each.area is not None]
    assert {(ring.volume_m3, ring.capacity_kg) for ring in rings} == {(90_000.0, 2_250_000.0)}
    assert {area.max_biomass_kg for area in world.areas} == {45_000_000.0}
    for container in world.containers:
        density = container.capacity_kg / container.volume_m3
        assert density == (25 if container.area is not None else 50)
    silos = {world.halls[feeder.hall - 1].stage_order: feeder.capacity_kg for feeder in world.feed_containers if feeder.hall}
    assert silos == {1: 5_000, 2: 25_000, 3: 150_000, 4: 300_000, 5: 600_000}
    assert {feeder.capacity_kg for feeder in world.feed_containers if feeder.area} == {2_500_000}


def test_finance(world: World) -> None:
    faroe, scotland = world.geography("Faroe Islands").number, world.geography("Scotland").number
    assert world.smolt_policy(faroe).price_per_kg == 15
    assert world.smolt_policy(scotland).price_per_kg == 13
    assert world.smolt_policy(faroe).stage_order == masterdata.stages()["Post-Smolt"]
    grade = masterdata.grades()["GRADE_B"]
    assert world.harvest_policy(faroe, grade).markup_percent == 10
    assert world.companies[world.harvest_policy(faroe, grade).to_company - 1].subsidiary == "LG"
    ring = world.containers_of_area(1)[0]
    assert (world.site_of(ring.number).source, world.site_of(ring.number).place) == ("area", 1)
    assert world.companies[world.site_of(ring.number).company - 1].subsidiary == "FM"
    assert world.companies[world.site_of(1).company - 1].subsidiary == "FW"
    assert Counter(site.source for site in world.sites) == {"station": 25, "area": 43}


def test_groups_of_containers(world: World) -> None:
    for hall in world.halls:
        assert all(each.stage_order == hall.stage_order for each in world.containers_of_hall(hall.number))
    assert sum(len(world.containers_of_hall(hall.number)) for hall in world.halls) == 1_157
    assert sum(len(world.containers_of_area(area.number)) for area in world.areas) == 860


def test_an_appended_geography_leaves_the_others_alone(world: World) -> None:
    own = GeographySpec.model_validate(
        {
            "name": "Norway",
            "currency": "NOK",
            "stations": [
                {
                    "name": "N-FW-{n}",
                    "count": 1,
                    "latitude": 63,
                    "longitude": 9,
                    "halls": [{"letter": "A", "stage": "Fry", "containers": 2, "volume_m3": 400, "capacity_kg": 9}],
                }
            ],
            "areas": [{"name": "N-SEA", "latitude": 63, "longitude": 8, "rings": 2, "barges": 1, "ring_capacity_kg": 7}],
        }
    )
    larger = build_world([*specs().values(), own])
    for table in TABLES:
        if table != "container_types":
            before = getattr(world, table)
            assert getattr(larger, table)[: len(before)] == before
    assert larger.areas[-1].max_biomass_kg == 14
    assert larger.containers[2_017].capacity_kg == 9
    assert larger.container_types[1].max_volume_m3 == 400
    assert larger.geographies[-1].code == "NOR"
    assert larger.temperature_profile(4, at_sea=False) == 6
    assert larger.tgc_model(4) == 3


def test_the_world_is_quick_and_picklable(world: World) -> None:
    started = time.perf_counter()
    again = build_world(list(specs().values()))
    assert len(again.sensors) == 11_060
    assert time.perf_counter() - started < 0.5
    assert pickle.loads(pickle.dumps(world)) == world
