"""The world with plan numbers: every station, hall, area, container, silo, barge, sensor, company, site and policy.

`build_world` expands geographies (those of ``data/world.yaml`` and any that a scenario describes in full) into
numbered rows. Numbers start at 1, are dense in each table and follow the order of the geographies, so a geography that
is appended leaves all others as they were. In an empty reference schema the number is the primary key. Everything here
is plain data: picklable, and built in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.places import (
    Area,
    Company,
    Container,
    ContainerType,
    FeedContainer,
    Geography,
    Hall,
    Policy,
    Sensor,
    Site,
    Station,
)
from pytest_aquadata.scenario.geography import AreaSpec, GeographySpec, HallSpec, StationSpec
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.worldfile import world as known_geographies

__all__ = [
    "Area",
    "Company",
    "Container",
    "ContainerType",
    "FeedContainer",
    "Geography",
    "Hall",
    "Policy",
    "Sensor",
    "Site",
    "Station",
    "World",
    "build_world",
]


@dataclass(frozen=True)
class World:
    """All rows of the world; row i of every tuple has the plan number i + 1."""

    geographies: tuple[Geography, ...]
    stations: tuple[Station, ...]
    halls: tuple[Hall, ...]
    areas: tuple[Area, ...]
    container_types: tuple[ContainerType, ...]
    containers: tuple[Container, ...]
    feed_containers: tuple[FeedContainer, ...]
    companies: tuple[Company, ...]
    sites: tuple[Site, ...]
    policies: tuple[Policy, ...]

    @property
    def takers(self) -> tuple[Geography, ...]:
        """The geographies that take batches."""
        return tuple(geography for geography in self.geographies if geography.takes_batches)

    @cached_property
    def sensors(self) -> tuple[Sensor, ...]:
        """All sensors, made when first asked for: a plan only needs the numbers that the containers hold."""
        return tuple(self.each_sensor())

    def each_sensor(self) -> Iterator[Sensor]:
        """The same one by one, for worlds of which nobody wants to hold them all: a hundred geographies have 600,000."""
        names = {number: name for name, number in masterdata.parameters().items()}
        for container in self.containers:
            for number, parameter in enumerate(container.parameters, start=container.first_sensor):
                kind = names[parameter]
                serial = f"SN-{container.number}-{kind[:3].upper()}"
                yield Sensor(number, f"{container.name}-{kind.replace(' ', '')}", kind, serial, container.number, parameter)

    @cached_property
    def _by_hall(self) -> dict[int, tuple[Container, ...]]:
        return _grouped(self.containers, "hall")

    @cached_property
    def _by_area(self) -> dict[int, tuple[Container, ...]]:
        return _grouped(self.containers, "area")

    @cached_property
    def _sites(self) -> dict[tuple[str, int], Site]:
        return {(site.source, site.place): site for site in self.sites}

    def geography(self, name: str) -> Geography:
        """The geography of that name; `KeyError` when there is none."""
        for geography in self.geographies:
            if geography.name == name:
                return geography
        raise KeyError(name)

    def container(self, number: int) -> Container:
        """The container with that number."""
        return self.containers[number - 1]

    def containers_of_hall(self, hall: int) -> tuple[Container, ...]:
        """The containers of a hall, in order."""
        return self._by_hall.get(hall, ())

    def containers_of_area(self, area: int) -> tuple[Container, ...]:
        """The rings of an area, in order."""
        return self._by_area.get(area, ())

    def feed_containers_of(self, container: int) -> tuple[int, ...]:
        """Numbers of the silo or the barges that feed a container."""
        where = self.container(container)
        if where.area is not None:
            return self.areas[where.area - 1].barges
        silo = self.halls[(where.hall or 0) - 1].silo
        return () if silo is None else (silo,)

    def geography_of(self, container: int) -> int:
        """Number of the geography in which a container stands."""
        where = self.container(container)
        if where.area is not None:
            return self.areas[where.area - 1].geography
        return self.stations[self.halls[(where.hall or 0) - 1].station - 1].geography

    def site_of(self, container: int) -> Site:
        """The site of a container: its area, or the station of its hall."""
        where = self.container(container)
        kinds = masterdata.document("finance")["sites"]
        if where.area is not None:
            return self._sites[kinds["area"]["source"], where.area]
        return self._sites[kinds["station"]["source"], self.halls[(where.hall or 0) - 1].station]

    def company(self, geography: int, subsidiary: str) -> Company:
        """The company of a geography with that subsidiary code (FW, FM or LG)."""
        return next(c for c in self.companies if c.geography == geography and c.subsidiary == subsidiary)

    def smolt_policy(self, geography: int) -> Policy:
        """The policy by which smolts of a geography are sold to its sea farm."""
        return next(p for p in self._policies_of(geography) if p.stage_order is not None)

    def harvest_policy(self, geography: int, grade: int) -> Policy:
        """The policy by which a harvest lot of that grade (a plan number) is sold."""
        return next(p for p in self._policies_of(geography) if p.grade == grade)

    def _policies_of(self, geography: int) -> Iterator[Policy]:
        return (p for p in self.policies if self.companies[p.from_company - 1].geography == geography)

    def temperature_profile(self, geography: int, at_sea: bool) -> int:
        """Number of a geography's shared temperature profile (scenario_temperatureprofile)."""
        return 2 * self._taker(geography) + (1 if at_sea else 2)

    def tgc_model(self, geography: int) -> int:
        """Number of a geography's shared TGC model (scenario_tgcmodel)."""
        return self._taker(geography) + 1

    def _taker(self, geography: int) -> int:
        return [taker.number for taker in self.takers].index(geography)


