"""Factories of health: master data, samplings, lice, treatments and the journal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pytest_aquadata.factories.base import EventFactory, FarmFactory, StampedFactory, day, related
from pytest_aquadata.factories.batch import BatchContainerAssignmentFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.factories.users import UserFactory
from pytest_aquadata.plan import masterdata

_HEALTH: dict[str, Any] = dict(masterdata.document("health"))


def _named(kind: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in _HEALTH[kind]}


_PARAMETERS, _VACCINES = _named("health_parameters"), _named("vaccination_types")
_REASONS, _SAMPLES = _named("mortality_reasons"), _named("sample_types")


def _entry(entries: dict[str, dict[str, Any]], column: str) -> Any:
    return factory.LazyAttribute(lambda kind: entries.get(kind.name, {}).get(column, ""))


class HealthParameterFactory(StampedFactory):
    """A health parameter of the farm."""

    class Meta:
        """Table health_healthparameter."""

        model = "health.HealthParameter"
        django_get_or_create = ("name",)

    name = next(iter(_PARAMETERS))
    description = _entry(_PARAMETERS, "description")
    min_score = 0
    max_score = len(_HEALTH["score_labels"]) - 1
    is_active = True


class ParameterScoreDefinitionFactory(StampedFactory):
    """What one score of a health parameter means."""

    class Meta:
        """Table health_parameterscoredefinition."""

        model = "health.ParameterScoreDefinition"
        django_get_or_create = ("parameter", "score_value")

    parameter = factory.SubFactory(HealthParameterFactory)
    score_value = 0
    label = factory.LazyAttribute(lambda score: _HEALTH["score_labels"][score.score_value])
    description = factory.LazyAttribute(
        lambda score: _PARAMETERS[score.parameter.name]["scores"][score.score_value] if score.parameter else score.label
    )
    display_order = factory.SelfAttribute("score_value")


class MortalityReasonFactory(FarmFactory):
    """A reason of death."""

    class Meta:
        """Table health_mortalityreason."""

        model = "health.MortalityReason"
        django_get_or_create = ("name",)

    name = next(iter(_REASONS))
    description = _entry(_REASONS, "description")


class SampleTypeFactory(FarmFactory):
    """A kind of sample for the laboratory."""

    class Meta:
        """Table health_sampletype."""

        model = "health.SampleType"
        django_get_or_create = ("name",)

    name = next(iter(_SAMPLES))
    description = _entry(_SAMPLES, "description")


class VaccinationTypeFactory(FarmFactory):
    """A vaccine."""

    class Meta:
        """Table health_vaccinationtype."""

        model = "health.VaccinationType"
        django_get_or_create = ("name",)

    name = next(iter(_VACCINES))
    manufacturer = _entry(_VACCINES, "manufacturer")
    dosage = _entry(_VACCINES, "dosage")
    description = _entry(_VACCINES, "description")


class LiceTypeFactory(StampedFactory):
    """A kind of louse that is counted."""

    class Meta:
        """Table health_licetype."""

        model = "health.LiceType"
        django_get_or_create = ("species", "gender", "development_stage")

    species = "Lepeophtheirus salmonis"
    gender = "female"
    development_stage = "adult"
    description = factory.LazyAttribute(lambda kind: f"{kind.species}, {kind.gender}, {kind.development_stage}")
    is_active = True


class LiceCountFactory(EventFactory):
    """A count of adult female lice on 20 fish of a ring."""

    class Meta:
        """Table health_licecount."""

        model = "health.LiceCount"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=6)
    batch = related("assignment.batch")
    container = related("assignment.container")
    user = factory.SubFactory(UserFactory)
    lice_type = factory.SubFactory(LiceTypeFactory)
    count_date = factory.SelfAttribute("clock")
    count_value = 8
    fish_sampled = 20
    adult_female_count = 0
    adult_male_count = 0
    juvenile_count = 0
    detection_method = "manual"
    confidence_level = Decimal("0.95")
    notes = ""


class HealthSamplingEventFactory(StampedFactory):
    """A sampling of 75 fish."""

    class Meta:
        """Table health_healthsamplingevent."""

        model = "health.HealthSamplingEvent"

    assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=5)
    sampling_date = day()
    number_of_fish_sampled = 75
    calculated_sample_size = 75
    avg_weight_g = Decimal("300.00")
    min_weight_g = Decimal("225.00")
    max_weight_g = Decimal("375.00")
    std_dev_weight_g = Decimal("26.00")
    avg_length_cm = Decimal("29.66")
    min_length_cm = Decimal("26.00")
    max_length_cm = Decimal("33.00")
    std_dev_length_cm = Decimal("1.00")
    avg_k_factor = Decimal("1.1500")
    sampled_by = factory.SubFactory(UserFactory)
    notes = ""


class IndividualFishObservationFactory(EventFactory, StampedFactory):
    """One fish of a sampling."""

    class Meta:
        """Table health_individualfishobservation."""

        model = "health.IndividualFishObservation"

    sampling_event = factory.SubFactory(HealthSamplingEventFactory)
    fish_identifier = factory.Sequence(lambda n: f"F{n + 1:03d}")
    weight_g = Decimal("300.00")
    length_cm = Decimal("29.66")


class FishParameterScoreFactory(EventFactory, StampedFactory):
    """A fish's score for one health parameter."""

    class Meta:
        """Table health_fishparameterscore."""

        model = "health.FishParameterScore"

    individual_fish_observation = factory.SubFactory(IndividualFishObservationFactory)
    parameter = factory.SubFactory(HealthParameterFactory)
    score = 0


class JournalEntryFactory(StampedFactory):
    """A routine observation."""

    class Meta:
        """Table health_journalentry."""

        model = "health.JournalEntry"

    class Params:
        """Values that are no columns."""

        assignment = factory.SubFactory(BatchContainerAssignmentFactory)

    batch = related("assignment.batch")
    container = related("assignment.container")
    user = factory.SubFactory(UserFactory)
    entry_date = factory.SelfAttribute("clock")
    category = "observation"
    severity = "low"
    description = "Routine observation"
    resolution_status = False
    resolution_notes = ""


class TreatmentFactory(FarmFactory):
    """A vaccination of parr."""

    class Meta:
        """Table health_treatment."""

        model = "health.Treatment"

    batch_assignment = factory.SubFactory(BatchContainerAssignmentFactory, stage_order=3)
    batch = related("batch_assignment.batch")
    container = related("batch_assignment.container")
    user = factory.SubFactory(UserFactory)
    vaccination_type = factory.SubFactory(VaccinationTypeFactory)
    treatment_date = factory.SelfAttribute("clock")
    treatment_type = "vaccination"
    description = "Vaccination"
    dosage = factory.LazyAttribute(lambda given: given.vaccination_type.dosage if given.vaccination_type else "")
    duration_days = 1
    withholding_period_days = 21
    outcome = "successful"
    includes_weighing = False
    sampling_event = None
    journal_entry = None
