"""Taking away what a scenario built, and only that: all of it, or some batches.

One transaction with the ledger's entries: a wipe that is killed has removed nothing. Tables that hold nothing else are truncated, which
takes no longer for millions of rows than for one; from the others rows are deleted by their ids. The world and the master data stay, and
so do rows of others; where such a row needs one that would go, the wipe is refused. TRUNCATE never cascades.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import ledger
from pytest_aquadata.load.binding import Binding
from pytest_aquadata.load.build import primary_key
from pytest_aquadata.load.catalogue import find_table
from pytest_aquadata.load.going import Going, rows_going
from pytest_aquadata.load.ledger import Connection, RunState
from pytest_aquadata.load.prepare import bound
from pytest_aquadata.load.referring import Reference, constraints, in_the_way, let_go, references, take_along
from pytest_aquadata.load.waiting import changing, explained
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.streams import feed_stock

_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wiped:
    """What a wipe removed: the batches that were there, by name, and rows by table (of truncated tables as the ledger counted them)."""

    batches: tuple[str, ...]
    rows: Mapping[str, int]


def wipe(conn: Connection, plan: Plan, fingerprint: str, names: Collection[str] = ()) -> Wiped:
    """Remove all that the run built; with `names`, the rows of these batches alone. Django has to be set up.

    After a full wipe the world and master data are there, and the run is to be prepared again; after one of some batches these are planned.
    Feed purchases and stock belong to the farm and go with all of it only.

    Raises:
        AquadataError: rows that are not the scenario's refer to what would go, or another session keeps a table locked.
    """
    if ledger.run_state(conn, fingerprint) not in (RunState.PREPARED, RunState.FINISHED):
        return Wiped((), {})
    with conn.transaction():
        counted = ledger.rows_there(conn, fingerprint)
        batches = [batch for batch in plan.simulation.batches if batch.number in counted and (not names or batch.name in names)]
        if names and not batches:
            return Wiped((), {})
        binding = bound(conn, plan)
        going = rows_going(conn, plan, ledger.run_ids(conn, fingerprint), batches, with_feed=not names)
        oids = [find_table(conn, table).oid for table in going]
        # every name is qualified from here on: these transactions have no search_path
        with explained(conn, oids, _LOCK_SECONDS), changing(conn, _LOCK_SECONDS):
            for table in sorted(going):
                conn.execute(sql.SQL("LOCK TABLE {}").format(going[table].layout.identifier))
            keys = references(going)
            whole = _settle(conn, going, keys)
            rows = {table: _counted(entry, [counted[batch.number] for batch in batches]) for table, entry in going.items()}
            # first, as a table with triggers still to be fired cannot be truncated
            _forget(conn, binding, going)
            _truncate(conn, whole, restart=not names)
            let_go(conn, going, [key for key in keys if key.table not in whole])
            rows |= _delete(conn, [entry for table, entry in going.items() if table not in whole and entry], restart=not names)
            ledger.wiped(conn, fingerprint, [batch.number for batch in batches] if names else None)
    return Wiped(tuple(batch.name for batch in batches), {table: number for table, number in rows.items() if number})


def _counted(entry: Going, built: Sequence[Mapping[str, int]]) -> int:
    """Rows of a table that go, without counting millions: what the ledger says of its batches, for the feed stock its span."""
    if entry.name in feed_stock.TABLES:
        return sum(last - first + 1 for first, last in entry.spans) + len(entry.more)
    return sum(rows.get(entry.name, 0) for rows in built) + len(entry.more)


def _settle(conn: Connection, going: Mapping[str, Going], keys: Sequence[Reference]) -> dict[str, Going]:
    """Find out all that goes, refuse what may not, and return the tables of which no row stays and that can be truncated."""
    # statistics may be older than the load, and say that every row of a table lies in a gap
    conn.execute("SET LOCAL enable_seqscan = off")
    outside, inside = constraints(conn, going)
    take_along(conn, going, keys)
    if lines := in_the_way(conn, going, keys, outside):
        listed = "\n".join(f"    {line}" for line in lines)
        raise AquadataError(
            f"nothing was removed: rows that are not the scenario's need rows that would go\n{listed}\n    delete them first"
        )
    conn.execute("SET CONSTRAINTS ALL DEFERRED")
    whole = {table: entry for table, entry in going.items() if not _any_stays(conn, entry)}
    # a table that another one refers to can only be truncated together with it
    referred = [(None, other.target) for other in outside] + [(table, target) for table, target in inside]
    while kept := {target for table, target in referred if target in whole and table not in whole}:
        whole = {table: entry for table, entry in whole.items() if table not in kept}
    return whole


def _any_stays(conn: Connection, entry: Going) -> bool:
    query = sql.SQL("SELECT FROM {} WHERE {} LIMIT 1").format(entry.layout.identifier, entry.stays())
    return conn.execute(query).fetchone() is not None


def _forget(conn: Connection, binding: Binding | None, going: Mapping[str, Going]) -> None:
    """Take what a build entered in an application's history tables away with the rows."""
    for table in binding.tables.values() if binding is not None else ():
        if table.history is not None and (entry := going.get(table.layout.table)):
            table.history.forget(conn, entry.holds(entry.key))


def _truncate(conn: Connection, whole: Mapping[str, Going], restart: bool) -> None:
    if whole:
        names = sql.SQL(", ").join(entry.layout.identifier for entry in whole.values())
        conn.execute(sql.SQL("TRUNCATE {} {} RESTRICT").format(names, sql.SQL("RESTART IDENTITY" if restart else "CONTINUE IDENTITY")))


def _delete(conn: Connection, entries: Sequence[Going], restart: bool) -> dict[str, int]:
    """Delete rows where others stay; with `restart`, sequences go on behind those. Returns rows by table."""
    removed = {}
    for entry in entries:
        query = sql.SQL("DELETE FROM {} WHERE {}").format(entry.layout.identifier, entry.holds(entry.key))
        removed[entry.name] = conn.execute(query).rowcount
    for entry in entries if restart else ():
        _restart(conn, entry)
    return removed


def _restart(conn: Connection, entry: Going) -> None:
    """Let ids go on behind the last row; unlike setval this is undone with the transaction."""
    row = conn.execute(
        sql.SQL("SELECT pg_get_serial_sequence({}, {}), coalesce(max({}), 0) + 1 FROM {}").format(
            entry.layout.identifier.as_string(conn), primary_key(entry.layout), entry.key, entry.layout.identifier
        )
    ).fetchone()
    if row and row[0] is not None:
        conn.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH {}").format(sql.SQL(row[0]), row[1]))
