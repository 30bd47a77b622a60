"""How fish grow: samples and the daily state of every assignment.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pytest_aquadata.farm.base import Stamped


class GrowthSample(Stamped):
    """Aggregates of a sample of fish; `condition_factor` is Fulton's K."""

    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    sample_date = models.DateField()
    sample_size = models.PositiveIntegerField()
    avg_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    avg_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    std_deviation_weight = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    std_deviation_length = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    min_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    max_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    condition_factor = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    notes = models.TextField(null=True, blank=True)

    class Meta:
        """Table batch_growthsample."""

        db_table = "batch_growthsample"

    def __str__(self) -> str:
        return f"{self.sample_size} of {self.assignment} on {self.sample_date}"


class IndividualGrowthObservation(Stamped):
    """One fish of a growth sample."""

    growth_sample = models.ForeignKey(GrowthSample, on_delete=models.CASCADE)
    fish_identifier = models.CharField(max_length=50)
    weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    length_cm = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        """Table batch_individualgrowthobservation."""

        db_table = "batch_individualgrowthobservation"
        constraints = [models.UniqueConstraint(fields=["growth_sample", "fish_identifier"], name="batch_individualgrowthobservation_uniq")]

    def __str__(self) -> str:
        return f"{self.fish_identifier}: {self.weight_g} g"


class ActualDailyAssignmentState(models.Model):
    """What stood in an assignment's container at the end of a day, with where each figure came from."""

    # The table's key is (id, date), made by the migration; the id alone is unique in practice, which is what the ORM needs.
    id = models.BigAutoField(primary_key=True)
    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT)
    lifecycle_stage = models.ForeignKey("batch.LifeCycleStage", on_delete=models.PROTECT)
    date = models.DateField()
    day_number = models.PositiveIntegerField()
    avg_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    population = models.PositiveIntegerField()
    biomass_kg = models.DecimalField(max_digits=12, decimal_places=2)
    temp_c = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    mortality_count = models.PositiveIntegerField(default=0)
    feed_kg = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    observed_fcr = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    anchor_type = models.CharField(max_length=20, null=True, blank=True)
    sources = models.JSONField(default=dict)
    confidence_scores = models.JSONField(default=dict)
    last_computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Table batch_actualdailyassignmentstate."""

        db_table = "batch_actualdailyassignmentstate"
        constraints = [models.UniqueConstraint(fields=["assignment", "date"], name="batch_actualdailyassignmentstate_uniq")]
        indexes = [
            models.Index(fields=["anchor_type"], name="dailystate_anchor_type_ix"),
            models.Index(fields=["assignment", "date"], name="dailystate_assignment_date_ix"),
            models.Index(fields=["batch", "date"], name="dailystate_batch_date_ix"),
            models.Index(fields=["date"], name="dailystate_date_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} on {self.date}"
