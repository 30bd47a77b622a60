"""What the world consists of: one frozen row type for each table that `plan.world` numbers.

All references are plan numbers, from 1. Nothing here knows how the rows come about.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_aquadata.scenario.geography import GeographySpec


@dataclass(frozen=True, slots=True)
class Geography:
    """One geography; `spec` is what declared it, `takes_batches` whether any of its places does."""

    number: int
    name: str
    code: str
    currency: str
    takes_batches: bool
    spec: GeographySpec


@dataclass(frozen=True, slots=True)
class Station:
    """One freshwater station."""

    number: int
    name: str
    geography: int
    latitude: float
    longitude: float
    takes_batches: bool


@dataclass(frozen=True, slots=True)
class Hall:
    """One hall of a station, used by one stage; `silo` is its feed container, if it has one."""

    number: int
    name: str
    station: int
    letter: str
    stage_order: int
    silo: int | None


@dataclass(frozen=True, slots=True)
class Area:
    """One sea area; `barges` are its feed containers, `max_biomass_kg` the sum of what its rings hold."""

    number: int
    name: str
    geography: int
    latitude: float
    longitude: float
    max_biomass_kg: float
    barges: tuple[int, ...]
    takes_batches: bool


@dataclass(frozen=True, slots=True)
class ContainerType:
    """One container type; `max_volume_m3` fits the largest container of the type."""

    number: int
    name: str
    stage_order: int
    category: str
    max_volume_m3: float
    description: str


@dataclass(frozen=True, slots=True)
class Container:
    """One tank, tray or ring.

    stage_order: the stage it is made for, the last one at sea. hall, area: exactly one of them is set.
    parameters: the environmental parameters that its sensors read, empty without sensors; sensor i (from 0) has the
        number ``first_sensor + i``.
    """

    number: int
    name: str
    stage_order: int
    type_number: int
    hall: int | None
    area: int | None
    volume_m3: float
    capacity_kg: float
    first_sensor: int
    parameters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FeedContainer:
    """One silo (of a hall) or barge (of an area)."""

    number: int
    name: str
    kind: str
    capacity_kg: float
    hall: int | None
    area: int | None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor; `parameter` is the environmental parameter of the same name as its type."""

    number: int
    name: str
    sensor_type: str
    serial_number: str
    container: int
    parameter: int


@dataclass(frozen=True, slots=True)
class Company:
    """One company: a subsidiary (FW, FM, LG) of a geography."""

    number: int
    name: str
    geography: int
    subsidiary: str
    currency: str
    nav_code: str


@dataclass(frozen=True, slots=True)
class Site:
    """One site of the finance tables: a station or an area (`source`: station, area) under the company that runs it."""

    number: int
    name: str
    source: str
    place: int
    company: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One price agreement of two companies of a geography: for a grade at harvest, or for a stage at the transfer."""

    number: int
    from_company: int
    to_company: int
    method: str
    pricing_basis: str
    grade: int | None
    stage_order: int | None
    markup_percent: float | None
    price_per_kg: float | None
