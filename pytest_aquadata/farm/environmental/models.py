"""Water: what is measured, and every reading.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pytest_aquadata.farm.base import Stamped


class EnvironmentalParameter(Stamped):
    """Something that sensors measure, and its bounds."""

    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=20, blank=True)
    description = models.TextField(blank=True)
    min_value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    max_value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    optimal_min = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    optimal_max = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table environmental_environmentalparameter."""

        db_table = "environmental_environmentalparameter"

    def __str__(self) -> str:
        return self.name


class EnvironmentalReading(models.Model):
    """One measured value, in the parameter's unit."""

    # The table's key is (id, reading_time), made by the migration; the id alone is unique in practice, which is what the ORM needs.
    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey("batch.Batch", on_delete=models.SET_NULL, null=True, blank=True)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT, null=True, blank=True)
    parameter = models.ForeignKey(EnvironmentalParameter, on_delete=models.PROTECT)
    recorded_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    sensor = models.ForeignKey("infrastructure.Sensor", on_delete=models.SET_NULL, null=True, blank=True)
    batch_container_assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.SET_NULL, null=True, blank=True)
    value = models.DecimalField(max_digits=10, decimal_places=4)
    reading_time = models.DateTimeField()
    is_manual = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Table environmental_environmentalreading."""

        db_table = "environmental_environmentalreading"
        indexes = [
            models.Index(fields=["batch_container_assignment", "parameter", "reading_time"], name="reading_stay_param_at_ix"),
            models.Index(fields=["batch", "parameter", "reading_time"], name="reading_batch_param_at_ix"),
            models.Index(fields=["container", "parameter", "reading_time"], name="reading_container_param_at_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.value} at {self.reading_time}"
