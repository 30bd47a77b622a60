"""Factories of places: geographies, stations, halls, areas, containers, silos, barges and sensors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pytest_aquadata.factories.base import StampedFactory, day
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata

_DATA = masterdata.document("container_types")
_KINDS: dict[str, dict[str, Any]] = {kind["stage"]: kind for kind in _DATA["container_types"]}
_SEA = _DATA["container_types"][-1]["stage"]


def _kind(stage: str, name: str) -> Any:
    return _KINDS[stage][name]


class GeographyFactory(StampedFactory):
    """A geography."""

    class Meta:
        """Table infrastructure_geography."""

        model = "infrastructure.Geography"

    name = factory.Sequence(lambda n: f"Geography {n + 1}")
    description = "A geography of its own"


class FreshwaterStationFactory(StampedFactory):
    """A freshwater station."""

    class Meta:
        """Table infrastructure_freshwaterstation."""

        model = "infrastructure.FreshwaterStation"

    geography = factory.SubFactory(GeographyFactory)
    name = factory.Sequence(lambda n: f"FW-{n + 1:02d}")
    station_type = _DATA["station_type"]
    latitude = Decimal("62.000000")
    longitude = Decimal("-7.000000")
    description = ""
    active = True


class HallFactory(StampedFactory):
    """A hall of a station; `stage` (its name) says what for."""

    class Meta:
        """Table infrastructure_hall."""

        model = "infrastructure.Hall"

    class Params:
        """Values that are no columns."""

        stage = "Fry"

    freshwater_station = factory.SubFactory(FreshwaterStationFactory)
    name = factory.Sequence(lambda n: f"Hall-{n + 1:02d}")
    description = factory.LazyAttribute(lambda hall: _kind(hall.stage, "hall"))
    area_sqm = Decimal(_DATA["hall_area_sqm"])
    active = True


class AreaFactory(StampedFactory):
    """A sea area with room for one full ring."""

    class Meta:
        """Table infrastructure_area."""

        model = "infrastructure.Area"

    geography = factory.SubFactory(GeographyFactory)
    name = factory.Sequence(lambda n: f"SEA-{n + 1:02d}")
    latitude = Decimal("61.500000")
    longitude = Decimal("-6.500000")
    max_biomass = Decimal(_KINDS[_SEA]["capacity_kg"])
    active = True


class ContainerTypeFactory(StampedFactory):
    """The container type of a `stage` (its name)."""

    class Meta:
        """Table infrastructure_containertype."""

        model = "infrastructure.ContainerType"
        django_get_or_create = ("name",)

    class Params:
        """Values that are no columns."""

        stage = "Fry"

    name = factory.LazyAttribute(lambda kind: _kind(kind.stage, "name"))
    category = factory.LazyAttribute(lambda kind: _kind(kind.stage, "category"))
    max_volume_m3 = factory.LazyAttribute(lambda kind: Decimal(_kind(kind.stage, "volume_m3")))
    description = factory.LazyAttribute(lambda kind: _kind(kind.stage, "description"))


class ContainerFactory(StampedFactory):
    """A container for fish of a `stage`, in a hall; with ``ring=True`` a ring in a sea area."""

    class Meta:
        """Table infrastructure_container."""

        model = "infrastructure.Container"

    class Params:
        """Values that are no columns."""

        stage = "Fry"
        ring = factory.Trait(stage=_SEA, hall=None, area=factory.SubFactory(AreaFactory))

    hall = factory.SubFactory(HallFactory, stage=factory.SelfAttribute("..stage"))
    area = None
    container_type = factory.SubFactory(ContainerTypeFactory, stage=factory.SelfAttribute("..stage"))
    name = factory.Sequence(lambda n: f"C{n + 1:03d}")
    volume_m3 = factory.LazyAttribute(lambda tank: Decimal(_kind(tank.stage, "volume_m3")))
    max_biomass_kg = factory.LazyAttribute(lambda tank: Decimal(_kind(tank.stage, "capacity_kg")))
    active = True
    feed_recommendations_enabled = True


class FeedContainerFactory(StampedFactory):
    """The silo of a hall; with ``barge=True`` a barge of a sea area."""

    class Meta:
        """Table infrastructure_feedcontainer."""

        model = "infrastructure.FeedContainer"

    class Params:
        """Values that are no columns."""

        stage = "Fry"
        barge = factory.Trait(
            container_type="BARGE",
            hall=None,
            area=factory.SubFactory(AreaFactory),
            capacity_kg=Decimal(_DATA["barge_kg"]),
        )

    hall = factory.SubFactory(HallFactory, stage=factory.SelfAttribute("..stage"))
    area = None
    name = factory.Sequence(lambda n: f"Feed {n + 1:03d}")
    container_type = "SILO"
    capacity_kg = factory.LazyAttribute(lambda silo: Decimal(_kind(silo.stage, "silo_kg")))
    active = True


class SensorFactory(StampedFactory):
    """A sensor in a container, of dissolved oxygen unless `sensor_type` says otherwise."""

    class Meta:
        """Table infrastructure_sensor."""

        model = "infrastructure.Sensor"

    container = factory.SubFactory(ContainerFactory)
    sensor_type = "Dissolved Oxygen"
    name = factory.LazyAttributeSequence(lambda sensor, n: f"{sensor.sensor_type.replace(' ', '')}-{n + 1}")
    serial_number = factory.LazyAttributeSequence(lambda sensor, n: f"SN-F{n + 1}-{sensor.sensor_type[:3].upper()}")
    manufacturer = _DATA["sensors"]["manufacturer"]
    installation_date = day()
    last_calibration_date = day()
    active = True
