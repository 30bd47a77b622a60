"""Factories for everything on the farm that has an identity, and for single rows of what is counted in millions.

`XFactory.build()` gives an unsaved object, `XFactory.create()` a saved one; both alone are valid and come with all they
refer to. They work on whichever Django project has the applications installed. A build of a farm only ever uses
`build()`.
"""

from __future__ import annotations

from pytest_aquadata.factories.base import CLOCK
from pytest_aquadata.factories.batch import (
    BatchContainerAssignmentFactory,
    BatchCreationWorkflowFactory,
    BatchFactory,
    BatchTransferWorkflowFactory,
    CreationActionFactory,
    LifeCycleStageFactory,
    SpeciesFactory,
    TransferActionFactory,
)
from pytest_aquadata.factories.broodstock import (
    EggProductionFactory,
    EggSupplierFactory,
)
from pytest_aquadata.factories.environmental import (
    EnvironmentalParameterFactory,
    EnvironmentalReadingFactory,
)
from pytest_aquadata.factories.finance import (
    DimCompanyFactory,
    DimSiteFactory,
    FactHarvestFactory,
    IntercompanyPolicyFactory,
    IntercompanyTransactionFactory,
)
from pytest_aquadata.factories.growth import (
    ActualDailyAssignmentStateFactory,
    GrowthSampleFactory,
    IndividualGrowthObservationFactory,
    MortalityEventFactory,
)
from pytest_aquadata.factories.harvest import (
    HarvestEventFactory,
    HarvestLotFactory,
    ProductGradeFactory,
)
from pytest_aquadata.factories.health import (
    FishParameterScoreFactory,
    HealthParameterFactory,
    HealthSamplingEventFactory,
    IndividualFishObservationFactory,
    JournalEntryFactory,
    LiceCountFactory,
    LiceTypeFactory,
    MortalityReasonFactory,
    ParameterScoreDefinitionFactory,
    SampleTypeFactory,
    TreatmentFactory,
    VaccinationTypeFactory,
)
from pytest_aquadata.factories.infrastructure import (
    AreaFactory,
    ContainerFactory,
    ContainerTypeFactory,
    FeedContainerFactory,
    FreshwaterStationFactory,
    GeographyFactory,
    HallFactory,
    SensorFactory,
)
from pytest_aquadata.factories.inventory import (
    FeedContainerStockFactory,
    FeedFactory,
    FeedingEventFactory,
    FeedPurchaseFactory,
)
from pytest_aquadata.factories.scenario import (
    BiologicalConstraintsFactory,
    FCRModelFactory,
    FCRModelStageFactory,
    FCRModelStageOverrideFactory,
    MortalityModelFactory,
    MortalityModelStageFactory,
    ScenarioFactory,
    ScenarioProjectionFactory,
    StageConstraintFactory,
    TemperatureProfileFactory,
    TemperatureReadingFactory,
    TGCModelFactory,
    TGCModelStageFactory,
)
from pytest_aquadata.factories.users import (
    ContentTypeFactory,
    UserFactory,
)

__all__ = [
    "CLOCK",
    "ActualDailyAssignmentStateFactory",
    "AreaFactory",
    "BatchContainerAssignmentFactory",
    "BatchCreationWorkflowFactory",
    "BatchFactory",
    "BatchTransferWorkflowFactory",
    "BiologicalConstraintsFactory",
    "ContainerFactory",
    "ContainerTypeFactory",
    "ContentTypeFactory",
    "CreationActionFactory",
    "DimCompanyFactory",
    "DimSiteFactory",
    "EggProductionFactory",
    "EggSupplierFactory",
    "EnvironmentalParameterFactory",
    "EnvironmentalReadingFactory",
    "FCRModelFactory",
    "FCRModelStageFactory",
    "FCRModelStageOverrideFactory",
    "FactHarvestFactory",
    "FeedContainerFactory",
    "FeedContainerStockFactory",
    "FeedFactory",
    "FeedPurchaseFactory",
    "FeedingEventFactory",
    "FishParameterScoreFactory",
    "FreshwaterStationFactory",
    "GeographyFactory",
    "GrowthSampleFactory",
    "HallFactory",
    "HarvestEventFactory",
    "HarvestLotFactory",
    "HealthParameterFactory",
    "HealthSamplingEventFactory",
    "IndividualFishObservationFactory",
    "IndividualGrowthObservationFactory",
    "IntercompanyPolicyFactory",
    "IntercompanyTransactionFactory",
    "JournalEntryFactory",
    "LiceCountFactory",
    "LiceTypeFactory",
    "LifeCycleStageFactory",
    "MortalityEventFactory",
    "MortalityModelFactory",
    "MortalityModelStageFactory",
    "MortalityReasonFactory",
    "ParameterScoreDefinitionFactory",
    "ProductGradeFactory",
    "SampleTypeFactory",
    "ScenarioFactory",
    "ScenarioProjectionFactory",
    "SensorFactory",
    "SpeciesFactory",
    "StageConstraintFactory",
    "TGCModelFactory",
    "TGCModelStageFactory",
    "TemperatureProfileFactory",
    "TemperatureReadingFactory",
    "TransferActionFactory",
    "TreatmentFactory",
    "UserFactory",
    "VaccinationTypeFactory",
]
