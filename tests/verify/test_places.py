"""Criteria `containers`, `geographies` and `occupancy`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_farm import ALSO_HARVESTED, AT_SEA, EGGS, HARVESTED, NEIGHBOUR, Farm

from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import places
from pytest_aquadata.verify.clauses import select
from pytest_aquadata.verify.places import Containers

_INTO_OTHERS = """
    UPDATE batch_batchcontainerassignment SET container_id = (
      SELECT container_id FROM batch_batchcontainerassignment WHERE batch_id = %(other)s AND is_active ORDER BY id LIMIT 1
    ) WHERE id = (SELECT min(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s AND is_active)
"""


def test_container_of_two_batches(farm: Farm) -> None:
    farm.do(_INTO_OTHERS, id=farm.id(NEIGHBOUR), other=farm.id(AT_SEA))
    verdict = farm.fails("containers", NEIGHBOUR, expected="no container is held by two batches")
    assert verdict.offending == 1
    assert AT_SEA in verdict.rows[0]


def test_container_held_a_day_too_long(farm: Farm) -> None:
    """Two batches that follow one another touch, and one more day is one too many."""
    first, second = farm.batch(HARVESTED).stays[-1], farm.batch(NEIGHBOUR).stays[-1]
    assert first.ended
    begin = date(1970, 1, 1) + timedelta(days=farm.batch(NEIGHBOUR).start + second.first)
    update = """
        UPDATE batch_batchcontainerassignment
        SET container_id = %(container)s, departure_date = %(departure)s, assignment_date = %(arrival)s
        WHERE id = (SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)
    """
    values = {"id": farm.id(HARVESTED), "container": second.containers[0], "arrival": begin - timedelta(days=9)}
    farm.do(update, **values, departure=begin)
    assert farm.check("containers").state == "pass"
    farm.do(update, **values, departure=begin + timedelta(days=1))
    farm.fails("containers", NEIGHBOUR)


Stays = list[tuple[int, int, int, int | None]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 12), st.none() | st.integers(0, 8)), max_size=7))
def test_overlaps_are_those_of_the_calendar(farm: Farm, stays: Stays) -> None:
    """Stays (batch, container, first day, days or open) against every pair of them."""
    batches = farm.batches[:4]
    epoch = date(2020, 1, 1)
    with farm.undone():
        farm.do("DELETE FROM batch_batchcontainerassignment")
        for batch, container, first, days in stays:
            farm.do(
                "INSERT INTO batch_batchcontainerassignment (population_count, biomass_kg, assignment_date, departure_date, is_active, "
                "notes, created_at, updated_at, batch_id, container_id, lifecycle_stage_id) VALUES (1, 1, %(first)s, %(after)s, "
                "%(open)s, '', now(), now(), %(batch)s, %(container)s, 1)",
                first=epoch + timedelta(days=first),
                after=None if days is None else epoch + timedelta(days=first + days),
                open=days is None,
                batch=farm.id(batches[batch].name),
                container=container + 1,
            )
        found = select(farm.conn, Containers.overlaps(batches))

    def held(stay: tuple[int, int, int, int | None]) -> set[tuple[int, int]]:
        _, container, first, days = stay
        return {(container, day) for day in range(first, 99 if days is None else first + days)}

    assert bool(found) == any(held(one) & held(other) for one, other in combinations(stays, 2))


def test_batch_in_another_geography(farm: Farm) -> None:
    farm.do(
        "UPDATE batch_batchcontainerassignment SET container_id = %(container)s WHERE id = "
        "(SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)",
        container=farm.batch(ALSO_HARVESTED).stays[-1].containers[0],
        id=farm.id(HARVESTED),
    )
    verdict = farm.fails("geographies", HARVESTED, expected="own geography")
    assert {"Faroe Islands", "Scotland"} <= set(verdict.rows[0])


def test_geography_with_a_batch_too_few(farm: Farm) -> None:
    farm.do("DELETE FROM batch_batchcontainerassignment WHERE batch_id = %(id)s", id=farm.id(EGGS))
    verdict = farm.fails("geographies", expected="every geography has its batches")
    assert verdict.rows == (("Faroe Islands", 5, 4),)


@pytest.mark.parametrize(
    ("column", "planned", "found"),
    [("assignment_date = assignment_date + 1", 3, 2), ("departure_date = departure_date - 1", 3, 2)],
)
def test_occupancy_of_one_day(farm: Farm, column: str, planned: int, found: int) -> None:
    farm.do(
        f"UPDATE batch_batchcontainerassignment SET {column} WHERE id = "
        "(SELECT max(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s)",
        id=farm.id(ALSO_HARVESTED),
    )
    verdict = farm.fails("occupancy", expected="as many containers as planned")
    batch = farm.batch(ALSO_HARVESTED)
    age = batch.stays[-1].first if "assignment" in column else batch.age - 1
    assert verdict.rows == (("Scotland", 6, date(1970, 1, 1) + timedelta(days=batch.start + age), planned, found),)


def test_occupancy_of_rows_that_are_gone(farm: Farm) -> None:
    farm.do("DELETE FROM batch_batchcontainerassignment WHERE batch_id = %(id)s", id=farm.id(EGGS))
    verdict = farm.fails("occupancy")
    assert verdict.rows[0][:2] == ("Faroe Islands", 1)


def test_pool_that_is_too_full(farm: Farm) -> None:
    simulation = farm.plan.simulation
    emptier = simulation.scenario.model_copy(update={"saturation": 0.5})
    verdict = farm.check("occupancy", plan=replace(farm.plan, simulation=replace(simulation, scenario=emptier)))
    assert verdict.state == "fail"
    assert "at most 50% of a pool" in verdict.expected
    assert {row[0] for row in verdict.rows} == {"One Fjord"}
    assert all(row[3] > row[4] / 2 for row in verdict.rows)


@pytest.mark.parametrize(
    ("bounds", "state"),
    [
        ({"min": 0.001, "max": 0.05}, "pass"),
        ({"min": 0.3}, "fail"),
        ({"max": 0.001}, "fail"),
        ({"min": 0.001, "warn_min": 0.4}, "warn"),
    ],
)
def test_bounds_of_the_median(farm: Farm, bounds: dict[str, float], state: str) -> None:
    verdict = farm.check("occupancy", CriterionSpec(**bounds))
    assert verdict.state == state
    assert "median" in verdict.got
    assert "Faroe Islands" in verdict.got


def test_median_of_a_short_history(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "defaults", lambda _: {"settled_after_days": 5_000})
    verdict = farm.check("occupancy", CriterionSpec(min=0.5))
    assert verdict.state == "warn"
    assert "870 days of history" in verdict.got
