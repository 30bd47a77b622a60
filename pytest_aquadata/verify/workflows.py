"""Criterion `workflows`: every arrival of eggs and every change of stage has its workflow, whole, and every container its action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Clause, count, verdict_of


@dataclass(frozen=True, slots=True)
class Workflows:
    """Creation and transfer workflows with their actions."""

    name: str = "workflows"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """From the workflow as a whole to the single container."""
        last = len(plan.simulation.profile.stages)
        clauses = [
            Clause("a creation workflow for every batch, on its first day, done to the last action", _creations),
            Clause("a transfer workflow for every change of stage, on its day, done to the last action", partial(_transfers, last)),
            Clause("an action for every container that fish came into", _arrivals),
            Clause("an action for every container that fish moved on from", _departures),
            Clause("actions numbered from 1 without a gap, on the day of their workflow", _numbered),
        ]
        flows = sum(len(batch.stays) for batch in built)
        got = f"{count(flows, 'workflow')} of {count(len(built), 'batch')}"
        return verdict_of(conn, clauses, built, "every arrival and every move with its workflow, every container with its action", got)


def _creations(batches: Sequence[Batch]) -> str:
    planned = ((batch.name, text.day(batch.start), len(batch.stays[0].containers)) for batch in batches)
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "day": "date", "containers": "bigint"}, planned),
        "actions AS (SELECT workflow_id, count(*) AS n FROM batch_creationaction GROUP BY workflow_id)",
        """
        SELECT p.batch, w.workflow_number, n.day, w.planned_start_date, w.actual_start_date, w.actual_completion_date,
          n.containers, a.n AS actions, w.total_actions, w.actions_completed, w.progress_percentage
        FROM picked p
        JOIN planned n ON n.batch = p.batch
        LEFT JOIN batch_creationworkflow w ON w.batch_id = p.id
        LEFT JOIN actions a ON a.workflow_id = w.id
        WHERE (w.planned_start_date, w.planned_completion_date, w.actual_start_date, w.actual_completion_date)
            IS DISTINCT FROM (n.day, n.day, n.day, n.day)
          OR (a.n, w.total_actions, w.actions_completed, w.progress_percentage)
            IS DISTINCT FROM (n.containers, n.containers::integer, n.containers::integer, 100.00)
        ORDER BY p.batch
        """,
    )


def _transfers(last: int, batches: Sequence[Batch]) -> str:
    def planned() -> Iterator[tuple[object, ...]]:
        for batch in batches:
            for before, after in zip(batch.stays, batch.stays[1:], strict=False):
                yield batch.name, before.order, after.order, text.day(batch.start + after.first), after.order == last

    columns = {"batch": "text", "source": "int", "destination": "int", "day": "date", "to_sea": "boolean"}
    return text.query(
        text.picked(batches),
        text.table("planned", columns, planned()),
        """
        actions AS (
          SELECT workflow_id, count(*) AS n, count(*) FILTER (WHERE status = 'COMPLETED') AS completed
          FROM batch_transferaction GROUP BY workflow_id
        )""",
        """
        found AS (
          SELECT p.batch, s."order" AS source, d."order" AS destination, w.*, a.n, a.completed
          FROM picked p
          JOIN batch_batchtransferworkflow w ON w.batch_id = p.id
          LEFT JOIN batch_lifecyclestage s ON s.id = w.source_lifecycle_stage_id
          LEFT JOIN batch_lifecyclestage d ON d.id = w.dest_lifecycle_stage_id
          LEFT JOIN actions a ON a.workflow_id = w.id
        )""",
        """
        SELECT coalesce(n.batch, f.batch) AS batch, n.source AS planned_source, n.destination AS planned_destination, n.day AS planned_day,
          f.workflow_number, f.actual_start_date, f.actual_completion_date, f.n AS actions, f.total_actions_planned, f.actions_completed,
          f.completion_percentage, f.is_intercompany
        FROM planned n FULL JOIN found f ON (f.batch, f.source, f.destination) = (n.batch, n.source, n.destination)
        WHERE n.batch IS NULL OR f.batch IS NULL
          OR (f.planned_start_date, f.planned_completion_date, f.actual_start_date, f.actual_completion_date)
            IS DISTINCT FROM (n.day, n.day, n.day, n.day)
          OR f.n IS NULL OR (f.completed, f.total_actions_planned, f.actions_completed) IS DISTINCT FROM (f.n, f.n::integer, f.n::integer)
          OR (f.completion_percentage, f.workflow_type) IS DISTINCT FROM (100.00, 'LIFECYCLE_TRANSITION')
          OR (f.is_intercompany, f.source_subsidiary IS NOT NULL, f.dest_subsidiary IS NOT NULL)
            IS DISTINCT FROM (n.to_sea, n.to_sea, n.to_sea)
        ORDER BY 1, n.day
        """,
    )


def _arrivals(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        measures.STAYS,
        """
        filled AS (
          SELECT dest_assignment_id AS id, actual_delivery_date AS day FROM batch_creationaction
          UNION ALL SELECT dest_assignment_id, actual_execution_date FROM batch_transferaction
        )""",
        """
        SELECT s.batch, s.stage, c.name AS container, s.assignment_date, count(f.id) AS actions, min(f.day) AS first, max(f.day) AS last
        FROM stays s
        JOIN infrastructure_container c ON c.id = s.container_id
        LEFT JOIN filled f ON f.id = s.id
        GROUP BY s.batch, s.stage, c.name, s.assignment_date
        HAVING count(f.id) = 0 OR bool_or(f.day IS DISTINCT FROM s.assignment_date)
        ORDER BY s.batch, s.stage, c.name
        """,
    )


def _departures(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        measures.STAYS,
        """
        emptied AS (
          SELECT source_assignment_id AS id, actual_execution_date AS day FROM batch_transferaction
          UNION ALL SELECT assignment_id, (event_date AT TIME ZONE 'UTC')::date FROM harvest_harvestevent
        )""",
        """
        SELECT s.batch, s.stage, c.name AS container, s.departure_date, count(e.id) AS moves_and_harvests,
          min(e.day) AS first, max(e.day) AS last
        FROM stays s
        JOIN infrastructure_container c ON c.id = s.container_id
        LEFT JOIN emptied e ON e.id = s.id
        GROUP BY s.batch, s.stage, c.name, s.departure_date, s.population_count
        HAVING CASE WHEN s.departure_date IS NULL OR s.population_count = 0 THEN count(e.id) > 0
          ELSE count(e.id) = 0 OR bool_or(e.day IS DISTINCT FROM s.departure_date) END
        ORDER BY s.batch, s.stage, c.name
        """,
    )


def _numbered(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        actions AS (
          SELECT w.batch_id, w.workflow_number, w.actual_start_date AS day, a.action_number, a.actual_delivery_date AS done_on
          FROM batch_creationworkflow w JOIN batch_creationaction a ON a.workflow_id = w.id
          UNION ALL
          SELECT w.batch_id, w.workflow_number, w.actual_start_date, a.action_number, a.actual_execution_date
          FROM batch_batchtransferworkflow w JOIN batch_transferaction a ON a.workflow_id = w.id
        )""",
        """
        SELECT p.batch, a.workflow_number, a.day, count(*) AS actions, count(DISTINCT a.action_number) AS numbers,
          min(a.action_number) AS first, max(a.action_number) AS last, min(a.done_on) AS first_day, max(a.done_on) AS last_day
        FROM picked p JOIN actions a ON a.batch_id = p.id
        GROUP BY p.batch, a.workflow_number, a.day
        HAVING (count(DISTINCT a.action_number), min(a.action_number), max(a.action_number)::bigint) <> (count(*), 1, count(*))
          OR bool_or(a.done_on IS DISTINCT FROM a.day)
        ORDER BY p.batch, a.workflow_number
        """,
    )
