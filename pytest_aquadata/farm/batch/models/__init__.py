"""Models of app batch."""

from __future__ import annotations

from pytest_aquadata.farm.batch.models.fish import Batch, BatchContainerAssignment, LifeCycleStage, MortalityEvent, Species
from pytest_aquadata.farm.batch.models.growth import ActualDailyAssignmentState, GrowthSample, IndividualGrowthObservation
from pytest_aquadata.farm.batch.models.workflows import BatchCreationWorkflow, BatchTransferWorkflow, CreationAction, TransferAction

__all__ = [
    "ActualDailyAssignmentState",
    "Batch",
    "BatchContainerAssignment",
    "BatchCreationWorkflow",
    "BatchTransferWorkflow",
    "CreationAction",
    "GrowthSample",
    "IndividualGrowthObservation",
    "LifeCycleStage",
    "MortalityEvent",
    "Species",
    "TransferAction",
]
