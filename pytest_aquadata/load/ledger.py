"""The ledger: which run a database holds, and which of its batches are built, kept in a schema of its own.

A run is recognised by its fingerprint, so a changed scenario, plan or plugin is never mistaken for the old one. A batch is entered in the
transaction that writes its rows: what the ledger calls built is there, whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pytest_aquadata import __version__
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.models import Scenario

Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = "aquadata"
"""The schema of the ledger, apart from the application's tables."""

UNBUILT = ("criteria", "description")
"""What a scenario says that makes no rows."""

_CLASS = 0x41717561
"""First half of every advisory lock of this package ("Aqua")."""
_RUN, _STRUCTURE, _BUILDING = 1, 2, 3
_BATCH_CLASS = _CLASS + 1

_TABLES = """
CREATE TABLE IF NOT EXISTS aquadata.run (
    fingerprint text PRIMARY KEY,
    scenario text NOT NULL,
    version text NOT NULL,
    as_of date NOT NULL,
    resolved jsonb NOT NULL,
    state text NOT NULL,
    offsets jsonb NOT NULL DEFAULT '{}',
    changed jsonb NOT NULL DEFAULT '{}',
    farm_digests jsonb NOT NULL DEFAULT '{}',
    digest text,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
CREATE TABLE IF NOT EXISTS aquadata.batch (
    fingerprint text NOT NULL REFERENCES aquadata.run ON DELETE CASCADE,
    number integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    stale boolean NOT NULL DEFAULT false,
    rows jsonb NOT NULL DEFAULT '{}',
    digests jsonb NOT NULL DEFAULT '{}',
    seconds double precision,
    error text,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (fingerprint, number)
);
-- Columns that came later: an earlier version of this package may have left the tables without them. A run of such a version has another
-- fingerprint and is never gone on with, so it needs no values.
ALTER TABLE aquadata.run ADD COLUMN IF NOT EXISTS phases jsonb NOT NULL DEFAULT '{}';
ALTER TABLE aquadata.batch ADD COLUMN IF NOT EXISTS failed_in text, ADD COLUMN IF NOT EXISTS builder text;
"""


class RunState(StrEnum):
    """How far a run is."""

    ABSENT = "absent"
    PREPARING = "preparing"
    PREPARED = "prepared"
    FINISHED = "finished"


class BatchState(StrEnum):
    """How far a batch is."""

    PLANNED = "planned"
    BUILT = "built"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the ledger says of a run."""

    fingerprint: str
    scenario: str
    state: RunState


def _files(folder: Traversable) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            found += [(f"{entry.name}/{name}", text) for name, text in _files(entry)]
        elif entry.name.endswith((".py", ".yaml")):
            found.append((entry.name, entry.read_bytes()))
    return found


@cache
def package_digest() -> str:
    """Digest of the package's own files: what a version number promises, also while it is being changed."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=16)
    for name, text in _files(resources.files("pytest_aquadata")):
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()


def fingerprint_of(scenario: Scenario) -> str:
    """What identifies the rows of a scenario: its resolved text, seed and as_of included, and the version of this package.

    Criteria and description make no rows: with other ones a finished build is verified again, not built again.
    """
    values = {key: value for key, value in json.loads(scenario.resolved()).items() if key not in UNBUILT}
    return hashlib.blake2b(f"{package_digest()}\n{json.dumps(values)}".encode(), digest_size=16).hexdigest()


def create(conn: Connection) -> None:
    """Create the ledger's schema and tables where they are missing."""
    with conn.transaction():
        # a role that may not create schemas can be given this one
        if _one(conn, "SELECT 1 FROM pg_namespace WHERE nspname = %s", SCHEMA) is None:
            conn.execute(f"CREATE SCHEMA {SCHEMA}")
        conn.execute(_TABLES)


