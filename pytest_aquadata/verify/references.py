"""Criterion `orphans`: no row points at nothing, and none at a row of another batch, container or time.

Each table is read once: its rows are grouped by all their keys together, and the few groups are then looked up. So the largest table costs
one scan however many keys it has, and keys that have been set aside are verified like the others.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.streams.third_party import own_tables
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import SHOWN, Connection, Verdict
from pytest_aquadata.verify.clauses import Found, count, failure, find, grouped_by_hash
from pytest_aquadata.verify.schema import ASSIGNMENT, BATCH, KEYS, READING, SOFT_KEYS, key_of


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the keys of a table's rows have to agree with one another.

    joins: what to look up for a group of rows `k`. rules: what must hold, by how it is called. when: the day of a group's first
    or last row, with {} for min or max, which the rules may use (k.first, k.last).
    """

    joins: str
    rules: Mapping[str, str]
    when: str = ""


def _of_assignment(column: str, *, container: bool, when: str = "", stage: bool = False, batch: bool = True) -> Agreement:
    """An event of a container assignment belongs to its batch and container and lies within its days."""
    rules = {}
    if batch:
        rules[f"{column} of another batch"] = "a.batch_id = k.batch_id"
    if container:
        rules[f"{column} of another container"] = "a.container_id = k.container_id"
    if stage:
        rules[f"{column} of another stage"] = "a.lifecycle_stage_id = k.lifecycle_stage_id"
    if when:
        rules["outside the days of its assignment"] = (
            "k.first >= a.assignment_date AND (a.departure_date IS NULL OR k.last < a.departure_date)"
        )
    return Agreement(f"LEFT JOIN {ASSIGNMENT} a ON a.id = k.{column}", rules, when)


_UTC = "({{}}({column}) AT TIME ZONE 'UTC')::date"

_WORKFLOW_STAYS = """LEFT JOIN batch_batchtransferworkflow w ON w.id = k.workflow_id
  LEFT JOIN batch_batchcontainerassignment a ON a.id = k.source_assignment_id
  LEFT JOIN batch_batchcontainerassignment d ON d.id = k.dest_assignment_id"""

_READING_JOINS = """LEFT JOIN batch_batchcontainerassignment a ON a.id = k.batch_container_assignment_id
  LEFT JOIN infrastructure_sensor s ON s.id = k.sensor_id
  LEFT JOIN environmental_environmentalparameter p ON p.id = k.parameter_id"""


def _of_others() -> dict[str, Agreement]:
    """Rows of other packages' streams that name batch and assignment name those that belong together."""
    found = {}
    for name, table in own_tables().items():
        stays = [column for column, target in table.keys.items() if target == ASSIGNMENT and column.endswith("assignment_id")]
        if stays and table.keys.get("batch_id") == BATCH:
            found[name] = _of_assignment(stays[0], container="container_id" in table.keys)
    return found


