"""The feed ledger, kept a second time lot by lot: what arrives, what is eaten from which delivery, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from farms import fjord, planned
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan import growth, rations
from pytest_aquadata.plan.feed import Account, Demand, Ledger, keep_ledger
from pytest_aquadata.plan.simulation import Simulation
from pytest_aquadata.scenario.profile import load_profile

GUIDE = load_profile("guide")
RULES = GUIDE.feed_stock
NAMES = list(RULES.prices)
MEALS = 2


@st.composite
def kitchens(draw: st.DrawFn) -> tuple[list[Account], list[Demand]]:
    """Two silos with one or two feeds each, large enough for what a few batches eat of them."""
    accounts = [
        Account(feeder, f"silo {feeder}", feed + 1, NAMES[feed], 400_000) for feeder in (1, 2) for feed in range(draw(st.integers(1, 2)))
    ]
    demands = []
    for _ in range(draw(st.integers(1, 5))):
        days, most = draw(st.integers(1, 90)), draw(st.sampled_from([1, 40, 2_500]))
        eaten = np.random.default_rng(draw(st.integers(0, 999))).integers(0, most + 1, (days, MEALS))
        demands.append(Demand(draw(st.integers(0, len(accounts) - 1)), 18_000 + draw(st.integers(0, 120)), eaten))
    return accounts, demands


def lots_by_account(ledger: Ledger) -> dict[int, list[tuple[int, int, int]]]:
    """(arrival, hundredths of a kg, price) of each account's deliveries, oldest first."""
    bought = ledger.deliveries
    lots: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for account, arrived, quantity, price in zip(
        bought.account.tolist(), bought.arrived.tolist(), bought.quantity.tolist(), bought.price.tolist(), strict=True
    ):
        lots[account].append((arrived, quantity, price))
    return lots


def total(demands: list[Demand], account: int, before: int) -> int:
    return sum(int(d.eaten[: max(0, before - d.first)].sum()) for d in demands if d.account == account)


@given(kitchens(), st.integers(0, 9))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_stock_is_never_negative_and_never_more_than_fits(kitchen: tuple[list[Account], list[Demand]], seed: int) -> None:
    accounts, demands = kitchen
    ledger = keep_ledger(accounts, demands, RULES, MEALS, seed)
    lots = lots_by_account(ledger)
    for day in range(min(d.first for d in demands) - 20, max(d.first + len(d.eaten) for d in demands) + 5):
        held: dict[int, int] = defaultdict(int)
        for number, account in enumerate(accounts):
            arrived = sum(quantity for when, quantity, _ in lots[number] if when <= day)
            assert arrived >= total(demands, number, day + 1)
            assert ledger.eaten_before(number, day) == total(demands, number, day)
            held[account.feeder] += arrived - total(demands, number, day)
        assert all(amount <= 400_000 for amount in held.values())


@given(kitchens(), st.integers(0, 200))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_was_bought_was_eaten_or_is_in_stock(kitchen: tuple[list[Account], list[Demand]], day: int) -> None:
    accounts, demands = kitchen
    ledger, as_of = keep_ledger(accounts, demands, RULES, MEALS, 1), 18_000 + day
    left, bought = ledger.remaining(as_of), ledger.deliveries
    here = bought.arrived < as_of
    assert ((left >= 0) & (left <= bought.quantity)).all()
    for number in range(len(accounts)):
        mine = here & (bought.account == number)
        assert bought.quantity[mine].sum() == total(demands, number, as_of) + left[mine].sum()
        begun = np.flatnonzero(left[mine] < bought.quantity[mine])
        assert begun.tolist() == list(range(len(begun)))  # the oldest first
        assert (left[mine][begun[:-1]] == 0).all()


@given(kitchens())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_meals_are_paid_lot_by_lot(kitchen: tuple[list[Account], list[Demand]]) -> None:
    """Each meal costs what its very feed cost, to the cent; all meals together cost what was eaten, to half a cent."""
    accounts, demands = kitchen
    ledger = keep_ledger(accounts, demands, RULES, MEALS, 1)
    lots, paid = lots_by_account(ledger), defaultdict(int)
    for number in range(len(accounts)):
        prices = [(quantity, price) for _, quantity, price in lots[number]]
        for demand, offset in zip(demands, ledger.offsets, strict=True):
            if demand.account != number:
                continue
            cost = ledger.costs(number, offset, demand.eaten)
            paid[number] += int(cost.sum())
            for before, eaten, cents in zip(offset.ravel().tolist(), demand.eaten.ravel().tolist(), cost.ravel().tolist(), strict=True):
                exact, begin = 0, 0
                for quantity, price in prices:
                    exact += max(0, min(before + eaten, begin + quantity) - max(before, begin)) * price
                    begin += quantity
                assert abs(cents - exact / 100) <= 1
        eaten, exact = total(demands, number, 99_999), 0
        for quantity, price in prices:
            exact += min(eaten, quantity) * price
            eaten -= min(eaten, quantity)
        assert abs(paid[number] - exact / 100) <= 0.5


