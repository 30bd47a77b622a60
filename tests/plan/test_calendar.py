"""When batches start: the documented schedules, and what is said about one that does not fit."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from farms import AS_OF, fjord, planned, plans, scenario
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.pools import Pool, assign, peak
from pytest_aquadata.plan.simulation import Simulation, pool_curve
from pytest_aquadata.plan.temperature import day_number
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams.registry import make_plan

TODAY = day_number(date.fromisoformat(AS_OF))
NEVER_THERE = "batches would stand there on"


def starts(simulation: Simulation, geography: str) -> list[int]:
    number = simulation.world.geography(geography).number
    return [batch.start for batch in simulation.batches if batch.life.geography == number]


def shipped(name: str) -> Simulation:
    return make_plan(load_scenario(SHIPPED / f"{name}.yaml", today=date(2030, 1, 1))).simulation


@pytest.fixture(scope="module")
def production() -> Simulation:
    return shipped("production")


def test_production_has_260_batches(production: Simulation) -> None:
    faroe, scotland = starts(production, "Faroe Islands"), starts(production, "Scotland")
    assert (len(faroe), len(scotland)) == (141, 119)
    assert set(np.diff(faroe)) == {11}
    assert set(np.diff(scotland)) == {13}
    assert faroe[0] == scotland[0] == TODAY - 1551


def test_production_fills_two_thirds_of_the_farm_from_day_850_on(production: Simulation) -> None:
    curves = {pool: pool_curve(production, pool) for pool in production.calendar.pools}
    held = np.median(np.sum(list(curves.values()), axis=0)[850:])
    world = production.world
    assert (len(world.containers), sum(pool.containers for pool in curves)) == (2017, 1940)
    assert 0.65 <= held / 2017 <= 0.70
    assert 0.65 <= held / 1940 <= 0.70
    for name, share in (("Faroe Islands", 0.65), ("Scotland", 0.68)):
        number = world.geography(name).number
        mine = np.sum([curve for pool, curve in curves.items() if pool.geography == number], axis=0)[850:]
        containers = sum(1 for container in world.containers if world.geography_of(container.number) == number)
        assert np.median(mine) / containers == pytest.approx(share, abs=0.01)


def test_the_documented_run_of_144_batches() -> None:
    run = shipped("guide-144")
    assert Counter(run.world.geographies[b.life.geography - 1].name for b in run.batches) == {"Faroe Islands": 72, "Scotland": 72}
    assert [b.start for b in run.batches] == [day_number(date(2020, 8, 30)) + 13 * i for i in range(144)]
    assert [b.life.geography for b in run.batches[:2]] == [
        run.world.geography("Faroe Islands").number,
        run.world.geography("Scotland").number,
    ]
    ages = [b.life.harvest for b in run.batches]
    assert 758 <= min(ages) <= 762
    assert 830 <= max(ages) <= 835


def test_the_lightest_and_the_heaviest_harvest_of_the_documented_run() -> None:
    same = {"temperatures": {"freshwater": 12, "sea": 9}, "ages": [1]}
    assert planned(harvest_weight="4.5 kg", **same).batches[0].life.harvest == 758
    assert planned(harvest_weight="6.5 kg", **same).batches[0].life.harvest == 835


def test_geographies_take_turns_in_the_order_of_the_scenario() -> None:
    run = planned(batches=5, stagger=30, youngest=20, geographies=["Scotland", "Faroe Islands"])
    assert starts(run, "Scotland") == [TODAY - 20 - 30 * n for n in (4, 2, 0)]
    assert starts(run, "Faroe Islands") == [TODAY - 20 - 30 * n for n in (3, 1)]


def test_ages_are_those_at_as_of_in_every_geography() -> None:
    run = planned(ages=[300, 7])
    assert starts(run, "Scotland") == starts(run, "Faroe Islands") == [TODAY - 300, TODAY - 7]
    assert {batch.age for batch in run.batches} == {300, 7}


def test_a_batch_is_named_by_geography_year_and_place_in_the_row() -> None:
    run = planned(geographies=[{"name": "Scotland", "batches": 3, "start": "2023-11-01", "stagger": 40}])
    assert [batch.name for batch in run.batches] == ["SCO-2023-001", "SCO-2023-002", "SCO-2024-003"]


def test_without_a_stagger_the_smallest_that_fits_is_taken_and_the_plan_names_what_binds() -> None:
    run = planned(years=3)
    (stagger,) = set(run.calendar.staggers.values())
    assert isinstance(stagger, int)
    binding = run.calendar.binding
    assert binding.most == binding.limit
    with pytest.raises(AquadataError, match=f"smallest stagger that fits is {stagger} days"):
        planned(years=3, stagger=stagger - 1)


def too_full(**keys: Any) -> re.Match[str]:
    with pytest.raises(AquadataError) as caught:
        planned(**keys)
    match = re.fullmatch(
        r"(?P<file>.*):(?P<line>\d+): (?P<pool>.+): (?P<most>\d+) batches would stand there on (?P<day>\d{4}-\d\d-\d\d) "
        r"\((?P<held>\d+) of (?P<all>\d+) containers, (?P<share>\d+)%\); saturation (?P<limit>\d+)%(?: with \d+ fallow days)? "
        r"allows (?P<fit>\d+)\n    the smallest stagger that fits is (?P<better>\d+) days",
        str(caught.value),
    )
    assert match, str(caught.value)
    return match


TOO_FULL: list[dict[str, Any]] = [
    {"batches": 40, "stagger": 3},
    {"years": 4, "stagger": 4},
    {"batches": 300, "start": "2020-01-01", "stagger": 5},
    {"years": 3, "stagger": 6, "saturation": "50 %", "planning": "worst_case", "fallow": 20},
    {"years": 3, "stagger": 20, "geographies": [fjord(halls=5, containers=10, areas=12, rings=20)]},
    {"years": 4, "stagger": 60, "geographies": [fjord(halls=5, containers=10, areas=3, rings=10)]},
]


@pytest.mark.parametrize("keys", TOO_FULL)
def test_the_stagger_that_is_offered_fits_and_one_day_less_does_not(keys: dict[str, Any]) -> None:
    better = int(too_full(**keys)["better"])
    planned(**{**keys, "stagger": better})
    with pytest.raises(AquadataError, match=NEVER_THERE):
        planned(**{**keys, "stagger": better - 1})


@pytest.mark.parametrize("keys", TOO_FULL[:3])
def test_a_schedule_that_is_too_full_says_where_when_and_how_many_fit(keys: dict[str, Any]) -> None:
    said = too_full(**keys)
    free = planned(**{**keys, "saturation": 1.0, "stagger": int(said["better"])})
    pool = next(pool for pool in free.calendar.pools if pool.name == said["pool"])
    assert int(said["fit"]) == pool.limit(0.85) < int(said["most"])
    assert (int(said["held"]), int(said["all"])) == (int(said["most"]) * len(pool.slots[0]), pool.containers)
    assert date.fromisoformat(said["day"]) < date.fromisoformat(AS_OF)


def test_it_is_the_stagger_in_the_file_that_is_named() -> None:
    text = "as_of: 2025-11-21\nyears: 4\n\nstagger: 4\n"
    named = scenario(years=4, stagger=4).located(Path("scenarios/mine.yaml"), text, {"years": 2, "stagger": 4})
    with pytest.raises(AquadataError, match=r"^scenarios/mine\.yaml:4: "):
        make_plan(named)


def test_ages_that_do_not_fit_are_not_answered_with_a_stagger() -> None:
    with pytest.raises(AquadataError, match="fewer batches or a higher saturation would") as caught:
        planned(ages=list(range(1, 40)))
    assert "smallest stagger" not in str(caught.value)


def test_a_stagger_whose_last_batches_would_start_after_as_of_is_not_offered() -> None:
    with pytest.raises(AquadataError, match="no stagger fits: fewer batches or a higher saturation would"):
        planned(batches=400, start="2024-01-01", stagger=1)


def test_a_geography_without_room_for_one_batch_says_so() -> None:
    with pytest.raises(AquadataError, match="4 containers that take batches, a batch needs 10"):
        planned(ages=[1], geographies=[fjord(halls=1, containers=4)])


def test_batches_that_would_start_too_late_are_refused() -> None:
    start = date.fromisoformat(AS_OF) - timedelta(days=1)
    with pytest.raises(AquadataError, match=r"would start on .*, not before as_of 2025-11-21\n    1 of 20 batches start in time"):
        planned(batches=20, start=start)


@given(st.integers(5, 30), st.lists(st.integers(30, 100), min_size=2, max_size=2, unique=True), st.sampled_from([0, 10]))
@plans
def test_more_saturation_never_gives_fewer_batches(tenths: int, shares: list[int], fallow: int) -> None:
    place = fjord(halls=4, containers=4, areas=4, rings=8)
    less, more = sorted(shares)

    def count(share: int) -> int:
        return len(
            planned(
                years=tenths / 10,
                saturation=share / 100,
                fallow=fallow,
                eggs=10_000,
                containers_per_stage=4,
                rings_per_batch=4,
                geographies=[place],
            ).batches
        )

    assert count(less) <= count(more)


intervals = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 120)).map(lambda i: (i[0], i[0] + i[1])), max_size=25, unique_by=lambda i: i[0]
)


@given(intervals, st.integers(0, 15), st.randoms(use_true_random=False))
def test_slots_do_not_depend_on_the_order_of_the_intervals(stays: list[tuple[int, int]], fallow: int, random: Any) -> None:
    slots, _ = peak((first, after + fallow) for first, after in stays)
    pool = Pool(1, 1, "pool", tuple((n,) for n in range(slots)), slots)
    given_out = dict(zip(stays, assign(pool, stays, fallow), strict=True))
    mixed = list(stays)
    random.shuffle(mixed)
    assert dict(zip(mixed, assign(pool, mixed, fallow), strict=True)) == given_out
    for slot in range(slots):
        mine = sorted(stay for stay, taken in given_out.items() if taken == slot)
        assert all(a[1] + fallow <= b[0] for a, b in itertools.pairwise(mine))


@given(intervals)
def test_peak_is_the_greatest_daily_count_and_its_first_day(stays: list[tuple[int, int]]) -> None:
    daily = [sum(first <= day < after for first, after in stays) for day in range(600)]
    assert peak(stays) == ((max(daily), daily.index(max(daily))) if stays else (0, 0))


def test_the_slot_that_has_rested_longest_is_taken() -> None:
    pool = Pool(1, 1, "pool", ((1,), (2,), (3,)), 3)
    assert assign(pool, [(10 * n, 10 * n + 5) for n in range(7)], 0) == [0, 1, 2, 0, 1, 2, 0]
    assert assign(pool, [(0, 50), (1, 20), (2, 10), (60, 61)], 0) == [0, 1, 2, 2]


def test_a_slot_that_is_handed_to_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="no free slot"):
        assign(Pool(1, 1, "pool", ((1,),), 1), [(0, 10), (9, 12)], 0)
