"""The documented figures of the smallest scenario: one batch of 200 days."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams.registry import make_plan


@pytest.fixture(scope="module")
def smoke() -> Plan:
    return make_plan(load_scenario(SHIPPED / "smoke.yaml", today=date(2030, 1, 1)))


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("batch_batch", 1),
        ("environmental_environmentalreading", 84_000),
        ("inventory_feedingevent", 2_200),
        ("batch_growthsample", 160),
        ("batch_individualgrowthobservation", 4_800),
        ("batch_batchcontainerassignment", 30),
        ("batch_creationaction", 10),
        ("batch_transferaction", 20),
        ("batch_batchtransferworkflow", 2),
        ("scenario_scenarioprojection", 900),
        ("harvest_harvestevent", 0),
        ("infrastructure_container", 2_017),
        ("infrastructure_sensor", 11_060),
    ],
)
def test_rows(smoke: Plan, table: str, rows: int) -> None:
    assert smoke.total(table) == rows


def test_about_2000_mortality_events(smoke: Plan) -> None:
    assert smoke.total("batch_mortalityevent") == pytest.approx(2_000, rel=0.02)


def test_fish_and_weight_after_200_days(smoke: Plan) -> None:
    (batch,) = smoke.simulation.batches
    assert (batch.life.eggs, batch.age, batch.stays[-1].order) == (3_500_000, 200, 3)
    assert batch.stays[-1].left.sum() == pytest.approx(2_900_000, rel=0.02)
    assert growth.grams(batch.curve[-1:])[0] == pytest.approx(15.2, abs=0.05)
