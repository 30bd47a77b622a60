"""Temperature profiles of scenarios.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class TemperatureProfile(Stamped):
    """Daily temperatures by day number."""

    profile_id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)

    class Meta:
        """Table scenario_temperatureprofile."""

        db_table = "scenario_temperatureprofile"

    def __str__(self) -> str:
        return self.name


class TemperatureReading(Stamped):
    """The temperature (°C) of one day of a profile, from day 1."""

    reading_id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(TemperatureProfile, on_delete=models.CASCADE)
    temperature = models.FloatField()
    day_number = models.IntegerField()

    class Meta:
        """Table scenario_temperaturereading."""

        db_table = "scenario_temperaturereading"
        constraints = [models.UniqueConstraint(fields=["profile", "day_number"], name="scenario_temperaturereading_uniq")]

    def __str__(self) -> str:
        return f"{self.profile} day {self.day_number}"
