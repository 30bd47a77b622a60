"""The growth analysis on records made by hand: anchors, temperatures, moves, deaths by the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pytest_aquadata.analysis.assimilation import ANCHORS, TEMPERATURES, WEIGHTS, States, assimilate
from pytest_aquadata.analysis.records import Columns, Records

DAY = 20_000


def columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Columns:
    """A table of rows as columns, with the types that a database gives."""
    kinds = {"grams": np.float64, "degrees": np.float64}
    values = list(zip(*rows, strict=True)) or [[] for _ in names]
    return {name: np.array(column, dtype=kinds.get(name, np.int64)) for name, column in zip(names, values, strict=True)}


def records(
    stays: list[dict[str, Any]],
    *,
    placed: list[tuple[int, int, int]] = [],  # noqa: B006
    moved: list[tuple[int, int, int, int]] = [],  # noqa: B006
    dead: list[tuple[int, int, int]] = [],  # noqa: B006
    fed: list[tuple[int, int, int]] = [],  # noqa: B006
    water: list[tuple[int, int, float]] = [],  # noqa: B006
    anchors: list[tuple[int, int, float, int]] = [],  # noqa: B006
    known_deaths: bool = True,
    profile: float = np.nan,
) -> Records:
    """Records of one batch that began on `DAY`; days of events count from there."""
    usual = {"first": 0, "until": 10, "fish": 0, "tgc": 3.0, "cap": np.inf, "loss": 1.0, "weight": 8.0}
    table = {
        name: np.array([{**usual, **stay}[name] for stay in stays], dtype=np.float64 if name in ("tgc", "cap", "loss", "weight") else None)
        for name in usual
    }
    count = len(stays)
    table |= {name: table[name] + DAY for name in ("first", "until")}
    table |= {
        "id": np.arange(1, count + 1),
        "batch": np.ones(count, dtype=int),
        "container": np.arange(count),
        "stage": np.ones(count, int),
    }
    table |= {"started": np.full(count, DAY), "profile": np.zeros(count, dtype=int)}

    def dated(rows: list[tuple[Any, ...]], place: int) -> list[tuple[Any, ...]]:
        return [(*row[:place], row[place] + DAY, *row[place + 1 :]) for row in rows]

    return Records(
        assignments=table,
        placed=columns(("at", "day", "fish"), dated(placed, 1)),
        moved=columns(("source", "at", "day", "fish"), dated(moved, 2)),
        dead=columns(("at", "day", "fish"), dated(dead, 1)),
        fed=columns(("at", "day", "kg"), dated(fed, 1)),
        water=columns(("at", "day", "degrees"), dated(water, 1)),
        anchors=columns(("at", "day", "grams", "rank"), dated(anchors, 1)),
        known_deaths=np.full(count, known_deaths),
        profiles=np.full((1, 400), profile),
    )


def of(states: States, at: int) -> dict[str, np.ndarray]:
    """The states of one assignment, column by column."""
    return {name: getattr(states, name)[states.at == at] for name in States.__slots__}


def test_fish_come_on_the_first_day_and_die_when_they_are_found() -> None:
    states = assimilate(records([{}], placed=[(0, 0, 1000)], dead=[(0, 0, 10), (0, 3, 5)]))
    assert states.fish.tolist() == [990] * 3 + [985] * 7
    assert states.dead.tolist() == [10, 0, 0, 5] + [0] * 6
    assert not states.modelled.any()


def test_no_day_has_fewer_than_no_fish() -> None:
    assert assimilate(records([{}], placed=[(0, 0, 5)], dead=[(0, 1, 100)])).fish.min() == 0


def test_a_batch_without_any_death_on_record_dies_by_the_model() -> None:
    states = assimilate(records([{"loss": 1.0}], placed=[(0, 0, 1000)], known_deaths=False))
    assert states.fish.tolist()[:3] == [990, 980, 970]
    assert states.modelled.all()


def test_a_destination_starts_empty_and_no_fish_is_counted_twice() -> None:
    stays = [{"until": 5, "fish": 1000}, {"first": 5, "fish": 600}, {"first": 5, "fish": 400}]
    states = assimilate(records(stays, placed=[(0, 0, 1000)], moved=[(0, 1, 5, 600), (0, 2, 5, 400)]))
    by_day = {day: int(states.fish[states.day == DAY + day].sum()) for day in range(10)}
    assert set(by_day.values()) == {1000}


def test_a_split_within_a_stage_takes_its_fish_from_the_source() -> None:
    states = assimilate(records([{}, {"first": 4}], placed=[(0, 0, 1000)], moved=[(0, 1, 4, 300)]))
    assert of(states, 0)["fish"].tolist() == [1000] * 4 + [700] * 6
    assert of(states, 1)["fish"].tolist() == [300] * 6


def test_fish_that_come_together_weigh_what_they_weighed() -> None:
    stays = [{"until": 5}, {"until": 5, "weight": 27.0}, {"first": 5}]
    moves = [(0, 2, 5, 300), (1, 2, 5, 100)]
    states = assimilate(records(stays, placed=[(0, 0, 300), (1, 0, 100)], moved=moves))
    assert of(states, 2)["grams"][0] == pytest.approx((300 * 8.0 + 100 * 27.0) / 400)


def test_fish_of_unknown_origin_are_those_of_the_assignment() -> None:
    assert assimilate(records([{"fish": 77}])).fish.tolist() == [77] * 10


def test_growth_is_a_step_in_the_cube_root_and_stops_at_the_cap() -> None:
    states = assimilate(records([{"cap": 2.05}], placed=[(0, 0, 9)], water=[(0, day, 10.0) for day in range(10)]))
    assert np.cbrt(states.grams) == pytest.approx([2.03] + [2.05] * 9)
    assert {WEIGHTS[each] for each in states.weight} == {"tgc_computed"}
    assert set(states.sure_weight.tolist()) == {0.8}


@pytest.mark.parametrize(("rank", "sure"), [(0, 1.0), (1, 0.95), (2, 0.90)])
def test_what_was_weighed_goes_before_what_was_worked_out(rank: int, sure: float) -> None:
    water = [(0, day, 10.0) for day in range(10)]
    states = assimilate(records([{"cap": 2.1}], placed=[(0, 0, 9)], water=water, anchors=[(0, 3, 64.0, rank)]))
    assert states.grams[3] == pytest.approx(64.0)
    assert states.grams[4] == pytest.approx(64.0), "above the cap a weight stays"
    assert [ANCHORS[each] if each >= 0 else None for each in states.anchor][3] == ANCHORS[rank]
    assert states.sure_weight[3] == sure
    assert WEIGHTS[states.weight[3]] == "measured"


def test_a_sample_goes_before_a_transfer_and_that_before_a_treatment() -> None:
    states = assimilate(records([{}], anchors=[(0, 1, 10.0, 2), (0, 1, 20.0, 0), (0, 1, 30.0, 1), (0, 2, 40.0, 2), (0, 2, 50.0, 1)]))
    assert states.grams[1:3] == pytest.approx([20.0, 50.0])


def test_temperature_is_measured_between_near_by_profile_or_unknown() -> None:
    water = [(0, -2, 6.0), (0, 2, 10.0), (0, 5, 16.0)]
    states = assimilate(records([{"until": 15}], water=water, profile=4.0))
    assert states.degrees.tolist() == pytest.approx([8.0, 9.0, 10.0, 12.0, 14.0, 16.0] + [16.0] * 7 + [4.0] * 2)
    kinds = [TEMPERATURES[each] for each in states.temperature]
    assert kinds == ["interpolated"] * 2 + ["measured"] + ["interpolated"] * 2 + ["measured"] + ["nearest"] * 7 + ["profile"] * 2
    assert states.sure_temperature[[0, 2, 6, 14]] == pytest.approx([0.9 - 4 / 30, 1.0, 0.6, 0.5])
    assert states.sure_weight[[0, 6, 14]] == pytest.approx([0.9 - 4 / 30, 0.6, 0.5])


def test_a_day_without_any_temperature_leaves_the_weight_as_it_was() -> None:
    states = assimilate(records([{}], placed=[(0, 0, 9)]))
    assert states.grams == pytest.approx([8.0] * 10)
    assert {WEIGHTS[each] for each in states.weight} == {"unchanged"}
    assert np.isnan(states.degrees).all()


def test_the_water_of_another_container_is_another() -> None:
    states = assimilate(records([{}, {}], water=[(0, 9, 10.0)], profile=4.0))
    assert of(states, 1)["degrees"].tolist() == [4.0] * 10


def test_feed_conversion_is_observed_where_enough_was_gained() -> None:
    water = [(0, day, 10.0) for day in range(10)]
    fed = [(0, 0, 1_000_000), (0, 1, 20_000_000_000)]
    states = assimilate(records([{"weight": 1000.0}], placed=[(0, 0, 10_000)], water=water, fed=fed))
    gain = 10_000 * (states.grams[0] - 1000.0) / 1000
    assert states.fcr[0] == pytest.approx(100.0 / gain)
    assert states.fcr[1] == 10.0
    assert np.isnan(states.fcr[2:]).all()
    few = assimilate(records([{"weight": 1000.0}], placed=[(0, 0, 1)], water=water, fed=fed))
    assert np.isnan(few.fcr).all()


def test_nothing_to_analyse() -> None:
    assert len(assimilate(records([{"until": 0}])).at) == 0
