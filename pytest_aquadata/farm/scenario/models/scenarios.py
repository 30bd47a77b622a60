"""Scenarios and their projections.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class Scenario(Stamped):
    """A forecast: what grows from when to when by which models. `initial_weight` in g."""

    scenario_id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey("batch.Batch", on_delete=models.SET_NULL, null=True, blank=True)
    created_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    fcr_model = models.ForeignKey("scenario.FCRModel", on_delete=models.PROTECT)
    mortality_model = models.ForeignKey("scenario.MortalityModel", on_delete=models.PROTECT)
    tgc_model = models.ForeignKey("scenario.TGCModel", on_delete=models.PROTECT)
    biological_constraints = models.ForeignKey("scenario.BiologicalConstraints", on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=255)
    start_date = models.DateField()
    duration_days = models.IntegerField()
    initial_count = models.IntegerField()
    genotype = models.CharField(max_length=255)
    supplier = models.CharField(max_length=255)
    initial_weight = models.FloatField(null=True, blank=True)

    class Meta:
        """Table scenario."""

        db_table = "scenario"
        indexes = [models.Index(fields=["start_date"], name="scenario_start_ix")]

    def __str__(self) -> str:
        return self.name


class ScenarioProjection(Stamped):
    """One day of a scenario: weight in g, biomass and feed in kg, temperature in °C."""

    projection_id = models.BigAutoField(primary_key=True)
    current_stage = models.ForeignKey("batch.LifeCycleStage", on_delete=models.PROTECT)
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE)
    projection_date = models.DateField()
    day_number = models.IntegerField()
    average_weight = models.FloatField()
    population = models.FloatField()
    biomass = models.FloatField()
    daily_feed = models.FloatField()
    cumulative_feed = models.FloatField()
    temperature = models.FloatField()

    class Meta:
        """Table scenario_scenarioprojection."""

        db_table = "scenario_scenarioprojection"
        indexes = [
            models.Index(fields=["scenario", "day_number"], name="projection_scenario_day_ix"),
            models.Index(fields=["scenario", "projection_date"], name="projection_scenario_date_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario} day {self.day_number}"
