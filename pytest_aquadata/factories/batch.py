"""Factories of fish: species, stages, batches, where they stand, and how they came there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories.aged import aged_of
from pytest_aquadata.factories.base import CLOCK, StampedFactory, day, kg
from pytest_aquadata.factories.broodstock import EggSupplierFactory
from pytest_aquadata.factories.infrastructure import ContainerFactory
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.factories.users import UserFactory
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.stages import stage_values
from pytest_aquadata.scenario.profile import load_profile

_PROFILE = load_profile("guide")
_STAGES = stage_values(_PROFILE)
_SPECIES: dict[str, Any] = masterdata.document("biology")["species"][0]
EGGS, _CONTAINERS = 350_000, 10
"""Eggs of one container, and containers of a batch."""


def _batch_of(maker: Any, n: int) -> str:
    return str(maker.batch.batch_number) if maker.batch else f"{n + 1:05d}"


class SpeciesFactory(StampedFactory):
    """Atlantic salmon, unless `name` says otherwise."""

    class Meta:
        """Table batch_species."""

        model = "batch.Species"
        django_get_or_create = ("name",)

    name = _SPECIES["name"]
    scientific_name = _SPECIES["scientific_name"]
    description = _SPECIES["description"]
    optimal_temperature_min = Decimal(str(_SPECIES["optimal_temperature_min"]))
    optimal_temperature_max = Decimal(str(_SPECIES["optimal_temperature_max"]))
    optimal_oxygen_min = Decimal(str(_SPECIES["optimal_oxygen_min"]))
    optimal_ph_min = Decimal(str(_SPECIES["optimal_ph_min"]))
    optimal_ph_max = Decimal(str(_SPECIES["optimal_ph_max"]))


class LifeCycleStageFactory(StampedFactory):
    """The stage of an `order`, 1 to 6; the first by default."""

    class Meta:
        """Table batch_lifecyclestage."""

        model = "batch.LifeCycleStage"
        django_get_or_create = ("name",)

    class Params:
        """Values that are no columns."""

        values = factory.LazyAttribute(lambda stage: _STAGES[stage.order - 1])

    species = factory.SubFactory(SpeciesFactory)
    order = 1
    name = factory.LazyAttribute(lambda stage: stage.values.name)
    description = factory.LazyAttribute(lambda stage: stage.values.description)
    expected_weight_min_g = factory.LazyAttribute(lambda stage: stage.values.weights[0])
    expected_weight_max_g = factory.LazyAttribute(lambda stage: stage.values.weights[1])
    expected_length_min_cm = factory.LazyAttribute(lambda stage: stage.values.lengths[0])
    expected_length_max_cm = factory.LazyAttribute(lambda stage: stage.values.lengths[1])
    typical_duration_days = factory.LazyAttribute(lambda stage: stage.values.days)


class BatchFactory(StampedFactory):
    """A batch in its first stage that started on the clock's day; with ``age_days=200`` one that has lived.

    A batch of an age is planned like a scenario of one batch. ``create`` loads all its rows (assignments, workflows, readings, meals,
    deaths, samples, …) by COPY in the caller's transaction, without signals, and the world where it is missing; ``build`` gives the batch
    alone, as it stands on that day, unsaved. Arguments: see `pytest_aquadata.factories.aged.Aged`.
    """

    class Meta:
        """Table batch_batch."""

        model = "batch.Batch"

    batch_number = factory.LazyAttributeSequence(lambda batch, n: f"FAB-{batch.start_date.year}-{n + 1:03d}")
    species = factory.SubFactory(SpeciesFactory)
    lifecycle_stage = factory.SubFactory(LifeCycleStageFactory)
    status = "ACTIVE"
    batch_type = "STANDARD"
    start_date = day()
    expected_end_date = factory.LazyAttribute(lambda batch: batch.start_date + timedelta(days=_PROFILE.first_days[-1]))
    actual_end_date = None
    pinned_scenario = None
    notes = ""

    @classmethod
    def build(cls, **kwargs: Any) -> Any:
        """An object that is not saved.

        Raises:
            AquadataError: arguments of an age are wrong.
        """
        if (aged := aged_of(kwargs, CLOCK)) is None:
            return super().build(**kwargs)
        from pytest_aquadata.load.aged import values_of

        return super().build(**values_of(aged))

    @classmethod
    def create(cls, **kwargs: Any) -> Any:
        """An object saved to the database; see `build`."""
        if (aged := aged_of(kwargs, CLOCK)) is None:
            return super().create(**kwargs)
        from pytest_aquadata.load.aged import load_aged

        return load_aged(aged, cls._meta.database)  # type: ignore[attr-defined]  # Django's options

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[Any]:
        """Several; those of an age have one seed after the other, and each stands where it would stand if it were alone."""
        aged = aged_of(kwargs, CLOCK)
        return [cls.create(**kwargs, **({"seed": aged.seed + n} if aged and "seed" not in kwargs else {})) for n in range(size)]

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        """What another factory asks of this one comes here alone."""
        if "age_days" in kwargs:
            raise AquadataError(
                "a batch of an age is made first and then given, as in MortalityEventFactory(batch=BatchFactory(age_days=5))"
            )
        return super()._adjust_kwargs(**kwargs)


class BatchContainerAssignmentFactory(StampedFactory):
    """A tenth of a batch in one container, active; `stage_order` says in which stage."""

    class Meta:
        """Table batch_batchcontainerassignment."""

        model = "batch.BatchContainerAssignment"

    class Params:
        """Values that are no columns."""

        stage_order = 1

    batch = factory.SubFactory(BatchFactory)
    container = factory.SubFactory(
        ContainerFactory,
        stage=factory.LazyAttribute(lambda tank: _STAGES[tank.factory_parent.stage_order - 1].name),
        ring=factory.LazyAttribute(lambda tank: tank.factory_parent.stage_order == len(_STAGES)),
    )
    lifecycle_stage = factory.SubFactory(LifeCycleStageFactory, order=factory.SelfAttribute("..stage_order"))
    population_count = EGGS
    avg_weight_g = factory.LazyAttribute(lambda stay: _STAGES[stay.stage_order - 1].weights[0])
    biomass_kg = factory.LazyAttribute(lambda stay: kg(stay.population_count, stay.avg_weight_g))
    assignment_date = day()
    departure_date = None
    last_weighing_date = None
    is_active = True
    notes = ""


class BatchCreationWorkflowFactory(StampedFactory):
    """The arrival of a batch's eggs from a supplier, completed on the clock's day."""

    class Meta:
        """Table batch_creationworkflow."""

        model = "batch.BatchCreationWorkflow"

    batch = factory.SubFactory(BatchFactory)
    workflow_number = factory.LazyAttributeSequence(lambda flow, n: f"CRT-{_batch_of(flow, n)}")
    status = "COMPLETED"
    egg_source_type = "EXTERNAL"
    egg_production = None
    external_supplier = factory.SubFactory(EggSupplierFactory)
    external_supplier_batch_number = factory.Sequence(lambda n: f"EXT-{n + 1:05d}")
    external_cost_per_thousand = None
    total_eggs_planned = EGGS * _CONTAINERS
    total_eggs_received = factory.SelfAttribute("total_eggs_planned")
    total_mortality_on_arrival = 0
    planned_start_date = day()
    planned_completion_date = factory.SelfAttribute("planned_start_date")
    actual_start_date = factory.SelfAttribute("planned_start_date")
    actual_completion_date = factory.SelfAttribute("planned_start_date")
    total_actions = _CONTAINERS
    actions_completed = factory.SelfAttribute("total_actions")
    progress_percentage = Decimal("100.00")
    cancellation_reason = ""
    cancelled_at = None
    cancelled_by = None
    created_by = factory.SubFactory(UserFactory)
    notes = ""


class CreationActionFactory(StampedFactory):
    """The delivery of eggs into one container."""

    class Meta:
        """Table batch_creationaction."""

        model = "batch.CreationAction"

    workflow = factory.SubFactory(BatchCreationWorkflowFactory)
    dest_assignment = factory.SubFactory(BatchContainerAssignmentFactory, batch=factory.SelfAttribute("..workflow.batch"))
    action_number = factory.Sequence(lambda n: n + 1)
    status = "COMPLETED"
    egg_count_planned = EGGS
    egg_count_actual = factory.SelfAttribute("egg_count_planned")
    mortality_on_arrival = 0
    expected_delivery_date = day()
    actual_delivery_date = factory.SelfAttribute("expected_delivery_date")
    delivery_method = "TRANSPORT"
    water_temp_on_arrival = None
    egg_quality_score = 5
    execution_duration_minutes = None
    executed_by = factory.SubFactory(UserFactory)
    notes = ""


class BatchTransferWorkflowFactory(StampedFactory):
    """The move of a batch from its first stage to the second, completed on the clock's day."""

    class Meta:
        """Table batch_batchtransferworkflow."""

        model = "batch.BatchTransferWorkflow"

    class Params:
        """Values that are no columns."""

        source_order = 1
        age = factory.LazyAttribute(lambda flow: _PROFILE.first_days[flow.source_order])

    batch = factory.SubFactory(BatchFactory)
    workflow_number = factory.LazyAttributeSequence(lambda flow, n: f"TRF-{_batch_of(flow, n)}-D{flow.age:03d}")
    workflow_type = "LIFECYCLE_TRANSITION"
    status = "COMPLETED"
    source_lifecycle_stage = factory.SubFactory(LifeCycleStageFactory, order=factory.SelfAttribute("..source_order"))
    dest_lifecycle_stage = factory.SubFactory(
        LifeCycleStageFactory, order=factory.LazyAttribute(lambda stage: stage.factory_parent.source_order + 1)
    )
    planned_start_date = day()
    planned_completion_date = factory.SelfAttribute("planned_start_date")
    actual_start_date = factory.SelfAttribute("planned_start_date")
    actual_completion_date = factory.SelfAttribute("planned_start_date")
    total_source_count = EGGS
    total_transferred_count = factory.SelfAttribute("total_source_count")
    total_mortality_count = 0
    total_biomass_kg = factory.LazyAttribute(lambda flow: kg(flow.total_transferred_count, _PROFILE.stages[flow.source_order - 1].cap_g))
    total_actions_planned = 1
    actions_completed = factory.SelfAttribute("total_actions_planned")
    completion_percentage = Decimal("100.00")
    is_intercompany = False
    source_subsidiary = None
    dest_subsidiary = None
    finance_transaction = None
    initiated_by = factory.SubFactory(UserFactory)
    completed_by = factory.SelfAttribute("initiated_by")
    cancellation_reason = ""
    notes = ""


