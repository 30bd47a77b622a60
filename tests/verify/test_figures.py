"""Criteria of published figures: a farm of the profile `official` shows each of them, and each is shown to fail on data that break it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from databases import built_farm
from small_farm import Farm

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.streams.registry import make_plan
from pytest_aquadata.verify.figure_queries import MEASURES

FAROE, SCOTTISH = "FAR-2023-001", "SCO-2023-001"


@pytest.fixture(scope="module")
def official_plan() -> Plan:
    return make_plan(load_scenario(Path(__file__).with_name("official_farm.yaml"), today=date(2025, 11, 21)))


@pytest.fixture(scope="module")
def official_url(server_url: str, official_plan: Plan) -> Iterator[str]:
    with built_farm(server_url, official_plan) as url:
        yield url


@pytest.fixture
def official(official_url: str, official_plan: Plan) -> Iterator[Farm]:
    with psycopg.connect(official_url) as conn:
        yield Farm(conn, official_plan)
        conn.rollback()


def test_every_figure_has_a_measure() -> None:
    assert list(MEASURES) == list(FIGURES)


@pytest.mark.parametrize("criterion", [*STANDARD, *FIGURES])
def test_a_farm_of_the_profile_passes_everything(official: Farm, criterion: str) -> None:
    verdict = official.check(criterion)
    assert verdict.state == "pass", (verdict.expected, verdict.got)


@pytest.mark.parametrize("criterion", FIGURES)
def test_each_batch_alone(official: Farm, criterion: str) -> None:
    world, figures = official.plan.simulation.world, official.plan.simulation.profile.figures[criterion]
    for batch in official.batches:
        home = world.geographies[batch.life.geography - 1].name
        published = any(figure.geography in (None, home) for figure in figures)
        assert official.check(criterion, built=[batch]).state == ("pass" if published else "skip")


@pytest.mark.parametrize("criterion", FIGURES)
def test_refused_statement_is_a_verdict(official: Farm, criterion: str) -> None:
    official.do_structure("ALTER TABLE batch_batchcontainerassignment RENAME TO elsewhere")
    official.do_structure("ALTER TABLE harvest_harvestevent RENAME TO gone")
    official.do_structure("ALTER TABLE health_licetype RENAME TO vanished")
    verdict = official.check(criterion)
    assert verdict.state == "fail"
    assert "does not exist" in verdict.got


def test_what_is_found_is_said_by_geography(official: Farm) -> None:
    verdict = official.check("figure_sea_survival")
    assert verdict.expected.endswith("0.733 to 0.775 share of the smolts in Scotland; 0.82 to 0.94 share of the smolts in Faroe Islands")
    assert "Faroe Islands 0.9" in verdict.got
    assert "Scotland 0.7" in verdict.got


LAST = "(SELECT a.id FROM batch_batchcontainerassignment a WHERE a.batch_id = %(id)s AND a.lifecycle_stage_id = 6)"
LOTS = "UPDATE harvest_harvestlot SET {} WHERE event_id IN (SELECT id FROM harvest_harvestevent WHERE batch_id = %(id)s)"
ARRIVALS = f"UPDATE batch_transferaction SET {{}} WHERE dest_assignment_id IN {LAST}"
LICE = "UPDATE health_licecount SET count_value = {} WHERE batch_id = %(id)s"
FEMALES = (
    " AND lice_type_id = (SELECT id FROM health_licetype WHERE (gender, development_stage) = ('female', 'adult') AND species LIKE 'Lep%%')"
)
WATER = """UPDATE environmental_environmentalreading SET value = {} WHERE parameter_id =
    (SELECT id FROM environmental_environmentalparameter WHERE name = 'Temperature') AND batch_container_assignment_id IN """

HARMS = {
    "too many smolts": ("figure_freshwater_survival", ARRIVALS.format("transferred_count = transferred_count * 1.2"), SCOTTISH),
    "too few smolts": ("figure_freshwater_survival", ARRIVALS.format("transferred_count = transferred_count * 0.8"), FAROE),
    "more fish harvested": ("figure_sea_survival", LOTS.format("unit_count = unit_count * 1.05"), SCOTTISH),
    "fewer fish harvested": ("figure_sea_survival", LOTS.format("unit_count = unit_count * 0.85"), FAROE),
    "small smolts": ("figure_smolt_weight", ARRIVALS.format("transferred_biomass_kg = transferred_biomass_kg / 2"), FAROE),
    "a late harvest": (
        "figure_days_at_sea",
        "UPDATE harvest_harvestevent SET event_date = event_date + interval '100 days' WHERE batch_id = %(id)s",
        SCOTTISH,
    ),
    "an early harvest": (
        "figure_days_at_sea",
        "UPDATE harvest_harvestevent SET event_date = event_date - interval '100 days' WHERE batch_id = %(id)s",
        FAROE,
    ),
    "fish of twice the weight": ("figure_sea_growth", LOTS.format("live_weight_kg = live_weight_kg * 2"), SCOTTISH),
    "water of half the warmth": ("figure_sea_growth", WATER.format("value / 2") + LAST, SCOTTISH),
    "a tenth more feed": (
        "figure_sea_fcr",
        f"UPDATE inventory_feedingevent SET amount_kg = amount_kg * 1.1 WHERE batch_assignment_id IN {LAST}",
        FAROE,
    ),
    "feed without fish": (
        "figure_economic_fcr",
        "UPDATE inventory_feedingevent SET amount_kg = amount_kg * 1.15 WHERE batch_id = %(id)s",
        FAROE,
    ),
    "lice on every fish": ("figure_lice_peak", LICE.format("count_value + 60") + FEMALES, FAROE),
    "rings of a tenth": (
        "figure_sea_density",
        "UPDATE infrastructure_container SET volume_m3 = volume_m3 / 100 WHERE id IN "
        "(SELECT container_id FROM batch_batchcontainerassignment WHERE batch_id = %(id)s AND lifecycle_stage_id = 6)",
        FAROE,
    ),
}
"""What one batch shows that was never published, and the criterion that says so."""


@pytest.mark.parametrize("harm", HARMS)
def test_a_batch_unlike_any_published(official: Farm, harm: str) -> None:
    criterion, change, name = HARMS[harm]
    official.do(change, id=official.id(name))
    verdict = official.fails(criterion, name)
    assert any(str(row[-1]).startswith("[") for row in verdict.rows), "a row says which source it contradicts"


GEOGRAPHY_HARMS = {
    "heavy fish": ("figure_harvest_weight", LOTS.format("live_weight_kg = live_weight_kg * 1.1"), SCOTTISH, "Scotland"),
    "light fish": ("figure_harvest_weight", LOTS.format("live_weight_kg = live_weight_kg * 0.9"), FAROE, "Faroe Islands"),
    "many lice": ("figure_lice", LICE.format("count_value * 8"), SCOTTISH, "Scotland"),
    "no lice": ("figure_lice", LICE.format("count_value / 20"), FAROE, "Faroe Islands"),
    "one warm month": (
        "figure_sea_temperature",
        WATER.format("value + 1") + LAST + " AND extract(month FROM reading_time) = 3",
        SCOTTISH,
        "Scotland, March",
    ),
    "warm water": ("figure_sea_temperature", WATER.format("value + 1.5") + LAST, FAROE, "Faroe Islands"),
}
"""What a geography shows that was never published."""


@pytest.mark.parametrize("harm", GEOGRAPHY_HARMS)
def test_a_geography_unlike_the_published_one(official: Farm, harm: str) -> None:
    criterion, change, name, where = GEOGRAPHY_HARMS[harm]
    official.do(change, id=official.id(name))
    if criterion == "figure_lice":
        other = next(batch.name for batch in official.batches if batch.name[:3] == name[:3] and batch.name != name)
        official.do(change, id=official.id(other))
    verdict = official.fails(criterion, expected=where)
    assert {row[0] for row in verdict.rows} == {where.partition(",")[0]}


NEEDED = {
    "figure_sea_survival": "DELETE FROM harvest_harvestlot WHERE event_id IN (SELECT id FROM harvest_harvestevent WHERE batch_id = %(id)s)",
    "figure_smolt_weight": ARRIVALS.format("transferred_count = 0"),
    "figure_sea_growth": "DELETE FROM environmental_environmentalreading WHERE batch_id = %(id)s",
    "figure_lice_peak": "DELETE FROM health_licecount WHERE batch_id = %(id)s",
}


@pytest.mark.parametrize("criterion", NEEDED)
def test_a_batch_of_which_nothing_can_be_measured(official: Farm, criterion: str) -> None:
    official.do(NEEDED[criterion], id=official.id(FAROE))
    verdict = official.check(criterion)
    assert (verdict.state, verdict.batches) == ("fail", (FAROE,))
    assert "a value for each" in verdict.expected


def test_a_geography_of_which_nothing_can_be_measured(official: Farm) -> None:
    official.do("DELETE FROM health_licecount WHERE batch_id IN (SELECT id FROM batch_batch WHERE batch_number LIKE 'SCO%%')")
    verdict = official.check("figure_lice")
    assert verdict.state == "fail"
    assert [row[0] for row in verdict.rows] == ["Scotland"]


def test_bounds_of_a_scenario_go_before_those_published(official: Farm) -> None:
    name = "figure_days_at_sea"
    assert official.check(name, CriterionSpec(max=300)).state == "fail"
    assert official.check(name, CriterionSpec(min=300, warn_max=350)).state == "warn"


def test_without_its_stream_a_figure_is_not_measured(official: Farm) -> None:
    for name, measure in MEASURES.items():
        for stream in measure.streams:
            verdict = official.check(name, plan=official.without(stream))
            assert verdict.state == "skip"
            assert stream in verdict.got


@pytest.mark.parametrize("criterion", FIGURES)
def test_a_profile_without_figures_is_not_held_against_any(farm: Farm, criterion: str) -> None:
    verdict = farm.check(criterion)
    assert verdict.state == "skip"
    assert "guide" in verdict.got
