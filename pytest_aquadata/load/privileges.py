"""What the role at hand may do on a server of the user's own: asked before the first write, and named where it is too little."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import AquadataError

_NAMED = 3
"""Tables that a message names at the most."""

# An index is made again by who owns its table and may create in its schema; a key by who owns its table and may refer to the other. The
# table that is referred to is locked meanwhile, so it has to be one's own as well.
_OWN = """
SELECT t.name, coalesce(bool_and(
    pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE')
), true)
FROM unnest(%s::text[]) WITH ORDINALITY AS t(name, at)
LEFT JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.conrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(t.name))
LEFT JOIN pg_catalog.pg_class c ON c.oid IN (pg_catalog.to_regclass(pg_catalog.quote_ident(t.name)), k.confrelid)
GROUP BY t.name, t.at ORDER BY t.at
"""
_FILL = """
SELECT t.name FROM unnest(%s::text[]) WITH ORDINALITY AS t(name, at)
WHERE NOT (pg_catalog.has_table_privilege(pg_catalog.quote_ident(t.name), 'INSERT')
           AND pg_catalog.has_table_privilege(pg_catalog.quote_ident(t.name), 'SELECT'))
ORDER BY t.at
"""
_CREATE = """
SELECT pg_catalog.current_database(),
       CASE WHEN n.oid IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
            ELSE pg_catalog.has_schema_privilege(n.oid, 'CREATE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') END,
       n.oid IS NOT NULL,
       coalesce(pg_catalog.has_schema_privilege(pg_catalog.current_schema(), 'CREATE'), false),
       coalesce(pg_catalog.current_schema(), 'public')
FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = %s
"""


def role(conn: psycopg.Connection[Any]) -> str:
    """The role that the connection acts as."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT current_user::text").fetchone()
    return row[0] if row else ""


def split(conn: psycopg.Connection[Any], tables: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of the tables whose indexes and keys the role may drop and make again, and the others."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_OWN, [list(tables)]).fetchall()
    return [name for name, own in rows if own], [name for name, own in rows if not own]


def some(names: Sequence[str]) -> str:
    """Names in a sentence: a few, and how many more."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def refuse_to_fill(conn: psycopg.Connection[Any], tables: Iterable[str]) -> None:
    """Look whether the role may write and read the tables.

    Raises:
        AquadataError: it may not; the message names the tables and the statement that would change it.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        closed = [name for (name,) in cursor.execute(_FILL, [list(tables)])]
    if closed:
        name = role(conn)
        grant = sql.SQL("GRANT SELECT, INSERT ON {} TO {}").format(
            sql.SQL(", ").join([sql.Identifier(table) for table in closed]), sql.Identifier(name)
        )
        raise AquadataError(f"the role '{name}' may not fill {some(closed)}\n    {grant.as_string(conn)}")


def refuse_to_create(conn: psycopg.Connection[Any], schema: str) -> None:
    """Look whether the role may make the application's tables, and the ledger in `schema`.

    Raises:
        AquadataError: it may not; the message has the statements that would change it.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_CREATE, [schema]).fetchone()
    assert row is not None
    database, ledger, exists, application, public = row
    who = sql.Identifier(role(conn))
    grants = []
    if not ledger:
        where = sql.SQL("SCHEMA {}").format(sql.Identifier(schema)) if exists else sql.SQL("DATABASE {}").format(sql.Identifier(database))
        grants.append(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL("USAGE, CREATE" if exists else "CREATE"), where, who))
    if not application:
        grants.append(sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(sql.Identifier(public), who))
    if grants:
        raise AquadataError(
            "\n    ".join([f"the role '{role(conn)}' may not create tables in '{database}'", *(grant.as_string(conn) for grant in grants)])
        )
