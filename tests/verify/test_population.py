"""Criteria `day_91_population` and `survival`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, EGGS, HARVESTED, Farm

from pytest_aquadata.scenario.criteria import CriterionSpec

_STAGE_2 = """
    FROM batch_batchcontainerassignment a JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id AND s."order" = 2
    WHERE a.batch_id = %(id)s
"""


@pytest.mark.parametrize(
    "harm",
    [
        # the fish of the first containers counted again in the second ones
        f"UPDATE batch_batchcontainerassignment SET population_count = 2 * population_count WHERE id IN (SELECT a.id {_STAGE_2})",
        # one death of the first 90 days that nobody wrote down
        "DELETE FROM batch_mortalityevent WHERE id = (SELECT min(id) FROM batch_mortalityevent WHERE batch_id = %(id)s)",
        # more fish moved than there were
        f"""UPDATE batch_transferaction SET transferred_count = transferred_count + 1
            WHERE dest_assignment_id = (SELECT min(a.id) {_STAGE_2})""",
        # eggs that never came
        """UPDATE batch_creationaction SET egg_count_actual = egg_count_actual - 1 WHERE id = (SELECT min(a.id) FROM batch_creationaction a
           JOIN batch_creationworkflow w ON w.id = a.workflow_id WHERE w.batch_id = %(id)s)""",
        # a move that nobody wrote down
        f"DELETE FROM batch_transferaction WHERE dest_assignment_id = (SELECT min(a.id) {_STAGE_2})",
    ],
    ids=["doubled", "death missing", "moved too many", "egg missing", "move missing"],
)
def test_day_91(farm: Farm, harm: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("day_91_population", AT_SEA, expected="eggs less deaths")


@pytest.mark.parametrize(
    ("bounds", "state"),
    [
        ({"min": 0.85, "max": 0.9}, "pass"),
        ({"min": 0.88}, "fail"),
        ({"max": 0.87}, "fail"),
        ({"warn_max": 0.87}, "warn"),
    ],
)
def test_day_91_bounds(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("day_91_population", CriterionSpec(**bounds))
    assert verdict.state == state
    assert "0.87" in verdict.got
    assert len(verdict.batches) == (9 if state != "pass" else 0)


def test_day_91_of_eggs(farm: Farm) -> None:
    assert farm.check("day_91_population", built=[farm.batch(EGGS)]).state == "pass"


def test_day_91_without_mortality(farm: Farm) -> None:
    assert farm.check("day_91_population", plan=without(farm, "mortality")).state == "skip"


def without(farm: Farm, stream: str):
    simulation = farm.plan.simulation
    streams = simulation.scenario.streams.model_copy(update={stream: False})
    scenario = simulation.scenario.model_copy(update={"streams": streams})
    return replace(farm.plan, simulation=replace(simulation, scenario=scenario))


@pytest.mark.parametrize(
    ("batch", "harm"),
    [
        (
            HARVESTED,
            "UPDATE harvest_harvestlot SET unit_count = unit_count - 1 WHERE id = (SELECT min(l.id) FROM harvest_harvestlot l "
            "JOIN harvest_harvestevent e ON e.id = l.event_id WHERE e.batch_id = %(id)s)",
        ),
        (HARVESTED, "DELETE FROM harvest_harvestevent WHERE batch_id = %(id)s"),
        (
            AT_SEA,
            "UPDATE batch_batchcontainerassignment SET population_count = population_count - 1 WHERE id = "
            "(SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)",
        ),
        (EGGS, "UPDATE batch_batchcontainerassignment SET is_active = false WHERE batch_id = %(id)s"),
        (EGGS, "DELETE FROM batch_creationworkflow WHERE batch_id = %(id)s"),
    ],
    ids=["lot", "harvest missing", "alive", "none alive", "eggs missing"],
)
def test_survival(farm: Farm, batch: str, harm: str) -> None:
    farm.do(harm, id=farm.id(batch))
    farm.fails("survival", batch, expected="as planned")


@pytest.mark.parametrize(
    ("bounds", "state"),
    [({}, "pass"), ({"min": 0.84}, "fail"), ({"max": 0.83}, "fail"), ({"warn_min": 0.85}, "warn"), ({"min": 0.5, "max": 0.9}, "pass")],
)
def test_survival_bounds(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("survival", CriterionSpec(**bounds))
    assert verdict.state == state
    if state != "pass":
        assert verdict.batches == (HARVESTED, ALSO_HARVESTED)
        assert len(verdict.rows) == verdict.offending == 2
        assert farm.conn.execute(verdict.sql.encode()).fetchall()


def test_survival_before_the_first_harvest(farm: Farm) -> None:
    verdict = farm.check("survival", built=[farm.batch(AT_SEA)])
    assert verdict.state == "pass"
    assert "none harvested" in verdict.got
