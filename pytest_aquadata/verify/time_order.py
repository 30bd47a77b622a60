"""Criterion `time_order`: nothing happens to a batch before its start, on or after its last day, or in a container that it is not in.

Readings are left out here: `readings` holds the very moments of each sensor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import Bounds
from pytest_aquadata.verify.clauses import Clause, count, is_filled, verdict_of
from pytest_aquadata.verify.schema import ASSIGNMENT

_YEAR = 365.25
"""Days."""


@dataclass(frozen=True, slots=True)
class Happening:
    """When the rows of a table happen, and in what.

    day: the date of a row `t`. owner: its assignment's or its batch's id. ends: it happens at the very end (on the day of harvest, or when
    the fish move on), not before it. noted: whether the row says when it was written down and changed.
    """

    day: str
    owner: str
    ends: bool = False
    noted: bool = True


def _utc(column: str) -> str:
    return f"(t.{column} AT TIME ZONE 'UTC')::date"


IN_CONTAINERS: Mapping[str, Happening] = MappingProxyType(
    {
        "batch_actualdailyassignmentstate": Happening("t.date", "t.assignment_id", noted=False),
        "batch_creationaction": Happening("t.actual_delivery_date", "t.dest_assignment_id"),
        "batch_growthsample": Happening("t.sample_date", "t.assignment_id"),
        "batch_mortalityevent": Happening("t.event_date", "t.assignment_id"),
        "batch_transferaction": Happening("t.actual_execution_date", "t.source_assignment_id", ends=True),
        "harvest_harvestevent": Happening(_utc("event_date"), "t.assignment_id", ends=True),
        "health_healthsamplingevent": Happening("t.sampling_date", "t.assignment_id"),
        "health_licecount": Happening(_utc("count_date"), "t.assignment_id", noted=False),
        "health_treatment": Happening(_utc("treatment_date"), "t.batch_assignment_id", noted=False),
        "inventory_feedingevent": Happening("t.feeding_date", "t.batch_assignment_id"),
    }
)
"""What happens in a container assignment, within its days."""

TO_BATCHES: Mapping[str, Happening] = MappingProxyType(
    {
        "batch_batch": Happening("t.start_date", "t.id"),
        "batch_batchcontainerassignment": Happening("t.assignment_date", "t.batch_id"),
        "batch_batchtransferworkflow": Happening("t.actual_start_date", "t.batch_id"),
        "batch_creationworkflow": Happening("t.actual_start_date", "t.batch_id"),
        "finance_factharvest": Happening(_utc("event_date"), "t.dim_batch_id", ends=True),
        "harvest_harvestevent": Happening(_utc("event_date"), "t.batch_id", ends=True),
        "health_journalentry": Happening(_utc("entry_date"), "t.batch_id"),
        "health_licecount": Happening(_utc("count_date"), "t.batch_id", noted=False),
        "health_treatment": Happening(_utc("treatment_date"), "t.batch_id", noted=False),
        "batch_mortalityevent": Happening("t.event_date", "t.batch_id"),
        "inventory_feedingevent": Happening("t.feeding_date", "t.batch_id"),
    }
)
"""What happens to a batch, within its life."""


@dataclass(frozen=True, slots=True)
class TimeOrder:
    """Dates of everything that happens, and of its being written down."""

    name: str = "time_order"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Batches, then containers, then the clock by which things are written down. Bounds of the scenario's own are years of history."""
        tables = [table for table in plan.all_tables if is_filled(conn, table)]
        lives = {table: happening for table, happening in TO_BATCHES.items() if table in tables}
        stays = {table: happening for table, happening in IN_CONTAINERS.items() if table in tables}
        clauses = [
            Clause("nothing happens to a batch before its start, or after its harvest or the last day", partial(_lives, lives)),
            Clause("nothing happens in a container before the fish come or after they leave", partial(_stays, stays)),
            Clause("what happens is written down no earlier, and changed no earlier than that", partial(_noted, lives, stays)),
        ]
        expected, bounds = "nothing before its time, nothing after it", Bounds.of(spec)
        days = plan.simulation.as_of - min(batch.start for batch in built)
        got = f"{count(len({*lives, *stays}), 'table')}, {count(len(built), 'batch')}, {days / _YEAR:.2f} years"
        if bounds != Bounds():
            expected += f"; {bounds.show()} years of history"
        verdict = verdict_of(conn, clauses, built, expected, got)
        return verdict if verdict.state != "pass" else replace(verdict, state=bounds.state(days / _YEAR))


