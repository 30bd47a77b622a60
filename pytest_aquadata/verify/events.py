"""Events compared one by one with the plan's: for those that are few enough to be listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Found, failure, select

Row = tuple[Any, ...]


def compare(
    conn: Connection,
    built: Sequence[Batch],
    expected: str,
    columns: Sequence[str],
    planned: Iterable[Row],
    query: Callable[[Sequence[Batch]], str],
) -> Verdict | None:
    """A verdict about events that are missing or were not planned; None where the two agree, each event as often as planned.

    columns: names of a row's values, the first of them `batch`. query: returns the same values of what is in the database.
    """
    due, found = Counter(planned), Counter(select(conn, query(built)))
    missing, more = due - found, found - due
    wrong = [(*row, "missing") for row in missing.elements()] + [(*row, "not planned") for row in more.elements()]
    if not wrong:
        return None
    wrong.sort(key=lambda row: [str(value) for value in row])
    got = f"{missing.total():,} missing, {more.total():,} not planned"
    return failure(expected, Found((*columns, "what"), wrong, len(wrong)), query, built, got)
