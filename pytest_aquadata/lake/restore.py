"""A data set into a database: pyarrow reads, the loader's own encoder and COPY write, indexes and keys come last.

The database gets the reference farm's schema, and has to be empty: ids are the plan's numbers. Only content types have ids of the
database's own, as Django makes them when it migrates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories.fitting import farm_tables
from pytest_aquadata.farm import setup
from pytest_aquadata.lake.entries import Entries, read_entries
from pytest_aquadata.lake.store import Store
from pytest_aquadata.load import deferred, ledger
from pytest_aquadata.load.catalogue import read_layout
from pytest_aquadata.load.copybinary import copy_rows
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.run import connect
from pytest_aquadata.load.settle import Settling, jobs
from pytest_aquadata.streams.base import CHUNK
from pytest_aquadata.streams.columns import Column, Kind, Rows

_CONTENT_TYPE = "django_content_type"


def load_into(store: Store, url: str) -> dict[str, int]:
    """Copy a data set into the empty database at `url`; returns rows by table. All of it is there afterwards, or nothing.

    Raises:
        AquadataError: there is no data set, or the database has rows or tables that this package did not make.
        EnvironmentFault: the store or the server refuses.
    """
    entries = read_entries(store)
    if entries.farm is None:
        raise AquadataError(
            f"{store.url} holds no data set of this plugin\n    write one: pytest --aquadata=… --aquadata-to=parquet:{store.url}"
        )
    setup.migrate(url)
    of_table = _paths(entries)
    with connect(url, "load") as conn:
        for table in of_table:
            if table != _CONTENT_TYPE:
                _refuse_rows(conn, table)
        ledger.create(conn)
        deferred.set_aside(conn, of_table)
        with conn.transaction():
            ids = _content_types(conn, store, of_table.pop(_CONTENT_TYPE, []))
            counts = {
                table: copy_rows(conn, _rows(store, table, paths), read_layout(conn, table), ids) for table, paths in of_table.items()
            }
        settle = Settling()
        deferred.restore(conn, jobs(), settle=settle, tables=of_table)
        settle.warn()
    return counts


def _paths(entries: Entries) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, said in sorted(entries.files().items()):
        found.setdefault(said["table"], []).append(path)
    return found


def _refuse_rows(conn: Connection, table: str) -> None:
    if conn.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone():
        raise AquadataError(f"{conn.info.dbname} has rows in {table}\n    give an empty database")


def _content_types(conn: Connection, store: Store, paths: list[str]) -> Ids:
    """How numbers of content types become the ids that Django has given them."""
    there = {(app, model): id_ for id_, app, model in conn.execute("SELECT id, app_label, model FROM django_content_type").fetchall()}
    planned = [row for path in paths for row in _table(store, path).to_pylist()]
    return Ids(changed={_CONTENT_TYPE: {row["id"]: there[row["app_label"], row["model"]] for row in planned}})


def _table(store: Store, path: str) -> pa.Table:
    with store.fs.open(store.path(path), "rb") as file:
        return pq.ParquetFile(file).read()


def _rows(store: Store, table: str, paths: list[str]) -> Iterator[Rows]:
    for path in paths:
        with store.fs.open(store.path(path), "rb") as file:
            for part in pq.ParquetFile(file).iter_batches(CHUNK):
                yield rows_of(table, part)


def rows_of(table: str, part: pa.RecordBatch) -> Rows:
    """An Arrow batch of a table of the farm as rows for the loader; the inverse of `arrow.table_of`."""
    known = farm_tables()[table]
    made = {name: _column(part.column(name), known.columns[name], known.refers(name)) for name in part.schema.names}
    return Rows(table, part.num_rows, made)


def _column(values: pa.Array, said: str, refers: str | None) -> Column:
    """said: the kind of the values, or the table that they refer to."""
    null = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    if values.null_count == len(values):
        return Column(Kind.NULL, np.asarray(0, dtype=np.int64))
    kind = Kind.INT if refers else Kind(said)
    if kind in (Kind.TEXT, Kind.JSON):
        words = values.dictionary_encode()
        index = words.indices.fill_null(0).to_numpy().astype(np.int64)
        return Column(kind, index, words=tuple(words.dictionary.to_pylist()), null=null)
    if kind is Kind.FIXED:
        return Column(kind, _units(values), scale=values.type.scale, null=null)
    if kind is Kind.BOOL:
        return Column(kind, values.fill_null(False).to_numpy(zero_copy_only=False), null=null)
    if kind is Kind.FLOAT:
        return Column(kind, values.fill_null(0.0).to_numpy(), null=null)
    if kind is Kind.TIME:
        texts = values.dictionary_encode()
        times = [time.fromisoformat(text) for text in texts.dictionary.to_pylist()]
        values = pa.array(times, pa.time64("us")).take(texts.indices)
    whole = values.cast(pa.int32()) if kind is Kind.DATE else values
    return Column(kind, whole.cast(pa.int64()).fill_null(0).to_numpy(), null=null, refers=refers)


def _units(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Decimals as whole units of their scale: the lower half of the 16 bytes, as all that a build writes fits there."""
    wide = np.frombuffer(values.fill_null(0).buffers()[1], dtype="<i8")[2 * values.offset : 2 * (values.offset + len(values))]
    return wide[::2].astype(np.int64)


def counted(rows: Mapping[str, int]) -> str:
    """What was copied, in a line."""
    return f"{sum(rows.values()):,} rows of {len(rows)} tables"
