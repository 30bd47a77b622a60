"""Criterion `orphans`."""

from __future__ import annotations

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, EGGS, HARVESTED, NEIGHBOUR, Farm

from pytest_aquadata.verify.clauses import find
from pytest_aquadata.verify.references import _NULL_PARENTS, AGREEMENTS, astray
from pytest_aquadata.verify.schema import KEYS, PARENTS, READING, SOFT_KEYS, key_of

_CATALOGUE = """
    SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, f.attname
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
    WHERE c.contype = 'f'
      AND split_part(c.conrelid::regclass::text, '_', 1) IN ('batch', 'broodstock', 'environmental', 'finance', 'harvest', 'health',
        'infrastructure', 'inventory', 'scenario')
"""


def test_keys_are_those_of_the_schema(farm: Farm) -> None:
    found = {(table, column): (target, key) for table, column, target, key in farm.conn.execute(_CATALOGUE)}
    known = {(table, column): (target, key_of(target)) for table, keys in KEYS.items() for column, target in keys.items()}
    assert known == found


def test_steps_to_the_batch_are_keys(farm: Farm) -> None:
    for table, step in PARENTS.items():
        if step.downward:
            assert KEYS[step.table][step.target] == table
            assert step.column == key_of(table)
        else:
            assert KEYS[table][step.column] == step.table
            assert step.target == key_of(step.table)


def _filled(farm: Farm) -> list[str]:
    return [table for table in farm.plan.all_tables if table in KEYS]


def test_a_key_to_nothing_in_any_column(farm: Farm) -> None:
    """Of every filled table, with every key that has a value."""
    tried = 0
    for table in _filled(farm):
        for column in KEYS[table]:
            with farm.undone():
                changed = farm.conn.execute(
                    f"UPDATE {table} SET {column} = 999999999 WHERE {key_of(table)} = "
                    f"(SELECT min({key_of(table)}) FROM {table} WHERE {column} IS NOT NULL)".encode()
                ).rowcount
                tried += changed
                found = find(farm.conn, astray(table))
                said = {(row[1], row[2], row[3]) for row in found.rows}
                assert ((table, f"{column} points at nothing", 999_999_999) in said) == bool(changed)
    assert tried > 60


@pytest.mark.parametrize("table", sorted(_NULL_PARENTS))
def test_a_key_that_is_empty(farm: Farm, table: str) -> None:
    for column in _NULL_PARENTS[table]:
        with farm.undone():
            first = farm.plan.first(farm.batch(AT_SEA), table)
            farm.do(f"UPDATE {table} SET {column} = NULL WHERE {key_of(table)} = {first}")
            verdict = farm.check("orphans")
            assert verdict.state == "fail"
            assert f"{column} is empty" in [row[2] for row in verdict.rows]


_OTHER = {"id": AT_SEA, "other": NEIGHBOUR}
_STAY_OF_OTHER = "(SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(other)s)"
_NEXT_RING = "(SELECT max(container_id) FROM batch_batchcontainerassignment WHERE batch_id = %(other)s)"


def _row(table: str, change: str, where: str = "batch_id = %(id)s") -> str:
    key = key_of(table)
    return f"UPDATE {table} SET {change} WHERE {key} = (SELECT max({key}) FROM {table} WHERE {where})"


_OF_STAY = "IN (SELECT id FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)"
_OF_FLOW = "IN (SELECT id FROM {} WHERE batch_id = %(id)s)"