def _grouped(containers: Sequence[Container], place: str) -> dict[int, tuple[Container, ...]]:
    groups: dict[int, list[Container]] = {}
    for container in containers:
        number = getattr(container, place)
        if number is not None:
            groups.setdefault(number, []).append(container)
    return {number: tuple(group) for number, group in groups.items()}


def _given(value: Any, default: Any) -> float:
    return float(default if value is None else value)


@dataclass
class _Builder:
    """Collects rows; the number of a new row is the count of those before it plus one."""

    geographies: list[Geography] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    halls: list[Hall] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    feed_containers: list[FeedContainer] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    next_sensor: int = 1

    def __post_init__(self) -> None:
        self.data = masterdata.document("container_types")
        self.types = {kind["stage"]: kind for kind in self.data["container_types"]}
        self.sea = self.data["container_types"][-1]
        self.finance = masterdata.document("finance")

    def geography(self, spec: GeographySpec) -> None:
        takes = any(group.takes_batches for group in (*spec.stations, *spec.areas))
        number = len(self.geographies) + 1
        self.geographies.append(Geography(number, spec.name, spec.code, spec.currency, takes, spec))
        self._companies(self.geographies[-1])
        for station in spec.stations:
            for name in station.names():
                self._station(number, name, station)
        for area in spec.areas:
            for name in area.names():
                self._area(number, name, area)

    def _companies(self, geography: Geography) -> None:
        own = {}
        for subsidiary in self.finance["subsidiaries"]:
            number = own[subsidiary["code"]] = len(self.companies) + 1
            name, nav = f"{geography.name} {subsidiary['name']}", f"{geography.code}-{subsidiary['code']}"
            self.companies.append(Company(number, name, geography.number, subsidiary["code"], geography.currency, nav))
        smolt, harvest = self.finance["policies"]["smolt"], self.finance["policies"]["harvest"]
        stage = masterdata.stages()[smolt["stage"]]
        prices = smolt["price_per_kg"]
        self._policy(own, smolt, stage_order=stage, price_per_kg=float(prices.get(geography.currency, prices["other"])))
        for grade in masterdata.grades().values():
            self._policy(own, harvest, grade=grade, markup_percent=float(harvest["markup_percent"]))

    def _policy(
        self,
        own: dict[str, int],
        terms: dict[str, Any],
        grade: int | None = None,
        stage_order: int | None = None,
        markup_percent: float | None = None,
        price_per_kg: float | None = None,
    ) -> None:
        number, seller, buyer = len(self.policies) + 1, own[terms["from"]], own[terms["to"]]
        method, basis = terms["method"], terms["pricing_basis"]
        self.policies.append(Policy(number, seller, buyer, method, basis, grade, stage_order, markup_percent, price_per_kg))

    def _site(self, geography: int, kind: str, name: str, place: int) -> None:
        terms = self.finance["sites"][kind]
        company = next(c.number for c in self.companies if c.geography == geography and c.subsidiary == terms["subsidiary"])
        self.sites.append(Site(len(self.sites) + 1, name, terms["source"], place, company))

    def _station(self, geography: int, name: str, spec: StationSpec) -> None:
        number = len(self.stations) + 1
        latitude, longitude = float(spec.latitude), float(spec.longitude)
        self.stations.append(Station(number, name, geography, latitude, longitude, spec.takes_batches))
        self._site(geography, "station", name, number)
        for hall in spec.halls:
            self._hall(self.stations[-1], hall, spec.sensors)

    def _hall(self, station: Station, spec: HallSpec, sensors: bool) -> None:
        kind, number = self.types[spec.stage], len(self.halls) + 1
        capacity = _given(spec.silo_kg, kind["silo_kg"])
        prefix = f"{station.name}-{spec.letter}"
        silo = self._feed_container(f"{prefix}-Silo", "SILO", capacity, hall=number) if spec.silo else None
        order = masterdata.stages()[spec.stage]
        self.halls.append(Hall(number, f"{station.name}-Hall-{spec.letter}", station.number, spec.letter, order, silo))
        for name in _names(f"{prefix}-C{{n}}", spec.containers):
            volume, most = _given(spec.volume_m3, kind["volume_m3"]), _given(spec.capacity_kg, kind["capacity_kg"])
            self._container(name, spec.stage, volume, most, sensors, hall=number)

    def _area(self, geography: int, name: str, spec: AreaSpec) -> None:
        number = len(self.areas) + 1
        volume = _given(spec.ring_volume_m3, self.sea["volume_m3"])
        most = _given(spec.ring_capacity_kg, self.sea["capacity_kg"])
        capacity = _given(spec.barge_kg, self.data["barge_kg"])
        barges = tuple(self._feed_container(f"{name}-Barge-{turn}", "BARGE", capacity, area=number) for turn in range(1, spec.barges + 1))
        latitude, longitude = float(spec.latitude), float(spec.longitude)
        area = Area(number, name, geography, latitude, longitude, most * spec.rings, barges, spec.takes_batches)
        self.areas.append(area)
        self._site(geography, "area", name, number)
        for ring in _names(f"{name}-Ring-{{n}}", spec.rings):
            self._container(ring, self.sea["stage"], volume, most, spec.sensors, area=number)

    def _feed_container(self, name: str, kind: str, capacity: float, hall: int | None = None, area: int | None = None) -> int:
        number = len(self.feed_containers) + 1
        self.feed_containers.append(FeedContainer(number, name, kind, capacity, hall, area))
        return number

    def _container(
        self,
        name: str,
        stage: str,
        volume: float,
        capacity: float,
        sensors: bool,
        hall: int | None = None,
        area: int | None = None,
    ) -> None:
        parameters = masterdata.sensor_parameters(area is not None) if sensors else ()
        order, kind = masterdata.stages()[stage], masterdata.container_types()[stage]
        number, first = len(self.containers) + 1, self.next_sensor
        self.next_sensor += len(parameters)
        self.containers.append(Container(number, name, order, kind, hall, area, volume, capacity, first, parameters))

    def container_types(self) -> tuple[ContainerType, ...]:
        largest: dict[int, float] = {}
        for container in self.containers:
            largest[container.type_number] = max(largest.get(container.type_number, 0.0), container.volume_m3)
        made = []
        for number, kind in enumerate(self.data["container_types"], start=1):
            order = masterdata.stages()[kind["stage"]]
            volume = max(float(kind["volume_m3"]), largest.get(number, 0.0))
            made.append(ContainerType(number, kind["name"], order, kind["category"], volume, kind["description"]))
        return tuple(made)


def _names(pattern: str, number: int) -> list[str]:
    return [pattern.replace("{n}", f"{n:02d}") for n in range(1, number + 1)]


def world_of(scenario: Scenario) -> World:
    """The world of a scenario: all geographies that there are, with those that it describes in their place or behind them."""
    known = known_geographies()
    own = [use.spec for use in scenario.geographies if known.get(use.name) != use.spec]
    return build_world([spec for spec in known.values() if spec.name not in {o.name for o in own}] + own)


def build_world(specs: Sequence[GeographySpec]) -> World:
    """The world of these geographies, numbered in their order: all of ``data/world.yaml``, then the scenario's own."""
    builder = _Builder()
    for spec in specs:
        builder.geography(spec)
    return World(
        tuple(builder.geographies),
        tuple(builder.stations),
        tuple(builder.halls),
        tuple(builder.areas),
        builder.container_types(),
        tuple(builder.containers),
        tuple(builder.feed_containers),
        tuple(builder.companies),
        tuple(builder.sites),
        tuple(builder.policies),
    )
