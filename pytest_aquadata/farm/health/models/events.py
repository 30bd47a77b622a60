"""Health events: samplings, lice counts, journal entries, treatments.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class HealthSamplingEvent(Stamped):
    """Fish of one container examined on one day, and their aggregates."""

    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.CASCADE)
    sampled_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    sampling_date = models.DateField()
    number_of_fish_sampled = models.PositiveIntegerField()
    notes = models.TextField(null=True, blank=True)
    avg_k_factor = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    avg_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    avg_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    calculated_sample_size = models.PositiveIntegerField(null=True, blank=True)
    max_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    max_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    min_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    min_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    std_dev_length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    std_dev_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table health_healthsamplingevent."""

        db_table = "health_healthsamplingevent"

    def __str__(self) -> str:
        return f"{self.number_of_fish_sampled} of {self.assignment} on {self.sampling_date}"


class IndividualFishObservation(Stamped):
    """One fish of a health sampling."""

    sampling_event = models.ForeignKey(HealthSamplingEvent, on_delete=models.CASCADE)
    fish_identifier = models.CharField(max_length=50)
    length_cm = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table health_individualfishobservation."""

        db_table = "health_individualfishobservation"
        constraints = [models.UniqueConstraint(fields=["sampling_event", "fish_identifier"], name="health_individualfishobservation_uniq")]

    def __str__(self) -> str:
        return self.fish_identifier


class FishParameterScore(Stamped):
    """One fish's score on one health parameter."""

    individual_fish_observation = models.ForeignKey(IndividualFishObservation, on_delete=models.CASCADE)
    parameter = models.ForeignKey("health.HealthParameter", on_delete=models.PROTECT)
    score = models.SmallIntegerField()

    class Meta:
        """Table health_fishparameterscore."""

        db_table = "health_fishparameterscore"
        constraints = [models.UniqueConstraint(fields=["individual_fish_observation", "parameter"], name="health_fishparameterscore_uniq")]

    def __str__(self) -> str:
        return f"{self.parameter}: {self.score}"


class LiceCount(models.Model):
    """Lice of one type (`count_value`) counted on `fish_sampled` fish; the counts by sex are those of older rows."""

    class Detection(models.TextChoices):
        """How the lice were counted."""

        MANUAL = "manual"
        VISUAL = "visual"
        AUTOMATED = "automated"
        CAMERA = "camera"

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT, null=True, blank=True)
    user = models.ForeignKey("auth.User", on_delete=models.PROTECT)
    lice_type = models.ForeignKey("health.LiceType", on_delete=models.PROTECT, null=True, blank=True)
    assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.SET_NULL, null=True, blank=True)
    count_date = models.DateTimeField()
    adult_female_count = models.PositiveIntegerField(default=0)
    adult_male_count = models.PositiveIntegerField(default=0)
    juvenile_count = models.PositiveIntegerField(default=0)
    fish_sampled = models.PositiveIntegerField()
    notes = models.TextField(blank=True)
    confidence_level = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    count_value = models.PositiveIntegerField(null=True, blank=True)
    detection_method = models.CharField(max_length=50, choices=Detection.choices, null=True, blank=True)

    class Meta:
        """Table health_licecount."""

        db_table = "health_licecount"

    def __str__(self) -> str:
        return f"{self.batch} at {self.count_date}"


class JournalEntry(Stamped):
    """An entry of the health journal."""

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT, null=True, blank=True)
    user = models.ForeignKey("auth.User", on_delete=models.PROTECT)
    entry_date = models.DateTimeField()
    category = models.CharField(max_length=20)
    severity = models.CharField(max_length=10, null=True, blank=True)
    description = models.TextField(blank=True)
    resolution_status = models.BooleanField(default=False)
    resolution_notes = models.TextField(blank=True)

    class Meta:
        """Table health_journalentry."""

        db_table = "health_journalentry"

    def __str__(self) -> str:
        return f"{self.category} of {self.batch} at {self.entry_date}"


class Treatment(models.Model):
    """A vaccination or treatment of the fish in one container."""

    batch = models.ForeignKey("batch.Batch", on_delete=models.CASCADE)
    batch_assignment = models.ForeignKey("batch.BatchContainerAssignment", on_delete=models.SET_NULL, null=True, blank=True)
    container = models.ForeignKey("infrastructure.Container", on_delete=models.PROTECT, null=True, blank=True)
    user = models.ForeignKey("auth.User", on_delete=models.PROTECT)
    vaccination_type = models.ForeignKey("health.VaccinationType", on_delete=models.PROTECT, null=True, blank=True)
    sampling_event = models.ForeignKey(HealthSamplingEvent, on_delete=models.SET_NULL, null=True, blank=True)
    journal_entry = models.ForeignKey(JournalEntry, on_delete=models.SET_NULL, null=True, blank=True)
    treatment_date = models.DateTimeField()
    treatment_type = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    dosage = models.CharField(max_length=100, blank=True)
    duration_days = models.PositiveIntegerField()
    withholding_period_days = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=20)
    includes_weighing = models.BooleanField(default=False)

    class Meta:
        """Table health_treatment."""

        db_table = "health_treatment"

    def __str__(self) -> str:
        return f"{self.treatment_type} of {self.batch} at {self.treatment_date}"
