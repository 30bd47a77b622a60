"""Databases as a whole: copied from one another, named, dropped. The connection is to some other database of the same server.

A copy is made of files where the server can do that (PostgreSQL 15), by cloning them where it and the file system can (18). What
``CREATE DATABASE`` does not copy, the settings of the database, is set again.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import conninfo, sql

from pytest_aquadata.errors import AquadataError, LoadWarning
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.run import connect

_SETTINGS = """
SELECT coalesce(r.rolname::text, ''), c.entry
FROM pg_catalog.pg_db_role_setting s
JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS c(entry, at)
WHERE d.datname = %s ORDER BY 1, c.at
"""


def exists(conn: Connection, name: str) -> bool:
    """Whether the server has such a database."""
    return conn.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def names(conn: Connection, prefix: str) -> list[str]:
    """The databases whose names begin with `prefix`."""
    return [name for (name,) in conn.execute("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, %s)", (prefix,))]


def copy(conn: Connection, source: str, name: str) -> None:
    """Make the database `name`, equal to `source` with its settings.

    Raises:
        AquadataError: somebody is connected to the source, or this role may not make databases.
    """
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
    try:
        if conn.info.server_version < 150_000:
            conn.execute(statement)
        else:
            _copy_files(conn, sql.SQL("{} STRATEGY FILE_COPY").format(statement))
    except psycopg.errors.ObjectInUse:
        raise AquadataError(f"database '{source}' cannot be copied while somebody is connected to it\n    close that connection") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise AquadataError(f"database '{source}' cannot be copied: {error.diag.message_primary}") from None
    _set_again(conn, source, name)


def _copy_files(conn: Connection, statement: sql.Composed) -> None:
    if conn.info.server_version >= 180_000:
        try:
            conn.execute("SET file_copy_method = clone")
            conn.execute(statement)
            return
        except (psycopg.errors.InvalidParameterValue, psycopg.errors.SystemError, psycopg.errors.FeatureNotSupported):
            conn.execute("SET file_copy_method = copy")  # the platform or the file system has no clones
    conn.execute(statement)


def _set_again(conn: Connection, source: str, name: str) -> None:
    """Give a copy the settings of its source: those of the database, and of roles in it."""
    settings = conn.execute(_SETTINGS, (source,)).fetchall()
    if not settings:
        return
    # a connection of its own: to set a value here is the one way to hand it on as it is, lists and quotes included
    with connect(conninfo.make_conninfo(conn.info.dsn, password=conn.info.password or None), "settings") as other:
        refused = []
        for role, entry in settings:
            setting, _, value = entry.partition("=")
            whose = sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), sql.Identifier(name)) if role else None
            target = whose or sql.SQL("DATABASE {}").format(sql.Identifier(name))
            place = sql.SQL(".").join(map(sql.Identifier, setting.split(".")))
            try:
                other.execute("SELECT pg_catalog.set_config(%s, %s, false)", (setting, value))
                other.execute(sql.SQL("ALTER {} SET {} FROM CURRENT").format(target, place))
            except psycopg.errors.InsufficientPrivilege:
                refused.append(f"{setting} of role {role}" if role else setting)
        if refused:
            warnings.warn(
                f"settings of '{source}' that this role may not set are not copied: {', '.join(refused)}", LoadWarning, stacklevel=2
            )


def drop(conn: Connection, name: str, force: bool = True) -> None:
    """Drop a database, whoever is connected to it unless not by `force`; nothing where it does not exist.

    Raises:
        psycopg.errors.ObjectInUse: somebody is connected to it, and `force` is off.
    """
    if exists(conn, name):
        place = sql.Identifier(name)
        conn.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(place))
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}{}").format(place, sql.SQL(" WITH (FORCE)" if force else "")))


def rename(conn: Connection, name: str, new: str) -> None:
    """Rename a database that nobody is connected to."""
    conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))


def describe(conn: Connection, name: str, note: Mapping[str, str]) -> None:
    """Write a note on a database, by which `described` finds it."""
    conn.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(json.dumps({"aquadata": dict(note)}))))


def described(conn: Connection) -> dict[str, dict[str, Any]]:
    """Databases with a note of ours and that note, by name."""
    rows = conn.execute(
        "SELECT datname::text, pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database ORDER BY 1"
    ).fetchall()
    notes = {}
    for name, text in rows:
        if text and text.startswith('{"aquadata"'):
            notes[name] = json.loads(text)["aquadata"]
    return notes


def set_default(conn: Connection, name: str, setting: str, value: str) -> None:
    """Set a setting for all later connections to a database."""
    conn.execute(sql.SQL("ALTER DATABASE {} SET {} = {}").format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)))
