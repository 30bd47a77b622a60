"""A batch's part of the plan: the same rows as the whole plan's, and little enough to travel."""

from __future__ import annotations

import pickle

import pytest

from pytest_aquadata.load.digest import TableDigest
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.part import part_of
from pytest_aquadata.streams.registry import active_streams


def _digests(plan: Plan, number: int) -> dict[str, str]:
    digests: dict[str, TableDigest] = {}
    for stream in active_streams(plan.simulation.scenario):
        for rows in stream.rows(plan, plan.batch(number)):
            digests.setdefault(rows.table, TableDigest()).add(rows)
    return {table: f"{digest.rows} {digest.hexdigest()}" for table, digest in digests.items()}


def test_a_part_makes_the_rows_of_the_whole_plan(plan: Plan) -> None:
    whole = len(pickle.dumps(plan))
    for batch in plan.simulation.batches:
        travelled = pickle.dumps(part_of(plan, batch.number))
        part = pickle.loads(travelled).plan()
        assert _digests(part, batch.number) == _digests(plan, batch.number)
        assert all(part.count(batch, table) == plan.count(batch, table) for table in (*plan.tables, "no_table"))
        assert len(travelled) < whole / 4


def test_a_part_knows_no_other_batch(plan: Plan) -> None:
    part = part_of(plan, 2)
    assert part.plan().batch(2).name == plan.batch(2).name
    with pytest.raises(LookupError, match="this part of the plan is of batch 2, not of 1"):
        part.plan().batch(1)
