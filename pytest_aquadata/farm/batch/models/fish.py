"""Species, stages, batches, the containers they stand in and the fish they lose.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class Species(Stamped):
    """A species and the water it thrives in."""

    name = models.CharField(max_length=100, unique=True)
    scientific_name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    optimal_temperature_min = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    optimal_temperature_max = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    optimal_oxygen_min = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    optimal_ph_min = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    optimal_ph_max = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table batch_species."""

        db_table = "batch_species"

    def __str__(self) -> str:
        return self.name


class LifeCycleStage(Stamped):
    """A stage of life, by its order from egg (1) to adult."""

    species = models.ForeignKey(Species, on_delete=models.PROTECT)
    name = models.CharField(max_length=100, unique=True)
    order = models.PositiveSmallIntegerField()
    description = models.TextField(blank=True)
    expected_weight_min_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    expected_weight_max_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    expected_length_min_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    expected_length_max_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    typical_duration_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        """Table batch_lifecyclestage."""

        db_table = "batch_lifecyclestage"
        constraints = [models.UniqueConstraint(fields=["species", "order"], name="batch_lifecyclestage_uniq")]

    def __str__(self) -> str:
        return self.name


class Batch(Stamped):
    """Fish of one origin that live their life together."""

    class Status(models.TextChoices):
        """How far its life has come."""

        PLANNED = "PLANNED"
        ACTIVE = "ACTIVE"
        COMPLETED = "COMPLETED"

    lifecycle_stage = models.ForeignKey(LifeCycleStage, on_delete=models.PROTECT)
    species = models.ForeignKey(Species, on_delete=models.PROTECT)
    pinned_scenario = models.ForeignKey(
        "scenario.Scenario", on_delete=models.SET_NULL, null=True, blank=True, related_name="pinned_batches"
    )
    batch_number = models.CharField(max_length=50, unique=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PLANNED)
    start_date = models.DateField()
    expected_end_date = models.DateField(null=True, blank=True)
    actual_end_date = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)
    batch_type = models.CharField(max_length=20, default="STANDARD")

    class Meta:
        """Table batch_batch."""

        db_table = "batch_batch"

    def __str__(self) -> str:
        return self.batch_number


class BatchContainerAssignment(Stamped):
    """A part of a batch in one container, from `assignment_date` up to, not including, `departure_date`."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT)
    lifecycle_stage = models.ForeignKey(LifeCycleStage, on_delete=models.PROTECT)
    population_count = models.PositiveIntegerField()
    biomass_kg = models.DecimalField(max_digits=10, decimal_places=2)
    assignment_date = models.DateField()
    is_active = models.BooleanField(default=True)
    notes = models.TextField(blank=True)
    avg_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    departure_date = models.DateField(null=True, blank=True)
    last_weighing_date = models.DateField(null=True, blank=True)

    class Meta:
        """Table batch_batchcontainerassignment."""

        db_table = "batch_batchcontainerassignment"

    def __str__(self) -> str:
        return f"{self.batch} in {self.container}"


class MortalityEvent(Stamped):
    """Fish found dead on one day."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    assignment = models.ForeignKey(BatchContainerAssignment, on_delete=models.SET_NULL, null=True, blank=True)
    event_date = models.DateField()
    count = models.PositiveIntegerField()
    biomass_kg = models.DecimalField(max_digits=10, decimal_places=2)
    cause = models.CharField(max_length=20, default="UNKNOWN")
    description = models.TextField(blank=True)

    class Meta:
        """Table batch_mortalityevent."""

        db_table = "batch_mortalityevent"

    def __str__(self) -> str:
        return f"{self.count} of {self.batch} on {self.event_date}"
