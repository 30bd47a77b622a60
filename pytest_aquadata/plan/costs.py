"""What a batch costs: its meals, the smolts that go to sea, and what the fish are sold for at harvest. Whole hundredths of the currency.

Smolts are sold to the sea farm at a price per kilogram. A harvest is sold at cost plus a markup: its cost to the sea farm is what the
smolts cost and what they ate at sea. Lots share it by live weight, rounded as a running total, so that the amounts of a batch add up to
the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import growth, rations
from pytest_aquadata.plan.harvest import Lot, harvest_of
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay, move_between

Int = NDArray[np.int64]

_PERCENT = 100_000
"""A percentage in thousandths, as the policies keep it, against the whole."""


@dataclass(frozen=True, slots=True)
class Meals:
    """All meals of a stay.

    amount: hundredths of a kg, cost: hundredths of the currency, both of shape (days, meals, slots). feed: number by day, 0 for none.
    """

    amount: Int
    cost: Int
    feed: Int


def meals_of(simulation: Simulation, stay: Stay) -> Meals:
    """The meals of a stay, each with the price of the very feed that the silo or barge gave out."""
    amount = np.moveaxis(rations.meals_of(stay.ration, len(simulation.scenario.feeding.times)), 0, 2)
    cost = np.zeros_like(amount)
    feed = np.zeros(stay.days, dtype=np.int64)
    for meal in stay.meals:
        begin, end = meal.days
        part = amount[begin:end][:, :, list(meal.slots)]
        before = meal.before[:, :, None] + np.cumsum(part, axis=2) - part
        cost[begin:end, :, list(meal.slots)] = simulation.ledger.costs(meal.account, before, part)
        feed[begin:end] = meal.feed
    return Meals(amount, cost, feed)


def moved_centikg(batch: Batch, before: Stay, after: Stay) -> list[int]:
    """Biomass of each action of the move between two stays, hundredths of a kg, in the order of `move_between`."""
    weight = float(growth.grams(batch.curve[after.first : after.first + 1])[0])
    return [round(fish * weight / 10.0) for _, _, fish in move_between(before, after)]


def went_to_sea(simulation: Simulation, batch: Batch) -> bool:
    """Whether the batch has made its last change of stage."""
    return len(batch.stays) == len(simulation.profile.stages)


def smolt_amount(simulation: Simulation, batch: Batch) -> int:
    """Price of the smolts that went to sea: biomass x price per kg, half up. The batch must have gone (`went_to_sea`)."""
    price = simulation.world.smolt_policy(batch.life.geography).price_per_kg or 0.0
    return (sum(moved_centikg(batch, *batch.stays[-2:])) * round(price * 100) + 50) // 100


def harvest_cost(simulation: Simulation, batch: Batch) -> int:
    """What a harvested batch has cost the sea farm: its smolts and what they ate at sea."""
    return smolt_amount(simulation, batch) + int(meals_of(simulation, batch.stays[-1]).cost.sum())


@dataclass(frozen=True, slots=True)
class Sale:
    """One lot as it is sold. slot: its ring. policy: number in the world. amount: hundredths of the currency."""

    slot: int
    lot: Lot
    policy: int
    amount: int


def sales_of(simulation: Simulation, batch: Batch) -> list[Sale]:
    """Every lot of a harvested batch in order, with its price; empty for one that is not harvested."""
    lots = [(slot, lot) for slot, lots in harvest_of(simulation.profile, batch) for lot in lots]
    if not lots:
        return []
    policies = [simulation.world.harvest_policy(batch.life.geography, lot.grade) for _, lot in lots]
    markups = [round((policy.markup_percent or 0.0) * 1000) for policy in policies]
    amounts = shared(harvest_cost(simulation, batch), [lot.live_g for _, lot in lots], markups)
    return [Sale(slot, lot, policy.number, amount) for (slot, lot), policy, amount in zip(lots, policies, amounts, strict=True)]


def shared(cost: int, weights: Sequence[int], markups: Sequence[int]) -> list[int]:
    """Shares of a cost by weight, each with its markup in thousandths of a percent.

    The running total is rounded half up and the shares are its steps: together they are the marked-up cost to the unit, and none is off by
    more than one. Whole numbers throughout: the products pass 64 bits.
    """
    whole = sum(weights) * _PERCENT
    exact, paid, shares = 0, 0, []
    for weight, markup in zip(weights, markups, strict=True):
        exact += cost * weight * (_PERCENT + markup)
        total = (2 * exact + whole) // (2 * whole) if whole else 0
        shares.append(total - paid)
        paid = total
    return shares
