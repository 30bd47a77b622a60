"""Streams of other packages: what `pytest_aquadata.extensions` finds, held to the contract of a stream.

Beside `Stream` such a stream has ``tables``, the tables of its own (`OwnTable`). It fills these and no others: rows of two sources in one
table would get the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache

from pytest_aquadata import extensions
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams.base import OwnTable, Stream
from pytest_aquadata.streams.columns import Kind, Rows


class ThirdParty:
    """A stream of another package, whose mistakes name it."""

    def __init__(self, extension: extensions.Extension, stream: Stream, tables: Mapping[str, OwnTable]) -> None:
        self.extension, self.stream, self.tables, self.name = extension, stream, dict(tables), extension.name

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Rows of its own tables; each is there, also without a row.

        Raises:
            AquadataError: it fails, counts no whole numbers, or rows of tables that are not its own.
        """
        try:
            counted = {table: int(rows) for table, rows in self.stream.count(simulation, batch).items()}
        except Exception as error:  # whatever another's code raises
            raise self._failed("count", batch, error) from error
        if strange := sorted(set(counted) - set(self.tables)):
            raise AquadataError(f"{self.extension.label} makes rows of {strange[0]}, which is not among its tables")
        if any(rows < 0 for rows in counted.values()):
            raise AquadataError(f"{self.extension.label} counts less than no row of {batch.name}")
        return {**dict.fromkeys(self.tables, 0), **counted}

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """Its rows, as it makes them.

        Raises:
            AquadataError: it fails, or makes other rows than it counted.
        """
        made = dict.fromkeys(self.tables, 0)
        try:
            for rows in self.stream.rows(plan, batch):
                made[rows.table] = made.get(rows.table, 0) + rows.count
                yield rows
        except Exception as error:  # as above
            raise self._failed("make the rows of", batch, error) from error
        for table, rows_made in made.items():
            if rows_made != plan.count(batch, table):
                raise AquadataError(
                    f"{self.extension.label} made {rows_made} rows of {table} for {batch.name} and had counted {plan.count(batch, table)}"
                )

    def _failed(self, what: str, batch: Batch, error: Exception) -> AquadataError:
        return AquadataError(f"{self.extension.label} cannot {what} {batch.name}: {type(error).__name__}: {' '.join(str(error).split())}")


@cache
def third_party(name: str) -> ThirdParty:
    """The stream of another package by its name.

    Raises:
        AquadataError: it cannot be loaded, or its tables are not tables of its own.
    """
    extension = extensions.extensions(extensions.STREAMS)[name]
    stream = extension.load("name", "count", "rows", "tables")
    ours = masterdata.document("tables")
    tables: dict[str, OwnTable] = {}
    for table in stream.tables:
        if not isinstance(table, OwnTable):
            raise AquadataError(f"{extension.label}: tables are to be OwnTable, not {type(table).__name__}")
        if table.name in ours:
            raise AquadataError(f"{extension.label} claims {table.name}, a table of ours\n    a stream fills tables of its own")
        known = {*ours, *(each.name for each in stream.tables), *Kind}
        if wrong := [column for column, kind in table.columns.items() if kind not in known]:
            raise AquadataError(f"{extension.label}: {table.name}.{wrong[0]} is neither a kind nor a table: {table.columns[wrong[0]]!r}")
        if table.key not in table.columns:
            raise AquadataError(f"{extension.label}: {table.name} has no column {table.key}, its key")
        if way_to_batch(table) is None:
            raise AquadataError(f"{extension.label}: no column of {table.name} refers to batch_batch or to a container assignment")
        tables[table.name] = table
    if not tables:
        raise AquadataError(f"{extension.label} has no table")
    return ThirdParty(extension, stream, tables)


def way_to_batch(table: OwnTable) -> tuple[str, str] | None:
    """The column that leads to a row's batch, and the table that it refers to."""
    for target in ("batch_batch", "batch_batchcontainerassignment"):
        for column, kind in table.columns.items():
            if kind == target:
                return column, target
    return None


@cache
def own_tables() -> Mapping[str, OwnTable]:
    """The tables of all streams of other packages; of one that cannot be loaded there are none, as whoever names it will be told."""
    found: dict[str, OwnTable] = {}
    with suppress(AquadataError):
        for name in extensions.extensions(extensions.STREAMS):
            with suppress(AquadataError):
                found |= third_party(name).tables
    return found
