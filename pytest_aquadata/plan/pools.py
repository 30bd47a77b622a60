"""Pools of containers, how full they are, and which batch stands where.

A pool is what one stage of one geography can use: its halls, or its sea rings. It is divided into slots, each large enough for one batch;
a batch holds a slot from the day it arrives up to, not including, the day it leaves. Given that no more batches overlap than there are
slots, handing each arrival the free slot that has rested longest never fails and never gives a container to two batches.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.profile import Profile

Interval = tuple[int, int]
"""First day, and the day after the last; days since 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What one stage of one geography can use.

    slots: container numbers, one tuple a slot, in the order in which unused slots are taken: one of every station or area first.
    containers: active containers of the pool, those in no slot included.
    """

    geography: int
    stage: int
    name: str
    slots: tuple[tuple[int, ...], ...]
    containers: int

    def limit(self, saturation: float) -> int:
        """Batches that may stand here at once without passing `saturation` (a share of the containers)."""
        if not self.slots:
            return 0
        return min(len(self.slots), int(saturation * self.containers / len(self.slots[0]) + 1e-9))


def _slots(groups: Iterable[Sequence[int]], size: int) -> tuple[tuple[int, ...], ...]:
    """Groups of containers cut into slots; what is left of several groups is put together at the end."""
    whole: list[tuple[int, int, tuple[int, ...]]] = []
    rest: list[int] = []
    for place, group in enumerate(groups):
        full = len(group) // size
        whole.extend((turn, place, tuple(group[turn * size : (turn + 1) * size])) for turn in range(full))
        rest.extend(group[full * size :])
    whole.sort()
    spare = [tuple(rest[i : i + size]) for i in range(0, len(rest) - size + 1, size)]
    return tuple(slot for _, _, slot in whole) + tuple(spare)


def pools_of(world: World, profile: Profile, geography: int, per_stage: int, rings: int) -> tuple[Pool, ...]:
    """The six pools of a geography, in the order of the stages."""
    name = world.geographies[geography - 1].name
    stations = {s.number for s in world.stations if s.geography == geography and s.takes_batches}
    pools = []
    for order, stage in enumerate(profile.stages[:-1], start=1):
        halls = [h for h in world.halls if h.station in stations and h.stage_order == order]
        groups = [tuple(c.number for c in world.containers_of_hall(h.number)) for h in halls]
        slots, total = _slots(groups, per_stage), sum(map(len, groups))
        pools.append(Pool(geography, order, f"{name}, {stage.name} halls", slots, total))
    areas = [a for a in world.areas if a.geography == geography and a.takes_batches]
    groups = [tuple(c.number for c in world.containers_of_area(a.number)) for a in areas]
    pools.append(Pool(geography, len(profile.stages), f"{name}, sea rings", _slots(groups, rings), sum(map(len, groups))))
    return tuple(pools)


def peak(intervals: Iterable[Interval]) -> tuple[int, int]:
    """The greatest number of intervals that hold on one day, and the first such day; (0, 0) for none."""
    changes: dict[int, int] = {}
    for first, after in intervals:
        changes[first] = changes.get(first, 0) + 1
        changes[after] = changes.get(after, 0) - 1
    held = most = on = 0
    for day in sorted(changes):
        held += changes[day]
        if held > most:
            most, on = held, day
    return most, on


def assign(pool: Pool, intervals: Sequence[Interval], fallow: int) -> list[int]:
    """The slot, as an index into `pool.slots`, of every interval; each slot rests `fallow` days between two of them.

    The order of `intervals` makes no difference except between those that begin on the same day.

    Raises:
        ValueError: more intervals overlap than there are slots; callers test `peak` before.
    """
    resting = [(-1, slot) for slot in range(len(pool.slots))]
    busy: list[tuple[int, int]] = []
    result = [0] * len(intervals)
    heapq.heapify(resting)
    for index in sorted(range(len(intervals)), key=lambda i: intervals[i][0]):
        first, after = intervals[index]
        while busy and busy[0][0] + fallow <= first:
            heapq.heappush(resting, heapq.heappop(busy))
        if not resting:
            raise ValueError(f"{pool.name}: no free slot on day {first}")
        _, slot = heapq.heappop(resting)
        result[index] = slot
        heapq.heappush(busy, (after, slot))
    return result
