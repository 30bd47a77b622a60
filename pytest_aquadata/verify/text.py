"""SQL that runs in psql as it is printed: values are written out, never bound.

What the plan expects goes into a query as a table of its own (`planned`), so that a failing query, cut down to the batches concerned, shows
expectation and finding side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from textwrap import dedent

from psycopg import sql

from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.temperature import date_of


def literal(value: object) -> str:
    """A value as SQL, e.g. 'FAR-2020-001', 3000000 or '2020-08-30'::date."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "NULL"}[value]
    if isinstance(value, int | float | Decimal):
        return str(value)
    return sql.Literal(value).as_string(None)


def table(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
    """A WITH query that holds rows; `columns` maps names to types. Without rows it is empty, which VALUES cannot be."""
    head = f"{name} ({', '.join(columns)}) AS ("
    lines = [f"({', '.join(map(literal, row))})" for row in rows]
    if not lines:
        return head + f"SELECT {', '.join(f'NULL::{kind}' for kind in columns.values())} WHERE false)"
    typed = ", ".join(f"{column}::{kind}" for column, kind in columns.items())
    return f"{head}SELECT {typed} FROM (VALUES\n  " + ",\n  ".join(lines) + f") v ({', '.join(columns)}))"


def picked(batches: Sequence[Batch]) -> str:
    """A WITH query of the batches by name: picked (id, batch)."""
    names = ", ".join(literal(batch.name) for batch in batches)
    return f"picked AS (SELECT id, batch_number AS batch FROM batch_batch WHERE batch_number IN ({names}))"


def query(*parts: str) -> str:
    """WITH queries and the SELECT that uses them, the last part, as one statement."""
    *with_, select = (dedent(part).strip() for part in parts)
    return (f"WITH {','.join(chr(10) + part for part in with_).strip()}\n" if with_ else "") + select


def day(number: int) -> date:
    """The date of a day since 1970-01-01."""
    return date_of(number)
