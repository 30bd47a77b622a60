"""Which row a foreign key fails on: the server names a key value, a person wants the row."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.load.definitions import Definition

_CONSTRAINT = """
SELECT n.nspname, r.relname,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.at),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.at),
       ARRAY(SELECT a.attname::text FROM pg_index x, unnest(x.indkey::int2[]) WITH ORDINALITY k(num, at),
             pg_attribute a WHERE x.indrelid = c.conrelid AND x.indisprimary AND k.at <= x.indnkeyatts
             AND a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.at)
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace s ON s.oid = t.relnamespace
JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE s.nspname = %(schema)s AND t.relname = %(table)s AND c.conname = %(name)s
"""


def describe(conn: psycopg.Connection[Any], key: Definition) -> str | None:
    """The first row, by primary key, that the foreign key does not hold for, and how many there are, as one sentence.

    None when there is no such row or the key, which has to exist (NOT VALID), cannot be asked this way (MATCH FULL).
    """
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(_CONSTRAINT, key.key).fetchone()
        if found is None:
            return None
        schema, table, columns, others, primary = found
        shown = [*primary, *columns]
        query = sql.SQL(
            "SELECT {shown}, count(*) OVER () FROM ONLY {table} AS t WHERE {given}"
            " AND NOT EXISTS (SELECT FROM {other} AS r WHERE {same}) ORDER BY {order} LIMIT 1"
        ).format(
            shown=_each("t.{}::text", shown),
            table=sql.Identifier(key.table_schema, key.table_name),
            given=_each("t.{} IS NOT NULL", columns, " AND "),
            other=sql.Identifier(schema, table),
            same=sql.SQL(" AND ").join(
                sql.SQL("r.{} = t.{}").format(sql.Identifier(other), sql.Identifier(column))
                for other, column in zip(others, columns, strict=True)
            ),
            order=_each("t.{}", primary or columns),
        )
        row = cursor.execute(query).fetchone()
    if row is None:
        return None
    *values, count = row
    pairs = [f"{name}={value}" for name, value in zip(shown, values, strict=True)]
    row_is = f"the row {', '.join(pairs[: len(primary)])} has" if primary else "a row has"
    more = f" ({count:,} such rows)" if count > 1 else ""
    return f"{row_is} {', '.join(pairs[len(primary) :])}, which {schema}.{table} does not have{more}"


def _each(template: LiteralString, names: list[str], between: LiteralString = ", ") -> sql.Composed:
    """`template` with each of the names in it, joined."""
    return sql.SQL(between).join(sql.SQL(template).format(sql.Identifier(name)) for name in names)
