"""Query results as NumPy columns: a binary COPY out of the server, decoded all at once.

For results of millions of rows, whose values as Python objects would take longer than the query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import psycopg
from numpy.typing import NDArray

from pytest_aquadata.load.copybinary import COPY_HEADER, COPY_TRAILER

_FORMS = {"int8": ">i8", "int4": ">i4", "int2": ">i2", "float8": ">f8", "bool": "?"}
"""Wire form by type; all have one width, so that a result without NULL is a table of equal records."""


@runtime_checkable
class ColumnReader(Protocol):
    """A connection that hands out columns by itself: to a database that knows no binary COPY, but columns."""

    def read_columns(self, query: str, columns: Mapping[str, str]) -> dict[str, NDArray[Any]]:
        """As the function of this name."""


def read_columns(conn: psycopg.Connection[Any], query: str, columns: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Columns of a query's result by name, in native byte order, each of shape (rows,).

    columns: name by type (int8, int4, int2, float8, bool) of what the query returns, in order; the query casts to these types.

    Raises:
        ValueError: NULL in a column, or a column of another type.
        psycopg.Error: the server refuses the query.
    """
    if isinstance(conn, ColumnReader):
        return conn.read_columns(query, columns)
    with conn.cursor() as cursor, cursor.copy(f"COPY (\n{query}\n) TO STDOUT (FORMAT BINARY)".encode()) as copy:
        data = b"".join(bytes(block) for block in copy)
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns.items():
        fields += [(f"{name} width", ">i4"), (name, _FORMS[kind])]
    record = np.dtype(fields)
    body = len(data) - len(COPY_HEADER) - len(COPY_TRAILER)
    if body % record.itemsize:
        raise ValueError("a result with NULL, or of other types than announced")
    rows = np.frombuffer(data, dtype=record, count=body // record.itemsize, offset=len(COPY_HEADER))
    for name, kind in columns.items():
        if (rows[f"{name} width"] != np.dtype(_FORMS[kind]).itemsize).any():
            raise ValueError(f"{name}: NULL, or another type than {kind}")
    return {name: rows[name].astype(rows[name].dtype.newbyteorder("=")) for name in columns}
