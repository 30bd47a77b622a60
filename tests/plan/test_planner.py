"""Random schedules: where batches stand, how many fish there are, and when they leave."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from farms import fjord, planned, plans, scenario, schedules
from hypothesis import given, reject
from hypothesis import strategies as st

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan import growth
from pytest_aquadata.plan.simulation import Batch, Simulation, move_between, pool_curve, simulate
from pytest_aquadata.plan.world import build_world
from pytest_aquadata.scenario.profile import load_profile


def fitting(keys: dict[str, Any]) -> Simulation:
    """The plan of a schedule that fits; others are left out, if they are refused for the right reason."""
    try:
        return planned(**keys)
    except AquadataError as error:
        if "batches would stand there on" not in str(error):
            raise
        reject()


def last_day(simulation: Simulation, batch: Batch, index: int) -> int:
    """The day before which a stay is over."""
    stay = batch.stays[index]
    return batch.start + stay.first + stay.days


@given(schedules())
@plans
def test_no_container_is_held_twice_on_a_day(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    held: dict[int, list[tuple[int, int]]] = defaultdict(list)
    worst = simulation.scenario.planning == "worst_case"
    for batch in simulation.batches:
        for index, stay in enumerate(batch.stays):
            assert len(set(stay.containers)) == len(stay.containers)
            until = last_day(simulation, batch, index)
            if worst and stay.order == 6:
                until = batch.start + batch.life.latest
            for container in stay.containers:
                held[container].append((batch.start + stay.first, until))
    for times in held.values():
        times.sort()
        for (_, until), (begin, _) in itertools.pairwise(times):
            assert until + simulation.scenario.fallow <= begin


@given(schedules())
@plans
def test_a_batch_stands_where_its_stage_lives(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    scenario, world = simulation.scenario, simulation.world
    takers = {s.number for s in world.stations if s.takes_batches}
    for batch in simulation.batches:
        for stay in batch.stays:
            assert len(stay.containers) == (scenario.rings_per_batch if stay.order == 6 else scenario.containers_per_stage)
            for number in stay.containers:
                container = world.container(number)
                assert container.stage_order == stay.order
                assert world.geography_of(number) == batch.life.geography
                if container.hall is not None:
                    assert world.halls[container.hall - 1].station in takers
                else:
                    assert world.areas[container.area - 1].takes_batches


@given(schedules())
@plans
def test_fish_are_conserved_to_the_fish(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    for batch in simulation.batches:
        expected = batch.life.eggs
        assert scenario_range(simulation, "eggs", expected)
        for before, stay in zip([None, *batch.stays], batch.stays, strict=False):
            if before is not None:
                moved = move_between(before, stay)
                assert sum(fish for _, _, fish in moved) == expected
                assert np.bincount([s for s, _, _ in moved], [f for _, _, f in moved], len(before.left)).tolist() == before.left.tolist()
                assert np.bincount([d for _, d, _ in moved], [f for _, _, f in moved], len(stay.arrived)).tolist() == stay.arrived.tolist()
            assert stay.arrived.sum() == expected
            assert (stay.deaths >= 0).all()
            assert (stay.alive >= 0).all()
            assert (stay.alive[:, 1:] == stay.alive[:, :-1] - stay.deaths).all()
            expected -= int(stay.deaths.sum())
        assert batch.stays[-1].left.sum() == expected


def scenario_range(simulation: Simulation, key: str, value: int) -> bool:
    span = getattr(simulation.scenario, key)
    return span.low <= value <= span.high


@given(schedules())
@plans
def test_stays_follow_one_another_to_as_of_or_to_the_harvest(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    firsts, as_of = simulation.profile.first_days, simulation.as_of
    for batch in simulation.batches:
        assert [stay.order for stay in batch.stays] == list(range(1, len(batch.stays) + 1))
        assert 1 <= batch.age == min(as_of - batch.start, batch.life.harvest)
        for index, stay in enumerate(batch.stays):
            last = index == len(batch.stays) - 1
            assert stay.first == firsts[index]
            assert stay.days >= 1
            assert stay.days == (batch.age - stay.first if last else firsts[index + 1] - stay.first)
            assert stay.ended == (batch.harvested if last else True)
            assert stay.alive.shape == (len(stay.containers), stay.days + 1)
            assert stay.deaths.shape == stay.ration.shape == (len(stay.containers), stay.days)
        assert batch.harvested == (as_of - batch.start > batch.life.harvest)


@given(schedules())
@plans
def test_names_tell_batches_apart_and_numbers_follow_the_starts(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    names = [batch.name for batch in simulation.batches]
    assert len(set(names)) == len(names)
    assert [batch.number for batch in simulation.batches] == list(range(1, len(names) + 1))
    assert [batch.start for batch in simulation.batches] == sorted(batch.start for batch in simulation.batches)


@given(schedules(), st.sampled_from([0.5, 0.75, 0.9]))
@plans
def test_no_pool_passes_its_saturation(keys: dict[str, Any], saturation: float) -> None:
    simulation = fitting({**keys, "saturation": saturation})
    for pool in simulation.calendar.pools:
        assert pool_curve(simulation, pool).max() <= saturation * pool.containers + 1e-9


@given(schedules())
@plans
def test_weight_never_falls_and_never_passes_the_cap_and_harvest_is_the_first_day_on_target(keys: dict[str, Any]) -> None:
    simulation = fitting(keys)
    profile = simulation.profile
    firsts = profile.first_days
    for batch in simulation.batches:
        life, weights = batch.life, growth.grams(batch.life.curve)
        assert (np.diff(life.curve) >= 0).all()
        for stage, first, after in zip(profile.stages, firsts, firsts[1:], strict=False):
            assert weights[first + 1 : after + 1].max() <= float(stage.cap_g) * (1 + 1e-12)
        assert firsts[-2] < life.harvest <= life.latest <= firsts[-1]
        assert scenario_range(simulation, "harvest_weight", life.target_g)
        assert life.harvest == firsts[-1] or weights[life.harvest] >= life.target_g * (1 - 1e-12)
        assert life.harvest == firsts[-2] + 1 or weights[life.harvest - 1] < life.target_g


@given(schedules())
@plans
def test_the_plan_does_not_depend_on_the_order_of_geographies_with_calendars_of_their_own(keys: dict[str, Any]) -> None:
    uses = [{"ages": [30, 400], **use} if "ages" not in use else use for use in keys["geographies"]]
    uses = [{k: v for k, v in use.items() if k not in ("batches", "years", "stagger")} for use in uses]
    keys = {k: v for k, v in keys.items() if k not in ("batches", "years", "ages", "stagger")}
    one, other = fitting({**keys, "geographies": uses}), fitting({**keys, "geographies": uses[::-1]})

    def told(simulation: Simulation) -> dict[str, Any]:
        name = simulation.world.container
        return {
            b.name: [([name(c).name for c in s.containers], s.alive.tolist(), s.ration.tolist(), s.ended) for s in b.stays]
            for b in simulation.batches
        }

    assert told(one) == told(other)


@pytest.mark.parametrize(("containers", "rings"), [(1, 6), (4, 1), (3, 5), (2, 2)])
def test_a_batch_may_use_other_numbers_of_containers_ashore_and_at_sea(containers: int, rings: int) -> None:
    simulation = planned(
        ages=[900], eggs=99_991, containers_per_stage=containers, rings_per_batch=rings, geographies=[fjord(rings=7, halls=3)]
    )
    ashore, at_sea = simulation.batches[0].stays[-2:]
    assert (len(ashore.containers), len(at_sea.containers)) == (containers, rings)
    assert at_sea.arrived.sum() == ashore.left.sum()
    if containers != rings:
        assert at_sea.arrived.max() - at_sea.arrived.min() <= 1


def test_sea_rings_of_a_batch_stand_in_one_area_where_they_fit() -> None:
    simulation = planned(batches=30, stagger=20)
    for batch in simulation.batches:
        if len(batch.stays) == 6:
            assert len({simulation.world.container(number).area for number in batch.stays[-1].containers}) == 1


def test_batches_spread_over_all_stations_before_one_is_used_again() -> None:
    simulation = planned(geographies=[{"name": "Scotland", "batches": 8, "stagger": 14}])
    stations = {
        simulation.world.halls[simulation.world.container(batch.stays[0].containers[0]).hall - 1].station for batch in simulation.batches
    }
    assert len(stations) == 8


def test_an_overloaded_container_is_named_with_what_it_would_carry() -> None:
    with pytest.raises(
        AquadataError, match=r"^FJO-FW-E\d?o?\d?-C01 would carry [\d,]+ kg of FJO-\d{4}-001 on 20\d\d-\d\d-\d\d, it may carry 500 kg"
    ):
        planned(ages=[60], eggs="50M", containers_per_stage=1, geographies=[fjord(containers=1)])


def test_an_overloaded_area_is_named() -> None:
    """Rings that are each within their limit fill an area that is allowed less than their sum."""
    known = scenario(ages=[700], eggs="3M", geographies=[fjord(rings=10, areas=1, containers=10)], saturation=1.0)
    world = build_world([use.spec for use in known.geographies])
    assert len(simulate(known, world, load_profile("guide")).batches) == 1
    area = replace(world.areas[0], max_biomass_kg=1_000_000.0)
    with pytest.raises(AquadataError, match=r"^FJO-SEA-01 would carry 1\d,\d{3},\d{3} kg on 20\d\d-\d\d-\d\d, it may carry 1,000,000 kg"):
        simulate(known, replace(world, areas=(area,)), load_profile("guide"))
