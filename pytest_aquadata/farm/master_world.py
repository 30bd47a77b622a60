"""The world and its companies as unsaved Django objects, made by factories from `plan.world`.

The plan number of every row is its primary key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.db.models import Model

from pytest_aquadata import factories as make
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.world import Container, Sensor, World

Objects = list[Model]

_CENT, _MICRO = Decimal("0.01"), Decimal("0.000001")

TOGETHER = 50_000
"""Sensors made at a time: all of a usual world, and of a very large one as many as memory bears. Digests are taken list by list."""


def _rounded(value: float, step: Decimal = _CENT) -> Decimal:
    return Decimal(str(value)).quantize(step)


def places(world: World, clock: datetime) -> Iterator[Objects]:
    """Geographies, stations, halls, areas, containers with their types, silos and barges, sensors."""
    names = {order: name for name, order in masterdata.stages().items()}
    yield [
        make.GeographyFactory.build(id=row.number, name=row.name, description=row.spec.description, clock=clock)
        for row in world.geographies
    ]
    yield [
        make.FreshwaterStationFactory.build(
            id=row.number,
            geography_id=row.geography,
            name=row.name,
            latitude=_rounded(row.latitude, _MICRO),
            longitude=_rounded(row.longitude, _MICRO),
            clock=clock,
        )
        for row in world.stations
    ]
    yield [
        make.HallFactory.build(id=row.number, freshwater_station_id=row.station, name=row.name, stage=names[row.stage_order], clock=clock)
        for row in world.halls
    ]
    yield [
        make.AreaFactory.build(
            id=row.number,
            geography_id=row.geography,
            name=row.name,
            latitude=_rounded(row.latitude, _MICRO),
            longitude=_rounded(row.longitude, _MICRO),
            max_biomass=_rounded(row.max_biomass_kg),
            clock=clock,
        )
        for row in world.areas
    ]
    yield [
        make.ContainerTypeFactory.build(
            id=row.number,
            name=row.name,
            category=row.category,
            max_volume_m3=_rounded(row.max_volume_m3),
            description=row.description,
            clock=clock,
        )
        for row in world.container_types
    ]
    yield make.ContainerFactory.build_alike(map(_container, world.containers), clock=clock)
    yield [
        make.FeedContainerFactory.build(
            id=row.number,
            hall_id=row.hall,
            area_id=row.area,
            name=row.name,
            container_type=row.kind,
            capacity_kg=_rounded(row.capacity_kg),
            clock=clock,
        )
        for row in world.feed_containers
    ]
    sensors = world.each_sensor()
    while made := make.SensorFactory.build_alike(map(_sensor, islice(sensors, TOGETHER)), clock=clock):
        yield made


def _container(row: Container) -> Mapping[str, object]:
    return {
        "id": row.number,
        "hall_id": row.hall,
        "area_id": row.area,
        "container_type_id": row.type_number,
        "name": row.name,
        "volume_m3": _rounded(row.volume_m3),
        "max_biomass_kg": _rounded(row.capacity_kg),
    }


def _sensor(row: Sensor) -> Mapping[str, object]:
    return {
        "id": row.number,
        "container_id": row.container,
        "name": row.name,
        "sensor_type": row.sensor_type,
        "serial_number": row.serial_number,
    }


def money(world: World, clock: datetime) -> Iterator[Objects]:
    """Companies, their sites (stations first, then areas) and the policies between them."""
    yield [
        make.DimCompanyFactory.build(
            company_id=row.number,
            geography_id=row.geography,
            subsidiary=row.subsidiary,
            display_name=row.name,
            currency=row.currency,
            nav_company_code=row.nav_code,
        )
        for row in world.companies
    ]
    for terms in masterdata.document("finance")["sites"].values():
        yield [
            make.DimSiteFactory.build(
                site_id=row.number,
                company_id=row.company,
                source_model=row.source,
                source_pk=row.place,
                site_name=row.name,
            )
            for row in world.sites
            if row.source == terms["source"]
        ]
    yield [
        make.IntercompanyPolicyFactory.build(
            policy_id=row.number,
            from_company_id=row.from_company,
            to_company_id=row.to_company,
            pricing_basis=row.pricing_basis,
            method=row.method,
            product_grade_id=row.grade,
            lifecycle_stage_id=row.stage_order,
            markup_percent=None if row.markup_percent is None else Decimal(str(row.markup_percent)),
            price_per_kg=None if row.price_per_kg is None else _rounded(row.price_per_kg),
            clock=clock,
        )
        for row in world.policies
    ]
