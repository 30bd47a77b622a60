"""A batch of some age in an application's database, inside the caller's transaction: what a factory asks the engine for.

The plan is that of a scenario of its own, the rows are those of a build of it: same draws, same streams, same COPY. The world and the
master data that are missing come along, as the first build into a database brings them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import IntegrityError, connections, transaction

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories.aged import Aged
from pytest_aquadata.factories.fitting import fields_of, model_of
from pytest_aquadata.load.build import rows_of
from pytest_aquadata.load.prepare import bound, load_farm
from pytest_aquadata.load.settle import Settling
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.load import scenario_of
from pytest_aquadata.streams.registry import make_plan

DECIDED = ("name", "as_of", "start", "batches", "years", "ages", "stagger", "youngest", "geographies", "seed", "profile")
"""Keys of a scenario that the arguments decide."""


def plan_of(aged: Aged, taken: Collection[str] = ()) -> Plan:
    """The plan of a batch of this age.

    taken: numbers of batches that are there already; the plan's has another.

    Raises:
        AquadataError: an argument is wrong.
    """
    if decided := [key for key in aged.scenario if key in DECIDED]:
        raise AquadataError(f"BatchFactory: '{decided[0]}' is no key of its scenario\n    it follows from the other arguments")
    values: dict[str, Any] = {
        **aged.scenario,
        "name": "factory",
        "as_of": aged.start_date + timedelta(days=aged.age_days),
        "seed": aged.seed,
        "geographies": [{"name": aged.geography, "ages": [aged.age_days]}],
        "criteria": {},
    }
    if aged.profile is not None:
        values["profile"] = aged.profile
    plan = make_plan(scenario_of(values, "BatchFactory"))
    (batch,) = plan.simulation.batches
    name = aged.batch_number if aged.batch_number is not None else _free(batch, taken)
    renamed = replace(batch, life=replace(batch.life, name=name))
    return replace(plan, simulation=replace(plan.simulation, batches=(renamed,)))


def _free(batch: Batch, used: Collection[str]) -> str:
    """The plan's own name for a batch, or the next one that is free."""
    head, _, number = batch.name.rpartition("-")
    at = int(number)
    while f"{head}-{at:03d}" in used:
        at += 1
    return f"{head}-{at:03d}"


def load_aged(aged: Aged, using: str) -> Any:
    """Load a batch of an age, with all its rows, in the caller's transaction; returns it as the application's own object.

    using: the database in Django's settings.

    Raises:
        AquadataError: an argument is wrong, the database is not PostgreSQL, or the application has columns that nothing is known for.
        IntegrityError: the application's own constraints refuse a row; nothing of it was written.
    """
    connection, model = connections[using], model_of("batch_batch")
    if connection.vendor != "postgresql":
        raise AquadataError(f"BatchFactory(age_days=…) needs PostgreSQL; database '{using}' is {connection.display_name}")
    if model is None:
        raise AquadataError("the application has no model batch.Batch")
    batches = model._base_manager.using(using)
    number = fields_of("batch_batch")["batch_number"].name
    plan = plan_of(aged, set(batches.values_list(number, flat=True)))
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            conn: psycopg.Connection[Any] = cursor.connection
            binding = bound(conn, plan)
            if binding is not None:
                binding.refuse(plan.all_tables)
            loader, _ = load_farm(conn, plan, binding)
            loader.copy(rows_of(plan, plan.simulation.batches[0]))
            settle = Settling()
            for table in plan.all_tables:
                if loader.has(table):
                    settle(conn, loader.layout(table).table)
    except psycopg.IntegrityError as error:
        raise IntegrityError(str(error)) from error
    return batches.get(**{number: plan.simulation.batches[0].name})


def values_of(aged: Aged) -> dict[str, Any]:
    """What a batch of an age is, for one that is not saved: its columns, the stage as its order from 1."""
    (batch,) = plan_of(aged).simulation.batches

    def on(age: int) -> date:
        return aged.start_date + timedelta(days=age)

    return {
        "batch_number": batch.name,
        "status": "COMPLETED" if batch.harvested else "ACTIVE",
        "start_date": aged.start_date,
        "expected_end_date": on(batch.life.harvest),
        "actual_end_date": on(batch.age) if batch.harvested else None,
        "lifecycle_stage__order": batch.stays[-1].order,
    }
