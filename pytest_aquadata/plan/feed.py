"""The feed ledger: what every silo and barge receives, holds and gives out, day by day.

Guarantees, all in whole hundredths of a kilogram: only what has arrived is eaten, oldest delivery first; stock is never negative; kilograms
bought are kilograms eaten plus kilograms in stock; the cost of a meal is the difference of one running total, so that costs add up to the
price of what was eaten. Feed is shared by all batches that stand at a silo or barge, so the ledger belongs to the farm and not to a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan import draws
from pytest_aquadata.plan.temperature import EPOCH
from pytest_aquadata.scenario.profile import FeedStock

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demand:
    """What the fish of one batch at one silo or barge eat of one feed.

    account: index of the (feed container, feed) pair. first: first day, days since 1970-01-01.
    eaten: hundredths of a kg by day and meal, shape (days, meals).
    """

    account: int
    first: int
    eaten: Int


@dataclass(frozen=True, slots=True)
class Account:
    """One feed in one silo or barge: numbers in the world and master data, capacity in hundredths of a kg.

    opened_by: plan number of the first batch that eats there; accounts are in the order in which they are opened.
    """

    feeder: int
    feeder_name: str
    feed: int
    feed_name: str
    capacity: int
    opened_by: int = 0


@dataclass(frozen=True, slots=True)
class Deliveries:
    """All deliveries of the farm in the order of their order day; every array has shape (deliveries,).

    account: index into the ledger's accounts. ordered, arrived: days since 1970-01-01. quantity: hundredths of a kg.
    price: hundredths of the currency per kg. supplier: index into the profile's suppliers. initial: whether it is the account's first.
    """

    account: Int
    ordered: Int
    arrived: Int
    quantity: Int
    price: Int
    supplier: Int
    initial: NDArray[np.bool_]


@dataclass(frozen=True)
class Ledger:
    """Deliveries, and how much each account had given out by the beginning of each day.

    first: day of column 0 of `given`. given: hundredths of a kg, shape (accounts, days + 1).
    offsets: for each demand, in the order given, what its account had given out before each of its meals, shape (days, meals).
    A ledger that is kept for building (`at`) knows `given` on one day only, and no offsets: the stays have theirs.
    """

    accounts: tuple[Account, ...]
    deliveries: Deliveries
    first: int
    given: Int
    offsets: tuple[Int, ...]

    @cached_property
    def _by_account(self) -> tuple[Int, Int]:
        """Deliveries in the order of their accounts, and the account of each in that order, shape (deliveries,)."""
        order = np.argsort(self.deliveries.account, kind="stable")
        return order, self.deliveries.account[order]

    def deliveries_of(self, account: int) -> Int:
        """Indices of an account's deliveries, in their order, shape (its deliveries,)."""
        order, accounts = self._by_account
        begin, end = np.searchsorted(accounts, (account, account + 1))
        return order[begin:end]

    def at(self, day: int) -> Ledger:
        """The same, with what was given out before this day and no other."""
        given = self.given[:, [min(max(day - self.first, 0), self.given.shape[1] - 1)]]
        return Ledger(self.accounts, self.deliveries, day, given, ())

    def eaten_before(self, account: int, day: int) -> int:
        """Hundredths of a kg given out by an account before `day`."""
        return int(self.given[account, min(max(day - self.first, 0), self.given.shape[1] - 1)])

    def remaining(self, as_of: int) -> Int:
        """What is left of every delivery at the beginning of `as_of`, hundredths of a kg, shape (deliveries,)."""
        left = np.zeros(len(self.deliveries.account), dtype=np.int64)
        for account in range(len(self.accounts)):
            mine = self.deliveries_of(account)
            quantity = self.deliveries.quantity[mine]
            used_up_to = np.cumsum(quantity)
            left[mine] = np.clip(used_up_to - self.eaten_before(account, as_of), 0, quantity)
        return left

    def costs(self, account: int, before: Int, eaten: Int) -> Int:
        """Cost in hundredths of the currency of meals that take `eaten` after the account had given out `before`; same shapes."""
        mine = self.deliveries_of(account)
        if not len(mine):
            return np.zeros_like(eaten)  # nothing was ever needed here: all its fish are dead
        quantity, price = self.deliveries.quantity[mine], self.deliveries.price[mine]
        edges = np.concatenate(([0], np.cumsum(quantity)))
        paid = np.concatenate(([0], np.cumsum(quantity * price)))

        def total(amount: Int) -> Int:
            lot = np.minimum(np.searchsorted(edges, amount, side="right") - 1, len(mine) - 1)
            exact: Int = paid[lot] + (amount - edges[lot]) * price[lot]
            return (exact + 50) // 100

        return total(before + eaten) - total(before)


def keep_ledger(accounts: Sequence[Account], demands: Sequence[Demand], rules: FeedStock, meals: int, seed: int) -> Ledger:
    """Run the silos and barges over the whole simulated time.

    An account orders in the evening when it holds less than the reorder level and less than the need of the notice time; the delivery
    comes after the lead time, before the first meal of that day. An order covers at most the need of the horizon and the free room.

    Raises:
        AquadataError: an account would run dry, which means that the silo or barge is too small for its fish.
    """
    if not demands:
        empty = np.zeros(0, dtype=np.int64)
        return Ledger((), Deliveries(*(empty,) * 6, empty.astype(np.bool_)), 0, np.zeros((0, 1), dtype=np.int64), ())
    ahead = rules.notice_days + rules.lead_days + 1
    first = min(d.first for d in demands) - ahead
    days = max(d.first + len(d.eaten) for d in demands) - first
    daily = np.zeros((len(accounts), days + 1, meals), dtype=np.int64)
    for demand in demands:
        at = demand.first - first
        daily[demand.account, at : at + len(demand.eaten)] += demand.eaten
    given = np.zeros((len(accounts), days + 2), dtype=np.int64)
    np.cumsum(daily.sum(axis=2), axis=1, out=given[:, 1:])
    deliveries = _order(accounts, given, rules, first, seed)
    return Ledger(tuple(accounts), deliveries, first, given, _offsets(demands, daily, given, first))


