"""DuckDB, answering criteria as a connection to PostgreSQL would.

Criteria use little of a connection: a statement as bytes, rows, the names of columns, and errors of psycopg's kind. `DataSet` gives them
these, so that they need not know what they ask; how DuckDB's SQL differs is in `dialect`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import psycopg
from numpy.typing import NDArray

from pytest_aquadata.lake import dialect

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

    def execute(self, statement: bytes | str, values: Iterable[object] | None = None) -> Answer:
        """Run a statement; `values` are written out in place of its ``%s``.

        Raises:
            psycopg.ProgrammingError: DuckDB refuses it; the message is DuckDB's.
        """
        text = statement.decode() if isinstance(statement, bytes) else statement
        if values is not None:
            text %= tuple(map(dialect.literal, values))
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
