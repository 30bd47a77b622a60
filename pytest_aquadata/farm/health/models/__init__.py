"""Models of app health."""

from __future__ import annotations

from pytest_aquadata.farm.health.models.catalogue import (
    HealthParameter,
    LiceType,
    MortalityReason,
    ParameterScoreDefinition,
    SampleType,
    VaccinationType,
)
from pytest_aquadata.farm.health.models.events import (
    FishParameterScore,
    HealthSamplingEvent,
    IndividualFishObservation,
    JournalEntry,
    LiceCount,
    Treatment,
)

__all__ = [
    "FishParameterScore",
    "HealthParameter",
    "HealthSamplingEvent",
    "IndividualFishObservation",
    "JournalEntry",
    "LiceCount",
    "LiceType",
    "MortalityReason",
    "ParameterScoreDefinition",
    "SampleType",
    "Treatment",
    "VaccinationType",
]