def join(ledgers: Sequence[Ledger], day: int) -> tuple[Ledger, list[Int]]:
    """The ledger of several that share no account, as if they had been kept as one, and where the accounts of each are in it.

    All are kept for the same `day` (`Ledger.at`).
    """
    opened = np.concatenate([np.array([a.opened_by for a in ledger.accounts], dtype=np.int64) for ledger in ledgers])
    order = np.argsort(opened, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    places = np.split(place, np.cumsum([len(ledger.accounts) for ledger in ledgers])[:-1])
    accounts = [account for ledger in ledgers for account in ledger.accounts]
    moved = np.concatenate([where[ledger.deliveries.account] for ledger, where in zip(ledgers, places, strict=True)])
    ordered = np.concatenate([ledger.deliveries.ordered for ledger in ledgers])
    # on one day accounts order in their own order, as `_order` has it
    by_day = np.lexsort((moved, ordered))
    rest = ("arrived", "quantity", "price", "supplier", "initial")
    columns = (np.concatenate([getattr(ledger.deliveries, name) for ledger in ledgers])[by_day] for name in rest)
    deliveries = Deliveries(moved[by_day], ordered[by_day], *columns)
    given = np.concatenate([ledger.given for ledger in ledgers])[order]
    return Ledger(tuple(accounts[index] for index in order.tolist()), deliveries, day, given, ()), places


def _offsets(demands: Sequence[Demand], daily: Int, given: Int, first: int) -> tuple[Int, ...]:
    """What each demand's account had given out before each of its meals; within a meal the demands go in order."""
    so_far = np.zeros_like(daily)
    result = []
    for demand in demands:
        days = slice(demand.first - first, demand.first - first + len(demand.eaten))
        meals = daily[demand.account, days]
        before_meal = np.cumsum(meals, axis=1) - meals
        result.append(given[demand.account, days, None] + before_meal + so_far[demand.account, days])
        so_far[demand.account, days] += demand.eaten
    return tuple(result)


def _order(accounts: Sequence[Account], given: Int, rules: FeedStock, first: int, seed: int) -> Deliveries:
    _, first_account, feeder = np.unique([a.feeder for a in accounts], return_index=True, return_inverse=True)
    capacity = np.array([a.capacity for a in accounts], dtype=np.int64)
    room = capacity[first_account]
    level, largest = capacity * rules.reorder_percent // 100, capacity * rules.order_percent // 100
    days = given.shape[1] - 1
    stock = np.zeros(len(accounts), dtype=np.int64)
    coming = np.zeros((rules.lead_days + 1, len(accounts)), dtype=np.int64)
    placed: list[tuple[int, int, int]] = []
    for day in range(days):
        slot = day % (rules.lead_days + 1)
        stock += coming[slot]
        coming[slot] = 0
        stock -= given[:, day + 1] - given[:, day]
        if (stock < 0).any():
            raise _dry(accounts[int(np.argmin(stock))], first + day, rules)
        position = stock + coming.sum(axis=0)
        soon = given[:, min(day + 1 + rules.notice_days, days)] - given[:, day + 1]
        low = np.flatnonzero((position < level) & (position < soon))
        if len(low):
            later = given[low, min(day + 1 + rules.horizon_days, days)] - given[low, day + 1]
            free = room - np.bincount(feeder, weights=position, minlength=len(room)).astype(np.int64)
            for account, need in zip(low.tolist(), later.tolist(), strict=True):
                whole = -(-(need - int(position[account])) // 100) * 100
                quantity = min(whole, int(largest[account]), int(free[feeder[account]]) // 100 * 100)
                if quantity > 0:
                    free[feeder[account]] -= quantity
                    coming[(day + rules.lead_days) % (rules.lead_days + 1), account] += quantity
                    placed.append((first + day, account, quantity))
    return _priced(accounts, placed, rules, seed)


def _priced(accounts: Sequence[Account], placed: Sequence[tuple[int, int, int]], rules: FeedStock, seed: int) -> Deliveries:
    ordered, account, quantity = np.array(placed, dtype=np.int64).reshape(-1, 3).T
    price = np.zeros(len(placed), dtype=np.int64)
    supplier = np.zeros(len(placed), dtype=np.int64)
    initial = np.zeros(len(placed), dtype=np.bool_)
    swing = int(rules.price_spread_percent * 100)
    for index, owner in enumerate(accounts):
        mine = np.flatnonzero(account == index)
        key = (seed, owner.feeder_name, "feed stock", owner.feed_name)
        basis = int(rules.prices[owner.feed_name] * 100)
        price[mine] = (basis * (10_000 + draws.uniform(len(mine), -swing, swing, *key, "price")) + 5_000) // 10_000
        supplier[mine] = draws.uniform(len(mine), 0, len(rules.suppliers) - 1, *key, "supplier")
        initial[mine[:1]] = True
    return Deliveries(account, ordered, ordered + rules.lead_days, quantity, price, supplier, initial)


def _dry(account: Account, day: int, rules: FeedStock) -> AquadataError:
    return AquadataError(
        f"{account.feeder_name} runs out of {account.feed_name} on {EPOCH + timedelta(days=day)}: "
        f"{account.capacity / 100:,.0f} kg are too small for its fish\n"
        f"    below {rules.reorder_percent} % it must last {rules.lead_days} days: "
        "give the hall a larger silo_kg or the area a larger barge_kg"
    )
