"""DuckDB over a data set: a view for each table, under the table's name, that answers criteria as a connection to PostgreSQL would.

Criteria use little of a connection: a statement as bytes, rows, the names of columns, and errors of psycopg's kind. `DataSet` gives them
these, so that they need not know what they ask; how DuckDB's SQL differs is in `dialect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import psycopg
from numpy.typing import NDArray

from pytest_aquadata.factories.fitting import farm_tables
from pytest_aquadata.lake import dialect
from pytest_aquadata.lake.schema import schema_of
from pytest_aquadata.lake.store import Store

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    # 7 / 2 is 3, as in PostgreSQL
    "SET integer_division = true",
    # everything that is needed is in the wheel; nothing is fetched from anywhere
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_progress_bar = false",
)


_FORMS = {"int8": "i8", "int4": "i4", "int2": "i2", "float8": "f8", "bool": "?"}
"""NumPy's types by PostgreSQL's."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A column of an answer; psycopg has more of it, which no criterion asks for."""

    name: str


class Answer:
    """The rows of one statement."""

    def __init__(self, columns: Sequence[str], rows: list[tuple[Any, ...]], changed: int = -1) -> None:
        self.description = [_Name(column) for column in columns]
        self.rowcount = changed
        self._rows = rows
        self._at = 0

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that were not fetched yet."""
        rest, self._at = self._rows[self._at :], len(self._rows)
        return rest

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None behind the last."""
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())


class DataSet:
    """A data set that can be asked in PostgreSQL's SQL, as far as `dialect` goes."""

    closed = False

    def __init__(self, conn: duckdb.DuckDBPyConnection) -> None:
        self.duck = conn

    def execute(self, statement: bytes | str, values: object = None) -> Answer:
        """Run a statement.

        Raises:
            psycopg.ProgrammingError: DuckDB refuses it; the message is DuckDB's.
        """
        text = statement.decode() if isinstance(statement, bytes) else statement
        if dialect.is_of_the_server(text):
            return Answer([], [])
        with _as_psycopg():
            done = self.duck.execute(dialect.translated(text))
            columns = [each[0] for each in done.description or ()]
            rows = [tuple(map(dialect.plain, row)) for row in done.fetchall()]
        changed = int(rows[0][0]) if columns == ["Count"] and rows else -1
        return Answer(columns, rows, changed)

    def read_columns(self, query: str, columns: Mapping[str, str]) -> dict[str, NDArray[Any]]:
        """Columns of a query's result, as `load.readcolumns.read_columns` gives them.

        Raises:
            ValueError: NULL in a column, or a column of another type. psycopg.ProgrammingError: DuckDB refuses the query.
        """
        with _as_psycopg():
            found = self.duck.execute(dialect.translated(query)).fetchnumpy()
        made = {}
        for (name, kind), values in zip(columns.items(), found.values(), strict=True):
            given = np.ma.getdata(values)
            # a count has another width here; what is announced as a whole number has to be one
            made[name] = given.astype(_FORMS[kind])
            same_kind = (given.dtype.kind in "iu") == (made[name].dtype.kind in "iu") and not np.ma.getmaskarray(values).any()
            if not same_kind or not np.array_equal(made[name], given, equal_nan=given.dtype.kind == "f"):
                raise ValueError(f"{name}: NULL, or another type than {kind}")
        return made

    @contextmanager
    def transaction(self, force_rollback: bool = False) -> Iterator[None]:
        """Nothing to do: a data set is never changed through its views."""
        yield

    def close(self) -> None:
        """End the connection."""
        self.duck.close()


@contextmanager
def _as_psycopg() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise psycopg.ProgrammingError(f"DuckDB: {error}") from error


def open_data_set(store: Store, files: Mapping[str, Any], *, copied: bool = False) -> DataSet:
    """DuckDB with a view on each table of the farm, made of the files of a data set; a table without files is empty.

    files: by path, with the table of each. copied: tables that hold the rows in place of views, which statements may change.
    """
    conn = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        conn.execute(setting)
    if not store.is_local:
        # through fsspec, which has the credentials: DuckDB's own way needs an extension that is fetched from the net
        conn.register_filesystem(store.fs)
    of_table: dict[str, list[str]] = {}
    for path, said in files.items():
        of_table.setdefault(said["table"], []).append(store.fs.unstrip_protocol(store.path(path)) if not store.is_local else store.path(path))
    for table, known in farm_tables().items():
        schema = schema_of(table)
        if not schema.names:
            continue
        columns = ", ".join(f'"{name}"::JSON AS "{name}"' if known.columns[name] == "json" else f'"{name}"' for name in schema.names)
        if paths := of_table.get(table):
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted(paths))
            source = f"read_parquet([{listed}], hive_partitioning = false)"
            conn.execute(f'CREATE {"TABLE" if copied else "VIEW"} "{table}" AS SELECT {columns} FROM {source}')
        else:
            conn.register("empty", schema.empty_table())
            conn.execute(f'CREATE TABLE "{table}" AS SELECT {columns} FROM empty')
            conn.unregister("empty")
    for macro in dialect.MACROS:
        conn.execute(macro)
    return DataSet(conn)
