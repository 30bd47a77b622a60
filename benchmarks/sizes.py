"""Measures the bytes a row that a built database takes, indexes included, as `pytest_aquadata/data/sizes.yaml` wants them.

Run ``python benchmarks/sizes.py URL``, where URL is that of a finished build of `medium` (the run prints it; keep the server with
``python -m pytest_aquadata start``). Prints the file; ``> pytest_aquadata/data/sizes.yaml`` renews it.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from psycopg import sql

NAMED = 10_000
"""Rows from which on a table has an entry of its own: below, the pages that every index has whatever it holds count for too much."""
COUNTED = 500
"""Rows from which on a table counts for what the other tables take."""

HEADER = """\
# Bytes a row takes on disk with all its indexes: pg_total_relation_size / rows, measured on PostgreSQL {version} after a build of
# `{scenario}` ({rows:,} rows, {size:,} bytes) by benchmarks/sizes.py, which printed this file.
# `other`: tables that are not named; `empty`: what is left, so that the sum is that database's size: the catalogue and the least size of
# every table.
"""


def measure(conn: psycopg.Connection[Any]) -> dict[str, tuple[int, int]]:
    """Rows and bytes of every table of the application, by table."""
    names = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    found = {}
    for table, size in conn.execute(names).fetchall():
        (rows,) = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (0,)
        found[table] = (rows, size)
    return found


def document(conn: psycopg.Connection[Any]) -> str:
    """The text of sizes.yaml for this database."""
    tables = measure(conn)
    (size,) = conn.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    (version,) = conn.execute("SHOW server_version").fetchone() or ("",)
    (scenario,) = conn.execute("SELECT scenario FROM aquadata.run").fetchone() or ("",)
    named = {table: round(taken / rows) for table, (rows, taken) in tables.items() if rows >= NAMED}
    others = [(rows, taken) for table, (rows, taken) in tables.items() if table not in named]
    counted = [(rows, taken) for rows, taken in others if rows >= COUNTED]
    other = round(sum(taken for _, taken in counted) / max(1, sum(rows for rows, _ in counted)))
    empty = size - sum(named[table] * tables[table][0] for table in named) - other * sum(rows for rows, _ in others)
    lines = [HEADER.format(version=version, scenario=scenario, rows=sum(rows for rows, _ in tables.values()), size=size)]
    lines += [f"empty: {empty:_}\n", f"other: {other}\n", "tables:\n"]
    lines += [f"  {table}: {width}\n" for table, width in sorted(named.items(), key=lambda entry: -tables[entry[0]][1])]
    return "".join(lines)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/sizes.py postgresql://…")
    with psycopg.connect(sys.argv[1]) as conn:
        print(document(conn), end="")


if __name__ == "__main__":
    main()
