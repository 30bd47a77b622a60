"""A data set in DuckDB: a view for each table of the farm, under the table's name.

Needs Django set up for the reference farm, whose models say what a table without a file looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from pytest_aquadata.factories.fitting import farm_tables
from pytest_aquadata.lake import dialect
from pytest_aquadata.lake.duck import DataSet
from pytest_aquadata.lake.schema import schema_of
from pytest_aquadata.lake.store import Store
from pytest_aquadata.streams.columns import Kind

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    # 7 / 2 is 3, as in PostgreSQL
    "SET integer_division = true",
    # everything that is needed is in the wheel; nothing is fetched from anywhere
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_progress_bar = false",
)

_OF_TEXTS: dict[str, str] = {Kind.JSON: "JSON", Kind.TIME: "TIME"}
"""What DuckDB calls the types whose values a data set holds as texts."""

_KEPT_ROWS = 1_000_000
"""A table of an object store with no more rows is read once, and not by every statement: to ask there takes longer than to read."""


def open_data_set(store: Store, files: Mapping[str, Any], *, copied: bool = False) -> DataSet:
    """DuckDB with a view on each table of the farm, made of the files of a data set; a table without files is empty.

    files: by path, with table and rows of each. copied: tables that hold the rows in place of views, which statements may change.
    """
    conn = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        conn.execute(setting)
    if not store.is_local:
        # through fsspec, which has the credentials: DuckDB's own way needs an extension that is fetched from the net
        conn.register_filesystem(store.fs)
    of_table: dict[str, list[str]] = {}
    rows: dict[str, int] = {}
    for path, said in sorted(files.items()):
        whole = store.path(path) if store.is_local else store.fs.unstrip_protocol(store.path(path))
        of_table.setdefault(said["table"], []).append(dialect.literal(whole))
        rows[said["table"]] = rows.get(said["table"], 0) + said["rows"]
    for table, known in farm_tables().items():
        schema = schema_of(table)
        if not schema.names:
            continue
        columns = ", ".join(_column(name, known.columns[name]) for name in schema.names)
        if table in of_table:
            kept = copied or (not store.is_local and rows[table] <= _KEPT_ROWS)
            source = f"read_parquet([{', '.join(of_table[table])}], hive_partitioning = false)"
            conn.execute(f'CREATE {"TABLE" if kept else "VIEW"} "{table}" AS SELECT {columns} FROM {source}')
        else:
            conn.register("empty", schema.empty_table())
            conn.execute(f'CREATE TABLE "{table}" AS SELECT {columns} FROM empty')
            conn.unregister("empty")
    for macro in dialect.MACROS:
        conn.execute(macro)
    return DataSet(conn)


def _column(name: str, kind: str) -> str:
    """A column of a file under its name, with the type of the database where the file has a text."""
    return f'"{name}"::{_OF_TEXTS[kind]} AS "{name}"' if kind in _OF_TEXTS else f'"{name}"'