HARMS: dict[tuple[str, str], str] = {
    ("batch_batch", "scenario of another batch"): "UPDATE batch_batch SET pinned_scenario_id = "
    "(SELECT scenario_id FROM scenario WHERE batch_id = %(other)s) WHERE id = %(id)s",
    ("batch_creationaction", "dest_assignment_id of another batch"): _row(
        "batch_creationaction", f"dest_assignment_id = {_STAY_OF_OTHER}", f"workflow_id {_OF_FLOW.format('batch_creationworkflow')}"
    ),
    ("batch_growthsample", "outside the days of its assignment"): _row(
        "batch_growthsample", "sample_date = '2000-01-01'", f"assignment_id {_OF_STAY}"
    ),
    ("batch_mortalityevent", "assignment_id of another batch"): _row("batch_mortalityevent", f"assignment_id = {_STAY_OF_OTHER}"),
    ("batch_mortalityevent", "outside the days of its assignment"): _row("batch_mortalityevent", "event_date = event_date - 600"),
    ("batch_transferaction", "source_assignment_id of another batch"): _row(
        "batch_transferaction", f"source_assignment_id = {_STAY_OF_OTHER}", f"workflow_id {_OF_FLOW.format('batch_batchtransferworkflow')}"
    ),
    ("batch_transferaction", "dest_assignment_id of another batch"): _row(
        "batch_transferaction", f"dest_assignment_id = {_STAY_OF_OTHER}", f"workflow_id {_OF_FLOW.format('batch_batchtransferworkflow')}"
    ),
    ("batch_transferaction", "moves out on another day than in"): "UPDATE batch_batchcontainerassignment SET assignment_date = "
    "assignment_date + 1 WHERE id = (SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)",
    (READING, "batch_container_assignment_id of another batch"): _row(READING, f"batch_container_assignment_id = {_STAY_OF_OTHER}"),
    (READING, "batch_container_assignment_id of another container"): _row(READING, f"container_id = {_NEXT_RING}"),
    (READING, "sensor of another container"): _row(
        READING, f"sensor_id = (SELECT min(id) FROM infrastructure_sensor WHERE container_id = {_NEXT_RING})"
    ),
    (READING, "sensor of another parameter"): _row(READING, "parameter_id = parameter_id %% 8 + 1"),
    (READING, "outside the days of its assignment"): _row(READING, "reading_time = reading_time - interval '400 days'"),
    ("inventory_feedingevent", "batch_assignment_id of another batch"): _row(
        "inventory_feedingevent", f"batch_assignment_id = {_STAY_OF_OTHER}"
    ),
    ("inventory_feedingevent", "batch_assignment_id of another container"): _row("inventory_feedingevent", f"container_id = {_NEXT_RING}"),
    ("inventory_feedingevent", "outside the days of its assignment"): _row(
        "inventory_feedingevent", "feeding_date = feeding_date + 100", "batch_id = %(id)s AND feeding_date < '2025-01-01'"
    ),
    ("scenario_scenarioprojection", "outside the days of its scenario"): _row(
        "scenario_scenarioprojection",
        "projection_date = projection_date + 1",
        "scenario_id = (SELECT scenario_id FROM scenario WHERE batch_id = %(id)s)",
    ),
}


@pytest.mark.parametrize(("table", "rule"), sorted(HARMS), ids=[": ".join(key) for key in sorted(HARMS)])
def test_rows_that_do_not_belong_together(farm: Farm, table: str, rule: str) -> None:
    farm.do(HARMS[table, rule], id=farm.id(AT_SEA), other=farm.id(NEIGHBOUR))
    verdict = farm.check("orphans")
    assert verdict.state == "fail"
    assert (AT_SEA, table, rule) in [row[:3] for row in verdict.rows]
    assert AT_SEA in verdict.batches
    assert farm.conn.execute(verdict.sql.encode()).fetchall()


_OF_EVENT = "event_id IN (SELECT id FROM harvest_harvestevent WHERE batch_id = %(id)s)"
_EVENT_OF_OTHER = "(SELECT min(id) FROM harvest_harvestevent WHERE batch_id = %(other)s)"

