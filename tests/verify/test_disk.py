"""The size on disk that the plan announces, held against a database that was built from it."""

from __future__ import annotations

import pytest
from small_farm import Farm

from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.size import bytes_of, estimated_bytes

OFF = 0.10
"""How far an estimate may be from what it estimates."""
MANY = 5_000
"""Rows from which on a table's own estimate is held: below, half-filled pages decide."""


def test_the_estimate_is_the_databases_size_to_a_tenth(farm: Farm) -> None:
    (size,) = farm.conn.execute("SELECT pg_database_size(current_database())").fetchone()
    assert estimated_bytes(farm.plan) == pytest.approx(size, rel=OFF)


def test_so_is_that_of_every_larger_table(farm: Farm) -> None:
    estimated = bytes_of(farm.plan)
    large = [table for table in document("sizes")["tables"] if farm.plan.total(table) >= MANY]
    assert len(large) > 5
    sizes = {table: farm.conn.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchone()[0] for table in large}
    assert {table: estimated[table] for table in large} == pytest.approx(sizes, rel=OFF)
