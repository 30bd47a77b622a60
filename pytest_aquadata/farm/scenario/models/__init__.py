"""Models of app scenario."""

from __future__ import annotations

from pytest_aquadata.farm.scenario.models.biology import (
    BiologicalConstraints,
    FCRModel,
    FCRModelStage,
    FCRModelStageOverride,
    MortalityModel,
    MortalityModelStage,
    StageConstraint,
    TGCModel,
    TGCModelStage,
)
from pytest_aquadata.farm.scenario.models.scenarios import Scenario, ScenarioProjection
from pytest_aquadata.farm.scenario.models.temperature import TemperatureProfile, TemperatureReading

__all__ = [
    "BiologicalConstraints",
    "FCRModel",
    "FCRModelStage",
    "FCRModelStageOverride",
    "MortalityModel",
    "MortalityModelStage",
    "Scenario",
    "ScenarioProjection",
    "StageConstraint",
    "TGCModel",
    "TGCModelStage",
    "TemperatureProfile",
    "TemperatureReading",
]
