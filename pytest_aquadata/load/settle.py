"""What a table needs when it is filled and its indexes and keys are back: its sequence behind the last id, and statistics."""

from __future__ import annotations

import os
import warnings
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import LoadWarning
from pytest_aquadata.load.privileges import some

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


class Settling:
    """Brings tables to rest, one by one and from any number of threads; call it with a session and a table.

    behind: sequences that the role may not set and that are behind the ids of their tables.
    """

    def __init__(self) -> None:
        self.behind: list[str] = []

    def __call__(self, conn: psycopg.Connection[Any], table: str) -> None:
        """Put the sequences of a table ("name" or "schema.name") behind its greatest ids, and gather its statistics.

        (Statistics that the role may not gather the server leaves out by itself, and gathers on its own later.)
        """
        schema, _, name = table.rpartition(".")
        place = sql.Identifier(schema, name) if schema else sql.Identifier(name)
        with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
            for column, sequence, may in cursor.execute(_SEQUENCES, {"table": place.as_string(conn)}).fetchall():
                greatest = sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), place)
                (last,) = cursor.execute(greatest).fetchone() or (None,)
                if last is not None and may:
                    cursor.execute("SELECT pg_catalog.setval(%s, %s)", [sequence, last])
                elif last is not None:
                    self.behind.append(sequence)
            cursor.execute(sql.SQL("ANALYZE {}").format(place))

    def warn(self) -> None:
        """Say which sequences are behind, if any are."""
        if self.behind:
            text = f"the role may not set {some(sorted(self.behind))}, which are behind the ids of their tables"
            warnings.warn(text, LoadWarning, stacklevel=2)
