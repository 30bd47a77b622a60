"""Criterion `rows`: every table holds exactly the rows that the plan computed, batch by batch.

A row belongs to the batch that its keys lead to, whatever its id, so rows of other batches in the same database do not disturb.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Found, count, failure, select
from pytest_aquadata.verify.schema import BATCH, PARENTS, SHARED

_TRANSACTION = "finance_intercompanytransaction"
_STOCK = ("inventory_feedpurchase", "inventory_feedcontainerstock")


def rows_by_batch(table: str, batches: Sequence[Batch]) -> str:
    """The query that counts a table's rows for each batch: (batch, rows)."""
    if table == BATCH:
        return text.query(text.picked(batches), "SELECT batch, count(*) AS rows FROM picked GROUP BY batch ORDER BY batch")
    if table == _TRANSACTION:
        return text.query(text.picked(batches), _TRANSACTIONS, _COUNTED)
    step = PARENTS[table]
    # one pass over the large table, whose groups are then few enough to join
    joins = f"(SELECT {step.column}, count(*) AS rows FROM {table} GROUP BY {step.column}) t0"
    alias = 0
    while step.table != BATCH:
        joins += f"\n  JOIN {step.table} t{alias + 1} ON t{alias + 1}.{step.target} = t{alias}.{step.column}"
        step, alias = PARENTS[step.table], alias + 1
    owner = f"t{alias}.{step.column}"
    counted = f"counted AS (\n  SELECT {owner} AS batch_id, sum(t0.rows) AS rows\n  FROM {joins}\n  GROUP BY {owner}\n)"
    return text.query(text.picked(batches), counted, _COUNTED)


_TRANSACTIONS = """
    counted AS (
      SELECT coalesce(e.batch_id, w.batch_id) AS batch_id, count(*) AS rows
      FROM finance_intercompanytransaction t
      LEFT JOIN harvest_harvestevent e ON e.id = t.event_id
      LEFT JOIN django_content_type c ON c.id = t.content_type_id AND c.app_label = 'batch' AND c.model = 'batchtransferworkflow'
      LEFT JOIN batch_batchtransferworkflow w ON w.id = t.object_id AND c.id IS NOT NULL
      GROUP BY 1
    )"""

_COUNTED = "SELECT p.batch, coalesce(c.rows, 0) AS rows FROM picked p LEFT JOIN counted c ON c.batch_id = p.id ORDER BY p.batch"


def is_shared(conn: Connection, plan: Plan) -> bool:
    """Whether the database holds batches that are not of this scenario."""
    names = ", ".join(text.literal(batch.name) for batch in plan.simulation.batches)
    return bool(select(conn, f"SELECT 1 FROM batch_batch WHERE batch_number NOT IN ({names}) LIMIT 1"))


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of every table, batch by batch, and of the world and its master data."""

    name: str = "rows"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Compare the counts; rows of the farm are at least there, its feed exactly where the database is the scenario's alone."""
        total, tables, wrong = 0, 0, []
        for table in plan.tables:
            if table != _TRANSACTION and table != BATCH and table not in PARENTS:
                return Verdict("fail", "every table leads to a batch", f"{table}: no way from its rows to a batch is known")
            # where the plan has no row of its own, the batch uses the farm's
            own = [batch for batch in built if table not in SHARED or plan.count(batch, table)]
            if not own:
                tables += 1
                continue
            try:
                found = {name: int(rows) for name, rows in select(conn, rows_by_batch(table, own))}
            except NotFilled:  # noted where it is raised
                continue
            tables += 1
            total += sum(found.values())
            wrong += [
                (batch.name, table, plan.count(batch, table), found[batch.name])
                for batch in own
                if found[batch.name] != plan.count(batch, table)
            ]
        expected = "rows of every table, batch by batch, as planned"
        if wrong:
            offending = Found(("batch", "table", "planned", "found"), list(wrong), len(wrong))
            those = sorted({row[1] for row in wrong})
            got = f"{count(len(wrong), 'count')} otherwise, in {', '.join(those[:3])}{' …' if len(those) > 3 else ''}"
            return failure(expected, offending, partial(rows_by_batch, wrong[0][1]), built, got)
        return self._farm(conn, plan, built) or Verdict(
            "pass", expected, f"{total:,} rows of {count(len(built), 'batch')} in {count(tables, 'table')}"
        )

    def _farm(self, conn: Connection, plan: Plan, built: Sequence[Batch]) -> Verdict | None:
        shared = is_shared(conn, plan)
        tables = sorted(plan.farm)
        wrong = []
        for table in tables:
            try:
                ((rows,),) = select(conn, f"SELECT count(*) FROM {table}")
            except NotFilled:
                continue
            least = plan.farm[table] + sum(plan.count(batch, table) for batch in built)
            if rows < least or (rows > least and table in _STOCK and not shared):
                wrong.append((table, least, rows))
        if not wrong:
            return None
        found = Found(("table", "planned", "found"), list(wrong), len(wrong))
        shown = "\nUNION ALL ".join(f"SELECT '{table}' AS table_name, count(*) AS rows FROM {table}" for table, _, _ in wrong)
        return failure(
            "the rows of the world, its master data and its feed are there",
            found,
            lambda _: shown,
            built,
            f"{count(len(wrong), 'table')} otherwise: {', '.join(table for table, _, _ in wrong[:3])}",
        )
