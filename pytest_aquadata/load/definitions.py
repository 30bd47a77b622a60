"""The written record of indexes and foreign keys that are set aside: ``aquadata.deferred``.

An entry holds the statements that bring its index or key back, made by the server itself from its catalogue while the
search_path was ``pg_catalog``, so that every name in them is qualified and they mean the same whoever runs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import class_row, tuple_row

_TABLE = """
CREATE SCHEMA IF NOT EXISTS aquadata;
CREATE TABLE IF NOT EXISTS aquadata.deferred (
    table_schema text NOT NULL,
    table_name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('index', 'foreign key')),
    name text NOT NULL,
    definition text NOT NULL,
    tablespace text NOT NULL,
    create_statement text NOT NULL,
    validate_statement text,
    finish_statements text[] NOT NULL,
    PRIMARY KEY (table_schema, table_name, kind, name)
);
"""
# Statistics targets are those of expression columns; the server keeps the others with the table.
_INDEXES = """
SELECT n.nspname AS table_schema, t.relname AS table_name, 'index' AS kind, i.relname AS name,
       pg_get_indexdef(i.oid) AS definition, coalesce(s.spcname, '') AS tablespace,
       pg_get_indexdef(i.oid) AS create_statement, NULL AS validate_statement,
       array_remove(ARRAY[
           CASE WHEN x.indisclustered
                THEN format('ALTER TABLE %%I.%%I CLUSTER ON %%I', n.nspname, t.relname, i.relname) END,
           format('COMMENT ON INDEX %%I.%%I IS ', n.nspname, i.relname)
               || quote_literal(obj_description(i.oid, 'pg_class'))
       ], NULL) || ARRAY(
           SELECT format('ALTER INDEX %%I.%%I ALTER COLUMN %%s SET STATISTICS %%s',
                         n.nspname, i.relname, a.attnum, a.attstattarget)
           FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0 ORDER BY a.attnum
       ) AS finish_statements,
       format('DROP INDEX %%I.%%I', n.nspname, i.relname) AS drop_statement
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
WHERE x.indrelid = ANY(%(tables)s) AND x.indisvalid AND i.relkind = 'i' AND NOT i.relispartition
      AND NOT (x.indisprimary OR x.indisunique OR x.indisexclusion OR x.indisreplident)
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)
"""
# A key comes back NOT VALID at once and is validated after: that way the long part locks neither readers nor writers
# out.
_KEYS = """
SELECT n.nspname AS table_schema, t.relname AS table_name, 'foreign key' AS kind, c.conname AS name,
       pg_get_constraintdef(c.oid) AS definition, '' AS tablespace,
       format('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s', n.nspname, t.relname, c.conname,
              pg_get_constraintdef(c.oid) || CASE WHEN c.convalidated THEN ' NOT VALID' ELSE '' END) AS
              create_statement,
       CASE WHEN c.convalidated
            THEN format('ALTER TABLE %%I.%%I VALIDATE CONSTRAINT %%I', n.nspname, t.relname, c.conname)
       END AS validate_statement,
       array_remove(ARRAY[
           format('COMMENT ON CONSTRAINT %%I ON %%I.%%I IS ', c.conname, n.nspname, t.relname)
               || quote_literal(obj_description(c.oid, 'pg_constraint'))
       ], NULL) AS finish_statements,
       format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I', n.nspname, t.relname, c.conname) AS drop_statement
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid = ANY(%(tables)s)
      AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled <> 'O')
"""
# A validated key that an interrupted restore brought back NOT VALID keeps the entry that says it was valid. Everything
# else that exists again under a recorded name is the newer truth.
_RECORD = """
INSERT INTO aquadata.deferred AS d
SELECT table_schema, table_name, kind, name, definition, tablespace, create_statement, validate_statement,
       finish_statements
FROM ({}) AS found
ON CONFLICT (table_schema, table_name, kind, name) DO UPDATE
SET definition = excluded.definition, tablespace = excluded.tablespace, create_statement = excluded.create_statement,
    validate_statement = excluded.validate_statement, finish_statements = excluded.finish_statements
WHERE d.kind = 'index' OR d.definition || ' NOT VALID' <> excluded.definition
"""
_RECORDED = """
SELECT table_schema, table_name, kind, name, definition, tablespace, create_statement, validate_statement,
       finish_statements
