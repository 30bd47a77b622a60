"""The plan of a large scenario: geography by geography, side by side, into files.

No pool, silo or barge is shared by two geographies, so each can be worked out by itself once the calendar is known: in a process of its
own, in memory that its own batches need. Numbers, ids and digests are those of a plan that is made as one.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_aquadata.plan import feed
from pytest_aquadata.plan.calendar import Calendar, make_calendar
from pytest_aquadata.plan.identities import Identities
from pytest_aquadata.plan.numbering import Plan, count_rows, number_counts
from pytest_aquadata.plan.simulation import Batch, Simulation, work_out
from pytest_aquadata.plan.store import Record, StoredStays, write_stays
from pytest_aquadata.plan.temperature import day_number
from pytest_aquadata.plan.world import World, world_of
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.profile import Profile, load_profile
from pytest_aquadata.streams.registry import active_streams, farm_of

_WORTH_PROCESSES = 1_000
"""Batches from which on processes of their own are quicker than one: each needs a second to start."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of a geography's batches when they are worked out: everything but their stays, which lie in a file.

    ages, harvested, records, counts: batch by batch. ledger: kept for `as_of`.
    """

    ages: tuple[int, ...]
    harvested: tuple[bool, ...]
    records: Sequence[Record]
    counts: Sequence[Mapping[str, int]]
    ledger: feed.Ledger


@dataclass(frozen=True, slots=True)
class _Planner:
    """What every part needs."""

    scenario: Scenario
    world: World
    profile: Profile
    folder: Path

    def part(self, calendar: Calendar, numbers: Sequence[int]) -> _Part:
        """Work out one geography's batches; `calendar` is its part of the whole one."""
        simulation = work_out(self.scenario, self.world, self.profile, calendar, numbers)
        return _Part(
            tuple(batch.age for batch in simulation.batches),
            tuple(batch.harvested for batch in simulation.batches),
            write_stays(simulation.batches, self.folder / f"stays-{calendar.sites[0].geography.number}"),
            count_rows(simulation, (Identities(), *active_streams(self.scenario))),
            simulation.ledger.at(simulation.as_of),
        )


_planner: _Planner | None = None
"""The planner of a process that was started for its parts."""


def _start(scenario: Scenario, folder: Path) -> None:
    global _planner
    _planner = _Planner(scenario, world_of(scenario), load_profile(scenario.profile), folder)


def _part(calendar: Calendar, numbers: Sequence[int]) -> _Part:
    assert _planner is not None
    return _planner.part(calendar, numbers)


def plan_into(folder: Path, scenario: Scenario, processes: int | None = None) -> Plan:
    """The whole plan of a scenario, the stays of its batches in files of a folder, which has to stay as long as the plan is used.

    processes: how many work on it; default: as many as there are processors, one for a small scenario. They are started anew, so a script
    that asks for more than one has to keep what it does under ``if __name__ == "__main__"``.

    Raises:
        AquadataError: the schedule does not fit or the farm cannot carry it; nothing in the folder is of use then.
    """
    world, profile = world_of(scenario), load_profile(scenario.profile)
    calendar = make_calendar(scenario, world, profile)
    parts = list(_split(calendar))
    if processes is None:
        processes = _processors() if len(calendar.lives) >= _WORTH_PROCESSES else 1
    workers = min(processes, len(parts))
    if workers > 1:
        made = _side_by_side(scenario, folder, parts, workers)
    else:
        planner = _Planner(scenario, world, profile, folder)
        made = [planner.part(*part) for part in parts]
    ledger, accounts = feed.join([part.ledger for part in made], day_number(scenario.as_of))
    batches: list[Batch | None] = [None] * len(calendar.lives)
    counts: list[Mapping[str, int]] = [{}] * len(calendar.lives)
    for (_, numbers), part, mine in zip(parts, made, accounts, strict=True):
        rows = zip(numbers, part.ages, part.harvested, part.records, part.counts, strict=True)
        for number, age, harvested, record, counted in rows:
            batches[number - 1] = Batch(number, calendar.lives[number - 1], age, harvested, StoredStays(record, mine))
            counts[number - 1] = counted
    simulation = Simulation(scenario, profile, world, calendar, tuple(batch for batch in batches if batch is not None), ledger)
    return number_counts(simulation, counts, farm_of(simulation))


def _split(calendar: Calendar) -> Iterator[tuple[Calendar, list[int]]]:
    """What each geography has of a calendar, and the plan numbers of its batches."""
    numbers: dict[int, list[int]] = {}
    for number, life in enumerate(calendar.lives, start=1):
        numbers.setdefault(life.geography, []).append(number)
    for site in calendar.sites:
        own = numbers.get(site.geography.number, [])
        if own:
            yield replace(calendar, lives=tuple(calendar.lives[number - 1] for number in own), sites=(site,)), own


def _side_by_side(scenario: Scenario, folder: Path, parts: Sequence[tuple[Calendar, list[int]]], workers: int) -> list[_Part]:
    # a process that is forked has the locks of threads that it does not have
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (scenario, folder)) as pool:
        futures: list[Future[_Part]] = [pool.submit(_part, *part) for part in parts]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
