"""How DuckDB's SQL differs from PostgreSQL's, as far as criteria notice."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

MACROS: tuple[str, ...] = (
    "CREATE MACRO width_bucket(operand, bounds) AS (SELECT count(*) FROM unnest(bounds) b(bound) WHERE bound <= operand)",
)
"""Functions that PostgreSQL has and DuckDB has not."""


def is_of_the_server(statement: str) -> bool:
    """Whether a statement sets up a PostgreSQL server and says nothing to DuckDB."""
    return statement.startswith(("SET LOCAL ", "SET TRANSACTION ", "SELECT set_config("))


_CHANGES: tuple[tuple[re.Pattern[str], str], ...] = (
    # EXISTS (SELECT FROM …) selects nothing in PostgreSQL, and DuckDB wants something
    (re.compile(r"\bSELECT\s+FROM\b"), "SELECT 1 FROM"),
    # numeric is as wide as need be in PostgreSQL, and has three decimals in DuckDB
    (re.compile(r"::\s*numeric\b(?!\s*\()"), "::DECIMAL(38, 10)"),
    # float has 8 bytes in PostgreSQL, and 4 in DuckDB
    (re.compile(r"::\s*float\b"), "::DOUBLE"),
)
"""What is written in another way, and how."""


def translated(statement: str) -> str:
    """A statement of PostgreSQL's as DuckDB wants it."""
    for pattern, other in _CHANGES:
        statement = pattern.sub(other, statement)
    return statement


def literal(value: object) -> str:
    """A value as DuckDB's SQL writes it; a list as a list."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, date):
        return f"CAST('{value}' AS {'TIMESTAMP' if isinstance(value, datetime) else 'DATE'})"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


def plain(value: Any) -> Any:
    """A value of an answer as psycopg would give it."""
    return value