HARVEST_HARMS: dict[tuple[str, str], str] = {
    ("harvest_harvestevent", "assignment_id of another batch"): _row("harvest_harvestevent", f"assignment_id = {_STAY_OF_OTHER}"),
    ("harvest_harvestevent", "not on the day its assignment ends"): _row(
        "harvest_harvestevent", "event_date = event_date + interval '1 day'"
    ),
    ("finance_factharvest", "lot of another event"): _row("finance_factharvest", "event_id = event_id - 1", _OF_EVENT),
    ("finance_factharvest", "lot of another grade"): _row("finance_factharvest", "product_grade_id = product_grade_id %% 5 + 1", _OF_EVENT),
    ("finance_factharvest", "event of another batch"): _row("finance_factharvest", "dim_batch_id = %(other)s", _OF_EVENT),
    ("finance_intercompanytransaction", "raised by neither a transfer nor a harvest"): _row(
        "finance_intercompanytransaction",
        "content_type_id = (SELECT min(id) FROM django_content_type WHERE app_label NOT IN ('batch', 'harvest'))",
        _OF_EVENT,
    ),
    ("finance_intercompanytransaction", "event_id of another harvest than object_id"): _row(
        "finance_intercompanytransaction", f"object_id = {_EVENT_OF_OTHER}", _OF_EVENT
    ),
}


@pytest.mark.parametrize(("table", "rule"), sorted(HARVEST_HARMS), ids=[": ".join(key) for key in sorted(HARVEST_HARMS)])
def test_harvest_that_does_not_belong(farm: Farm, table: str, rule: str) -> None:
    farm.do(HARVEST_HARMS[table, rule], id=farm.id(HARVESTED), other=farm.id(ALSO_HARVESTED))
    verdict = farm.check("orphans")
    assert (HARVESTED, table, rule) in [row[:3] for row in verdict.rows]
    assert farm.conn.execute(verdict.sql.encode()).fetchall()


def test_a_transfer_is_no_harvest(farm: Farm) -> None:
    farm.do(
        _row("finance_intercompanytransaction", f"event_id = {_EVENT_OF_OTHER}", _OF_SMOLTS), id=farm.id(AT_SEA), other=farm.id(HARVESTED)
    )
    verdict = farm.check("orphans")
    rule = "event_id of another harvest than object_id"
    assert ("finance_intercompanytransaction", rule) in [row[1:3] for row in verdict.rows]


_OF_SMOLTS = "tx_id = (SELECT finance_transaction_id FROM batch_batchtransferworkflow WHERE batch_id = %(id)s AND is_intercompany)"


@pytest.mark.parametrize(
    ("table", "harm", "what", "batch"),
    [
        (
            "finance_factharvest",
            _row("finance_factharvest", "dim_batch_id = 99999999", _OF_EVENT),
            "dim_batch_id points at no batch_batch",
            HARVESTED,
        ),
        (
            "finance_intercompanytransaction",
            _row("finance_intercompanytransaction", "object_id = 99999999", _OF_EVENT),
            "object_id points at no harvest_harvestevent",
            HARVESTED,
        ),
        (
            # who it belonged to is lost with the key
            "finance_intercompanytransaction",
            _row("finance_intercompanytransaction", "object_id = 99999999", _OF_SMOLTS),
            "object_id points at no batch_batchtransferworkflow",
            None,
        ),
    ],
    ids=["fact's batch", "harvest", "transfer"],
)
def test_soft_keys_to_nothing(farm: Farm, table: str, harm: str, what: str, batch: str | None) -> None:
    farm.do(harm, id=farm.id(HARVESTED))
    verdict = farm.check("orphans")
    assert verdict.state == "fail"
    assert (batch, table, what, 99_999_999) in [row[:4] for row in verdict.rows]
    assert farm.conn.execute(verdict.sql.encode()).fetchall()


def test_soft_keys_are_columns_without_a_constraint() -> None:
    for table, keys in SOFT_KEYS.items():
        for key in keys:
            assert key.column not in KEYS[table]
            assert key.target in KEYS


