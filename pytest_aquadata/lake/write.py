"""Rows as Parquet files: one a table, kept in memory until all of a batch are there, then put into the store, then entered.

What the entry of a batch names is there whole; what no entry names does not count. A batch that is written twice is written to the same
files with the same bytes, so that two processes that write one do each other no harm.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.farm.rows import model_rows
from pytest_aquadata.lake import layout
from pytest_aquadata.lake.arrow import table_of
from pytest_aquadata.lake.schema import schema_of
from pytest_aquadata.lake.store import Store
from pytest_aquadata.load.build import as_planned, rows_of
from pytest_aquadata.load.built import Built
from pytest_aquadata.load.digest import TableDigest
from pytest_aquadata.load.prepare import master_objects
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.columns import Rows

_GROUP = 4 * 65_536
"""Rows of a row group: what a reader skips, or reads on one core, as a whole; four chunks of a stream."""


class _TableFile:
    """One table's file, and what is said of it."""

    def __init__(self, table: str) -> None:
        self.schema = schema_of(table)
        self.digest = TableDigest(FAKED.get(table, ()))
        self._sink = pa.BufferOutputStream()
        self._waiting: list[pa.Table] = []
        counted = [field.name for field in self.schema if _is_counted(field.type)]
        # numbers and moments rise evenly: their differences take next to nothing
        delta = dict.fromkeys(dict.fromkeys([self.schema.names[0], *counted]), "DELTA_BINARY_PACKED")
        self._writer = pq.ParquetWriter(
            self._sink,
            self.schema,
            compression="zstd",
            use_dictionary=[name for name in self.schema.names if name not in delta],
            column_encoding=delta,
            store_decimal_as_integer=True,
        )

    def add(self, rows: Rows) -> None:
        """Take in some rows."""
        self.digest.add(rows)
        self._waiting.append(table_of(rows, self.schema))
        if sum(part.num_rows for part in self._waiting) >= _GROUP:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            whole = pa.concat_tables(self._waiting)
            self._writer.write_table(whole, row_group_size=max(whole.num_rows, 1))
            self._waiting.clear()

    def close(self) -> bytes:
        """The bytes of the file."""
        self._write()
        self._writer.close()
        data: bytes = self._sink.getvalue().to_pybytes()
        return data


def _is_counted(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_time(kind))


def write_batch(store: Store, plan: Plan, batch: Batch, fingerprint: str, builder: str, watch: Watch) -> Built:
    """Write one batch and enter it; a function of store, plan and batch, whoever runs it.

    builder: who writes, for the entry. watch: is told where the work is.

    Raises:
        AquadataError: a value that its column cannot hold. EnvironmentFault: the store refuses; the batch does not count then.
    """
    started = time.perf_counter()
    files = _encoded(rows_of(plan, batch, watch), watch)
    rows = {table: file.digest.rows for table, (file, _) in files.items()}
    with watch.step("comparing with the plan"):
        as_planned(plan, batch, rows)
    with watch.step("writing its files"):
        sizes = _put(store, {table: layout.file_of_batch(plan, batch, table) for table in files}, files)
    digests = {table: file.digest.hexdigest() for table, (file, _) in files.items()}
    seconds = time.perf_counter() - started
    with watch.step("entering it"):
        store.put_json(
            layout.entry_of(batch), _entry(fingerprint, sizes, rows, digests, number=batch.number, seconds=seconds, builder=builder)
        )
    return Built(rows, digests, seconds, table_seconds=watch.seconds)


def write_farm(store: Store, plan: Plan, fingerprint: str) -> dict[str, str]:
    """Write the world, master data and feed stock, and enter them; returns the digests by table.

    Raises: as `write_batch`.
    """
    files = _encoded(_farm_rows(plan), Watch())
    rows = {table: file.digest.rows for table, (file, _) in files.items()}
    if differing := sorted(table for table, count in plan.farm.items() if rows.get(table, 0) != count):
        raise RuntimeError(f"{differing[0]}: {rows.get(differing[0], 0)} rows made, {plan.farm[differing[0]]} planned")
    sizes = _put(store, {table: layout.file_of_farm(plan, table) for table in files}, files)
    digests = {table: file.digest.hexdigest() for table, (file, _) in files.items()}
    store.put_json(layout.FARM, _entry(fingerprint, sizes, rows, digests))
    return digests


def _farm_rows(plan: Plan) -> Iterator[Rows]:
    for _, objects in master_objects(plan):
        yield model_rows(objects)
    yield from feed_stock.rows(plan.simulation)


def _encoded(rows: Iterable[Rows], watch: Watch) -> dict[str, tuple[_TableFile, bytes]]:
    files: dict[str, _TableFile] = {}
    for part in rows:
        with watch.table(part.table):
            if part.table not in files:
                files[part.table] = _TableFile(part.table)
            files[part.table].add(part)
    encoded = {}
    for table, file in files.items():
        with watch.table(table):
            encoded[table] = (file, file.close())
    return encoded


def _put(store: Store, names: Mapping[str, str], files: Mapping[str, tuple[_TableFile, bytes]]) -> dict[str, dict[str, Any]]:
    """Put the files under their names; returns what an entry says of each."""
    store.put_all({names[table]: data for table, (_, data) in files.items()})
    return {names[table]: {"table": table, "rows": file.digest.rows, "bytes": len(data)} for table, (file, data) in files.items()}


def _entry(fingerprint: str, files: Mapping[str, Any], rows: Mapping[str, int], digests: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {"fingerprint": fingerprint, "files": dict(files), "rows": dict(rows), "digests": dict(digests), **more}
