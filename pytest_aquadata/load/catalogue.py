"""What a table looks like to COPY: its columns and their exact types, read from the server's own catalogue.

The encoder has to know widths, scales and NOT NULL before it makes a byte, and the database at hand is the only truth
about them: an application's migrations may have moved on from the models that this package ships.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import AquadataError

_RELATION = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind IN ('r', 'p', 'f'),
       CASE WHEN c.relkind = 'p' THEN 'partitioned' WHEN c.relispartition THEN 'a partition' WHEN c.relkind = 'f' THEN 'a foreign table'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)) THEN 'inherited from' ELSE '' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(%s)
"""
# A hypertable looks like any table until it has chunks, which are tables that inherit from it.
_HYPERTABLES = "timescaledb_information.hypertables"
_HYPERTABLE = f"SELECT FROM {_HYPERTABLES} WHERE hypertable_schema = %s AND hypertable_name = %s"
# A type's name tells how to encode it only while it is PostgreSQL's own: another schema may have a "date" too.
_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypmod, a.attnotnull, a.atthasdef,
       a.attgenerated <> '', a.attidentity <> '',
       CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname::text ELSE '' END,
       a.attnum = k.conkey[1],
       a.attidentity <> '' OR pg_catalog.pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) IS NOT NULL
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """One column as the server declares it.

    type: the type's internal name ("int8", "numeric", "varchar" …); empty for a type that is not PostgreSQL's own.
    type_name: as SQL writes it, with its modifier ("numeric(10,4)").
    length: most characters of varchar(n) and char(n); None without a limit.
    precision, scale: of numeric(p,s); precision alone for the decimals of the seconds of time(p) and timestamp(p); None
        when not declared.
    generated: computed by the server, so that it cannot be sent.
    """

    name: str
    type: str
    type_name: str
    not_null: bool = False
    has_default: bool = False
    generated: bool = False
    identity: bool = False
    length: int | None = None
    precision: int | None = None
    scale: int | None = None

    @property
    def required(self) -> bool:
        """Whether every row must bring a value: NOT NULL and nothing that would supply one."""
        return self.not_null and not (self.has_default or self.generated or self.identity)


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table's columns in the order of the table, under the names that `schema` and `table` really have.

    key: the column that holds the table's ids: the first one of its primary key; while that is set aside, the one with a sequence.
    special: as of its `Relation`.
    """

    schema: str
    table: str
    columns: dict[str, ColumnLayout]
    key: str = ""
    special: str = ""

    @property
    def identifier(self) -> sql.Identifier:
        """The table for use in a statement, schema included, whatever the search_path."""
        return sql.Identifier(self.schema, self.table)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation found by name. special: what it is if it is more than a plain table: partitioned, a partition, a hypertable, …"""

    oid: int
    schema: str
    table: str
    special: str = ""

    @property
    def ordinary(self) -> bool:
        """Whether it is a plain table, whose indexes and keys are its own."""
        return not self.special


def find_table(conn: psycopg.Connection[Any], table: str) -> Relation:
    """The table called `table`: "name", looked for along the search_path, or "schema.name".

    Raises AquadataError when there is no such table, or when it is not a table that rows can be copied into.
    """
    schema, _, name = table.rpartition(".")
    parts = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_RELATION, [parts.as_string(conn)]).fetchone()
        if row is None:
            cursor.execute("SELECT pg_catalog.current_database(), pg_catalog.current_schemas(false)")
            database, path = cursor.fetchone() or ("", [])
            where = f"schema {schema}" if schema else f"the schemas searched ({', '.join(path) or 'none'})"
            raise AquadataError(f'The database "{database}" has no table {name} in {where}. Have its migrations run?')
    oid, schema, name, loadable, special = row
    if not loadable:
        raise AquadataError(f"{table} is not a table: rows cannot be copied into it.")
    return Relation(oid, schema, name, "a hypertable" if _is_hypertable(conn, schema, name) else special)


def _is_hypertable(conn: psycopg.Connection[Any], schema: str, name: str) -> bool:
    with conn.cursor(row_factory=tuple_row) as cursor:
        # by its name in the catalogue: the view is there where TimescaleDB is, and to_regclass wants a right to its schema
        there = cursor.execute(
            "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname || '.' || c.relname = %s AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')",
            [_HYPERTABLES],
        ).fetchone()
        return there is not None and cursor.execute(_HYPERTABLE, [schema, name]).fetchone() is not None


def read_layout(conn: psycopg.Connection[Any], table: str) -> TableLayout:
    """The layout of `table` ("name" or "schema.name"); see `find_table` for what is refused."""
    found = find_table(conn, table)
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_COLUMNS, [found.oid]).fetchall()
    columns: dict[str, ColumnLayout] = {}
    keys: list[str] = []
    counted: list[str] = []
    for name, type_name, modifier, not_null, has_default, generated, identity, kind, is_key, counts in rows:
        keys += [name] if is_key else []
        counted += [name] if counts else []
        length, precision, scale = _modifier(kind, modifier)
        columns[name] = ColumnLayout(name, kind, type_name, not_null, has_default, generated, identity, length, precision, scale)
    return TableLayout(found.schema, found.table, columns, next(iter([*keys, *counted, *columns]), ""), found.special)


def _modifier(kind: str, modifier: int) -> tuple[int | None, int | None, int | None]:
    """Length, precision and scale of a type modifier as the server packs it; -1 means that none was declared."""
    if modifier < 0:
        return None, None, None
    if kind in ("varchar", "bpchar"):
        return modifier - 4, None, None
    if kind == "numeric":
        packed = modifier - 4
        # The scale is a signed number of 11 bits since PostgreSQL 15 and was never above 1000 before.
        return None, packed >> 16 & 0xFFFF, (packed & 0x7FF ^ 0x400) - 0x400
    if kind in ("time", "timestamp", "timestamptz"):
        return None, modifier, None
    return None, None, None