AGREEMENTS: Mapping[str, Agreement] = {
    **_of_others(),
    "batch_actualdailyassignmentstate": _of_assignment("assignment_id", container=True, when="{}(date)", stage=True),
    "batch_batch": Agreement(
        "LEFT JOIN scenario s ON s.scenario_id = k.pinned_scenario_id", {"scenario of another batch": "s.batch_id = k.id"}
    ),
    "batch_creationaction": Agreement(
        "LEFT JOIN batch_creationworkflow w ON w.id = k.workflow_id\n"
        "  LEFT JOIN batch_batchcontainerassignment a ON a.id = k.dest_assignment_id",
        {"dest_assignment_id of another batch": "a.batch_id = w.batch_id"},
    ),
    "batch_growthsample": _of_assignment("assignment_id", container=False, when="{}(sample_date)", batch=False),
    "batch_mortalityevent": _of_assignment("assignment_id", container=False, when="{}(event_date)"),
    "batch_transferaction": Agreement(
        _WORKFLOW_STAYS,
        {
            "source_assignment_id of another batch": "a.batch_id = w.batch_id",
            "dest_assignment_id of another batch": "d.batch_id = w.batch_id",
            "moves out on another day than in": "a.departure_date = d.assignment_date",
        },
    ),
    READING: Agreement(
        _READING_JOINS,
        {
            **_of_assignment("batch_container_assignment_id", container=True, when="reading_time").rules,
            "sensor of another container": "s.container_id = k.container_id",
            "sensor of another parameter": "s.sensor_type = p.name",
        },
        _UTC.format(column="reading_time"),
    ),
    "finance_factharvest": Agreement(
        "LEFT JOIN harvest_harvestlot l ON l.id = k.lot_id\n  LEFT JOIN harvest_harvestevent e ON e.id = k.event_id",
        {
            "lot of another event": "l.event_id = k.event_id",
            "lot of another grade": "l.product_grade_id = k.product_grade_id",
            "event of another batch": "e.batch_id = k.dim_batch_id",
        },
    ),
    "finance_intercompanytransaction": Agreement(
        "LEFT JOIN django_content_type c ON c.id = k.content_type_id",
        {
            "raised by neither a transfer nor a harvest": "(c.app_label, c.model) IN (('batch', 'batchtransferworkflow'), "
            "('harvest', 'harvestevent'))",
            "event_id of another harvest than object_id": "CASE WHEN c.model = 'harvestevent' "
            "THEN k.event_id IS NOT DISTINCT FROM k.object_id ELSE k.event_id IS NULL END",
        },
    ),
    "harvest_harvestevent": Agreement(
        "LEFT JOIN batch_batchcontainerassignment a ON a.id = k.assignment_id",
        {
            "assignment_id of another batch": "a.batch_id = k.batch_id",
            "not on the day its assignment ends": "k.first = a.departure_date AND k.last = a.departure_date",
        },
        _UTC.format(column="event_date"),
    ),
    "health_licecount": _of_assignment("assignment_id", container=True),
    "health_treatment": _of_assignment("batch_assignment_id", container=True),
    "inventory_feedingevent": _of_assignment("batch_assignment_id", container=True, when="{}(feeding_date)"),
    "scenario_scenarioprojection": Agreement(
        "LEFT JOIN scenario s ON s.scenario_id = k.scenario_id",
        {"outside the days of its scenario": "k.first >= s.start_date AND k.last < s.start_date + s.duration_days"},
        "{}(projection_date)",
    ),
}
"""Beyond pointing at something: what the keys of one row have to have in common."""

