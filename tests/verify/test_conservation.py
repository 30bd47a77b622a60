"""Criterion `conservation`."""

from __future__ import annotations

import pytest
from small_farm import AT_SEA, HARVESTED, Farm
from test_population import without

_ASSIGNMENT = "(SELECT {} FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)"
_FIRST, _LAST = _ASSIGNMENT.format("min(id)"), _ASSIGNMENT.format("max(id)")
_WORKFLOW = "(SELECT min(id) FROM batch_batchtransferworkflow WHERE batch_id = %(id)s)"
_ACTION = f"(SELECT min(id) FROM batch_transferaction WHERE workflow_id = {_WORKFLOW})"
_EVENT = "(SELECT {}(id) FROM harvest_harvestevent WHERE batch_id = %(id)s)"
_DEATH = "(SELECT min(id) FROM batch_mortalityevent WHERE batch_id = %(id)s)"


@pytest.mark.parametrize(
    ("batch", "harms", "expected"),
    [
        (AT_SEA, ["UPDATE batch_creationworkflow SET total_eggs_received = total_eggs_received + 1 WHERE batch_id = %(id)s"], "eggs ="),
        (AT_SEA, [f"DELETE FROM batch_mortalityevent WHERE id = {_DEATH}"], "for every batch"),
        (
            AT_SEA,
            [f"UPDATE batch_batchcontainerassignment SET population_count = population_count - 1 WHERE id = {_LAST}"],
            "for every batch",
        ),
        (HARVESTED, [f"DELETE FROM harvest_harvestlot WHERE event_id = {_EVENT.format('min')}"], "for every batch"),
        (AT_SEA, [f"UPDATE batch_mortalityevent SET assignment_id = {_LAST} WHERE id = {_DEATH}"], "in every container"),
        (
            AT_SEA,
            [
                f"UPDATE batch_batchcontainerassignment SET population_count = population_count - 1 WHERE id = {_LAST}",
                f"UPDATE batch_batchcontainerassignment SET population_count = population_count + 1 WHERE id = {_LAST} - 1",
            ],
            "in every container",
        ),
        (AT_SEA, [f"UPDATE batch_transferaction SET transferred_count = transferred_count - 1 WHERE id = {_ACTION}"], "in every container"),
        (AT_SEA, [f"UPDATE batch_transferaction SET mortality_during_transfer = 1 WHERE id = {_ACTION}"], "moved on"),
        (AT_SEA, [f"UPDATE batch_transferaction SET source_assignment_id = source_assignment_id + 1 WHERE id = {_ACTION}"], "moved on"),
        (
            AT_SEA,
            [f"UPDATE batch_transferaction SET source_population_before = source_population_before + 1 WHERE id = {_ACTION}"],
            "moved on",
        ),
        (HARVESTED, [f"DELETE FROM batch_transferaction WHERE id = {_ACTION}"], "in every container"),
        *(
            (AT_SEA, [f"UPDATE batch_batchtransferworkflow SET {column} = {column} + 1 WHERE id = {_WORKFLOW}"], "sum of its actions")
            for column in (
                "total_source_count",
                "total_transferred_count",
                "total_mortality_count",
                "total_biomass_kg",
                "total_actions_planned",
                "actions_completed",
            )
        ),
        (
            HARVESTED,
            [
                f"UPDATE harvest_harvestlot SET unit_count = unit_count + {sign} 1 WHERE id = "
                f"(SELECT min(id) FROM harvest_harvestlot WHERE event_id = {_EVENT.format(which)})"
                for sign, which in (("", "min"), ("-", "max"))
            ],
            "moved on",
        ),
        (
            HARVESTED,
            [
                "UPDATE harvest_harvestlot SET live_weight_kg = live_weight_kg + 0.02 WHERE id = "
                f"(SELECT min(id) FROM harvest_harvestlot WHERE event_id = {_EVENT.format('min')})"
            ],
            "lots are the fish",
        ),
        (AT_SEA, [f"UPDATE batch_batchcontainerassignment SET biomass_kg = biomass_kg * 1.001 WHERE id = {_LAST}"], "fish x weight"),
        (AT_SEA, [f"UPDATE batch_batchcontainerassignment SET avg_weight_g = avg_weight_g + 0.1 WHERE id = {_LAST}"], "fish x weight"),
        (AT_SEA, [f"UPDATE batch_batchcontainerassignment SET avg_weight_g = NULL WHERE id = {_FIRST}"], "fish x weight"),
        (
            AT_SEA,
            [
                "UPDATE batch_transferaction SET transferred_biomass_kg = transferred_biomass_kg + {} WHERE id = "
                f"(SELECT {{}}(id) FROM batch_transferaction WHERE workflow_id = {_WORKFLOW} + 4)"
            ],
            "fish x weight",
        ),
    ],
)
def test_conservation(farm: Farm, batch: str, harms: list[str], expected: str) -> None:
    if "{}" in harms[0]:
        # the workflow's total stays right
        harms = [harms[0].format("1000", "min"), harms[0].format("-1000", "max")]
    for harm in harms:
        farm.do(harm, id=farm.id(batch))
    farm.fails("conservation", batch, expected=expected)


def test_fish_in_lots_of_another_ring(farm: Farm) -> None:
    """Lots that no container's fish became."""
    farm.do(f"UPDATE harvest_harvestevent SET assignment_id = {_FIRST} WHERE id = {_EVENT.format('min')}", id=farm.id(HARVESTED))
    farm.fails("conservation", HARVESTED, expected="moved on")


def test_without_mortality(farm: Farm) -> None:
    farm.do("DELETE FROM batch_mortalityevent")
    assert farm.check("conservation").state == "fail"
    assert farm.check("conservation", plan=without(farm, "mortality")).state == "pass"
