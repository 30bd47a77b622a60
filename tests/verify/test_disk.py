"""The size on disk that the plan announces, held against a database that was built from it."""

from __future__ import annotations

import pytest

from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import bytes_of, estimated_bytes

OFF = 0.10
"""How far an estimate may be from what it estimates."""
MANY = 5_000
"""Rows from which on a table's own estimate is held: below, half-filled pages decide."""


def test_the_estimate_is_the_databases_size_to_a_tenth(plan: Plan, sizes: dict[str, int]) -> None:
    assert estimated_bytes(plan) == pytest.approx(sizes[""], rel=OFF)


def test_so_is_that_of_every_larger_table(plan: Plan, sizes: dict[str, int]) -> None:
    estimated = bytes_of(plan)
    large = [table for table in document("sizes")["tables"] if plan.total(table) >= MANY]
    assert len(large) > 5
    assert {table: estimated[table] for table in large} == pytest.approx({table: sizes[table] for table in large}, rel=OFF)
