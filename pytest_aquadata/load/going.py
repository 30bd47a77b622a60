"""Which rows go when batches are taken away: their ids by table, known from the plan, and what hangs on them.

A table's rows are told apart by primary key alone: the ids of a batch are ranges, and whatever lies outside of them is somebody else's. To
ask for the others is therefore a look into the gaps of an index, however many rows the ranges hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from psycopg import sql

from pytest_aquadata.load.build import primary_key
from pytest_aquadata.load.catalogue import TableLayout, read_layout
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.prepare import bound
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.streams import feed_stock

Span = tuple[int, int]
"""First and last id of a range without a gap."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same ids in as few spans as possible, in order."""
    result: list[Span] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


@dataclass(slots=True)
class Going:
    """The rows of one table that go.

    spans: ids that the plan gave, merged. more: ids of other rows, which go because the row that they belong to does.
    """

    layout: TableLayout
    spans: list[Span]
    more: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The table."""
        return self.layout.table

    @property
    def key(self) -> sql.Identifier:
        """The primary key's column."""
        return sql.Identifier(primary_key(self.layout))

    def __bool__(self) -> bool:
        return bool(self.spans or self.more)

    def holds(self, column: sql.Composable) -> sql.Composable:
        """The condition that a column's value is the id of a row that goes."""
        parts: list[sql.Composable] = [sql.SQL("{} BETWEEN {} AND {}").format(column, first, last) for first, last in self.spans]
        if self.more:
            parts.append(sql.SQL("{} = ANY({})").format(column, sorted(self.more)))
        return _any(parts)

    def stays(self) -> sql.Composable:
        """The condition that a row of the table stays, written so that the primary key's index answers it."""
        gaps: list[sql.Composable] = [sql.SQL("TRUE")]
        if self.spans:
            first, last = self.spans[0][0], self.spans[-1][1]
            gaps = [sql.SQL("{} < {}").format(self.key, first), sql.SQL("{} > {}").format(self.key, last)]
            gaps += [
                sql.SQL("{} BETWEEN {} AND {}").format(self.key, before[1] + 1, after[0] - 1) for before, after in pairwise(self.spans)
            ]
        condition = _any(gaps)
        if self.more:
            condition = sql.SQL("{} AND {} <> ALL({})").format(condition, self.key, sorted(self.more))
        return condition


def _any(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts or [sql.SQL("FALSE")]))


def rows_going(conn: Connection, plan: Plan, ids: Ids, batches: Sequence[Batch], with_feed: bool) -> dict[str, Going]:
    """The rows of `batches`, by table; with_feed: and the farm's feed purchases and stock."""
    found = {}
    binding = bound(conn, plan)

    def layout(table: str) -> TableLayout:
        return read_layout(conn, table) if binding is None else binding.tables[table].layout

    def here(table: str) -> bool:
        return binding is None or table in binding.tables

    for table in filter(here, plan.tables):
        spans = [_span(ids, table, plan.first(batch, table), plan.count(batch, table)) for batch in batches if plan.count(batch, table)]
        found[layout(table).table] = Going(layout(table), merged(spans))
    for table in filter(here, feed_stock.TABLES if with_feed else ()):
        rows = plan.farm.get(table, 0)
        found[layout(table).table] = Going(layout(table), [_span(ids, table, 1, rows)] if rows else [])
    return found


def _span(ids: Ids, table: str, first: int, rows: int) -> Span:
    # rows of batches and of the feed stock have one offset a table
    offset = ids.offsets.get(table, 0)
    return first + offset, first + offset + rows - 1
