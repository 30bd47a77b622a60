"""Feed purchases and what is left of them: rows of the farm, not of a batch, since one delivery feeds several batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.simulation import Simulation
from pytest_aquadata.plan.temperature import EPOCH
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import moments
from pytest_aquadata.streams.columns import Rows

PURCHASE = "inventory_feedpurchase"
STOCK = "inventory_feedcontainerstock"
TABLES = (PURCHASE, STOCK)


def _delivered(simulation: Simulation) -> NDArray[np.int64]:
    """Indices of the deliveries that have arrived before `as_of`, in order of their order day; none where no meals are written."""
    if not simulation.scenario.streams.feeding:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(simulation.ledger.deliveries.arrived < simulation.as_of)


def count(simulation: Simulation) -> Mapping[str, int]:
    """A purchase and a stock row for each delivery that has arrived."""
    rows = len(_delivered(simulation))
    return {PURCHASE: rows, STOCK: rows}


def rows(simulation: Simulation) -> Iterator[Rows]:
    """Purchases, then their stock, in order of the day they were ordered."""
    index = _delivered(simulation)
    if not len(index):
        return
    ledger, rules = simulation.ledger, simulation.profile.feed_stock
    bought = ledger.deliveries
    numbers = np.arange(1, len(index) + 1)
    ordered, arrived = bought.ordered[index], bought.arrived[index]
    account = bought.account[index]
    feeds = np.array([a.feed for a in ledger.accounts], dtype=np.int64)
    feeders = np.array([a.feeder for a in ledger.accounts], dtype=np.int64)
    order_time, arrival_time = columns.stamps(moments(ordered, 0)), columns.stamps(moments(arrived, 0))
    yield Rows(
        PURCHASE,
        len(index),
        {
            "id": columns.numbers(PURCHASE, numbers),
            "purchase_date": columns.dates(ordered),
            "quantity_kg": columns.fixed(bought.quantity[index], 2),
            "cost_per_kg": columns.fixed(bought.price[index], 2),
            "supplier": columns.texts(rules.suppliers, bought.supplier[index]),
            "batch_number": columns.texts(_lot_numbers(ordered, bought.initial[index]), np.arange(len(index))),
            "expiry_date": columns.dates(ordered + rules.expiry_days),
            "notes": columns.text(""),
            "created_at": order_time,
            "updated_at": order_time,
            "feed_id": columns.numbers("inventory_feed", feeds[account]),
        },
    )
    yield Rows(
        STOCK,
        len(index),
        {
            "id": columns.numbers(STOCK, numbers),
            "quantity_kg": columns.fixed(ledger.remaining(simulation.as_of)[index], 2),
            "entry_date": arrival_time,
            "created_at": arrival_time,
            "updated_at": arrival_time,
            "feed_container_id": columns.numbers("infrastructure_feedcontainer", feeders[account]),
            "feed_purchase_id": columns.numbers(PURCHASE, numbers),
        },
    )


def _lot_numbers(ordered: NDArray[np.int64], initial: NDArray[np.bool_]) -> list[str]:
    """INIT- or AUTO-{date}-{nnnn}, counted through each day, so that no two deliveries share one."""
    result, day, count_ = [], None, 0
    for when, first in zip(ordered.tolist(), initial.tolist(), strict=True):
        count_ = count_ + 1 if when == day else 1
        day = when
        result.append(f"{'INIT' if first else 'AUTO'}-{EPOCH + timedelta(days=when):%Y%m%d}-{count_:04d}")
    return result