@given(kitchens())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_gram_is_eaten_twice(kitchen: tuple[list[Account], list[Demand]]) -> None:
    """The meals of an account, put in a row by what it had given out before them, leave neither gap nor overlap."""
    accounts, demands = kitchen
    ledger = keep_ledger(accounts, demands, RULES, MEALS, 1)
    for number in range(len(accounts)):
        taken = sorted(
            (before, before + eaten)
            for demand, offset in zip(demands, ledger.offsets, strict=True)
            if demand.account == number
            for before, eaten in zip(offset.ravel().tolist(), demand.eaten.ravel().tolist(), strict=True)
            if eaten
        )
        assert [begin for begin, _ in taken] == [0, *[end for _, end in taken[:-1]]][: len(taken)]


@given(kitchens())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_deliveries_keep_to_the_rules(kitchen: tuple[list[Account], list[Demand]]) -> None:
    accounts, demands = kitchen
    bought = keep_ledger(accounts, demands, RULES, MEALS, 1).deliveries
    assert (bought.arrived - bought.ordered == RULES.lead_days).all()
    assert (np.diff(bought.ordered) >= 0).all()
    assert (bought.quantity > 0).all()
    assert (bought.quantity % 100 == 0).all()
    assert (bought.quantity <= 400_000 * RULES.order_percent // 100).all()
    for number, account in enumerate(accounts):
        mine = bought.account == number
        basis = float(RULES.prices[account.feed_name]) * 100
        assert (np.abs(bought.price[mine] - basis) <= basis * float(RULES.price_spread_percent) / 100 + 0.5).all()
        assert bought.initial[mine].tolist() == [n == 0 for n in range(int(mine.sum()))]


def test_nobody_eats_and_nothing_is_bought() -> None:
    ledger = keep_ledger([], [], RULES, MEALS, 1)
    assert len(ledger.deliveries.account) == len(ledger.remaining(20_000)) == 0


def test_two_feeds_of_one_silo_share_its_room() -> None:
    """Each alone would order four fifths of the silo."""
    accounts = [Account(1, "silo", feed + 1, NAMES[feed], 100_000) for feed in (0, 1)]
    demands = [Demand(number, 18_000, np.full((60, MEALS), 1_000)) for number in (0, 1)]
    bought = keep_ledger(accounts, demands, RULES, MEALS, 1).deliveries
    assert bought.quantity[bought.arrived == bought.arrived.min()].tolist() == [80_000, 20_000]
    for day in range(17_980, 18_060):
        arrived = bought.quantity[bought.arrived <= day].sum()
        assert arrived - sum(total(demands, number, day) for number in (0, 1)) <= 100_000


def test_a_silo_whose_fish_are_all_dead_costs_nothing() -> None:
    nothing = np.zeros((5, MEALS), dtype=np.int64)
    ledger = keep_ledger([Account(1, "silo", 1, NAMES[0], 1_000)], [Demand(0, 18_000, nothing)], RULES, MEALS, 1)
    assert ledger.costs(0, ledger.offsets[0], nothing).tolist() == nothing.tolist()


def test_a_silo_that_is_too_small_is_named() -> None:
    account = Account(1, "FI-FW-01-B-Silo", 1, NAMES[0], 10_000)
    with pytest.raises(AquadataError) as caught:
        keep_ledger([account], [Demand(0, 18_000, np.full((10, 2), 4_000))], RULES, MEALS, 1)
    assert str(caught.value) == (
        "FI-FW-01-B-Silo runs out of Starter Feed 0.5mm on 2019-04-15: 100 kg are too small for its fish\n"
        "    below 20 % it must last 3 days: give the hall a larger silo_kg or the area a larger barge_kg"
    )


def test_a_silo_of_a_scenario_that_is_too_small_is_named() -> None:
    place = fjord()
    for hall in place["stations"][0]["halls"]:
        hall["silo_kg"] = 50
    with pytest.raises(AquadataError, match=r"^FJO-FW-F\d-Silo runs out of Starter Feed 0.5mm on \d{4}-\d\d-\d\d: 50 kg"):
        planned(ages=[200], eggs="1M", containers_per_stage=4, rings_per_batch=4, geographies=[place])


@pytest.fixture(scope="module")
def farm() -> Simulation:
    return planned(batches=30, stagger=31)


def test_no_silo_or_barge_is_ever_overfull_or_empty(farm: Simulation) -> None:
    ledger, bought = farm.ledger, farm.ledger.deliveries
    held: dict[int, Any] = defaultdict(int)
    for number, account in enumerate(ledger.accounts):
        mine = bought.account == number
        arrivals = np.zeros(ledger.given.shape[1], dtype=np.int64)
        np.add.at(arrivals, bought.arrived[mine] - ledger.first, bought.quantity[mine])
        morning = np.cumsum(arrivals)[:-1] - ledger.given[number, :-1]
        evening = np.cumsum(arrivals)[:-1] - ledger.given[number, 1:]
        assert evening.min() >= 0
        held[account.feeder] = held[account.feeder] + morning
    for feeder, stock in held.items():
        assert stock.max() <= farm.world.feed_containers[feeder - 1].capacity_kg * 100


def test_all_barges_of_an_area_are_used_and_each_feeds_its_own_area(farm: Simulation) -> None:
    used: dict[int, set[int]] = defaultdict(set)
    for batch in farm.batches:
        for stay in batch.stays:
            fed = sorted(slot for slot in {slot for meal in stay.meals for slot in meal.slots})
            assert fed == (list(range(len(stay.containers))) if stay.ration.any() else [])
            for meal in stay.meals:
                feeder = farm.ledger.accounts[meal.account].feeder
                for slot in meal.slots:
                    assert feeder in farm.world.feed_containers_of(stay.containers[slot])
                if stay.order == 6:
                    used[farm.world.container(stay.containers[0]).area].add(feeder)
    assert used
    assert all(len(barges) == 3 for barges in used.values())


def test_fish_eat_the_feed_of_their_weight(farm: Simulation) -> None:
    eaten = set()
    for batch in farm.batches:
        for stay in batch.stays:
            for meal in stay.meals:
                name = farm.ledger.accounts[meal.account].feed_name
                for age in (stay.first + meal.days[0], stay.first + meal.days[1] - 1):
                    assert farm.profile.stages[stay.order - 1].feed_at(float(growth.grams(batch.curve[age : age + 1])[0])) == name
                eaten.add(name)
    assert eaten == set(NAMES)


@given(st.integers(0, 10**7), st.integers(1, 6))
def test_meals_add_up_to_the_ration(ration: int, meals: int) -> None:
    parts = rations.meals_of(np.array([ration]), meals)[0]
    assert parts.sum() == ration
    assert parts.max() - parts.min() <= 1


@pytest.mark.parametrize("stage", GUIDE.stages, ids=lambda stage: stage.name)
def test_a_ration_is_fcr_times_gain_or_maintenance(stage: Any) -> None:
    alive = np.array([[100_000, 100_000, 0, 1]])
    weights = np.array([10.0, 10.5, 10.5, 10.5, 10.5])
    got = rations.rations(stage, alive, weights, 2)
    if not stage.feeds:
        assert not got.any()
        return
    gain = 100_000 * 0.5 / 1000 * float(stage.fcr)
    keep = 100_000 * 10.5 / 1000 * float(stage.maintenance_percent) / 100
    assert got[0, :2] / 100 == pytest.approx([gain, keep], abs=0.005)
    assert got[0, 2:].tolist() == [0, 2]  # nobody is not fed; one fish gets the smallest meals


def test_feed_conversion_of_each_stage_is_believable(farm: Simulation) -> None:
    """0.9 to 3.0 kg of feed for each kg that fish grow, over a whole stage."""
    for batch in farm.batches:
        for stay in batch.stays:
            if stay.ended and stay.ration.any():
                weights = growth.grams(batch.curve[stay.first : stay.first + stay.days + 1])
                gained = (stay.alive[:, :-1] * np.diff(weights)).sum() / 1000
                assert 0.9 <= stay.ration.sum() / 100 / gained <= 3.0
