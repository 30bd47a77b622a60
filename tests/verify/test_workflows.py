"""Criteria `workflows`, `uniqueness` and `time_order`."""

from __future__ import annotations

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, EGGS, HARVESTED, Farm

from pytest_aquadata.farm import setup
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.time_order import IN_CONTAINERS, TO_BATCHES
from pytest_aquadata.verify.uniqueness import NAMES, ONCE

_OF_BATCH = "assignment_id IN (SELECT id FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)"
_FLOW = "(SELECT max(id) FROM batch_batchtransferworkflow WHERE batch_id = %(id)s)"

_ENTRY = (
    "entry_date, category, severity, description, resolution_status, resolution_notes, batch_id, container_id, user_id, "
    "created_at, updated_at"
)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"DELETE FROM batch_transferaction WHERE workflow_id = {_FLOW}", "a transfer workflow for every change of stage"),
        (f"UPDATE batch_batchtransferworkflow SET actual_completion_date = actual_completion_date + 1 WHERE id = {_FLOW}", "on its day"),
        (f"UPDATE batch_batchtransferworkflow SET completion_percentage = 90 WHERE id = {_FLOW}", "to the last action"),
        (f"UPDATE batch_batchtransferworkflow SET is_intercompany = NOT is_intercompany WHERE id = {_FLOW}", "a transfer workflow"),
        (
            f"UPDATE batch_transferaction SET action_number = action_number + 20 WHERE workflow_id = {_FLOW} AND action_number = 1",
            "numbered from 1",
        ),
        (
            "UPDATE batch_creationworkflow SET total_actions = total_actions + 1 WHERE batch_id = %(id)s",
            "a creation workflow for every batch",
        ),
        ("UPDATE batch_creationworkflow SET batch_id = NULL WHERE batch_id = %(id)s", "a creation workflow for every batch"),
    ],
)
def test_workflows(farm: Farm, harm: str, expected: str) -> None:
    if "batch_id = NULL" in harm:
        farm.do_structure("ALTER TABLE batch_creationworkflow ALTER COLUMN batch_id DROP NOT NULL")
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("workflows", AT_SEA, expected=expected)


def test_a_container_without_its_action(farm: Farm) -> None:
    """Totals agree and numbers have no gap, but fish came into a ring without a record."""
    farm.do(
        f"""UPDATE batch_transferaction t SET dest_assignment_id = x.first FROM (
              SELECT min(dest_assignment_id) AS first, max(dest_assignment_id) AS last FROM batch_transferaction WHERE workflow_id = {_FLOW}
            ) x WHERE t.workflow_id = {_FLOW} AND t.dest_assignment_id = x.last""",
        id=farm.id(AT_SEA),
    )
    farm.fails("workflows", AT_SEA, expected="that fish came into")


@pytest.mark.parametrize(
    ("batch", "harm", "expected"),
    [
        (AT_SEA, f"UPDATE batch_batchtransferworkflow SET workflow_number = 'TRF-1' WHERE id = {_FLOW}", "made of their batch's number"),
        (HARVESTED, "UPDATE harvest_harvestevent SET document_ref = 'HRV' WHERE batch_id = %(id)s", "made of their batch's number"),
        (EGGS, "UPDATE scenario SET name = 'Baseline' WHERE batch_id = %(id)s", "made of their batch's number"),
        (
            ALSO_HARVESTED,
            f"INSERT INTO health_journalentry ({_ENTRY}) SELECT {_ENTRY} FROM health_journalentry WHERE batch_id = %(id)s LIMIT 1",
            "no two rows of health_journalentry",
        ),
    ],
)
def test_uniqueness(farm: Farm, batch: str, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(batch))
    farm.fails("uniqueness", batch, expected=expected)


def test_two_deliveries_of_one_number(farm: Farm) -> None:
    farm.do("UPDATE inventory_feedpurchase SET batch_number = (SELECT batch_number FROM inventory_feedpurchase WHERE id = 2) WHERE id = 1")
    verdict = farm.check("uniqueness")
    assert (verdict.state, verdict.expected) == ("fail", "no two rows of inventory_feedpurchase with the same batch_number")


@pytest.mark.parametrize("table", sorted(IN_CONTAINERS))
def test_an_event_after_the_fish_have_left(farm: Farm, table: str) -> None:
    happening = IN_CONTAINERS[table]
    column = next(word for word in happening.day.replace("(", " ").split() if word.startswith("t.")).removeprefix("t.")
    owner = happening.owner.removeprefix("t.")
    farm.do_structure("SET session_replication_role = replica")
    farm.do(
        f"""UPDATE {table} t SET {column} = t.{column} + interval '700 days' WHERE t.ctid = (SELECT t.ctid FROM {table} t
            JOIN batch_batchcontainerassignment a ON a.id = t.{owner} WHERE a.batch_id = %(id)s LIMIT 1)""",
        id=farm.id(HARVESTED),
    )
    verdict = farm.fails("time_order", HARVESTED)
    assert any(table in row for row in verdict.rows)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("UPDATE health_journalentry SET entry_date = entry_date - interval '10 years' WHERE batch_id = %(id)s", "before its start"),
        ("UPDATE inventory_feedingevent SET updated_at = created_at - interval '1 s' WHERE batch_id = %(id)s", "written down no earlier"),
        (f"UPDATE batch_growthsample SET created_at = created_at - interval '1 day' WHERE {_OF_BATCH}", "written down no earlier"),
    ],
)
def test_clock(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("time_order", AT_SEA, expected=expected)


def test_tables_and_columns_are_those_of_the_application() -> None:
    """A table that is misspelled would be left out of the statements without a word."""
    setup.configure("postgresql://nowhere/nothing")
    from django.apps import apps

    columns = {model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()}
    for table, names in (*NAMES.items(), *ONCE.items()):
        assert set(names) <= columns[table], table
    assert set(IN_CONTAINERS) | set(TO_BATCHES) <= set(columns)


@pytest.mark.parametrize(
    ("bounds", "state"), [({"min": 2, "max": 3}, "pass"), ({"min": 4}, "fail"), ({"max": 2}, "fail"), ({"warn_min": 4}, "warn")]
)
def test_years_of_history(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("time_order", CriterionSpec(**bounds))
    assert verdict.state == state
    assert "2.38 years" in verdict.got
