"""Numbers of rows: dense from 1 in every table, one batch after another, behind what belongs to the farm."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from farms import planned, plans, schedules
from farms import scenario as scenario_of
from hypothesis import given, reject

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.numbering import Plan, number_rows
from pytest_aquadata.plan.size import bytes_of, estimated_bytes
from pytest_aquadata.streams.registry import make_plan


def plan_of(keys: dict[str, Any]) -> Plan:
    try:
        return make_plan(scenario_of(**keys))
    except AquadataError:
        reject()


@given(schedules())
@plans
def test_numbers_of_a_table_are_dense_and_in_the_order_of_the_batches(keys: dict[str, Any]) -> None:
    plan = plan_of(keys)
    for table in plan.tables:
        numbers = np.concatenate([plan.numbers(batch, table) for batch in plan.simulation.batches])
        first = plan.farm.get(table, 0) + 1
        assert numbers.tolist() == list(range(first, first + len(numbers)))
        assert plan.total(table) == plan.farm.get(table, 0) + len(numbers)
        for batch in plan.simulation.batches:
            assert len(plan.numbers(batch, table)) == plan.count(batch, table)


@given(schedules())
@plans
def test_assignments_are_numbered_stay_by_stay(keys: dict[str, Any]) -> None:
    plan = plan_of(keys)
    for batch in plan.simulation.batches:
        groups = plan.assignments(batch)
        assert [len(group) for group in groups] == [len(stay.containers) for stay in batch.stays]
        assert np.concatenate(groups).tolist() == plan.numbers(batch, "batch_batchcontainerassignment").tolist()


def test_counts_of_several_sources_of_one_table_add_up() -> None:
    class Twice:
        def count(self, simulation: Any, batch: Any) -> dict[str, int]:
            return {"one": batch.number, "two": 2}

    simulation = planned(ages=[5, 6])
    plan = number_rows(simulation, [Twice(), Twice()], {"one": 10, "three": 3})
    assert plan.all_tables == ("one", "three", "two")
    assert [plan.first(batch, "one") for batch in simulation.batches] == [11, 13, 17, 23]
    assert (plan.total("one"), plan.total("two"), plan.total("three"), plan.total("none")) == (30, 16, 3, 0)
    assert plan.count(simulation.batches[0], "three") == 0


def test_a_stream_that_is_off_changes_no_other_number() -> None:
    whole = make_plan(scenario_of(ages=[700]))
    part = make_plan(scenario_of(ages=[700], streams={"mortality": False, "readings": False}))
    assert set(whole.tables) - set(part.tables) == {"batch_mortalityevent", "environmental_environmentalreading"}
    for table in part.tables:
        assert [part.first(b, table) for b in part.simulation.batches] == [whole.first(b, table) for b in whole.simulation.batches]


def test_without_meals_no_feed_is_bought() -> None:
    plan = make_plan(scenario_of(ages=[700], streams={"feeding": False}))
    assert (plan.total("inventory_feedpurchase"), plan.total("inventory_feedcontainerstock")) == (0, 0)


def test_a_plan_survives_the_way_to_a_worker() -> None:
    plan = make_plan(scenario_of(ages=[300]))
    same = pickle.loads(pickle.dumps(plan))
    assert same.tables == plan.tables
    assert (same.firsts == plan.firsts).all()


def test_the_size_on_disk_is_that_of_the_rows() -> None:
    small, large = (make_plan(scenario_of(ages=ages)) for ages in ([300], [300, 600]))
    assert estimated_bytes(small) < estimated_bytes(large)
    table = "environmental_environmentalreading"
    assert bytes_of(large)[table] / bytes_of(small)[table] == pytest.approx(large.total(table) / small.total(table), rel=1e-6)
