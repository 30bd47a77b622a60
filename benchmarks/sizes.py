"""Measures the bytes a row that a built farm takes, as files in `pytest_aquadata/data` want them, and prints such a file.

    python benchmarks/sizes.py postgresql://… > pytest_aquadata/data/sizes.yaml      # a finished build of `medium`; indexes included
    python benchmarks/sizes.py parquet:farm > pytest_aquadata/data/data_set_sizes.yaml       # a whole data set of `production`

A build prints its database's URL; keep the server with ``python -m pytest_aquadata start``.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from psycopg import sql

from pytest_aquadata.lake import layout
from pytest_aquadata.lake.entries import read_entries
from pytest_aquadata.lake.store import Store
from pytest_aquadata.lake.target import PREFIX

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


HEADER_OF_A_DATA_SET = """\
# Bytes a row takes in a Parquet data set: those of a table's files / its rows, measured on a data set of `{scenario}`
# ({rows:,} rows, {size:,} bytes) by benchmarks/sizes.py, which printed this file.
# `other`: tables that are not named.
"""


def document_of_data_set(folder: str) -> str:
    """The text of data_set_sizes.yaml for this data set."""
    store = Store(folder)
    there = read_entries(store)
    rows, sizes = there.rows(), there.sizes()
    for table, count in (there.farm or {}).get("rows", {}).items():
        rows[table] = rows.get(table, 0) + count
    named = [table for table in sorted(rows, key=lambda table: -sizes[table]) if rows[table] >= NAMED]
    others = [table for table in rows if table not in named]
    other = sum(sizes[table] for table in others) / max(1, sum(rows[table] for table in others))
    scenario = store.get_json(layout.RUN)["scenario"]
    lines = [HEADER_OF_A_DATA_SET.format(scenario=scenario, rows=sum(rows.values()), size=sum(sizes.values()))]
    lines += [f"other: {other:.1f}\n", "tables:\n", *(f"  {table}: {sizes[table] / rows[table]:.2f}\n" for table in named)]
    return "".join(lines)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/sizes.py postgresql://… or parquet:…")
    if sys.argv[1].startswith(PREFIX):
        print(document_of_data_set(sys.argv[1].removeprefix(PREFIX)), end="")
        return
    with psycopg.connect(sys.argv[1]) as conn:
        print(document(conn), end="")


if __name__ == "__main__":
    main()
