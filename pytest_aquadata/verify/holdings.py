"""Tables that have to hold given rows, whatever else is in them: compared as sets of values that people know, never of ids.

The planned rows are few (a farm's world, not its events), so they are compared here and not in the server, and the query of a verdict stays
one that a person would write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Found, count, failure, run

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows that a table has to hold.

    what: the rows in a word, plural. columns: names of the compared values; by the first `key` of them a row is known. planned: the rows.
    found: the query that returns the same values in the same order; numbers may be of any numeric type.
    """

    what: str
    columns: tuple[str, ...]
    planned: Callable[[Plan], Iterable[Row]]
    found: str
    key: int = 1


def check_holdings(conn: Connection, plan: Plan, holdings: Sequence[Holding], built: Sequence[Batch], expected: str) -> Verdict:
    """A verdict that names the first holding with rows missing or otherwise, or a pass with the number of rows compared."""
    compared = tables = 0
    for holding in holdings:
        wrong = dict.fromkeys(_plain(row) for row in holding.planned(plan))
        planned = len(wrong)
        try:
            # a hundred geographies have half a million sensors: none is kept that is as it should be
            for row in run(conn, holding.found):
                wrong.pop(_plain(row), None)
        except NotFilled:  # noted where it is raised
            continue
        compared, tables = compared + planned, tables + 1
        if wrong:
            return _wrong(holding, list(wrong), {_plain(row) for row in run(conn, holding.found)}, built)
    return Verdict("pass", expected, f"{compared:,} rows of {count(tables, 'table')} compared")


def _wrong(holding: Holding, wrong: list[Row], there: set[Row], built: Sequence[Batch]) -> Verdict:
    """What is missing, beside what stands in its place; a planned row never names a batch."""
    known: dict[Row, list[Row]] = {}
    for row in there:
        known.setdefault(row[: holding.key], []).append(row)
    rows: list[Row] = []
    for row in wrong:
        others = known.get(row[: holding.key], [])
        rows.append((*row, "; ".join(str(other[holding.key :]) for other in sorted(others, key=str)[:2]) or "missing"))
    missing = sum(row[-1] == "missing" for row in rows)
    parts = [f"{missing:,} missing"] * bool(missing) + [f"{len(rows) - missing:,} with other values"] * (len(rows) > missing)
    return failure(
        f"the {holding.what} of the plan are there, with its values",
        Found((*holding.columns, "found"), rows, len(rows)),
        lambda _: holding.found,
        built,
        ", ".join(parts),
    )


def _plain(row: Row) -> Row:
    """Numbers of all kinds as one kind, so that 5, 5.0 and Decimal('5.00') are equal and hash alike."""
    return tuple(float(value) if isinstance(value, Decimal) else value for value in row)
