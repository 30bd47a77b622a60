"""Criteria about where a batch is in its life: `statuses` and `stages`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Clause, count, verdict_of

ACTIVE, COMPLETED = "ACTIVE", "COMPLETED"


def status_of(batch: Batch) -> str:
    """The status that a batch has by its age."""
    return COMPLETED if batch.harvested else ACTIVE


@dataclass(frozen=True, slots=True)
class Statuses:
    """Batches, assignments and workflows are open or closed as their dates say."""

    name: str = "statuses"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Batches by age, assignments by stay, and no workflow left open."""
        clauses = [
            Clause("batches are ACTIVE, or COMPLETED from their harvest on", _batches),
            Clause("assignments are open while the fish are there and closed on the day they leave", _assignments),
            Clause("workflows and their actions are COMPLETED", _workflows),
        ]
        found = Counter(status_of(batch) for batch in built)
        got = ", ".join(f"{number:,} {status}" for status, number in found.items())
        return verdict_of(conn, clauses, built, "open or closed as the dates say", got)


def _batches(batches: Sequence[Batch]) -> str:
    planned = (
        (batch.name, status_of(batch), text.day(batch.start), text.day(batch.start + batch.age) if batch.harvested else None)
        for batch in batches
    )
    return text.query(
        text.table("planned", {"batch": "text", "status": "text", "start_date": "date", "end_date": "date"}, planned),
        """
        SELECT p.batch, p.status AS planned, b.status, p.start_date AS planned_start, b.start_date,
          p.end_date AS planned_end, b.actual_end_date
        FROM planned p LEFT JOIN batch_batch b ON b.batch_number = p.batch
        WHERE (b.status, b.start_date, b.actual_end_date) IS DISTINCT FROM (p.status, p.start_date, p.end_date)
        ORDER BY p.batch
        """,
    )


def _stays(batches: Sequence[Batch]) -> str:
    def rows() -> Iterable[tuple[object, ...]]:
        for batch in batches:
            for stay in batch.stays:
                first = batch.start + stay.first
                left = text.day(first + stay.days) if stay.ended else None
                yield batch.name, stay.order, len(stay.containers), text.day(first), left

    columns = {"batch": "text", "stage": "int", "containers": "bigint", "arrival": "date", "departure": "date"}
    return text.table("planned", columns, rows())


def _assignments(batches: Sequence[Batch]) -> str:
    return text.query(
        _stays(batches),
        """
        SELECT p.batch, s.name AS stage, c.name AS container, a.assignment_date, p.departure AS planned_departure, a.departure_date,
          a.is_active
        FROM planned p
        JOIN batch_batch b ON b.batch_number = p.batch
        JOIN batch_batchcontainerassignment a ON a.batch_id = b.id
        JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id AND s."order" = p.stage
        LEFT JOIN infrastructure_container c ON c.id = a.container_id
        WHERE a.departure_date IS DISTINCT FROM p.departure OR a.is_active <> (p.departure IS NULL)
        ORDER BY p.batch, s."order", c.name
        """,
    )


def _workflows(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        flows AS (
          SELECT batch_id, workflow_number, 0 AS action, status, actual_completion_date AS done_on FROM batch_creationworkflow
          UNION ALL SELECT batch_id, workflow_number, 0, status, actual_completion_date FROM batch_batchtransferworkflow
          UNION ALL SELECT w.batch_id, w.workflow_number, a.action_number, a.status, a.actual_delivery_date
            FROM batch_creationaction a JOIN batch_creationworkflow w ON w.id = a.workflow_id
          UNION ALL SELECT w.batch_id, w.workflow_number, a.action_number, a.status, a.actual_execution_date
            FROM batch_transferaction a JOIN batch_batchtransferworkflow w ON w.id = a.workflow_id
        )""",
        f"""
        SELECT p.batch, f.workflow_number, nullif(f.action, 0) AS action, f.status, f.done_on
        FROM picked p JOIN flows f ON f.batch_id = p.id
        WHERE f.status <> '{COMPLETED}' OR f.done_on IS NULL
        ORDER BY p.batch, f.workflow_number, f.action
        """,
    )


@dataclass(frozen=True, slots=True)
class Stages:
    """Every batch is in the stage of its age, and every stage has its batches."""

    name: str = "stages"
    farm_wide: bool = True

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """The stage of each batch, its way through the stages before, and how many active batches each stage has."""
        names = {order: stage.name for order, stage in enumerate(plan.simulation.profile.stages, start=1)}
        active = Counter(batch.stage for batch in built if not batch.harvested)
        planned = {names[order]: number for order, number in sorted(active.items())}
        clauses = [
            Clause("every batch is in the stage of its age", _current),
            Clause("every batch went through the stages in order and on the planned days", _way),
            Clause("every stage has its active batches", partial(_active, planned)),
        ]
        said = ", ".join(f"{name} {number:,}" for name, number in planned.items()) or "no active batch"
        got = f"{said}; {count(len(built) - active.total(), 'batch')} harvested"
        return verdict_of(conn, clauses, built, "every batch in the stage of its age, every stage with its batches", got)


def _current(batches: Sequence[Batch]) -> str:
    planned = ((batch.name, batch.stage) for batch in batches)
    return text.query(
        text.table("planned", {"batch": "text", "stage": "int"}, planned),
        """
        SELECT p.batch, p.stage AS planned, s."order" AS stage, s.name
        FROM planned p
        LEFT JOIN batch_batch b ON b.batch_number = p.batch
        LEFT JOIN batch_lifecyclestage s ON s.id = b.lifecycle_stage_id
        WHERE s."order" IS DISTINCT FROM p.stage
        ORDER BY p.batch
        """,
    )


def _way(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        _stays(batches),
        """
        found AS (
          SELECT p.batch, s."order" AS stage, count(*) AS containers, min(a.assignment_date) AS first, max(a.assignment_date) AS last
          FROM picked p
          JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
          JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
          GROUP BY p.batch, s."order"
        )""",
        """
        SELECT coalesce(p.batch, f.batch) AS batch, coalesce(p.stage, f.stage) AS stage, p.arrival AS planned_arrival, f.first, f.last,
          p.containers AS planned_containers, f.containers
        FROM planned p FULL JOIN found f ON f.batch = p.batch AND f.stage = p.stage
        WHERE (f.first, f.last, f.containers) IS DISTINCT FROM (p.arrival, p.arrival, p.containers)
        ORDER BY 1, 2
        """,
    )


def _active(planned: Mapping[str, int], batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        text.table("planned", {"stage": "text", "batches": "bigint"}, planned.items()),
        f"""
        found AS (
          SELECT s.name AS stage, count(*) AS batches
          FROM picked p JOIN batch_batch b ON b.id = p.id JOIN batch_lifecyclestage s ON s.id = b.lifecycle_stage_id
          WHERE b.status = '{ACTIVE}' GROUP BY s.name
        )""",
        """
        SELECT coalesce(p.stage, f.stage) AS stage, p.batches AS planned, f.batches AS found
        FROM planned p FULL JOIN found f ON f.stage = p.stage
        WHERE p.batches IS DISTINCT FROM f.batches
        ORDER BY 1
        """,
    )
