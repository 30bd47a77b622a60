"""Criterion `uniqueness`: names follow their pattern and belong to one thing each, and nothing is recorded twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.clauses import Clause, count, verdict_of
from pytest_aquadata.verify.schema import ASSIGNMENT

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "batch_batch": ("batch_number",),
        "batch_creationworkflow": ("workflow_number",),
        "batch_batchtransferworkflow": ("workflow_number",),
        "harvest_harvestevent": ("document_ref",),
        "scenario": ("name",),
        "scenario_tgcmodel": ("name",),
        "scenario_temperatureprofile": ("name",),
        "infrastructure_geography": ("name",),
        "infrastructure_area": ("geography_id", "name"),
        "infrastructure_freshwaterstation": ("geography_id", "name"),
        "infrastructure_hall": ("freshwater_station_id", "name"),
        "infrastructure_container": ("hall_id", "area_id", "name"),
        "infrastructure_feedcontainer": ("hall_id", "area_id", "name"),
        "infrastructure_sensor": ("container_id", "name"),
        "inventory_feed": ("name",),
        "inventory_feedpurchase": ("batch_number",),
        "environmental_environmentalparameter": ("name",),
        "finance_dimsite": ("source_model", "source_pk"),
    }
)
"""Columns by which a person knows a row of a table: no two rows have the same."""

ONCE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "batch_actualdailyassignmentstate": ("assignment_id", "date"),
        "batch_growthsample": ("assignment_id", "sample_date"),
        "batch_mortalityevent": ("assignment_id", "event_date"),
        "health_healthsamplingevent": ("assignment_id", "sampling_date"),
        "health_licecount": ("assignment_id", "count_date", "lice_type_id"),
        "health_treatment": ("batch_assignment_id", "treatment_date", "treatment_type"),
        "health_journalentry": ("batch_id", "entry_date", "container_id", "category"),
        "harvest_harvestevent": ("assignment_id",),
        "harvest_harvestlot": ("event_id", "product_grade_id"),
        "inventory_feedingevent": ("batch_assignment_id", "feeding_date", "feeding_time"),
        "scenario_scenarioprojection": ("scenario_id", "day_number"),
    }
)
"""What makes an event one: no two rows of a table have the same. Readings are counted sensor by sensor (`readings`), fish sample by sample
(`growth_samples`, `health_samples`)."""

_OWNER: Mapping[str, str] = MappingProxyType(
    {
        "batch_id": "t.batch_id",
        "assignment_id": f"(SELECT a.batch_id FROM {ASSIGNMENT} a WHERE a.id = t.assignment_id)",
        "batch_assignment_id": f"(SELECT a.batch_id FROM {ASSIGNMENT} a WHERE a.id = t.batch_assignment_id)",
        "event_id": "(SELECT e.batch_id FROM harvest_harvestevent e WHERE e.id = t.event_id)",
        "scenario_id": "(SELECT s.batch_id FROM scenario s WHERE s.scenario_id = t.scenario_id)",
    }
)
"""The batch of a group of rows `t`, by its first column."""


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """Names and events."""

    name: str = "uniqueness"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Patterns of the batches' own names, then doubles, table by table."""
        clauses = [Clause("names of workflows, harvests and scenarios are made of their batch's number", _patterns)]
        tables = plan.all_tables
        clauses += [
            Clause(f"no two rows of {table} with the same {_and(columns)}", partial(_doubles, table, columns))
            for table, columns in (*NAMES.items(), *ONCE.items())
            if table in tables
        ]
        return verdict_of(conn, clauses, built, "names and events once each", f"{count(len(clauses), 'statement')} hold")


def _and(columns: Sequence[str]) -> str:
    *most, last = columns
    return f"{', '.join(most)} and {last}" if most else last


def _patterns(batches: Sequence[Batch]) -> str:
    def planned() -> Iterator[tuple[str, str, str]]:
        for batch in batches:
            yield batch.name, "batch_creationworkflow", f"CRT-{batch.name}"
            yield batch.name, "scenario", f"Baseline Projection - {batch.name}"
            for stay in batch.stays[1:]:
                yield batch.name, "batch_batchtransferworkflow", f"TRF-{batch.name}-D{stay.first:03d}"

    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "table_name": "text", "name": "text"}, planned()),
        """
        harvests AS (
          SELECT p.batch, 'harvest_harvestevent' AS table_name, e.document_ref AS name, 'HRV-' || p.batch || '-' || c.name AS due
          FROM picked p
          JOIN harvest_harvestevent e ON e.batch_id = p.id
          JOIN batch_batchcontainerassignment a ON a.id = e.assignment_id
          JOIN infrastructure_container c ON c.id = a.container_id
        )""",
        """
        found AS (
          SELECT p.batch, 'batch_creationworkflow' AS table_name, w.workflow_number AS name
          FROM picked p JOIN batch_creationworkflow w ON w.batch_id = p.id
          UNION ALL
          SELECT p.batch, 'batch_batchtransferworkflow', w.workflow_number
          FROM picked p JOIN batch_batchtransferworkflow w ON w.batch_id = p.id
          UNION ALL
          SELECT p.batch, 'scenario', s.name
          FROM picked p JOIN batch_batch b ON b.id = p.id JOIN scenario s ON s.scenario_id = b.pinned_scenario_id
        )""",
        """
        SELECT coalesce(n.batch, f.batch) AS batch, coalesce(n.table_name, f.table_name) AS table_name, n.name AS due, f.name AS found
        FROM planned n FULL JOIN found f ON (f.batch, f.table_name, f.name) = (n.batch, n.table_name, n.name)
        WHERE n.name IS NULL OR f.name IS NULL
        UNION ALL
        SELECT batch, table_name, due, name FROM harvests WHERE name IS DISTINCT FROM due
        ORDER BY batch, table_name, due
        """,
    )


def _doubles(table: str, columns: Sequence[str], batches: Sequence[Batch]) -> str:
    same = ", ".join(columns)
    groups = f"groups AS (SELECT {same}, count(*) AS rows FROM {table} GROUP BY {same} HAVING count(*) > 1)"
    if ONCE.get(table) != columns:
        return text.query(groups, f"SELECT t.* FROM groups t ORDER BY {same}")
    shown = ", ".join(f"t.{column}" for column in columns)
    return text.query(
        text.picked(batches),
        groups,
        f"SELECT p.batch, {shown}, t.rows\nFROM groups t JOIN picked p ON p.id = {_OWNER[columns[0]]}\nORDER BY p.batch, {shown}",
    )
