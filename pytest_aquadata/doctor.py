"""What ``--aquadata-doctor`` says: table by table what a build would fill in the application, what it lacks, and then what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec

from django.db import connection
from psycopg import sql

from pytest_aquadata.factories import fitting
from pytest_aquadata.load.binding import Binding, Bound
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.plan.numbering import Plan

_EVERYWHERE = 5
"""A column with the same note in more tables than this is said once: it is one of a common base of the models."""


def lines(conn: Connection, binding: Binding, plan: Plan) -> Iterator[str]:
    """The report, for the tables that the scenario makes rows of. conn: to the database; it is only looked at."""
    wanted = [table for table in plan.all_tables if plan.total(table)]
    filled = [table for table in wanted if table in binding.tables]
    said = Counter(
        note for table in filled for note in binding.tables[table].notes.items() if note[0] not in binding.tables[table].required
    )
    common = {note: tables for note, tables in said.items() if tables > _EVERYWHERE}
    for table in wanted:
        if table not in binding.tables:
            yield f"{table}: not filled: {binding.skipped[table]}"
            continue
        bound = binding.tables[table]
        yield _head(conn, bound, plan.total(table))
        own = {name: note for name, note in bound.notes.items() if (name, note) not in common}
        width = max(map(len, own), default=0)
        yield from (f"    {name:<{width}}  {note}" for name, note in own.items())
    if common:
        yield ""
        width = max(len(name) for name, _ in common)
        yield from (f"in {tables} tables: {name:<{width}}  {note}" for (name, note), tables in common.items())
    required = sum(len(binding.tables[table].required) for table in filled)
    yield ""
    yield f"{len(filled)} of {len(wanted)} tables are filled; {required} column{'' if required == 1 else 's'} required and unknown"
    yield from _what_to_do(binding, wanted, filled)


def _head(conn: Connection, bound: Bound, rows: int) -> str:
    """A table's first line: what it is here, how many rows come, and what is there."""
    model, layout = fitting.model_of(bound.table), bound.layout
    label = model._meta.label if model is not None else ""
    other = f" ({layout.table})" if layout.table != bound.table else ""
    known = len(fitting.farm_tables()[bound.table].columns)
    head = f"{bound.table}{other}: {rows:,} row{'' if rows == 1 else 's'} of {label}, {len(bound.columns)} of {known} columns"
    if bound.history is not None:
        head += f", each entered in {bound.history.layout.table}"
    if layout.special:
        head += f", {layout.special}: its indexes and keys stay in place"
    if conn.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(layout.identifier)).fetchone() is not None:
        head += ", beside rows that are there and stay"
    return head


def _what_to_do(binding: Binding, wanted: list[str], filled: list[str]) -> Iterator[str]:
    """What follows from the report: what to write into the scenario, what criteria will not check, what else to know."""
    if lacking := [table for table in filled if binding.tables[table].required]:
        yield "to do     give these columns a value in the scenario, the same for every row (or from the hook pytest_aquadata_columns):"
        yield "              aquadata:"
        yield "                columns:"
        for table in lacking:
            bound = binding.tables[table]
            for column in bound.required:
                yield f"                  {table}: {{{column}: …}}   # {bound.layout.columns[column].type_name}"
    if left := [table for table in wanted if table not in binding.tables]:
        yield f"left out  {', '.join(left)}; criteria do not check them and say so"
    driver = getattr(getattr(connection, "Database", None), "__name__", "")
    if driver == "psycopg" and find_spec("psycopg2") is not None:
        yield "driver    Django takes psycopg 3, and psycopg2 is there, too: for an application that is written for it"
        yield "          aquadata_django_driver = psycopg2 in pytest.ini keeps it (docs/support.md)"
