"""Farms that are built once and copied: a template database for each scenario, version of this package and state of a database.

The state is what the application's own test database holds before its first test: its schema to the last index, and its rows. Another
migration, another row of a data migration or another version of the package is another key, so a stale template is never found, and goes
as soon as its successor is there. A template is built under another name and renamed when it is whole: what was killed half-way is never
taken for one. Whoever needs the same template meanwhile waits for a lock.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import conninfo, sql

from pytest_aquadata.load import databases
from pytest_aquadata.load.ledger import SCHEMA, Connection
from pytest_aquadata.load.run import connect

_CLASS = 0x41717463
"""First half of the advisory locks of templates ("Aqtc"); the second is from the key."""

KEPT_FOR, KEPT = timedelta(days=30), 10
"""How long a template is kept after its last use, and how many a project keeps; one that was used within a day always stays."""

_TEMPLATE, _UNFINISHED = "aquadata_template_", "aquadata_unfinished_"

_OTHERS = f"n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema', 'pg_toast', '{SCHEMA}'])"
_SCHEMA = f"""
SELECT format('column %s.%s.%s %s %s %s %s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
              pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE {_OTHERS} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT format('constraint %s.%s %s', n.nspname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {_OTHERS}
UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid))
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OTHERS}
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OTHERS} AND NOT t.tgisinternal
UNION ALL SELECT format('view %s.%s %s', n.nspname, c.relname, pg_get_viewdef(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OTHERS} AND c.relkind IN ('v', 'm')
UNION ALL SELECT format('function %s.%s(%s) %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), md5(p.prosrc))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OTHERS}
UNION ALL SELECT format('extension %s %s', extname, extversion) FROM pg_extension
ORDER BY 1
"""
# What a data migration fills in anew each time it runs says nothing about which rows there are.
_CONTENTS = f"""
SELECT n.nspname::text, c.relname::text,
       coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (
           WHERE t.typname NOT IN ('timestamptz', 'timestamp', 'date', 'time', 'uuid') AND a.attname <> 'password'), '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_type t ON t.oid = a.atttypid
WHERE {_OTHERS} AND c.relkind = 'r' GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A template database. seconds: how long it took to find it, or to build it where `built`."""

    name: str
    seconds: float
    built: bool


def state_of(conn: Connection) -> str:
    """Digest of what a database holds: its schema, and its rows but for moments, UUIDs and passwords."""
    digest = hashlib.blake2b(digest_size=16)
    for (line,) in conn.execute(_SCHEMA).fetchall():
        digest.update(f"{line}\n".encode())
    for schema, table, columns in conn.execute(_CONTENTS).fetchall():
        rows = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL("SELECT count(*), sum(hashtextextended(ROW({})::text, 0)::numeric) FROM {}")
        digest.update(f"{schema}.{table} {conn.execute(query.format(rows, sql.Identifier(schema, table))).fetchone()}\n".encode())
    return digest.hexdigest()


def key_of(fingerprint: str, state: str) -> str:
    """What a template is known by: the run (scenario and version of this package) and the state that it was built upon."""
    return hashlib.blake2b(f"{fingerprint} {state}".encode(), digest_size=8).hexdigest()


def ensure(
    conn: Connection,
    source: str,
    project: str,
    scenario: str,
    fingerprint: str,
    build: Callable[[str], object],
) -> Template:
    """Find the template of a scenario upon the state of the database `source`, or build it.

    conn: to another database of the same server. Nobody may be connected to the source. project: whose test database it is; older
    templates of the same project and scenario are dropped. build: builds the farm into the database at an address.

    Raises:
        AquadataError: the source cannot be copied, or what `build` raises; then there is no template.
    """
    started = time.perf_counter()
    with connect(_at(conn, source), "state") as other:
        key = key_of(fingerprint, state_of(other))
    name, unfinished = _TEMPLATE + key, _UNFINISHED + key
    conn.execute("SELECT pg_advisory_lock(%s, %s)", (_CLASS, _lock_of(key)))
    try:
        if fresh := not databases.exists(conn, name):
            databases.drop(conn, unfinished)
            databases.copy(conn, source, unfinished)
            try:
                build(_at(conn, unfinished))
                _note(conn, unfinished, project, scenario)
                place = sql.Identifier(unfinished)
                conn.execute(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false").format(place))
                databases.rename(conn, unfinished, name)
            except BaseException:
                databases.drop(conn, unfinished)
                raise
            _clean(conn, name, project, scenario)
        else:
            # another role's template says nothing of this use
            with suppress(psycopg.errors.InsufficientPrivilege):
                _note(conn, name, project, scenario)
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s, %s)", (_CLASS, _lock_of(key)))
    return Template(name, time.perf_counter() - started, fresh)


def _lock_of(key: str) -> int:
    """The second half of a key's advisory lock, a whole number of four bytes."""
    return int(key[:7], 16)


def _at(conn: Connection, name: str) -> str:
    """The address of another database of the same server, as the same role."""
    return conninfo.make_conninfo(conn.info.dsn, dbname=name, password=conn.info.password or None)


def _note(conn: Connection, name: str, project: str, scenario: str) -> None:
    """Write down whose a template is and that it is used now, by the server's clock."""
    databases.describe(conn, name, {"kind": "template", "project": project, "scenario": scenario, "used": _now(conn).isoformat()})


def _now(conn: Connection) -> datetime:
    row = conn.execute("SELECT now()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def _used(note: Mapping[str, Any], now: datetime) -> datetime:
    return datetime.fromisoformat(note["used"]) if "used" in note else now


def remove_all(conn: Connection) -> tuple[list[str], list[str]]:
    """Drop every template and copy on the server, of all projects. Returns what was dropped, and what is in use and stays."""
    gone, left = [], []
    ours = {name for name, note in databases.described(conn).items() if note.get("kind") in ("template", "copy")}
    for name in sorted({*ours, *databases.names(conn, _UNFINISHED)}):
        try:
            databases.drop(conn, name, force=False)
            gone.append(name)
        except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
            left.append(name)
    return gone, left


def _clean(conn: Connection, keep: str, project: str, scenario: str) -> None:
    """Drop the templates that `keep` has replaced, those that nobody uses any more, and what builds that were killed have left."""
    now = _now(conn)
    there = {name: note for name, note in databases.described(conn).items() if note.get("kind") == "template" and name != keep}
    going = [name for name, note in there.items() if (note["project"], note["scenario"]) == (project, scenario)]
    going += [name for name, note in there.items() if now - _used(note, now) > KEPT_FOR]
    mine = sorted((name for name in there if there[name]["project"] == project), key=lambda name: _used(there[name], now), reverse=True)
    going += [name for name in mine[KEPT - 1 :] if now - _used(there[name], now) > timedelta(days=1)]
    for name in dict.fromkeys(going):
        # another role's are its own to drop
        with suppress(psycopg.errors.InsufficientPrivilege):
            databases.drop(conn, name)
    for name in databases.names(conn, _UNFINISHED):
        # whoever still builds it holds its lock
        lock = (_CLASS, _lock_of(name.removeprefix(_UNFINISHED)))
        if name != keep.replace(_TEMPLATE, _UNFINISHED) and conn.execute("SELECT pg_try_advisory_lock(%s, %s)", lock).fetchone() == (True,):
            databases.drop(conn, name)
            conn.execute("SELECT pg_advisory_unlock(%s, %s)", lock)
