"""Places: geographies, stations and areas, halls, containers, sensors, silos and barges.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped
from pytest_aquadata.farm.compat import check_constraint

IN_HALL_OR_AREA = models.Q(area__isnull=True, hall__isnull=False) | models.Q(area__isnull=False, hall__isnull=True)
"""A place on land or at sea, and never both."""


class Geography(Stamped):
    """A region of the farm, with its own companies and currency."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        """Table infrastructure_geography."""

        db_table = "infrastructure_geography"

    def __str__(self) -> str:
        return self.name


class Area(Stamped):
    """A sea area: a place of rings. `max_biomass` in kg."""

    geography = models.ForeignKey(Geography, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    max_biomass = models.DecimalField(max_digits=12, decimal_places=2)
    active = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_area."""

        db_table = "infrastructure_area"

    def __str__(self) -> str:
        return self.name


class FreshwaterStation(Stamped):
    """A station on land with halls for the freshwater stages."""

    geography = models.ForeignKey(Geography, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    station_type = models.CharField(max_length=20, default="FRESHWATER")
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    description = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_freshwaterstation."""

        db_table = "infrastructure_freshwaterstation"

    def __str__(self) -> str:
        return self.name


class Hall(Stamped):
    """A hall of a freshwater station, as a rule for one stage."""

    freshwater_station = models.ForeignKey(FreshwaterStation, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    area_sqm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_hall."""

        db_table = "infrastructure_hall"

    def __str__(self) -> str:
        return self.name


class ContainerType(Stamped):
    """A kind of container."""

    class Category(models.TextChoices):
        """What kind of thing it is."""

        TRAY = "TRAY"
        TANK = "TANK"
        PEN = "PEN"
        SILO = "SILO"
        BARGE = "BARGE"

    name = models.CharField(max_length=100)
    category = models.CharField(max_length=20, choices=Category.choices)
    max_volume_m3 = models.DecimalField(max_digits=10, decimal_places=2)
    description = models.TextField(blank=True)

    class Meta:
        """Table infrastructure_containertype."""

        db_table = "infrastructure_containertype"

    def __str__(self) -> str:
        return self.name


class Container(Stamped):
    """A tray, tank or ring that fish live in: either in a hall or in an area."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True)
    container_type = models.ForeignKey(ContainerType, on_delete=models.PROTECT)
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=100)
    volume_m3 = models.DecimalField(max_digits=10, decimal_places=2)
    max_biomass_kg = models.DecimalField(max_digits=10, decimal_places=2)
    active = models.BooleanField(default=True)
    feed_recommendations_enabled = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_container."""

        db_table = "infrastructure_container"
        constraints = [check_constraint(IN_HALL_OR_AREA, "infrastructure_container_in_hall_or_area")]

    def __str__(self) -> str:
        return self.name


class Sensor(Stamped):
    """A sensor of a container. `sensor_type` is the name of the environmental parameter it measures."""

    container = models.ForeignKey(Container, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    sensor_type = models.CharField(max_length=20)
    serial_number = models.CharField(max_length=100, blank=True)
    manufacturer = models.CharField(max_length=100, blank=True)
    installation_date = models.DateField(null=True, blank=True)
    last_calibration_date = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_sensor."""

        db_table = "infrastructure_sensor"

    def __str__(self) -> str:
        return self.name


class FeedContainer(Stamped):
    """A silo of a hall or a barge of an area."""

    class Kind(models.TextChoices):
        """On land or at sea."""

        SILO = "SILO"
        BARGE = "BARGE"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True)
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=100)
    container_type = models.CharField(max_length=20, choices=Kind.choices)
    capacity_kg = models.DecimalField(max_digits=10, decimal_places=2)
    active = models.BooleanField(default=True)

    class Meta:
        """Table infrastructure_feedcontainer."""

        db_table = "infrastructure_feedcontainer"
        constraints = [check_constraint(IN_HALL_OR_AREA, "infrastructure_feedcontainer_in_hall_or_area")]

    def __str__(self) -> str:
        return self.name
