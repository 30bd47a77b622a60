"""What a table needs when it is filled and its indexes and keys are back: its sequence behind the last id, and statistics."""

from __future__ import annotations

import os
import warnings
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import LoadWarning

_MOST_JOBS = 4
"""Sessions that work side by side at the most; each may take maintenance_work_mem."""

_SEQUENCES = """
SELECT a.attname, s.name, pg_catalog.has_sequence_privilege(s.name, 'UPDATE')
FROM pg_catalog.pg_attribute a
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_serial_sequence(%(table)s, a.attname) AS name) s
WHERE a.attrelid = pg_catalog.to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped AND s.name IS NOT NULL
"""


def jobs() -> int:
    """How many sessions of one process build indexes, validate keys and gather statistics at once."""
    return min(_MOST_JOBS, os.cpu_count() or 1)


def settle(conn: psycopg.Connection[Any], table: str) -> None:
    """Put the sequences of a table ("name" or "schema.name") behind its greatest ids, and gather its statistics.

    What the role may not do is left; a warning says so where new rows would then get ids that are taken. (Statistics it may not gather the
    server leaves out by itself, and gathers them on its own later.)
    """
    schema, _, name = table.rpartition(".")
    place = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        for column, sequence, may in cursor.execute(_SEQUENCES, {"table": place.as_string(conn)}).fetchall():
            key = sql.Identifier(column)
            if may:
                query = sql.SQL("SELECT pg_catalog.setval({}, max({})) FROM {} HAVING max({}) IS NOT NULL")
                conn.execute(query.format(sql.Literal(sequence), key, place, key))
            else:
                warnings.warn(
                    f"the role may not set the sequence {sequence}, which is behind the ids of {table}", LoadWarning, stacklevel=2
                )
        conn.execute(sql.SQL("ANALYZE {}").format(place))