def exists(conn: Connection) -> bool:
    """Whether the database has a ledger that this role may read."""
    # by name in the catalogue: to_regclass is refused to a role that may not use the schema
    readable = (
        "SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = 'run'"
    )
    return _one(conn, readable, SCHEMA) is True


def runs(conn: Connection) -> list[RunRow]:
    """The runs that the database holds; empty without a ledger."""
    if not exists(conn):
        return []
    rows = conn.execute("SELECT fingerprint, scenario, state FROM aquadata.run ORDER BY started_at").fetchall()
    return [RunRow(fingerprint, scenario, RunState(state)) for fingerprint, scenario, state in rows]


def run_state(conn: Connection, fingerprint: str) -> RunState:
    """How far a run is; ABSENT when the ledger does not know it."""
    return next((run.state for run in runs(conn) if run.fingerprint == fingerprint), RunState.ABSENT)


def enter_run(conn: Connection, fingerprint: str, plan: Plan) -> None:
    """Enter a run and its batches, as planned."""
    scenario = plan.simulation.scenario
    with conn.transaction():
        conn.execute(
            "INSERT INTO aquadata.run (fingerprint, scenario, version, as_of, resolved, state) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (fingerprint) DO UPDATE SET state = excluded.state",
            (
                fingerprint,
                scenario.name,
                __version__,
                scenario.as_of,
                Jsonb(json.loads(scenario.resolved())),
                RunState.PREPARING,
            ),
        )
        with conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO aquadata.batch (fingerprint, number, name, state) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [(fingerprint, b.number, b.name, BatchState.PLANNED) for b in plan.simulation.batches],
            )


def run_prepared(conn: Connection, fingerprint: str, ids: Ids, digests: Mapping[str, str]) -> None:
    """Note that schema, world, master data and feed stock are there, and the ids they have."""
    offsets = {table: offset for table, offset in ids.offsets.items() if offset}
    conn.execute(
        "UPDATE aquadata.run SET state = %s, offsets = %s, changed = %s, farm_digests = %s WHERE fingerprint = %s",
        (RunState.PREPARED, Jsonb(offsets), Jsonb(ids.changed), Jsonb(dict(digests)), fingerprint),
    )


def run_ids(conn: Connection, fingerprint: str) -> Ids:
    """How the numbers of a prepared run become ids."""
    row = conn.execute("SELECT offsets, changed FROM aquadata.run WHERE fingerprint = %s", (fingerprint,)).fetchone()
    return Ids(*row) if row else Ids()


def run_finished(conn: Connection, fingerprint: str, digest: str | None) -> None:
    """Note that indexes and keys are back; `digest` is None while batches are missing."""
    conn.execute(
        "UPDATE aquadata.run SET state = %s, digest = %s, finished_at = clock_timestamp() WHERE fingerprint = %s",
        (RunState.PREPARED if digest is None else RunState.FINISHED, digest, fingerprint),
    )


def run_digest(conn: Connection, fingerprint: str) -> str | None:
    """The digest of a finished run."""
    digest = _one(conn, "SELECT digest FROM aquadata.run WHERE fingerprint = %s", fingerprint)
    return None if digest is None else str(digest)


def farm_digests(conn: Connection, fingerprint: str) -> dict[str, str]:
    """Digests, by table, of the rows that belong to no batch."""
    return dict(_one(conn, "SELECT farm_digests FROM aquadata.run WHERE fingerprint = %s", fingerprint) or {})


def batch_states(conn: Connection, fingerprint: str) -> dict[int, BatchState]:
    """The state of every batch of a run, by its number."""
    rows = conn.execute("SELECT number, state FROM aquadata.batch WHERE fingerprint = %s", (fingerprint,)).fetchall()
    return {number: BatchState(state) for number, state in rows}


def batch_digests(conn: Connection, fingerprint: str) -> list[tuple[int, dict[str, str]]]:
    """(number, digests by table) of every built batch, in order of number."""
    rows = conn.execute(
        "SELECT number, digests FROM aquadata.batch WHERE fingerprint = %s AND state = %s ORDER BY number",
        (fingerprint, BatchState.BUILT),
    ).fetchall()
    return [(number, dict(digests)) for number, digests in rows]


