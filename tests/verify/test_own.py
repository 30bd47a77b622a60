"""Criteria of the user's own."""

from __future__ import annotations

import pytest
from small_farm import AT_SEA, HARVESTED, Farm

from pytest_aquadata.scenario.criteria import CriterionSpec

ACTIVE = "SELECT batch_number, status FROM batch_batch WHERE status = 'ACTIVE' ORDER BY batch_number"


def test_no_rows_is_a_pass(farm: Farm) -> None:
    assert farm.check("mine", CriterionSpec(rows="SELECT 1 WHERE false")).state == "pass"


def test_rows_fail_and_are_shown(farm: Farm) -> None:
    verdict = farm.check("mine", CriterionSpec(rows=ACTIVE))
    assert verdict.state == "fail"
    assert verdict.columns == ("batch_number", "status")
    assert verdict.offending == len(verdict.rows) == 8
    assert AT_SEA in verdict.batches
    assert HARVESTED not in verdict.batches
    assert verdict.sql == ACTIVE


def test_at_most_ten_rows_are_shown_and_all_counted(farm: Farm) -> None:
    verdict = farm.check("mine", CriterionSpec(rows="SELECT generate_series(1, 5000) AS n"))
    assert len(verdict.rows) == 10
    assert verdict.offending == 5000
    assert verdict.batches == ()


@pytest.mark.parametrize(
    ("bounds", "state"),
    [
        ({"max": 8}, "pass"),
        ({"max": 7}, "fail"),
        ({"min": 8}, "pass"),
        ({"min": 9}, "fail"),
        ({"max": 20, "warn_max": 5}, "warn"),
        ({"warn_max": 0}, "fail"),
    ],
)
def test_bounds_count_rows(farm: Farm, bounds: dict[str, float], state: str) -> None:
    assert farm.check("mine", CriterionSpec(rows=ACTIVE, **bounds)).state == state


def test_comments_at_the_end_and_columns_of_one_name(farm: Farm) -> None:
    query = "WITH a AS (SELECT 1) SELECT 1 AS n, 2 AS n FROM a -- two of them"
    verdict = farm.check("mine", CriterionSpec(rows=query))
    assert verdict.rows == ((1, 2),)


def test_cannot_write(farm: Farm) -> None:
    query = "SELECT setval('batch_batch_id_seq', 1)"
    verdict = farm.check("mine", CriterionSpec(rows=query))
    assert verdict.state == "fail"
    assert "read-only" in verdict.got
    assert verdict.sql == query


def test_wrong_sql_is_a_verdict(farm: Farm) -> None:
    verdict = farm.check("mine", CriterionSpec(rows="SELECT nothing FROM batch_batch"))
    assert verdict.state == "fail"
    assert 'column "nothing" does not exist' in verdict.got


def test_one_statement_only(farm: Farm) -> None:
    assert farm.check("mine", CriterionSpec(rows="SELECT 1; DROP TABLE batch_batch")).state == "fail"
    assert farm.check("rows").state == "pass"