_SINGLE_ROWS = {
    "batch_actualdailyassignmentstate": (
        "date, day_number, avg_weight_g, population, biomass_kg, mortality_count, feed_kg, sources, confidence_scores, last_computed_at, "
        "assignment_id, batch_id, container_id, lifecycle_stage_id",
        "{day}, 1, 1, 1, 1, 0, 0, '{{}}'::jsonb, '{{}}'::jsonb, now(), {stay}, {batch}, {container}, {stage}",
        {
            "assignment_id of another batch": {"batch": "(SELECT id FROM batch_batch WHERE batch_number = 'FAR-2025-005')"},
            "assignment_id of another container": {"container": "a.container_id + 1"},
            "assignment_id of another stage": {"stage": "a.lifecycle_stage_id - 1"},
            "outside the days of its assignment": {"day": "a.assignment_date - 1"},
        },
    ),
    "health_licecount": (
        "count_date, adult_female_count, adult_male_count, juvenile_count, fish_sampled, notes, batch_id, container_id, user_id, "
        "assignment_id",
        "now(), 0, 0, 0, 20, '', {batch}, {container}, 1, {stay}",
        {
            "assignment_id of another batch": {"batch": "(SELECT id FROM batch_batch WHERE batch_number = 'FAR-2025-005')"},
            "assignment_id of another container": {"container": "a.container_id + 1"},
        },
    ),
    "health_treatment": (
        "treatment_date, treatment_type, description, dosage, duration_days, withholding_period_days, outcome, batch_id, "
        "batch_assignment_id, container_id, user_id, includes_weighing",
        "now(), 'physical', '', '', 7, 42, 'successful', {batch}, {stay}, {container}, 1, false",
        {
            "batch_assignment_id of another batch": {"batch": "(SELECT id FROM batch_batch WHERE batch_number = 'FAR-2025-005')"},
            "batch_assignment_id of another container": {"container": "a.container_id + 1"},
        },
    ),
}


@pytest.mark.parametrize("table", sorted(_SINGLE_ROWS))
def test_a_row_that_disagrees_with_itself(farm: Farm, table: str) -> None:
    farm.conn.execute(f"DELETE FROM {table}".encode())
    columns, values, rules = _SINGLE_ROWS[table]
    good = {
        "day": "a.assignment_date",
        "stay": "a.id",
        "batch": "a.batch_id",
        "container": "a.container_id",
        "stage": "a.lifecycle_stage_id",
    }
    source = (
        "FROM batch_batchcontainerassignment a JOIN harvest_harvestevent e ON e.assignment_id = a.id "
        "WHERE a.batch_id = %(id)s ORDER BY e.id LIMIT 1"
    )
    for rule, wrong in [("", {}), *rules.items()]:
        with farm.undone():
            farm.do(f"INSERT INTO {table} ({columns}) SELECT {values.format(**good | wrong)} {source}", id=farm.id(HARVESTED))
            found = find(farm.conn, astray(table))
            assert {row[2] for row in found.rows} == ({rule} if rule else set())
    assert set(rules) == set(AGREEMENTS[table].rules)


def test_every_rule_is_broken_once() -> None:
    rules = {(table, rule) for table, agreement in AGREEMENTS.items() for rule in agreement.rules}
    tried = set(HARMS) | set(HARVEST_HARMS) | {(table, rule) for table, (_, _, known) in _SINGLE_ROWS.items() for rule in known}
    assert rules == tried


def test_keys_that_are_aside_are_verified(farm: Farm) -> None:
    """A constraint less makes no difference."""
    constraints = farm.conn.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'batch_growthsample'::regclass"
    ).fetchall()
    for (name,) in constraints:
        farm.do_structure(f'ALTER TABLE batch_growthsample DROP CONSTRAINT "{name}"')
    farm.do("UPDATE batch_growthsample SET assignment_id = 0 WHERE id = 1")
    verdict = farm.check("orphans")
    assert verdict.state == "fail"
    assert verdict.rows[0][1:4] == ("batch_growthsample", "assignment_id points at nothing", 0)


def test_rows_of_other_scenarios_are_theirs(farm: Farm) -> None:
    farm.do("UPDATE batch_batch SET batch_number = 'OTHER-1' WHERE id = %(id)s", id=farm.id(EGGS))
    farm.do("UPDATE batch_mortalityevent SET event_date = '1999-01-01' WHERE batch_id = %(id)s", id=farm.id("OTHER-1"))
    built = [batch for batch in farm.batches if batch.name != EGGS]
    assert farm.check("orphans", built=built).state == "pass"
