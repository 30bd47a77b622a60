"""The models that scenarios grow by: growth, feed conversion, mortality, constraints.

Tables, columns and constraints are those of the application that the farm stands for, so that its queries run unchanged.
"""

from __future__ import annotations

from django.db import models

from pytest_aquadata.farm.base import Stamped


class TGCModel(Stamped):
    """Growth: thermal growth coefficient and exponents at a location."""

    model_id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey("scenario.TemperatureProfile", on_delete=models.PROTECT)
    name = models.CharField(max_length=255, unique=True)
    location = models.CharField(max_length=255)
    release_period = models.CharField(max_length=255)
    tgc_value = models.FloatField()
    exponent_n = models.FloatField()
    exponent_m = models.FloatField()

    class Meta:
        """Table scenario_tgcmodel."""

        db_table = "scenario_tgcmodel"

    def __str__(self) -> str:
        return self.name


class TGCModelStage(models.Model):
    """A growth model's coefficient for one stage (its key)."""

    tgc_model = models.ForeignKey(TGCModel, on_delete=models.CASCADE)
    lifecycle_stage = models.CharField(max_length=20)
    tgc_value = models.DecimalField(max_digits=6, decimal_places=4)
    temperature_exponent = models.DecimalField(max_digits=4, decimal_places=2)
    weight_exponent = models.DecimalField(max_digits=4, decimal_places=2)

    class Meta:
        """Table scenario_tgc_model_stage."""

        db_table = "scenario_tgc_model_stage"
        constraints = [models.UniqueConstraint(fields=["tgc_model", "lifecycle_stage"], name="scenario_tgc_model_stage_uniq")]

    def __str__(self) -> str:
        return f"{self.tgc_model}: {self.lifecycle_stage}"


class FCRModel(Stamped):
    """Feed conversion ratios by stage."""

    model_id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)

    class Meta:
        """Table scenario_fcrmodel."""

        db_table = "scenario_fcrmodel"

    def __str__(self) -> str:
        return self.name


class FCRModelStage(Stamped):
    """The feed conversion ratio and length of one stage."""

    model = models.ForeignKey(FCRModel, on_delete=models.CASCADE)
    stage = models.ForeignKey("batch.LifeCycleStage", on_delete=models.PROTECT)
    fcr_value = models.FloatField()
    duration_days = models.IntegerField()

    class Meta:
        """Table scenario_fcrmodelstage."""

        db_table = "scenario_fcrmodelstage"
        constraints = [models.UniqueConstraint(fields=["model", "stage"], name="scenario_fcrmodelstage_uniq")]

    def __str__(self) -> str:
        return f"{self.model}: {self.stage}"


class FCRModelStageOverride(models.Model):
    """Another feed conversion ratio for a range of weights within a stage."""

    fcr_stage = models.ForeignKey(FCRModelStage, on_delete=models.CASCADE)
    min_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    max_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    fcr_value = models.DecimalField(max_digits=5, decimal_places=3)

    class Meta:
        """Table scenario_fcr_model_stage_override."""

        db_table = "scenario_fcr_model_stage_override"

    def __str__(self) -> str:
        return f"{self.fcr_stage} from {self.min_weight_g} g"


class MortalityModel(Stamped):
    """Losses: `rate` is % a day or a week."""

    class Frequency(models.TextChoices):
        """What the rate is for."""

        DAILY = "daily"
        WEEKLY = "weekly"

    model_id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.DAILY)
    rate = models.FloatField()

    class Meta:
        """Table scenario_mortalitymodel."""

        db_table = "scenario_mortalitymodel"

    def __str__(self) -> str:
        return self.name


class MortalityModelStage(models.Model):
    """The loss of one stage (its key)."""

    mortality_model = models.ForeignKey(MortalityModel, on_delete=models.CASCADE)
    lifecycle_stage = models.CharField(max_length=20)
    daily_rate_percent = models.DecimalField(max_digits=5, decimal_places=3)
    weekly_rate_percent = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)

    class Meta:
        """Table scenario_mortality_model_stage."""

        db_table = "scenario_mortality_model_stage"
        constraints = [models.UniqueConstraint(fields=["mortality_model", "lifecycle_stage"], name="scenario_mortality_model_stage_uniq")]

    def __str__(self) -> str:
        return f"{self.mortality_model}: {self.lifecycle_stage}"


class BiologicalConstraints(Stamped):
    """A set of bounds by stage."""

    created_by = models.ForeignKey("auth.User", on_delete=models.SET_NULL, null=True, blank=True)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        """Table scenario_biological_constraints."""

        db_table = "scenario_biological_constraints"

    def __str__(self) -> str:
        return self.name


class StageConstraint(models.Model):
    """The bounds of one stage (its key)."""

    constraint_set = models.ForeignKey(BiologicalConstraints, on_delete=models.CASCADE)
    lifecycle_stage = models.CharField(max_length=20)
    min_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    max_weight_g = models.DecimalField(max_digits=10, decimal_places=2)
    min_temperature_c = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    max_temperature_c = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    typical_duration_days = models.IntegerField(null=True, blank=True)
    max_freshwater_weight_g = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        """Table scenario_stage_constraint."""

        db_table = "scenario_stage_constraint"
        constraints = [models.UniqueConstraint(fields=["constraint_set", "lifecycle_stage"], name="scenario_stage_constraint_uniq")]

    def __str__(self) -> str:
        return f"{self.constraint_set}: {self.lifecycle_stage}"
