"""Feeding events and mortality events hold the plan's fish and feed, to the fish and the hundredth of a kilogram."""

from __future__ import annotations

import numpy as np
import pytest
from tables import plan_of, table

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.feeding import TABLE as FEEDING
from pytest_aquadata.streams.feeding import Feeding
from pytest_aquadata.streams.mortality import TABLE as MORTALITY
from pytest_aquadata.streams.mortality import Mortality


def sums(keys: np.ndarray, amounts: np.ndarray) -> dict[int, int]:
    return {int(key): int(amounts[keys == key].sum()) for key in np.unique(keys)}


def test_meals_add_up_to_the_rations_container_by_container(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        rations = {
            number: int(total)
            for stay, numbers in zip(batch.stays, plan.assignments(batch), strict=True)
            for number, total in zip(numbers.tolist(), stay.ration.sum(axis=1), strict=True)
            if total
        }
        rows = table(Feeding().rows(plan, batch), FEEDING)
        assert (sums(rows["batch_assignment_id"], rows["amount_kg"]) if rows else {}) == rations


def test_meals_are_in_order_of_day_time_and_container(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        rows = table(Feeding().rows(plan, batch), FEEDING)
        if rows:
            order = np.lexsort((rows["batch_assignment_id"], rows["feeding_time"], rows["feeding_date"]))
            assert order.tolist() == list(range(len(order)))
            assert set(rows["feeding_time"] // 60_000_000) == {480, 960}
            assert (rows["amount_kg"] > 0).all()


def test_three_meals_a_day_share_the_ration() -> None:
    keys = {"ages": [300], "eggs": "500k", "containers_per_stage": 2, "geographies": ["Scotland"]}
    two, three = plan_of(**keys), plan_of(**keys, feeding={"times": ["07:00", "13:00", "19:00"]})
    twice, thrice = (table(Feeding().rows(plan, plan.simulation.batches[0]), FEEDING) for plan in (two, three))
    assert len(thrice["id"]) * 2 == len(twice["id"]) * 3
    assert thrice["amount_kg"].sum() == twice["amount_kg"].sum()


def test_percentages_are_meal_by_biomass(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        rows = table(Feeding().rows(plan, batch), FEEDING)
        if rows:
            known = rows["feeding_percentage"] >= 0
            assert known.mean() > 0.99
            share = rows["amount_kg"][known] / rows["batch_biomass_kg"][known] * 100
            assert rows["feeding_percentage"][known] / 1e6 == pytest.approx(share, abs=1e-6)
            assert share.max() < 10


def test_biomass_at_a_meal_is_that_of_the_living(plan: Plan) -> None:
    """Before the first meal those of the morning, after it those the day's deaths leave."""
    batch = plan.simulation.batches[0]
    rows = table(Feeding().rows(plan, batch), FEEDING)
    stay, numbers = batch.stays[-1], plan.assignments(batch)[-1]
    weights = growth.grams(batch.curve[stay.first : stay.first + stay.days])
    for slot, number in enumerate(numbers.tolist()):
        mine = rows["batch_assignment_id"] == number
        living = np.stack((stay.alive[slot, :-1], stay.alive[slot, 1:]), axis=1)
        assert rows["batch_biomass_kg"][mine].tolist() == np.rint(living * (weights / 10)[:, None]).astype(int).ravel().tolist()


def test_costs_of_all_meals_are_the_price_of_what_was_taken_from_stock(plan: Plan) -> None:
    """Purchases at their prices less stock at its prices, to a cent for each silo and barge."""
    bought = table(feed_stock.rows(plan.simulation), feed_stock.PURCHASE)
    stock = table(feed_stock.rows(plan.simulation), feed_stock.STOCK)
    assert stock["feed_purchase_id"].tolist() == bought["id"].tolist()
    meals = [table(Feeding().rows(plan, batch), FEEDING) for batch in plan.simulation.batches]
    eaten = sum(int(rows["amount_kg"].sum()) for rows in meals if rows)
    paid = sum(int(rows["feed_cost"].sum()) for rows in meals if rows)
    assert bought["quantity_kg"].sum() == eaten + stock["quantity_kg"].sum()
    used = (bought["quantity_kg"] - stock["quantity_kg"]) * bought["cost_per_kg"]
    assert abs(paid - used.sum() / 100) <= len(plan.simulation.ledger.accounts) * 0.5
    by_feed = {
        int(feed): int((bought["quantity_kg"] - stock["quantity_kg"])[bought["feed_id"] == feed].sum()) for feed in set(bought["feed_id"])
    }
    every = {key: np.concatenate([rows[key] for rows in meals if rows]) for key in ("feed_id", "amount_kg", "feed_cost")}
    assert sums(every["feed_id"], every["amount_kg"]) == {feed: kg for feed, kg in by_feed.items() if kg}
    assert (every["feed_cost"] >= 0).all()


def test_deliveries_are_told_apart_and_the_first_of_a_silo_is_the_initial_one(plan: Plan) -> None:
    rows = list(feed_stock.rows(plan.simulation))
    words = [word for part in rows if part.table == feed_stock.PURCHASE for word in part.columns["batch_number"].words]
    assert len(set(words)) == len(words)
    assert all(word.startswith(("INIT-", "AUTO-")) for word in words)
    stock, bought = (table(rows, name) for name in (feed_stock.STOCK, feed_stock.PURCHASE))
    silos = {(feeder, feed) for feeder, feed in zip(stock["feed_container_id"].tolist(), bought["feed_id"].tolist(), strict=True)}
    assert sum(word.startswith("INIT-") for word in words) == len(silos)
    assert (bought["expiry_date"] - bought["purchase_date"] == plan.simulation.profile.feed_stock.expiry_days).all()
    assert (stock["entry_date"] // 86_400_000_000 < plan.simulation.as_of).all()


def test_mortality_events_hold_every_dead_fish(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        rows = table(Mortality().rows(plan, batch), MORTALITY)
        assert (rows["count"] > 0).all()
        assert rows["count"].sum() == batch.life.eggs - batch.stays[-1].left.sum()
        for stay, numbers in zip(batch.stays, plan.assignments(batch), strict=True):
            for slot, number in enumerate(numbers.tolist()):
                mine = rows["assignment_id"] == number
                daily = np.zeros(stay.days, dtype=np.int64)
                daily[rows["event_date"][mine] - batch.start - stay.first] = rows["count"][mine]
                assert daily.tolist() == stay.deaths[slot].tolist()


def test_dead_fish_weigh_what_the_living_weigh(plan: Plan) -> None:
    for batch in plan.simulation.batches:
        rows = table(Mortality().rows(plan, batch), MORTALITY)
        weight = growth.grams(batch.curve[rows["event_date"] - batch.start])
        assert rows["biomass_kg"] == pytest.approx(rows["count"] * weight / 10, abs=0.51)
