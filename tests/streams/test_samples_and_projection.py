"""Growth samples follow the planned weight, fish by fish; the projection is the life without chance."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import pytest
from tables import plan_of, table

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.life import millidegrees
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.streams.growth_samples import FISH, SAMPLE, GrowthSamples
from pytest_aquadata.streams.projection import TABLE as PROJECTION
from pytest_aquadata.streams.projection import TEMPERATURE, Projection


@pytest.fixture(scope="module")
def large() -> Plan:
    return plan_of(ages=[880], geographies=["Scotland"])


@pytest.fixture(scope="module")
def samples(large: Plan) -> dict[str, np.ndarray]:
    return table(GrowthSamples().rows(large, large.simulation.batches[0]), SAMPLE)


@pytest.fixture(scope="module")
def fish(large: Plan) -> dict[str, np.ndarray]:
    return table(GrowthSamples().rows(large, large.simulation.batches[0]), FISH)


def test_fish_belong_to_their_samples_and_are_counted_through(samples: dict[str, np.ndarray], fish: dict[str, np.ndarray]) -> None:
    assert (samples["sample_size"] == 30).all()
    assert fish["growth_sample_id"].tolist() == np.repeat(samples["id"], 30).tolist()
    assert fish["fish_identifier"].reshape(-1, 30).tolist() == [list(range(30))] * len(samples["id"])
    assert fish["created_at"].tolist() == np.repeat(samples["created_at"], 30).tolist()


def test_samples_are_weekly_and_begin_when_fish_grow(large: Plan, samples: dict[str, np.ndarray]) -> None:
    batch = large.simulation.batches[0]
    ages = samples["sample_date"] - batch.start
    assert sorted(set(ages.tolist())) == list(range(91, batch.age, 7))
    assert set(np.unique(ages, return_counts=True)[1]) == {10}


def test_statistics_are_those_of_the_individuals(samples: dict[str, np.ndarray], fish: dict[str, np.ndarray]) -> None:
    weights, lengths = fish["weight_g"].reshape(-1, 30), fish["length_cm"].reshape(-1, 30)
    for row in range(0, len(weights), 37):
        for name, values in (("weight", weights[row].tolist()), ("length", lengths[row].tolist())):
            unit = "g" if name == "weight" else "cm"
            assert abs(samples[f"avg_{name}_{unit}"][row] - statistics.fmean(values)) <= 0.5
            assert abs(samples[f"std_deviation_{name}"][row] - statistics.stdev(values)) <= 0.51
    assert samples["min_weight_g"].tolist() == weights.min(axis=1).tolist()
    assert samples["max_weight_g"].tolist() == weights.max(axis=1).tolist()
    k = 100 * (samples["avg_weight_g"] / 100) / (samples["avg_length_cm"] / 100.0) ** 3
    assert samples["condition_factor"] / 100 == pytest.approx(k, abs=0.00501)


def test_mean_and_spread_of_weights_are_the_declared_ones(large: Plan, samples: dict[str, np.ndarray], fish: dict[str, np.ndarray]) -> None:
    batch, rules = large.simulation.batches[0], large.simulation.profile.samples
    planned = growth.grams(batch.curve[samples["sample_date"] - batch.start + 1])
    relative = fish["weight_g"].reshape(-1, 30) / 100 / planned[:, None]
    heavy = planned > 5  # lighter fish are rounded to more than a thousandth
    assert relative[heavy].mean() == pytest.approx(1, abs=0.002)
    assert relative[heavy].std() == pytest.approx(float(rules.weight_spread_percent) / 100, rel=0.03)
    assert (relative[planned > 0.3] > 0.5).all()


def test_length_follows_the_weight_of_the_same_fish(large: Plan, fish: dict[str, np.ndarray]) -> None:
    rules = large.simulation.profile.samples
    weight, length = fish["weight_g"] / 100, fish["length_cm"] / 100
    grown = weight > 20
    k = 100 * weight[grown] / length[grown] ** 3
    assert k.mean() == pytest.approx(float(rules.condition_factor), rel=0.01)
    assert k.std() / k.mean() == pytest.approx(float(rules.condition_spread_percent) / 100, rel=0.05)
    assert abs(np.corrcoef(k, np.log(weight[grown]))[0, 1]) < 0.05
    same = np.abs(weight - 180 * 1) < 40
    assert np.corrcoef(weight[same], length[same] ** 3)[0, 1] > 0.8


def test_a_container_with_too_few_fish_is_not_sampled() -> None:
    plan = plan_of(ages=[300], eggs=1_000, containers_per_stage=40, geographies=["Scotland"], growth_samples={"every": 10, "fish": 22})
    batch = plan.simulation.batches[0]
    rows = table(GrowthSamples().rows(plan, batch), SAMPLE)
    assert 0 < len(rows["id"]) == plan.count(batch, SAMPLE)
    alive = {
        (number, batch.start + stay.first + day): int(stay.alive[slot, day + 1])
        for stay, numbers in zip(batch.stays, plan.assignments(batch), strict=True)
        for slot, number in enumerate(numbers.tolist())
        for day in range(stay.days)
        if (stay.first + day) % 10 == 0 and stay.order > 1
    }
    taken = set(zip(rows["assignment_id"].tolist(), rows["sample_date"].tolist(), strict=True))
    assert taken == {key for key, count in alive.items() if count >= 22}
    assert len(taken) < len(alive)


def projected(plan: Plan, number: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rows = list(Projection().rows(plan, plan.simulation.batches[number]))
    return table(rows, PROJECTION), table(rows, TEMPERATURE)


def test_projected_weights_are_those_of_the_life(plan: Plan) -> None:
    for index, batch in enumerate(plan.simulation.batches):
        rows, water = projected(plan, index)
        assert rows["average_weight"][: batch.age].tolist() == growth.grams(batch.curve[1:]).tolist()
        assert rows["temperature"].tolist() == water["temperature"].tolist()
        expected = millidegrees(batch.life.climate, plan.simulation.profile, batch.start, 900)
        assert (water["temperature"] * 1000).tolist() == pytest.approx(expected.tolist())
        assert rows["day_number"].tolist() == water["day_number"].tolist() == list(range(1, 901))
        assert rows["projection_date"].tolist() == list(range(batch.start, batch.start + 900))


def test_projected_fish_are_the_living_but_for_chance(plan: Plan) -> None:
    for index, batch in enumerate(plan.simulation.batches):
        rows, _ = projected(plan, index)
        lived = np.concatenate([stay.alive[:, 1:].sum(axis=0) for stay in batch.stays])
        assert rows["population"][: batch.age] == pytest.approx(lived, rel=0.003)
        assert rows["biomass"] == pytest.approx(rows["population"] * rows["average_weight"] / 1000, rel=1e-12)


def test_projected_feed_is_the_eaten_but_for_chance(plan: Plan) -> None:
    for index, batch in enumerate(plan.simulation.batches):
        rows, _ = projected(plan, index)
        eaten = np.concatenate([stay.ration.sum(axis=0) for stay in batch.stays]).sum() / 100
        assert rows["daily_feed"][: batch.age].sum() == pytest.approx(eaten, rel=0.005, abs=1)
        assert rows["cumulative_feed"] == pytest.approx(np.cumsum(rows["daily_feed"]), rel=1e-12)


def test_projected_stages_change_on_their_days(plan: Plan) -> None:
    rows, _ = projected(plan, 0)
    firsts = (0, 90, 180, 270, 360, 450, 900)
    assert [rows["current_stage_id"][a:b].tolist() for a, b in itertools.pairwise(firsts)] == [
        [order] * (b - a) for order, (a, b) in enumerate(itertools.pairwise(firsts), start=1)
    ]


@pytest.mark.parametrize("days", [1, 90, 450, 451, 1_300])
def test_a_projection_may_be_shorter_or_longer(days: int) -> None:
    plan = plan_of(ages=[100], geographies=["Scotland"], projection={"days": days})
    batch = plan.simulation.batches[0]
    rows, water = projected(plan, 0)
    assert len(rows["projection_id"]) == len(water["reading_id"]) == plan.count(batch, PROJECTION) == days
    known = min(days, 100)
    assert rows["average_weight"][:known].tolist() == growth.grams(batch.curve[1:])[:known].tolist()
    assert (np.diff(rows["average_weight"]) >= 0).all()
    assert rows["average_weight"].max() <= 7_000 * (1 + 1e-12)