def rows_by_table(conn: Connection, fingerprint: str) -> dict[str, int]:
    """Rows of the built batches by table, as they were counted while being copied; tables without any are left out."""
    rows = conn.execute(
        "SELECT key, sum(value::bigint)::bigint FROM aquadata.batch, jsonb_each_text(rows) "
        "WHERE fingerprint = %s AND state = %s GROUP BY key ORDER BY key",
        (fingerprint, BatchState.BUILT),
    ).fetchall()
    return {table: count for table, count in rows if count}


def batch_built(
    conn: Connection,
    fingerprint: str,
    number: int,
    rows: Mapping[str, int],
    digests: Mapping[str, str],
    seconds: float,
    builder: str,
) -> None:
    """Enter a batch as built, and by whom, inside the transaction that writes its rows."""
    conn.execute(
        "UPDATE aquadata.batch SET state = %s, stale = false, rows = %s, digests = %s, seconds = %s, builder = %s, "
        "error = NULL, failed_in = NULL, updated_at = clock_timestamp() WHERE fingerprint = %s AND number = %s",
        (BatchState.BUILT, Jsonb(dict(rows)), Jsonb(dict(digests)), seconds, builder, fingerprint, number),
    )


def batch_failed(
    conn: Connection, fingerprint: str, number: int, error: str, failed_in: str | None = None, builder: str | None = None
) -> None:
    """Enter a batch as failed: the error, the step in which it came up, and whose; its rows are rolled back."""
    conn.execute(
        "UPDATE aquadata.batch SET state = %s, error = %s, failed_in = %s, builder = %s, updated_at = clock_timestamp() "
        "WHERE fingerprint = %s AND number = %s AND state <> %s",
        (BatchState.FAILED, error, failed_in, builder, fingerprint, number, BatchState.BUILT),
    )


def add_phases(conn: Connection, fingerprint: str, seconds: Mapping[str, float]) -> None:
    """Add the seconds that a session spent in each phase to those of the sessions before it."""
    with conn.transaction():
        row = conn.execute("SELECT phases FROM aquadata.run WHERE fingerprint = %s FOR UPDATE", (fingerprint,)).fetchone()
        if row is not None:
            total = row[0] | {phase: row[0].get(phase, 0.0) + spent for phase, spent in seconds.items()}
            conn.execute("UPDATE aquadata.run SET phases = %s WHERE fingerprint = %s", (Jsonb(total), fingerprint))


def plan_again(conn: Connection, fingerprint: str, again: Collection[str]) -> None:
    """Take up what a session has to do once more, before its first step: failed batches, and built ones that it is asked to build `again`.

    again: names of batches. Their rows stay until each is built; whoever waits for all batches waits for these too.
    """
    with conn.transaction():
        conn.execute(
            "UPDATE aquadata.batch SET state = %s WHERE fingerprint = %s AND state = %s",
            (BatchState.PLANNED, fingerprint, BatchState.FAILED),
        )
        marked = conn.execute(
            "UPDATE aquadata.batch SET state = %s, stale = true WHERE fingerprint = %s AND name = ANY(%s) AND state = %s",
            (BatchState.PLANNED, fingerprint, list(again), BatchState.BUILT),
        ).rowcount
        if marked:
            conn.execute(
                "UPDATE aquadata.run SET state = %s, digest = NULL WHERE fingerprint = %s AND state = %s",
                (RunState.PREPARED, fingerprint, RunState.FINISHED),
            )


def rows_there(conn: Connection, fingerprint: str) -> dict[int, dict[str, int]]:
    """Rows by table of every batch that the database holds rows of, by its number: the built ones, and those to be built again."""
    rows = conn.execute(
        "SELECT number, rows FROM aquadata.batch WHERE fingerprint = %s AND (state = %s OR stale)", (fingerprint, BatchState.BUILT)
    ).fetchall()
    return {number: dict(counts) for number, counts in rows}


