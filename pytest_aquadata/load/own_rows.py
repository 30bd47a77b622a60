"""Rows of an application's own that stand for rows of the world and master data, and keep the values that they have: ``aquadata.own``.

A build finds them by natural key or by what the model declares to be unique, and changes none. What the plan says otherwise is written
down, so that criteria compare the farm with its plan, and not the application's master data with this package's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isclose
from typing import Any

from django.db.models import Model
from psycopg import sql
from psycopg.types.json import Jsonb

from pytest_aquadata.factories import fitting
from pytest_aquadata.factories.fitting import FarmTable
from pytest_aquadata.load.binding import Bound
from pytest_aquadata.load.ledger import SCHEMA, Connection

_TABLE = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}.own (table_name text NOT NULL, id bigint NOT NULL, said jsonb NOT NULL, PRIMARY KEY (table_name, id))
"""
JOIN = f" LEFT JOIN {SCHEMA}.own o ON o.table_name = {{table}} AND o.id = t.{{key}}"
"""Joins the rows `t` of a table with what the plan says of them otherwise, as `o`."""
KNOWN = "o.said ? {column}"
"""Whether the plan says otherwise of a column."""
SAID = "(o.said {arrow} {column})::{type}"
"""What it says."""


def is_compared(farm: FarmTable, column: str) -> bool:
    """Whether a column says what a row is; ids and moments do not, nor does a password."""
    return farm.columns[column] not in ("stamp", *fitting.farm_tables()) and column not in (farm.key, "password")


def note(conn: Connection, bound: Bound, found: Iterable[tuple[int, Model]]) -> None:
    """Write down wherein rows of a table differ from the objects that they stand for. found: ids and objects."""
    farm, fields = fitting.farm_tables()[bound.table], fitting.fields_of(bound.table)
    objects = dict(found)
    columns = [column for column in bound.columns if is_compared(farm, column)]
    names = sql.SQL(", ").join(sql.Identifier(name) for name in (bound.layout.key, *(bound.columns[column] for column in columns)))
    query = sql.SQL("SELECT {} FROM {} WHERE {} = ANY(%s)").format(names, bound.layout.identifier, sql.Identifier(bound.layout.key))
    conn.execute(_TABLE)
    for key, *values in conn.execute(query, (list(objects),)).fetchall():
        planned = {column: getattr(objects[key], fields[column].attname) for column in columns}
        other = {
            column: _plain(planned[column]) for column, value in zip(columns, values, strict=True) if not _same(planned[column], value)
        }
        if other:
            conn.execute(
                f"INSERT INTO {SCHEMA}.own VALUES (%s, %s, %s) ON CONFLICT (table_name, id) DO UPDATE SET said = excluded.said",
                (bound.table, key, Jsonb(other)),
            )


def counted(conn: Connection) -> Mapping[str, int]:
    """How many rows are written down, by the farm's name of their table; none where there is nothing to read, or no right to."""
    readable = (
        "SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = 'own'"
    )
    if conn.execute(readable, (SCHEMA,)).fetchone() != (True,):
        return {}
    return dict(conn.execute(f"SELECT table_name, count(*) FROM {SCHEMA}.own GROUP BY 1 ORDER BY 1").fetchall())


def _same(planned: Any, there: Any) -> bool:
    numbers = (int, float, Decimal)
    if isinstance(planned, numbers) and isinstance(there, numbers):
        return isclose(float(planned), float(there), rel_tol=1e-9)
    return bool(planned == there)


def _plain(value: Any) -> Any:
    """A value as JSON holds it, from which the server can make it again."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
