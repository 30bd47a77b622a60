"""Transactions that wait only so long for other sessions' locks, and say who holds them.

Changing a table needs a lock that any forgotten psql keeps away. A run that hangs tells nobody why, so every such wait
has an end and its message names the session to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from pytest_aquadata.errors import AquadataError

LOCK = (0x61717561, 0xDEF)
"""The advisory lock, in each database, of whoever changes its indexes and keys."""

_HOLDERS = """
SELECT DISTINCT a.pid, coalesce(nullif(a.application_name, ''), 'no application name'), coalesce(a.state, 'unknown'),
       coalesce(l.relation::regclass::text, 'the restoration of indexes and keys')
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND (l.relation = ANY(%s::oid[]) OR (l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s))
ORDER BY 1 LIMIT 5
"""


@contextmanager
def changing(conn: psycopg.Connection[Any], seconds: float, tablespace: str = "") -> Iterator[None]:
    """A transaction (a savepoint when there is one) for DDL that ends by itself when a lock is not had within
    `seconds`.

    Names resolve in ``pg_catalog`` alone, new indexes go to `tablespace` (empty: the database's), no statement is timed
    out, and the session's own settings are back afterwards. seconds: 0 waits for ever.
    """
    wanted = {
        "lock_timeout": f"{round(seconds * 1000)}ms",
        "statement_timeout": "0",
        "search_path": "pg_catalog",
        "default_tablespace": tablespace,
    }
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        before = {}
        for name, value in wanted.items():
            cursor.execute("SELECT pg_catalog.current_setting(%s)", [name])
            before[name] = (cursor.fetchone() or ("",))[0]
            cursor.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])
        yield
        # In a savepoint these would last to the end of the caller's transaction. After an error they go with the
        # savepoint.
        for name, value in before.items():
            cursor.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])


def holders(conn: psycopg.Connection[Any], tables: list[int], seconds: float) -> str:
    """Who holds the tables (oids) or the advisory lock, as a message. Wants a connection on which the failed wait is
    rolled back."""
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_HOLDERS, [tables, *LOCK]).fetchall()
    lines = [f"  process {pid} ({name}), {state}, holds {what}" for pid, name, state, what in rows]
    return "\n".join([f"Waited {seconds:g} s for a lock that another session holds. End that session, or wait for it:", *lines])


@contextmanager
def explained(conn: psycopg.Connection[Any], tables: list[int], seconds: float) -> Iterator[None]:
    """Turn a wait that ran out into an AquadataError that names the holders. To stand around `changing`."""
    try:
        yield
    except errors.LockNotAvailable:
        raise AquadataError(holders(conn, tables, seconds)) from None
