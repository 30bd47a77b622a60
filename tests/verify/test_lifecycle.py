"""Criteria `statuses` and `stages`."""

from __future__ import annotations

import pytest
from small_farm import AT_SEA, EGGS, HARVESTED, Farm

_LAST = "WHERE id = (SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)"
_FIRST = "WHERE id = (SELECT min(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)"


@pytest.mark.parametrize(
    ("batch", "harm", "expected"),
    [
        (AT_SEA, "UPDATE batch_batch SET status = 'COMPLETED' WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (HARVESTED, "UPDATE batch_batch SET status = 'PLANNED' WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (HARVESTED, "UPDATE batch_batch SET actual_end_date = NULL WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (HARVESTED, "UPDATE batch_batch SET actual_end_date = actual_end_date + 1 WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (AT_SEA, "UPDATE batch_batch SET actual_end_date = '2025-01-01' WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (AT_SEA, "UPDATE batch_batch SET start_date = start_date + 1 WHERE id = %(id)s", "ACTIVE, or COMPLETED"),
        (HARVESTED, f"UPDATE batch_batchcontainerassignment SET departure_date = NULL {_LAST}", "assignments are open"),
        (HARVESTED, f"UPDATE batch_batchcontainerassignment SET is_active = true {_LAST}", "assignments are open"),
        (AT_SEA, f"UPDATE batch_batchcontainerassignment SET departure_date = departure_date - 1 {_FIRST}", "assignments are open"),
        (AT_SEA, f"UPDATE batch_batchcontainerassignment SET is_active = false {_LAST}", "assignments are open"),
        (EGGS, "UPDATE batch_creationworkflow SET status = 'IN_PROGRESS' WHERE batch_id = %(id)s", "workflows"),
        (AT_SEA, "UPDATE batch_batchtransferworkflow SET actual_completion_date = NULL WHERE batch_id = %(id)s", "workflows"),
        (
            EGGS,
            "UPDATE batch_creationaction SET status = 'PENDING' WHERE workflow_id IN "
            "(SELECT id FROM batch_creationworkflow WHERE batch_id = %(id)s)",
            "workflows",
        ),
        (
            AT_SEA,
            "UPDATE batch_transferaction SET status = 'FAILED' WHERE workflow_id IN "
            "(SELECT id FROM batch_batchtransferworkflow WHERE batch_id = %(id)s)",
            "workflows",
        ),
    ],
)
def test_statuses(farm: Farm, batch: str, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(batch))
    farm.fails("statuses", batch, expected=expected)


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("UPDATE batch_batch SET lifecycle_stage_id = 5 WHERE id = %(id)s", "stage of its age"),
        (f"UPDATE batch_batchcontainerassignment SET assignment_date = assignment_date + 1 {_LAST}", "in order"),
        (f"UPDATE batch_batchcontainerassignment SET lifecycle_stage_id = 2 {_FIRST}", "in order"),
        (f"DELETE FROM batch_batchcontainerassignment {_FIRST}", "in order"),
        ("DELETE FROM batch_batchcontainerassignment WHERE batch_id = %(id)s AND lifecycle_stage_id = 3", "in order"),
    ],
)
def test_stages(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("stages", AT_SEA, expected=expected)


def test_stage_without_its_batches(farm: Farm) -> None:
    farm.do("UPDATE batch_batch SET status = 'COMPLETED' WHERE id = %(id)s", id=farm.id(EGGS))
    verdict = farm.fails("stages", expected="every stage has its active batches")
    assert verdict.rows == (("Egg&Alevin", 1, None),)


def test_stages_are_all_there(farm: Farm) -> None:
    got = farm.check("stages").got
    assert all(f"{stage.name} " in got for stage in farm.plan.simulation.profile.stages)
