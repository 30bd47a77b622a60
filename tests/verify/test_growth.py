"""Criteria `harvest_weight` and `fcr`."""

from __future__ import annotations

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, HARVESTED, Farm
from test_population import without

from pytest_aquadata.scenario.criteria import CriterionSpec

_LOTS = """
    UPDATE harvest_harvestlot SET live_weight_kg = live_weight_kg * %(factor)s
    WHERE event_id IN (SELECT id FROM harvest_harvestevent WHERE batch_id = %(id)s)
"""


@pytest.mark.parametrize("factor", ["1.0001", "0.9"])
def test_harvest_weight(farm: Farm, factor: str) -> None:
    farm.do(_LOTS.replace("%(factor)s", factor), id=farm.id(HARVESTED))
    farm.fails("harvest_weight", HARVESTED, expected="as planned")


def test_harvest_without_lots(farm: Farm) -> None:
    farm.do("DELETE FROM harvest_harvestevent WHERE batch_id = %(id)s", id=farm.id(HARVESTED))
    farm.fails("harvest_weight", HARVESTED)


@pytest.mark.parametrize(
    ("bounds", "state"),
    [({"min": 4_000, "max": 7_000}, "pass"), ({"min": 5_500}, "fail"), ({"max": 4_600}, "fail"), ({"warn_min": 6_400}, "warn")],
)
def test_harvest_weight_bounds(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("harvest_weight", CriterionSpec(**bounds))
    assert verdict.state == state
    if state != "pass":
        assert verdict.batches
        assert set(verdict.batches) <= {HARVESTED, ALSO_HARVESTED}
        assert farm.conn.execute(verdict.sql.encode()).fetchall()


def test_no_harvest(farm: Farm) -> None:
    assert "no batch" in farm.check("harvest_weight", built=[farm.batch(AT_SEA)]).got


_MEALS = """
    UPDATE inventory_feedingevent SET amount_kg = amount_kg * %(factor)s WHERE batch_assignment_id IN (
      SELECT a.id FROM batch_batchcontainerassignment a JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
      WHERE a.batch_id = %(id)s AND s."order" = 3
    )
"""


@pytest.mark.parametrize("factor", ["3", "0.5"])
def test_fcr_of_one_stage(farm: Farm, factor: str) -> None:
    farm.do(_MEALS.replace("%(factor)s", factor), id=farm.id(AT_SEA))
    verdict = farm.fails("fcr", AT_SEA, expected="by batch and stage")
    assert (AT_SEA, "Parr") in [row[:2] for row in verdict.rows]


def test_fcr_of_fish_that_do_not_grow(farm: Farm) -> None:
    """Feed without gain is no missing value."""
    farm.do("UPDATE batch_batchcontainerassignment SET biomass_kg = 0 WHERE batch_id = %(id)s", id=farm.id(AT_SEA))
    farm.do("UPDATE batch_mortalityevent SET biomass_kg = 0 WHERE batch_id = %(id)s", id=farm.id(AT_SEA))
    verdict = farm.fails("fcr", AT_SEA)
    assert any(row[4] is None for row in verdict.rows)


@pytest.mark.parametrize(("bounds", "state"), [({}, "pass"), ({"max": 1.15}, "fail"), ({"min": 1.1}, "fail"), ({"warn_max": 1.18}, "warn")])
def test_fcr_bounds(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("fcr", CriterionSpec(**bounds))
    assert verdict.state == state
    assert "all batches" not in verdict.batches


@pytest.mark.parametrize("stream", ["feeding", "mortality"])
def test_fcr_without_its_streams(farm: Farm, stream: str) -> None:
    assert farm.check("fcr", plan=without(farm, stream)).state == "skip"


def test_fcr_of_fish_too_young_to_tell(farm: Farm) -> None:
    verdict = farm.check("fcr", built=[farm.batch("FAR-2025-005")])
    assert verdict.state == "pass"
    assert "no batch" in verdict.got
