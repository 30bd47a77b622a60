"""Criterion `pinned_scenarios`."""

from __future__ import annotations

import pytest
from small_farm import AT_SEA, EGGS, Farm
from test_population import without

from pytest_aquadata.scenario.criteria import CriterionSpec

_OF = "(SELECT pinned_scenario_id FROM batch_batch WHERE id = %(id)s)"
_MODEL = f"(SELECT tgc_model_id FROM scenario WHERE scenario_id = {_OF})"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("UPDATE batch_batch SET pinned_scenario_id = NULL WHERE id = %(id)s", "of its own pinned"),
        (f"UPDATE scenario SET batch_id = NULL WHERE scenario_id = {_OF}", "of its own pinned"),
        (f"UPDATE scenario SET start_date = start_date + 1 WHERE scenario_id = {_OF}", "of its own pinned"),
        (f"UPDATE scenario SET duration_days = 760 WHERE scenario_id = {_OF}", "of its own pinned"),
        (f"UPDATE scenario SET initial_count = 1 WHERE scenario_id = {_OF}", "of its own pinned"),
        (f"DELETE FROM scenario_scenarioprojection WHERE scenario_id = {_OF}", "without a gap"),
        (f"DELETE FROM scenario_scenarioprojection WHERE scenario_id = {_OF} AND day_number = 450", "without a gap"),
        (f"DELETE FROM scenario_scenarioprojection WHERE scenario_id = {_OF} AND day_number = 900", "without a gap"),
        (f"UPDATE scenario_scenarioprojection SET day_number = 449 WHERE scenario_id = {_OF} AND day_number = 450", "without a gap"),
        (f"UPDATE scenario_scenarioprojection SET day_number = day_number - 1 WHERE scenario_id = {_OF}", "without a gap"),
        (
            f"UPDATE scenario_scenarioprojection SET average_weight = 8 WHERE scenario_id = {_OF} AND day_number = 900",
            "the planned weight",
        ),
        (
            f"DELETE FROM scenario_tgc_model_stage WHERE id = (SELECT min(id) FROM scenario_tgc_model_stage WHERE tgc_model_id = {_MODEL})",
            "each of the 6 stages",
        ),
        (
            "DELETE FROM scenario_temperaturereading WHERE day_number = 900 AND profile_id = "
            f"(SELECT profile_id FROM scenario_tgcmodel WHERE model_id = {_MODEL})",
            "temperature profile covers 900 days",
        ),
    ],
)
def test_scenario_of_one_batch(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("pinned_scenarios", AT_SEA, expected=expected)


def test_scenarios_of_two_batches_exchanged(farm: Farm) -> None:
    swap = "UPDATE batch_batch SET pinned_scenario_id = (SELECT scenario_id FROM scenario WHERE batch_id = %(other)s) WHERE id = %(id)s"
    farm.do(swap, id=farm.id(AT_SEA), other=farm.id(EGGS))
    verdict = farm.fails("pinned_scenarios", AT_SEA, expected="of its own pinned")
    assert EGGS in verdict.rows[0]


@pytest.mark.parametrize("table", ["scenario_fcrmodelstage", "scenario_mortality_model_stage"])
def test_models_of_all_batches(farm: Farm, table: str) -> None:
    farm.do(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")
    farm.fails("pinned_scenarios", *(batch.name for batch in farm.batches), expected="each of the 6 stages")


@pytest.mark.parametrize(("bounds", "state"), [({"min": 4_500}, "pass"), ({"min": 7_100}, "fail"), ({"max": 5_000}, "fail")])
def test_bounds_of_the_final_weight(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("pinned_scenarios", CriterionSpec(**bounds))
    assert verdict.state == state, verdict


def test_without_projection(farm: Farm) -> None:
    farm.do("DELETE FROM scenario_scenarioprojection")
    assert farm.check("pinned_scenarios", plan=without(farm, "projection")).state == "pass"
