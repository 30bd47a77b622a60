"""Exact row counts and the number of every row, known before the first one is made.

Each source of rows says how many it will make for a batch; rows of a table are then numbered through, batch after batch, behind those that
belong to the farm (world, master data, feed stock). In an empty reference schema these numbers are the primary keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.simulation import Batch, Simulation

Int = NDArray[np.int64]
ASSIGNMENT = "batch_batchcontainerassignment"


class RowSource(Protocol):
    """Whatever makes rows of a batch."""

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Rows of each table that this source makes for a batch, exactly."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A simulation with its rows counted and numbered.

    tables: tables that hold rows of batches, in alphabetical order.
    counts: rows by batch and table, shape (batches, tables).
    firsts: number of the first of them, shape (batches, tables).
    farm: rows by table that belong to no batch.
    """

    simulation: Simulation
    tables: tuple[str, ...]
    counts: Int
    firsts: Int
    farm: Mapping[str, int]

    def batch(self, number: int) -> Batch:
        """A batch by its number."""
        return self.simulation.batches[number - 1]

    def first(self, batch: Batch, table: str) -> int:
        """Number of the batch's first row of a table; with `count` 0, the number it would have."""
        return int(self.firsts[batch.number - 1, self.tables.index(table)])

    def count(self, batch: Batch, table: str) -> int:
        """Rows of the batch in a table."""
        return int(self.counts[batch.number - 1, self.tables.index(table)]) if table in self.tables else 0

    def numbers(self, batch: Batch, table: str) -> Int:
        """Numbers of the batch's rows of a table, shape (rows,)."""
        first = self.first(batch, table)
        return np.arange(first, first + self.count(batch, table), dtype=np.int64)

    def assignments(self, batch: Batch) -> list[Int]:
        """Numbers of the batch's container assignments, one array of shape (slots,) for each stay."""
        widths = [len(stay.containers) for stay in batch.stays]
        return np.split(self.numbers(batch, ASSIGNMENT), np.cumsum(widths)[:-1])

    def total(self, table: str) -> int:
        """Rows of a table when the whole scenario is built."""
        batches = int(self.counts[:, self.tables.index(table)].sum()) if table in self.tables else 0
        return batches + self.farm.get(table, 0)

    def rows_with(self, batches: Iterable[Batch]) -> dict[str, int]:
        """Rows of every table when these batches are built and no others."""
        counts = self.counts[[batch.number - 1 for batch in batches]].sum(axis=0, dtype=np.int64).tolist()
        own = dict(zip(self.tables, counts, strict=True))
        return {table: own.get(table, 0) + self.farm.get(table, 0) for table in self.all_tables}

    @property
    def all_tables(self) -> tuple[str, ...]:
        """Every table that the build fills, in alphabetical order."""
        return tuple(sorted({*self.tables, *self.farm}))


def number_rows(simulation: Simulation, sources: Sequence[RowSource], farm: Mapping[str, int]) -> Plan:
    """Count and number the rows of a simulation; `farm` gives the rows that belong to no batch."""
    return number_counts(simulation, count_rows(simulation, sources), farm)


def count_rows(simulation: Simulation, sources: Sequence[RowSource]) -> list[dict[str, int]]:
    """Rows of each batch by table, in the order of the simulation's batches."""
    return [_added(source.count(simulation, batch) for source in sources) for batch in simulation.batches]


def number_counts(simulation: Simulation, per_batch: Sequence[Mapping[str, int]], farm: Mapping[str, int]) -> Plan:
    """Number the rows of a simulation, counted by batch and table; `farm` gives the rows that belong to no batch."""
    tables = tuple(sorted({table for counts in per_batch for table in counts}))
    counts = np.array([[counts.get(table, 0) for table in tables] for counts in per_batch], dtype=np.int64)
    before = np.array([farm.get(table, 0) for table in tables], dtype=np.int64)
    firsts = before + np.cumsum(counts, axis=0) - counts + 1
    return Plan(simulation, tables, counts, firsts, dict(farm))


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for table, rows in part.items():
            total[table] = total.get(table, 0) + rows
    return total