def _found(owner: str, tables: Mapping[str, Happening]) -> str:
    """A WITH query of the first and the last day of what happened, by table and by what it happened to, in a column called `owner`."""
    parts = [
        f"SELECT '{table}' AS table_name, {happening.owner} AS {owner}, {'true' if happening.ends else 'false'} AS ends, "
        f"min({happening.day}) AS first, max({happening.day}) AS last, count(*) AS rows\n  FROM {table} t GROUP BY {happening.owner}"
        for table, happening in tables.items()
    ]
    return "found AS (\n  " + "\n  UNION ALL\n  ".join(parts) + "\n)"


def _lives(tables: Mapping[str, Happening], batches: Sequence[Batch]) -> str:
    lives = (
        (
            batch.name,
            text.day(batch.start),
            text.day(batch.start + batch.age - 1),
            text.day(batch.start + batch.age) if batch.harvested else None,
        )
        for batch in batches
    )
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "start": "date", "last_day": "date", "harvest": "date"}, lives),
        _found("batch_id", tables),
        """
        SELECT p.batch, f.table_name, f.rows, n.start, n.last_day, n.harvest, f.first AS first_found, f.last AS last_found
        FROM picked p JOIN planned n ON n.batch = p.batch JOIN found f ON f.batch_id = p.id
        WHERE CASE WHEN f.ends THEN (f.first, f.last) IS DISTINCT FROM (n.harvest, n.harvest)
          ELSE f.first IS NULL OR f.first < n.start OR f.last > n.last_day END
        ORDER BY p.batch, f.table_name
        """,
    )


def _stays(tables: Mapping[str, Happening], batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        _found("assignment_id", tables),
        f"""
        SELECT p.batch, f.table_name, c.name AS container, f.rows, a.assignment_date, a.departure_date, f.first AS first_found,
          f.last AS last_found
        FROM picked p
        JOIN {ASSIGNMENT} a ON a.batch_id = p.id
        JOIN found f ON f.assignment_id = a.id
        LEFT JOIN infrastructure_container c ON c.id = a.container_id
        WHERE CASE WHEN f.ends THEN (f.first, f.last) IS DISTINCT FROM (a.departure_date, a.departure_date)
          ELSE f.first IS NULL OR f.first < a.assignment_date OR f.last >= a.departure_date END
        ORDER BY p.batch, f.table_name, a.id
        """,
    )


def _noted(lives: Mapping[str, Happening], stays: Mapping[str, Happening], batches: Sequence[Batch]) -> str:
    parts = []
    for table, happening in {**lives, **stays}.items():
        if happening.noted:
            by_batch = table in lives
            owner = lives[table].owner if by_batch else happening.owner
            joined = owner if by_batch else f"(SELECT a.batch_id FROM {ASSIGNMENT} a WHERE a.id = {owner})"
            parts.append(
                f"SELECT {joined} AS batch_id, '{table}' AS table_name, {happening.day} AS day, t.created_at, t.updated_at\n"
                f"  FROM {table} t WHERE t.updated_at < t.created_at OR {_utc('created_at')} < {happening.day}"
            )
    return text.query(
        text.picked(batches),
        "found AS (\n  " + "\n  UNION ALL\n  ".join(parts) + "\n)",
        """
        SELECT p.batch, f.table_name, f.day, f.created_at, f.updated_at FROM picked p JOIN found f ON f.batch_id = p.id
        ORDER BY p.batch, f.table_name, f.day
        """,
    )
