"""Clauses: a criterion is a list of statements, each a query that returns what offends against it.

A query is written for a set of batches. When it finds something, the query that the verdict prints is the same one for the offending
batches alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.verify.base import SHOWN, Connection, Verdict

_FETCHED = 1_000
"""Offending rows that are read to learn which batches are concerned."""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement about the database.

    expected: what holds, one line. find: the query of what offends, for a set of batches; a column named `batch` says whose a row is.
    """

    expected: str
    find: Callable[[Sequence[Batch]], str]


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows of a query, and how many there are in all."""

    columns: tuple[str, ...]
    rows: Rows
    count: int

    @property
    def batches(self) -> tuple[str, ...]:
        """The batches that the rows name, in order."""
        where = [i for i, column in enumerate(self.columns) if column in ("batch", "batch_number")]
        return tuple(sorted({str(row[where[0]]) for row in self.rows if row[where[0]] is not None})) if where else ()


class StatementError(Exception):
    """The server refused a statement: `statement`, and what the server said as the message."""

    def __init__(self, statement: str, error: psycopg.Error) -> None:
        super().__init__(" ".join(str(error).split()) or type(error).__name__)
        self.statement = statement


def run(conn: Connection, statement: str) -> psycopg.Cursor[tuple[Any, ...]]:
    """Run a statement.

    Raises:
        StatementError: the server refuses it.
    """
    try:
        # as bytes, since psycopg wants a program's SQL to be literal text and this has values written out
        return conn.execute(statement.encode())
    except psycopg.Error as error:
        raise StatementError(statement, error) from error


@contextmanager
def grouped_by_hash(conn: Connection) -> Iterator[None]:
    """Within it the server groups by hash tables alone.

    It takes many columns for very many groups, and would then walk through an index of the largest table, row by row, and sort what comes:
    three times the work. Only for statements whose other parts need no order: a join that cannot be sorted would become a nested loop.
    """
    # servers before PostgreSQL 13 have no such setting, and no need of one
    setting = "SELECT set_config(name, '{}', true) FROM pg_settings WHERE name = 'enable_incremental_sort'"
    run(conn, setting.format("off"))
    yield
    # not after an error: the transaction is over, and the setting with it
    run(conn, setting.format("on"))


def select(conn: Connection, query: str) -> Rows:
    """All rows of a query that returns few."""
    return run(conn, query).fetchall()


def is_filled(conn: Connection, table: str) -> bool:
    """Whether a farm fills the table in the database at hand; where it does not, the verdict will say so."""
    try:
        run(conn, f"SELECT FROM {table} LIMIT 0")
    except NotFilled:
        return False
    return True


def find(conn: Connection, query: str) -> Found:
    """The first rows of a query and their number, in one go."""
    wrapped = f"SELECT found.*, count(*) OVER () FROM (\n{query}\n) found LIMIT {_FETCHED}"
    try:
        cursor = run(conn, wrapped)
    except StatementError as error:
        error.statement = query
        raise
    rows = cursor.fetchall()
    columns = tuple(column.name for column in cursor.description or ())[:-1]
    return Found(columns, [row[:-1] for row in rows], int(rows[0][-1]) if rows else 0)


def verdict_of(conn: Connection, clauses: Iterable[Clause], built: Sequence[Batch], expected: str, got: str) -> Verdict:
    """The first clause that something offends against, or a pass that says what was expected and found as a whole.

    Raises:
        NotFilled: an application fills nothing of what the clauses read; those that read it are left out where others do not.
    """
    checked, last = 0, None
    for clause in clauses:
        try:
            found = find(conn, clause.find(built))
        except NotFilled as error:
            last = error
            continue
        checked += 1
        if found.count:
            return failure(clause.expected, found, clause.find, built)
    if last is not None and not checked:
        raise last
    return Verdict("pass", expected, got)


def failure(expected: str, found: Found, query: Callable[[Sequence[Batch]], str], built: Sequence[Batch], got: str = "") -> Verdict:
    """A failing verdict: the rows, and the query for their batches alone."""
    names = found.batches
    own = [batch for batch in built if batch.name in names] or list(built)
    return Verdict(
        "fail",
        expected,
        got or f"{count(found.count, 'row')} otherwise{_whose(names)}",
        found.columns,
        tuple(found.rows[:SHOWN]),
        found.count,
        query(own),
        names,
    )


def count(number: int, what: str) -> str:
    """A number with its noun: '1 batch', '3 batches', '1,200 entries'."""
    if number == 1:
        return f"1 {what}"
    return f"{number:,} {what[:-1]}ies" if what.endswith("ry") else f"{number:,} {what}{'es' if what.endswith(('ch', 's')) else 's'}"


def _whose(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:3])
    return f" ({shown})" if len(names) <= 3 else f" ({shown} and {len(names) - 3} more batches)"
