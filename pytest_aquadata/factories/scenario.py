"""Factories of scenarios and the models behind them."""

from __future__ import annotations

from decimal import Decimal

from pytest_aquadata.factories.base import EventFactory, FarmFactory, StampedFactory, day
from pytest_aquadata.factories.batch import BatchFactory, LifeCycleStageFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.factories.users import UserFactory
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.stages import stage_values
from pytest_aquadata.scenario.profile import load_profile

_MODELS = masterdata.document("scenario_models")
_TGC = _MODELS["tgc_model"]
_PROFILE = load_profile("guide")
_STAGES = {values.key: values for values in stage_values(_PROFILE)}
_FRY = next(values for values in _STAGES.values() if values.fcr)


class TemperatureProfileFactory(StampedFactory):
    """A temperature profile without readings."""

    class Meta:
        """Table scenario_temperatureprofile."""

        model = "scenario.TemperatureProfile"

    name = factory.Sequence(lambda n: f"Temperature {n + 1}")


class TemperatureReadingFactory(EventFactory, StampedFactory):
    """One day of a temperature profile."""

    class Meta:
        """Table scenario_temperaturereading."""

        model = "scenario.TemperatureReading"

    profile = factory.SubFactory(TemperatureProfileFactory)
    day_number = factory.Sequence(lambda n: n + 1)
    temperature = 9.0


class TGCModelFactory(StampedFactory):
    """A growth model without stages."""

    class Meta:
        """Table scenario_tgcmodel."""

        model = "scenario.TGCModel"

    profile = factory.SubFactory(TemperatureProfileFactory)
    name = factory.Sequence(lambda n: f"TGC {n + 1}")
    location = "Anywhere"
    release_period = _TGC["release_period"]
    tgc_value = float(_PROFILE.stages[-1].tgc)
    exponent_n = _TGC["exponent_n"]
    exponent_m = _TGC["exponent_m"]


class TGCModelStageFactory(FarmFactory):
    """A growth model's coefficient for one stage (its key)."""

    class Meta:
        """Table scenario_tgc_model_stage."""

        model = "scenario.TGCModelStage"

    tgc_model = factory.SubFactory(TGCModelFactory)
    lifecycle_stage = _FRY.key
    tgc_value = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].tgc)
    temperature_exponent = Decimal(str(_TGC["temperature_exponent"]))
    weight_exponent = Decimal(str(_TGC["weight_exponent"]))


class FCRModelFactory(StampedFactory):
    """A feed conversion model without stages."""

    class Meta:
        """Table scenario_fcrmodel."""

        model = "scenario.FCRModel"

    name = factory.Sequence(lambda n: f"FCR {n + 1}")


class FCRModelStageFactory(StampedFactory):
    """A feed conversion model's ratio for one stage."""

    class Meta:
        """Table scenario_fcrmodelstage."""

        model = "scenario.FCRModelStage"

    model = factory.SubFactory(FCRModelFactory)
    stage = factory.SubFactory(LifeCycleStageFactory, order=_FRY.order)
    fcr_value = float(_FRY.fcr)
    duration_days = _FRY.days


class FCRModelStageOverrideFactory(FarmFactory):
    """A feed conversion ratio for a range of weights within a stage."""

    class Meta:
        """Table scenario_fcr_model_stage_override."""

        model = "scenario.FCRModelStageOverride"

    fcr_stage = factory.SubFactory(FCRModelStageFactory)
    min_weight_g = _FRY.weights[0]
    max_weight_g = _FRY.weights[1]
    fcr_value = _FRY.fcr


class MortalityModelFactory(StampedFactory):
    """A mortality model without stages."""

    class Meta:
        """Table scenario_mortalitymodel."""

        model = "scenario.MortalityModel"

    name = factory.Sequence(lambda n: f"Mortality {n + 1}")
    frequency = _MODELS["mortality_model"]["frequency"]
    rate = float(masterdata.loss_percent(_PROFILE))


class MortalityModelStageFactory(FarmFactory):
    """A mortality model's rate for one stage (its key)."""

    class Meta:
        """Table scenario_mortality_model_stage."""

        model = "scenario.MortalityModelStage"

    mortality_model = factory.SubFactory(MortalityModelFactory)
    lifecycle_stage = _FRY.key
    daily_rate_percent = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].daily_percent)
    weekly_rate_percent = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].weekly_percent)


class BiologicalConstraintsFactory(StampedFactory):
    """A set of constraints without stages."""

    class Meta:
        """Table scenario_biological_constraints."""

        model = "scenario.BiologicalConstraints"

    name = factory.Sequence(lambda n: f"Constraints {n + 1}")
    description = ""
    is_active = True
    created_by = factory.SubFactory(UserFactory)


class StageConstraintFactory(FarmFactory):
    """What a set of constraints allows in one stage (its key)."""

    class Meta:
        """Table scenario_stage_constraint."""

        model = "scenario.StageConstraint"

    constraint_set = factory.SubFactory(BiologicalConstraintsFactory)
    lifecycle_stage = _FRY.key
    min_weight_g = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].weights[0])
    max_weight_g = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].weights[1])
    min_temperature_c = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].temperatures[0])
    max_temperature_c = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].temperatures[1])
    typical_duration_days = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].days)
    max_freshwater_weight_g = factory.LazyAttribute(lambda row: _STAGES[row.lifecycle_stage].freshwater_cap)


class ScenarioFactory(StampedFactory):
    """A scenario of a batch over 900 days."""

    class Meta:
        """Table scenario."""

        model = "scenario.Scenario"

    batch = factory.SubFactory(BatchFactory)
    name = factory.LazyAttributeSequence(lambda row, n: f"Baseline Projection - {row.batch.batch_number if row.batch else n + 1}")
    start_date = day()
    duration_days = _MODELS["temperature_profiles"]["days"]
    initial_count = 3_500_000
    initial_weight = float(_PROFILE.egg_weight_g)
    genotype = "Standard"
    supplier = "External"
    tgc_model = factory.SubFactory(TGCModelFactory)
    fcr_model = factory.SubFactory(FCRModelFactory)
    mortality_model = factory.SubFactory(MortalityModelFactory)
    biological_constraints = factory.SubFactory(BiologicalConstraintsFactory)
    created_by = factory.SubFactory(UserFactory)


class ScenarioProjectionFactory(EventFactory, StampedFactory):
    """The first day of a scenario's projection."""

    class Meta:
        """Table scenario_scenarioprojection."""

        model = "scenario.ScenarioProjection"

    scenario = factory.SubFactory(ScenarioFactory)
    current_stage = factory.SubFactory(LifeCycleStageFactory)
    projection_date = day()
    day_number = 1
    average_weight = float(_PROFILE.egg_weight_g)
    population = 3_494_750.0
    biomass = factory.LazyAttribute(lambda row: row.population * row.average_weight / 1000)
    daily_feed = 0.0
    cumulative_feed = 0.0
    temperature = 12.0
