"""Who may do what in a database at a time: advisory locks, which the server lets go of with the connection of whoever is killed."""

from __future__ import annotations

from pytest_aquadata.load.ledger import Connection, RunState, run_state

_CLASS = 0x41717561
"""First half of every advisory lock of this package ("Aqua")."""
_RUN, _STRUCTURE, _BUILDING = 1, 2, 3
_BATCH_CLASS = _CLASS + 1


def take_run(conn: Connection) -> bool:
    """Claim the database for this session, until its connection ends; False when a live run holds it."""
    return _try(conn, _RUN)


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
    alone = _try(conn, _BUILDING)
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


def _try(conn: Connection, what: int) -> bool:
    """Take a lock to the end of the connection; False when another session holds it."""
    return conn.execute("SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, what)).fetchone() == (True,)
