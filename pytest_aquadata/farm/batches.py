"""What a person would name of a batch, as rows: the batch itself, its containers, workflows, scenario and harvest, made by factories.

Values are the plan's; the factories know the columns. Tables come in the order of their foreign keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from pytest_aquadata import factories as make
from pytest_aquadata.factories.base import Absent
from pytest_aquadata.farm.rows import model_rows
from pytest_aquadata.plan import costs, growth, masterdata
from pytest_aquadata.plan.harvest import harvest_of
from pytest_aquadata.plan.life import millidegrees
from pytest_aquadata.plan.losses import loss_model_of
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Stay, move_between
from pytest_aquadata.plan.temperature import EPOCH
from pytest_aquadata.streams import clock, finance
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.growth_samples import sample_days

_HARVEST_HOUR = time(clock.HARVEST // 60, clock.HARVEST % 60, tzinfo=UTC)


def batch_rows(plan: Plan, batch: Batch) -> Iterator[Rows]:
    """All named rows of a batch, as many as `plan.identities` counted."""
    maker = _Maker(plan, batch)
    for objects in (
        [maker.batch()],
        maker.assignments(),
        [maker.creation()],
        maker.creation_actions(),
        *maker.transfers(),
        *maker.scenario(),
        *maker.harvest(),
    ):
        if objects and not isinstance(objects[0], Absent):
            yield model_rows(objects)


class _Maker:
    """Makes the objects of one batch; foreign keys are plan numbers."""

    def __init__(self, plan: Plan, batch: Batch) -> None:
        self.plan, self.b = plan, batch
        self.simulation = plan.simulation
        self.profile = plan.simulation.profile
        self.geography = plan.simulation.world.geographies[batch.life.geography - 1]
        self.author = masterdata.user("author")
        self.number = plan.first(batch, "batch_batch")
        self.numbers = [numbers.tolist() for numbers in plan.assignments(batch)]
        self.grams = growth.grams(batch.curve)
        self.water = millidegrees(batch.life.climate, self.profile, batch.start, batch.age + 1)

    def on(self, age: int) -> date:
        return EPOCH + timedelta(days=self.b.start + age)

    def stamps(self, made: int, changed: int | None = None) -> dict[str, datetime]:
        """created_at and updated_at at the beginning of days of age."""

        def midnight(age: int) -> datetime:
            return datetime.combine(self.on(age), time(tzinfo=UTC))

        return {"created_at": midnight(made), "updated_at": midnight(made if changed is None else changed)}

    def kg(self, fish: int, age: int) -> Decimal:
        """Biomass of fish at the beginning of a day of age."""
        return Decimal(round(fish * float(self.grams[age]) / 10.0)).scaleb(-2)

    def batch(self) -> Any:
        b = self.b
        return make.BatchFactory.build(
            id=self.number,
            batch_number=b.name,
            species_id=1,
            lifecycle_stage_id=b.stays[-1].order,
            status="COMPLETED" if b.harvested else "ACTIVE",
            start_date=self.on(0),
            expected_end_date=self.on(b.life.harvest),
            actual_end_date=self.on(b.age) if b.harvested else None,
            pinned_scenario_id=self.plan.first(b, "scenario"),
            **self.stamps(0, b.age if b.harvested else b.stays[-1].first),
        )

    def assignments(self) -> list[Any]:
        return [
            self._assignment(stay, slot, number)
            for stay, numbers in zip(self.b.stays, self.numbers, strict=True)
            for slot, number in enumerate(numbers)
        ]

    def _assignment(self, stay: Stay, slot: int, number: int) -> Any:
        last, fish = stay.first + stay.days, int(stay.left[slot])
        weighed = np.flatnonzero(sample_days(self.simulation, stay)[slot])
        sampled = len(weighed) and self.simulation.scenario.streams.growth_samples
        return make.BatchContainerAssignmentFactory.build(
            id=number,
            batch_id=self.number,
            container_id=stay.containers[slot],
            lifecycle_stage_id=stay.order,
            population_count=fish,
            avg_weight_g=Decimal(int(growth.centigrams(self.b.curve[last : last + 1])[0])).scaleb(-2),
            biomass_kg=self.kg(fish, last),
            assignment_date=self.on(stay.first),
            departure_date=self.on(last) if stay.ended else None,
            is_active=not stay.ended,
            last_weighing_date=self.on(stay.first + int(weighed[-1])) if sampled else None,
            **self.stamps(stay.first, last if stay.ended else last - 1),
        )

    def creation(self) -> Any:
        eggs, count = self.b.life.eggs, len(self.b.stays[0].containers)
        return make.BatchCreationWorkflowFactory.build(
            id=self.plan.first(self.b, "batch_creationworkflow"),
            batch_id=self.number,
            workflow_number=f"CRT-{self.b.name}",
            external_supplier_id=masterdata.egg_supplier_of(self.geography.spec.kin),
            external_supplier_batch_number=f"EGG-{self.b.name}",
            total_eggs_planned=eggs,
            total_actions=count,
            planned_start_date=self.on(0),
            created_by_id=self.author,
            cancelled_by_id=None,
            egg_production_id=None,
            **self.stamps(0),
        )

    def creation_actions(self) -> list[Any]:
        first, eggs = self.plan.first(self.b, "batch_creationaction"), self.b.stays[0].arrived.tolist()
        return [
            make.CreationActionFactory.build(
                id=first + slot,
                workflow_id=self.plan.first(self.b, "batch_creationworkflow"),
                dest_assignment_id=self.numbers[0][slot],
                action_number=slot + 1,
                egg_count_planned=count,
                egg_count_actual=count,
                expected_delivery_date=self.on(0),
                actual_delivery_date=self.on(0),
                executed_by_id=self.author,
                **self.stamps(0),
            )
            for slot, count in enumerate(eggs)
        ]

    def transfers(self) -> tuple[list[Any], list[Any]]:
        """Workflows and their actions: one workflow a change of stage, one action a move between two containers."""
        workflow = self.plan.first(self.b, "batch_batchtransferworkflow")
        action = self.plan.first(self.b, "batch_transferaction")
        workflows, actions = [], []
        pairs = zip(self.b.stays, self.b.stays[1:], self.numbers, self.numbers[1:], strict=False)
        for before, after, sources, destinations in pairs:
            moved, kg = move_between(before, after), costs.moved_centikg(self.b, before, after)
            workflows.append(self._workflow(workflow, before, after, kg))
            left = before.left.tolist()
            for index, (source, destination, fish) in enumerate(moved):
                actions.append(
                    make.TransferActionFactory.build(
                        id=action,
                        workflow_id=workflow,
                        source_assignment_id=sources[source],
                        dest_assignment_id=destinations[destination],
                        action_number=index + 1,
                        source_population_before=left[source],
                        transferred_count=fish,
                        transferred_biomass_kg=Decimal(kg[index]).scaleb(-2),
                        planned_date=self.on(after.first),
                        water_temp_c=Decimal(int(self.water[after.first]) // 10).scaleb(-2),
                        executed_by_id=self.author,
                        **self.stamps(after.first),
                    )
                )
                left[source] -= fish
                action += 1
            workflow += 1
        return workflows, actions

    def _workflow(self, number: int, before: Stay, after: Stay, kg: list[int]) -> Any:
        to_sea = after.order == len(self.profile.stages)
        booked = to_sea and self.simulation.scenario.streams.finance
        return make.BatchTransferWorkflowFactory.build(
            id=number,
            batch_id=self.number,
            workflow_number=f"TRF-{self.b.name}-D{after.first:03d}",
            source_lifecycle_stage_id=before.order,
            dest_lifecycle_stage_id=after.order,
            planned_start_date=self.on(after.first),
            total_source_count=int(before.left.sum()),
            total_transferred_count=int(after.arrived.sum()),
            total_biomass_kg=Decimal(sum(kg)).scaleb(-2),
            total_actions_planned=len(kg),
            is_intercompany=to_sea,
            source_subsidiary="FRESHWATER" if to_sea else None,
            dest_subsidiary="FARMING" if to_sea else None,
            finance_transaction_id=self.plan.first(self.b, finance.TRANSACTION) if booked else None,
            initiated_by_id=self.author,
            completed_by_id=self.author,
            **self.stamps(after.first),
        )

    def scenario(self) -> tuple[list[Any], ...]:
        """Temperature profile, TGC model with its stages, and the scenario that takes them; the shared models for the rest."""
        b, plan, stages = self.b, self.plan, self.b.life.stages
        profile, model = plan.first(b, "scenario_temperatureprofile"), plan.first(b, "scenario_tgcmodel")
        stage = plan.first(b, "scenario_tgc_model_stage")
        stamps = self.stamps(0)
        scenario = make.ScenarioFactory.build(
            scenario_id=plan.first(b, "scenario"),
            batch_id=self.number,
            name=f"Baseline Projection - {b.name}",
            start_date=self.on(0),
            duration_days=self.simulation.scenario.projection.days,
            initial_count=b.life.eggs,
            genotype=f"Standard {self.geography.name}",
            tgc_model_id=model,
            fcr_model_id=masterdata.FCR_MODEL,
            mortality_model_id=loss_model_of(self.simulation.world, self.profile, self.geography.number),
            biological_constraints_id=masterdata.CONSTRAINT_SET,
            created_by_id=self.author,
            **stamps,
        )
        return (
            [make.TemperatureProfileFactory.build(profile_id=profile, name=f"{b.name} Temperature", **stamps)],
            [
                make.TGCModelFactory.build(
                    model_id=model,
                    profile_id=profile,
                    name=f"{b.name} TGC",
                    location=self.geography.name,
                    tgc_value=float(stages[-1].tgc),
                    **stamps,
                )
            ],
            [
                make.TGCModelStageFactory.build(id=stage + index, tgc_model_id=model, lifecycle_stage=each.key, tgc_value=each.tgc)
                for index, each in enumerate(stages)
            ],
            [scenario],
        )

    def harvest(self) -> tuple[list[Any], list[Any]]:
        """Events, one a ring, and their lots, one a grade."""
        b, plan = self.b, self.plan
        event, lot = plan.first(b, "harvest_harvestevent"), plan.first(b, "harvest_harvestlot")
        events, lots = [], []
        for slot, parts in harvest_of(self.profile, b):
            ring = self.simulation.world.container(b.stays[-1].containers[slot])
            stamps = self.stamps(b.age)
            events.append(
                make.HarvestEventFactory.build(
                    id=event,
                    batch_id=self.number,
                    assignment_id=self.numbers[-1][slot],
                    event_date=datetime.combine(self.on(b.age), _HARVEST_HOUR),
                    dest_geography_id=self.geography.number,
                    document_ref=f"HRV-{b.name}-{ring.name}",
                    **stamps,
                )
            )
            for part in parts:
                lots.append(
                    make.HarvestLotFactory.build(
                        id=lot,
                        event_id=event,
                        product_grade_id=part.grade,
                        unit_count=part.fish,
                        live_weight_kg=Decimal(part.live_g).scaleb(-3),
                        gutted_weight_kg=Decimal(part.gutted_g).scaleb(-3),
                        fillet_weight_kg=Decimal(part.fillet_g).scaleb(-3),
                        **stamps,
                    )
                )
                lot += 1
            event += 1
        return events, lots