def wiped(conn: Connection, fingerprint: str, numbers: Collection[int] | None) -> None:
    """Note that the rows of these batches are gone; None: of all of them, and that the run is to be prepared again."""
    conn.execute(
        "UPDATE aquadata.batch SET state = %s, stale = false, rows = '{}', digests = '{}', seconds = NULL, error = NULL, "
        "updated_at = clock_timestamp() WHERE fingerprint = %s AND (%s::integer[] IS NULL OR number = ANY(%s))",
        (BatchState.PLANNED, fingerprint, None if numbers is None else list(numbers), None if numbers is None else list(numbers)),
    )
    if numbers is None:
        conn.execute(
            "UPDATE aquadata.run SET state = %s, offsets = '{}', changed = '{}', farm_digests = '{}', digest = NULL, "
            "finished_at = NULL WHERE fingerprint = %s",
            (RunState.PREPARING, fingerprint),
        )
    elif numbers:
        conn.execute(
            "UPDATE aquadata.run SET state = %s, digest = NULL, finished_at = NULL WHERE fingerprint = %s",
            (RunState.PREPARED, fingerprint),
        )


def resolved_scenario(conn: Connection, fingerprint: str) -> dict[str, Any]:
    """The resolved text of a run's scenario."""
    return dict(_one(conn, "SELECT resolved FROM aquadata.run WHERE fingerprint = %s", fingerprint) or {})


def is_stale(conn: Connection, fingerprint: str, number: int) -> bool:
    """Whether rows of the batch are there that have to go before it is built."""
    return _one(conn, "SELECT stale FROM aquadata.batch WHERE fingerprint = %s AND number = %s", fingerprint, number) is True


def take_run(conn: Connection) -> bool:
    """Claim the database for this session, until its connection ends; False when a live run holds it."""
    return _one(conn, "SELECT pg_try_advisory_lock(%s, %s)", _CLASS, _RUN) is True


def end_predecessors(conn: Connection, application: str) -> int:
    """End what backends of a dead run still work in this database; the caller holds the run. Returns how many there were."""
    # with a time limit the function returns when the backend is gone, and not when it has been told to go
    rows = conn.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE %s",
        (application + " %",),
    ).fetchall()
    return len(rows)


def hold_structure(conn: Connection) -> None:
    """Wait for, and hold to the end of the connection, the right to prepare or finish."""
    conn.execute("SELECT pg_advisory_lock(%s, %s)", (_CLASS, _STRUCTURE))


def begin_building(conn: Connection) -> bool:
    """Be known as a builder to the end of the connection; the caller holds the structure. Returns whether there was no other one."""
    alone = _one(conn, "SELECT pg_try_advisory_lock(%s, %s)", _CLASS, _BUILDING) is True
    conn.execute("SELECT pg_advisory_lock_shared(%s, %s)", (_CLASS, _BUILDING))
    if alone:
        conn.execute("SELECT pg_advisory_unlock(%s, %s)", (_CLASS, _BUILDING))
    return alone


def join_building(conn: Connection, fingerprint: str) -> bool:
    """Be known as a builder to the end of the connection, once nobody prepares or finishes. Returns whether the run is prepared."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_CLASS, _STRUCTURE))
        conn.execute("SELECT pg_advisory_lock_shared(%s, %s)", (_CLASS, _BUILDING))
        return run_state(conn, fingerprint) in (RunState.PREPARED, RunState.FINISHED)


def lock_batch(conn: Connection, number: int) -> None:
    """Hold off every other session's build of the batch to the end of the transaction."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_BATCH_CLASS, number))


def _one(conn: Connection, query: str, *values: object) -> Any:
    row = conn.execute(query.encode(), values or None).fetchone()
    return None if row is None else row[0]
