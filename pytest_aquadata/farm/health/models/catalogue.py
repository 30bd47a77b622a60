"""What health events refer to: parameters, scores, lice, vaccines, reasons of death, samples.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class HealthParameter(Stamped):
    """Something that fish are scored on."""

    name = models.CharField(max_length=100, unique=True)
    is_active = models.BooleanField(default=True)
    description = models.TextField(null=True, blank=True)
    max_score = models.IntegerField()
    min_score = models.IntegerField(default=0)

    class Meta:
        """Table health_healthparameter."""

        db_table = "health_healthparameter"

    def __str__(self) -> str:
        return self.name


class ParameterScoreDefinition(Stamped):
    """What one score of a health parameter means."""

    parameter = models.ForeignKey(HealthParameter, on_delete=models.CASCADE)
    score_value = models.IntegerField()
    label = models.CharField(max_length=50)
    description = models.TextField(blank=True)
    display_order = models.IntegerField()

    class Meta:
        """Table health_parameterscoredefinition."""

        db_table = "health_parameterscoredefinition"
        constraints = [models.UniqueConstraint(fields=["parameter", "score_value"], name="health_parameterscoredefinition_uniq")]

    def __str__(self) -> str:
        return f"{self.parameter} {self.score_value}: {self.label}"


class LiceType(Stamped):
    """A kind of louse: species, gender and stage of development."""

    species = models.CharField(max_length=100)
    gender = models.CharField(max_length=20)
    development_stage = models.CharField(max_length=50)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Table health_licetype."""

        db_table = "health_licetype"
        constraints = [models.UniqueConstraint(fields=["species", "gender", "development_stage"], name="health_licetype_uniq")]
        indexes = [
            models.Index(fields=["is_active"], name="licetype_is_active_ix"),
            models.Index(fields=["species", "development_stage"], name="licetype_species_stage_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.species}, {self.gender}, {self.development_stage}"


class MortalityReason(models.Model):
    """A reason of death."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        """Table health_mortalityreason."""

        db_table = "health_mortalityreason"

    def __str__(self) -> str:
        return self.name


class SampleType(models.Model):
    """A kind of sample for the laboratory."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        """Table health_sampletype."""

        db_table = "health_sampletype"

    def __str__(self) -> str:
        return self.name


class VaccinationType(models.Model):
    """A vaccine."""

    name = models.CharField(max_length=100, unique=True)
    manufacturer = models.CharField(max_length=100, blank=True)
    dosage = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        """Table health_vaccinationtype."""

        db_table = "health_vaccinationtype"

    def __str__(self) -> str:
        return self.name