FROM aquadata.deferred
ORDER BY pg_catalog.pg_relation_size(pg_catalog.to_regclass(
             pg_catalog.quote_ident(table_schema) || '.' || pg_catalog.quote_ident(table_name))) DESC NULLS LAST,
         table_schema, table_name, kind, name
"""
_CURRENT = {
    "index": """
SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE n.nspname = %(schema)s AND i.relname = %(name)s
""",
    "foreign key": """
SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = %(schema)s AND t.relname = %(table)s AND c.conname = %(name)s
""",
}
NOT_VALID = " NOT VALID"


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry: an index or a foreign key that is to come back.

    definition: what the catalogue said it was. create_statement makes it, validate_statement (keys that were valid)
    makes a key valid, finish_statements add what goes with it (comment, clustering, statistics targets).
    """

    table_schema: str
    table_name: str
    kind: Literal["index", "foreign key"]
    name: str
    definition: str
    tablespace: str
    create_statement: str
    validate_statement: str | None
    finish_statements: list[str]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.table_schema}.{self.table_name}"

    @property
    def key(self) -> dict[str, str]:
        """What tells the entry from others."""
        return {"schema": self.table_schema, "table": self.table_name, "kind": self.kind, "name": self.name}


def exists(conn: psycopg.Connection[Any]) -> bool:
    """Whether this database has a record at all."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute("SELECT pg_catalog.to_regclass('aquadata.deferred')").fetchone() != (None,)


def bared(conn: psycopg.Connection[Any]) -> list[str]:
    """The tables that miss something and still exist, as "schema.name"."""
    if not exists(conn):
        return []
    with conn.cursor(row_factory=tuple_row) as cursor:
        query = (
            "SELECT DISTINCT table_schema || '.' || table_name FROM aquadata.deferred "
            "WHERE pg_catalog.to_regclass(pg_catalog.quote_ident(table_schema) || '.' || pg_catalog.quote_ident(table_name)) IS NOT NULL"
        )
        return [name for (name,) in cursor.execute(query)]


def record(conn: psycopg.Connection[Any], tables: Sequence[int]) -> list[str]:
    """Write down what is to be set aside of the tables (oids), and return the statements that drop it: keys first.

    Wants a transaction whose search_path is ``pg_catalog``, and the tables locked.
    """
    if not exists(conn):  # who may write there need not be one who may create schemas
        conn.execute(_TABLE)
    drops: list[str] = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for query in (_KEYS, _INDEXES):
            cursor.execute(_RECORD.format(query), {"tables": list(tables)})
            cursor.execute(f"SELECT drop_statement FROM ({query}) AS found", {"tables": list(tables)})
            drops += [drop for (drop,) in cursor]
    return drops


def recorded(conn: psycopg.Connection[Any]) -> list[Definition]:
    """Every entry, those of the largest tables first."""
    with conn.cursor(row_factory=class_row(Definition)) as cursor:
        return cursor.execute(_RECORDED).fetchall()


def current(conn: psycopg.Connection[Any], definition: Definition) -> str | None:
    """The catalogue's definition of what has the entry's name now; None when nothing has. Wants search_path
    ``pg_catalog``."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_CURRENT[definition.kind], definition.key).fetchone()
    return row[0] if row else None


def has_table(conn: psycopg.Connection[Any], definition: Definition) -> bool:
    """Whether the entry's table is still there."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        query = "SELECT to_regclass(quote_ident(%(schema)s) || '.' || quote_ident(%(table)s))"
        return cursor.execute(query, definition.key).fetchone() != (None,)


def forget(conn: psycopg.Connection[Any], definition: Definition) -> None:
    """Cross an entry out."""
    conn.execute(
        "DELETE FROM aquadata.deferred WHERE table_schema = %(schema)s AND table_name = %(table)s AND kind = %(kind)s AND name = %(name)s",
        definition.key,
    )


def execute(conn: psycopg.Connection[Any], statement: str) -> None:
    """Run a statement that the server itself made."""
    # As bytes it would reach a server that speaks another encoding than UTF-8 unconverted.
    conn.execute(sql.SQL(statement))


def pending(conn: psycopg.Connection[Any]) -> int:
    """How many indexes and foreign keys are waiting to come back; 0 in a database that never had any set aside."""
    if not exists(conn):
        return 0
    with conn.cursor(row_factory=tuple_row) as cursor:
        (count,) = cursor.execute("SELECT count(*) FROM aquadata.deferred").fetchone() or (0,)
    return int(count)