_MORE_KEYS = {"batch_batch": ("id",)}
_NULL_PARENTS = {
    "batch_mortalityevent": ("assignment_id",),
    "batch_transferaction": ("dest_assignment_id",),
    READING: ("batch_id", "container_id", "sensor_id", "batch_container_assignment_id"),
    "inventory_feedingevent": ("batch_assignment_id",),
    "scenario": ("batch_id",),
}
"""Keys that may be empty in the schema, but never in a build."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Every key of every filled table."""

    name: str = "orphans"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Table by table; the verdict shows the first rows of each table that has any."""
        names = tuple(batch.name for batch in plan.simulation.batches)
        tables = [table for table in plan.all_tables if table in KEYS]
        rows: list[tuple[object, ...]] = []
        total, shown = 0, ""
        columns: tuple[str, ...] = ()
        for table in list(tables):
            try:
                with grouped_by_hash(conn):
                    found = find(conn, astray(table))
            except NotFilled:  # noted where it is raised
                tables.remove(table)
                continue
            own = [row for row in found.rows if row[0] is None or row[0] in names]
            if own:
                rows += own
                total += found.count if len(own) == len(found.rows) else len(own)
                columns, shown = found.columns, shown or astray(table, {str(row[2]) for row in own})
        expected = "every key points at a row that exists, of the same batch, container and time"
        if not rows:
            keys = sum(len(KEYS[table]) for table in tables)
            return Verdict("pass", expected, f"{count(keys, 'key')} of {count(len(tables), 'table')}")
        rows.sort(key=lambda row: row[0] is None)
        tables_hit = list(dict.fromkeys(str(row[1]) for row in rows))
        return failure(
            expected,
            Found(columns, rows, total),
            lambda _: shown,
            built,
            f"{count(total, 'way')} in which rows go astray, in {', '.join(tables_hit[:SHOWN])}",
        )


def astray(table: str, only: Container[str] | None = None) -> str:
    """The query of a table's rows that point at nothing, or at what is not theirs, grouped by their keys.

    only: what to look for, by how it is called; None for all there is.
    """
    keys, agreement = KEYS[table], AGREEMENTS.get(table)
    soft = SOFT_KEYS.get(table, ())
    columns = sorted({*keys, *(key.column for key in soft), *_MORE_KEYS.get(table, ())})
    grouped = ", ".join(columns)
    when = agreement.when if agreement else ""
    extra = f", {when.format('min')} AS first, {when.format('max')} AS last" if when else ""
    found = [(f"{column} points at nothing", f"k.{column}", _missing(column, target)) for column, target in keys.items()]
    found += [
        (f"{key.column} points at no {key.target}", f"k.{key.column}", f"{_missing(key.column, key.target)} AND {key.only}") for key in soft
    ]
    found += [(f"{column} is empty", "NULL", f"WHERE k.{column} IS NULL") for column in _NULL_PARENTS.get(table, ())]
    if agreement:
        # a rule about what is not there at all is another rule's business: NULL does not offend
        found += [(rule, _value(columns), f"{agreement.joins}\n  WHERE NOT ({holds})") for rule, holds in agreement.rules.items()]
    return text.query(
        f"keys AS MATERIALIZED (\n  SELECT {grouped}, count(*) AS rows, min({key_of(table)}) AS first_row{extra}\n"
        f"  FROM {table} GROUP BY {grouped}\n)",
        "\nUNION ALL\n".join(_branch(table, columns, *branch) for branch in found if only is None or branch[0] in only),
    )


def _branch(table: str, columns: Sequence[str], what: str, value: str, rest: str) -> str:
    batch = _batch_of(table, columns)
    return (
        f"SELECT {batch} AS batch, '{table}' AS table_name, '{what}' AS what, {value}::bigint AS key, "
        f"k.rows::bigint AS rows, k.first_row::bigint AS first_row\n  FROM keys k {rest}"
    )


def _missing(column: str, target: str) -> str:
    return f"WHERE k.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {target} o WHERE o.{key_of(target)} = k.{column})"


def _value(columns: Sequence[str]) -> str:
    stays = [column for column in columns if column.endswith("assignment_id")]
    return f"k.{stays[0]}" if stays else "k.object_id" if "object_id" in columns else f"k.{columns[0]}"


_TO_BATCH = {
    "growth_sample_id": "SELECT a.batch_id FROM batch_growthsample g JOIN batch_batchcontainerassignment a ON a.id = g.assignment_id "
    "WHERE g.id = k.growth_sample_id",
    "scenario_id": "SELECT s.batch_id FROM scenario s WHERE s.scenario_id = k.scenario_id",
    "event_id": "SELECT e.batch_id FROM harvest_harvestevent e WHERE e.id = k.event_id",
    "dim_batch_id": "SELECT k.dim_batch_id",
    "object_id": "SELECT w.batch_id FROM batch_batchtransferworkflow w JOIN django_content_type c ON c.id = k.content_type_id "
    "WHERE w.id = k.object_id AND (c.app_label, c.model) = ('batch', 'batchtransferworkflow')",
}


def _batch_of(table: str, columns: Sequence[str]) -> str:
    """The name of the batch of a group of rows, by whichever key still leads to one; NULL where none does."""
    ways = []
    if table == BATCH:
        ways.append("k.id")
    if "batch_id" in columns:
        ways.append("k.batch_id")
    if "workflow_id" in columns:
        ways.append(f"(SELECT o.batch_id FROM {KEYS[table]['workflow_id']} o WHERE o.id = k.workflow_id)")
    soft = {key.column for key in SOFT_KEYS.get(table, ())}
    for column in sorted(columns, key=lambda name: name in soft):
        if column.endswith("assignment_id"):
            ways.append(f"(SELECT o.batch_id FROM {ASSIGNMENT} o WHERE o.id = k.{column})")
        elif column in _TO_BATCH:
            ways.append(f"({_TO_BATCH[column]})")
    names = [f"(SELECT b.batch_number FROM {BATCH} b WHERE b.id = {way})" for way in ways]
    return f"coalesce({', '.join(names)})" if names else "NULL::varchar"