class TransferActionFactory(StampedFactory):
    """The move of all fish of one container into another."""

    class Meta:
        """Table batch_transferaction."""

        model = "batch.TransferAction"

    workflow = factory.SubFactory(BatchTransferWorkflowFactory)
    source_assignment = factory.SubFactory(BatchContainerAssignmentFactory, batch=factory.SelfAttribute("..workflow.batch"))
    dest_assignment = factory.SubFactory(BatchContainerAssignmentFactory, batch=factory.SelfAttribute("..workflow.batch"), stage_order=2)
    action_number = factory.Sequence(lambda n: n + 1)
    source_population_before = EGGS
    transferred_count = factory.SelfAttribute("source_population_before")
    mortality_during_transfer = 0
    transferred_biomass_kg = factory.LazyAttribute(lambda move: kg(move.transferred_count, _PROFILE.egg_weight_g))
    status = "COMPLETED"
    planned_date = day()
    actual_execution_date = factory.SelfAttribute("planned_date")
    transfer_method = "PUMP"
    water_temp_c = None
    oxygen_level = None
    execution_duration_minutes = None
    executed_by = factory.SubFactory(UserFactory)
    measured_avg_weight_g = None
    measured_std_dev_weight_g = None
    measured_sample_size = None
    measured_avg_length_cm = None
    measured_notes = ""
    selection_method = "AVERAGE"
    notes = ""
