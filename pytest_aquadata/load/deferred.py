"""Secondary indexes and foreign keys, taken away before a load and brought back exactly as they were.

Rows go into a bare table more than ten times as fast as into one whose foreign keys and indexes are kept up row by row.
What was taken away is written down in the same transaction, in ``aquadata.deferred``, so that no crash can lose a
definition: `restore` brings back whatever is written there, whoever wrote it, and crosses out each entry in the
transaction that restores it.

Set aside are indexes that enforce nothing, and the foreign keys of the tables named. Primary keys, unique and exclusion
constraints and unique indexes stay: other tables' foreign keys hang on them, and a duplicate is better refused in the
transaction that brings it than hours later. So does whatever could not come back exactly as it was: an invalid index,
the index of a replica identity, a foreign key with disabled triggers, and everything on partitioned tables,
partitions and hypertables, whose indexes and keys are those of many tables at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from psycopg import errors, pq, sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import definitions
from pytest_aquadata.load.catalogue import Relation, find_table
from pytest_aquadata.load.definitions import NOT_VALID, Definition, bared, execute, pending
from pytest_aquadata.load.orphans import describe
from pytest_aquadata.load.spread import Group, Task, work
from pytest_aquadata.load.waiting import LOCK, changing, explained, holders

__all__ = ["bared", "pending", "restore", "set_aside"]

Connection = psycopg.Connection[Any]

_REFERENCED = """
SELECT c.confrelid::bigint, n.nspname, r.relname FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class r ON r.oid = c.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conrelid = ANY(%s)
"""
_OF_DATA = ("22", "23", "42", "54", "55", "0A")
"""Classes of SQLSTATE that speak of the data or the schema: another attempt fails alike, other entries may
succeed."""


def set_aside(conn: Connection, tables: Iterable[str], seconds: float = 10.0) -> int:
    """Drop the secondary indexes and foreign keys of `tables` after writing them down, all in one transaction.

    tables: "name" or "schema.name". seconds: how long to wait for each lock. In a transaction of the caller's it is a
        part of that.
    Returns how many indexes and keys were dropped; 0 when there was nothing left to drop.

    Raises AquadataError for a table that does not exist, and when another session keeps a table locked, naming that
    session.
    """
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        found = {relation.oid: relation for relation in (find_table(conn, table) for table in tables)}
        ordinary = [oid for oid, relation in found.items() if relation.ordinary]
        for oid, schema, table in cursor.execute(_REFERENCED, [ordinary]):
            found[oid] = Relation(oid, schema, table, "referred to")
    if not ordinary:
        return 0
    with explained(conn, list(found), seconds), changing(conn, seconds):
        conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
        # All locks first and in one order, the referenced tables' too: dropping a key needs them, and the catalogue
        # must hold still between the writing down and the dropping.
        for relation in sorted(found.values(), key=lambda r: (r.schema, r.table)):
            conn.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(relation.schema, relation.table)))
        drops = definitions.record(conn, ordinary)
        for drop in drops:
            execute(conn, drop)
    return len(drops)


def restore(
    conn: Connection,
    jobs: int = 1,
    seconds: float = 60.0,
    settle: Callable[[Connection, str], None] | None = None,
    tables: Iterable[str] = (),
) -> list[str]:
    """Bring back everything that is set aside in this database: indexes and foreign keys. Returns their descriptions.

    conn: outside a transaction, as each entry is restored and crossed out in a transaction of its own; after an
        interruption call it again.
    jobs: how many sessions build at once; jobs - 1 more connections are opened like `conn`.
    seconds: how long to wait for each lock on a table; another session's restore is waited for without end.
    settle: what is done last for each of `tables`, when all that it had is back.

    The tables are gone through from the largest down. The indexes of one are built side by side; its keys can only be
    validated one after the other, which one session does while the others go on with the next tables.

    Raises AquadataError when some could not come back: all others are back by then, and the message names each, with
    the first row that a foreign key does not hold for. Those stay written down (such a key exists, NOT VALID).
    """
    if conn.info.transaction_status is not pq.TransactionStatus.IDLE:
        raise ValueError("restore commits entry by entry: it wants a connection outside a transaction")
    restored: list[str] = []
    failures: list[str] = []

    def attempt(step: Callable[[Connection, Definition], bool], session: Connection, definition: Definition) -> bool:
        """One step of one entry: whether it worked. Errors of data and schema are kept for the end."""
        try:
            if step(session, definition):
                restored.append(str(definition))
        except AquadataError as error:
            failures.append(f"{definition}: {error}")
        except errors.LockNotAvailable:
            failures.append(f"{definition}: {holders(session, _tables(session, definition), seconds)}")
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith(_OF_DATA):
                raise
            failures.append(f"{definition}: {_reason(session, definition, error)}")
        else:
            return True
        return False

    def build(definition: Definition, session: Connection) -> None:
        attempt(partial(_create, seconds=seconds), session, definition)

    def validate(key: Definition, session: Connection) -> None:
        attempt(partial(_validate, seconds=seconds), session, key)

    def last(table: str, session: Connection) -> None:
        if settle is not None:
            settle(session, table)

    settled = {_place(conn, table): table for table in tables}
    with conn.transaction():
        if not definitions.exists(conn) and not settled:
            return []
    with _alone(conn), _sessions(conn, jobs) as sessions:
        with conn.transaction():
            entries = definitions.recorded(conn) if definitions.exists(conn) else []
        # Keys come back unvalidated before all else and one after the other: that takes no time, and later it would wait
        # for the indexes that are built on either table.
        keys = [entry for entry in entries if entry.kind == "foreign key"]
        made = [key for key in keys if attempt(partial(_create, seconds=seconds), conn, key)]
        groups = []
        for place in dict.fromkeys([*((entry.table_schema, entry.table_name) for entry in entries), *settled]):
            indexes = [e for e in entries if e.kind == "index" and (e.table_schema, e.table_name) == place]
            unvalidated = [k for k in made if k.validate_statement is not None and (k.table_schema, k.table_name) == place]
            then: list[Task] = [partial(validate, key) for key in unvalidated]
            then += [partial(last, settled[place])] if place in settled else []
            groups.append(Group([partial(build, index) for index in indexes], then))
        work(groups, sessions)
    if failures:
        raise AquadataError("\n".join(["Not everything that was set aside could be restored:", *sorted(failures)]))
    return restored


def _place(conn: Connection, table: str) -> tuple[str, str]:
    """Schema and name of a table."""
    with conn.transaction():
        found = find_table(conn, table)
    return found.schema, found.table


def _create(conn: Connection, definition: Definition, *, seconds: float) -> bool:
    """Make the index or key unless it is there. Returns True when that was all, False when a key is still to be
    validated."""
    with changing(conn, seconds, definition.tablespace):
        if not definitions.has_table(conn, definition):
            definitions.forget(conn, definition)  # it went with its table
            return False
        there = definitions.current(conn, definition)
        half = definition.validate_statement is not None and there == definition.definition + NOT_VALID
        if there is None:
            execute(conn, definition.create_statement)
        elif there != definition.definition and not half:
            raise AquadataError(f"there is another of that name: {there}\n  set aside was: {definition.definition}")
        if definition.validate_statement is not None and there != definition.definition:
            return False
        _finish(conn, definition)
    return True


def _validate(conn: Connection, key: Definition, *, seconds: float) -> bool:
    """Make a key valid that is there unvalidated."""
    with changing(conn, seconds):
        if definitions.current(conn, key) != key.definition + NOT_VALID:
            return False  # back already, or gone with its table: _create has seen to it
        execute(conn, key.validate_statement or "")
        _finish(conn, key)
    return True


def _finish(conn: Connection, definition: Definition) -> None:
    for statement in definition.finish_statements:
        execute(conn, statement)
    definitions.forget(conn, definition)


def _reason(conn: Connection, definition: Definition, error: psycopg.Error) -> str:
    """Why an entry could not be restored, with the row when a key does not hold."""
    found = describe(conn, definition) if isinstance(error, errors.ForeignKeyViolation) else None
    return found or " ".join(filter(None, [error.diag.message_primary or str(error), error.diag.message_detail]))


def _tables(conn: Connection, definition: Definition) -> list[int]:
    """The entry's table, for the message that names who holds it."""
    with conn.transaction():
        return [find_table(conn, f"{definition.table_schema}.{definition.table_name}").oid]


@contextmanager
def _alone(conn: Connection) -> Iterator[None]:
    """Hold the advisory lock for the session, over many transactions."""
    with changing(conn, 0):
        conn.execute("SELECT pg_advisory_lock(%s, %s)", LOCK)
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError), conn.transaction():  # a lost connection has lost its lock, too
            conn.execute("SELECT pg_advisory_unlock(%s, %s)", LOCK)


@contextmanager
def _sessions(conn: Connection, jobs: int) -> Iterator[list[Connection]]:
    """`conn` and jobs - 1 more like it."""
    with ExitStack() as stack:
        sessions = [conn]
        for _ in range(jobs - 1):
            more = psycopg.connect(conn.info.dsn, password=conn.info.password or None, autocommit=True)
            sessions.append(stack.enter_context(more))
            more.execute(
                "SELECT pg_catalog.set_config('application_name', %s, false)",
                [conn.info.parameter_status("application_name") or ""],
            )
        yield sessions
