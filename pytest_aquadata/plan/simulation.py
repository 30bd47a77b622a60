"""The whole farm at daily resolution: every batch in every container on every day, and the feed it eats.

`simulate` is a pure function of a scenario. Batches are worked out to their harvest and then cut at `as_of`, so that a later `as_of`
continues the same history instead of telling another one (but for the quantities of the last feed orders, which look ahead).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan import feed, growth, masterdata, rations
from pytest_aquadata.plan.calendar import Calendar, holdings, make_calendar
from pytest_aquadata.plan.growth import Float
from pytest_aquadata.plan.life import Life
from pytest_aquadata.plan.pools import Pool, assign
from pytest_aquadata.plan.population import Fish, containers_by_stage, moves, populate
from pytest_aquadata.plan.temperature import EPOCH, day_number
from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.profile import Profile

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meals:
    """What part of a stay eats from one silo or barge of one feed.

    account: index into the ledger's accounts; feed: its number in the master data.
    slots: indices of the stay's containers that eat from it. days: days of the stay, from..before.
    before: hundredths of a kg the account had given out before each meal of these containers, shape (days, meals).
    """

    account: int
    feed: int
    slots: tuple[int, ...]
    days: tuple[int, int]
    before: Int


@dataclass(frozen=True, slots=True)
class Stay:
    """A batch in its containers of one stage, up to `as_of`.

    order: stage, from 1. first: day of age on which it begins. days: days spent here so far.
    containers: numbers in the world, one a slot.
    alive: fish at the beginning of each day and after the last, shape (slots, days + 1). deaths: shape (slots, days).
    ration: hundredths of a kg a day, shape (slots, days).
    ended: the fish have moved on or been harvested, on day `first + days` of age.
    """

    order: int
    first: int
    days: int
    containers: tuple[int, ...]
    alive: Int
    deaths: Int
    ration: Int
    ended: bool
    meals: tuple[Meals, ...]

    @property
    def arrived(self) -> Int:
        """Fish that came into each container, shape (slots,)."""
        return self.alive[:, 0]

    @property
    def left(self) -> Int:
        """Fish after the last day, shape (slots,): those that moved on, were harvested, or live here still."""
        return self.alive[:, -1]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch up to `as_of`; the life behind it goes on to the harvest.

    number: plan number, from 1. start: days since 1970-01-01. age: days lived. harvested: harvested on day `age`, before `as_of`.
    stays: where it has been, stage by stage. In the plan of a session they lie in a file and are read when they are looked at
        (`plan.store`); what else is said here costs nothing.
    """

    number: int
    life: Life
    age: int
    harvested: bool
    stays: Sequence[Stay]

    @property
    def name(self) -> str:
        """The application's batch number."""
        return self.life.name

    @property
    def start(self) -> int:
        """The day the eggs arrive, days since 1970-01-01."""
        return self.life.start

    @property
    def stage(self) -> int:
        """Order of the stage that it is in, or was harvested from."""
        return sum(first < self.age for first in self.life.profile.first_days[:-1])

    @property
    def curve(self) -> Float:
        """Cube roots of weight in g at the beginning of each day of life and after the last, shape (age + 1,)."""
        return self.life.curve[: self.age + 1]


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everything that happens on the farm before `as_of`. batches: in order of plan number, which is the order of their starts."""

    scenario: Scenario
    profile: Profile
    world: World
    calendar: Calendar
    batches: tuple[Batch, ...]
    ledger: feed.Ledger

    @property
    def as_of(self) -> int:
        """The first day of which nothing is known, days since 1970-01-01."""
        return day_number(self.scenario.as_of)

    @property
    def first_day(self) -> int:
        """The first simulated day, days since 1970-01-01: the clock of the world and its master data."""
        return self.batches[0].start


def simulate(scenario: Scenario, world: World, profile: Profile) -> Simulation:
    """Work out the farm.

    Raises:
        AquadataError: the schedule does not fit, a container or area would be overloaded, or a silo or barge would run dry.
    """
    calendar = make_calendar(scenario, world, profile)
    return work_out(scenario, world, profile, calendar, range(1, len(calendar.lives) + 1))


def work_out(scenario: Scenario, world: World, profile: Profile, calendar: Calendar, numbers: Sequence[int]) -> Simulation:
    """Work out the batches of a calendar: the whole one, or what one geography has of it, which no other geography has a part in.

    numbers: the batches' plan numbers, in the order of the calendar's lives.

    Raises:
        AquadataError: a container or area would be overloaded, or a silo or barge would run dry.
    """
    counts = containers_by_stage(profile, scenario.containers_per_stage, scenario.rings_per_batch)
    fish = populate(calendar.lives, profile, counts, scenario.seed)
    places = _places(calendar, scenario, profile)
    kitchen = _Kitchen(scenario, profile, world, numbers)
    for index, (life, own) in enumerate(zip(calendar.lives, fish, strict=True)):
        for order, containers in sorted(places[index].items()):
            kitchen.serve(index, life, own, order, containers)
    _check_limits(calendar.lives, fish, places, profile, world)
    ledger = feed.keep_ledger(kitchen.accounts, kitchen.demands, profile.feed_stock, len(scenario.feeding.times), scenario.seed)
    as_of = day_number(scenario.as_of)
    batches = tuple(_cut(index, life, fish[index], places[index], kitchen, ledger, as_of) for index, life in enumerate(calendar.lives))
    return Simulation(scenario, profile, world, calendar, batches, ledger)


Places = dict[int, tuple[int, ...]]
"""Container numbers by stage."""


def _places(calendar: Calendar, scenario: Scenario, profile: Profile) -> list[Places]:
    """The containers of every batch, for the stages that begin before `as_of`."""
    places: list[Places] = [{} for _ in calendar.lives]
    as_of, worst = day_number(scenario.as_of), scenario.planning == "worst_case"
    for pool in calendar.pools:
        stays = holdings(calendar.lives, pool, profile, as_of, worst_case=worst)
        slots = assign(pool, [days for _, days in stays], scenario.fallow)
        for (index, _), slot in zip(stays, slots, strict=True):
            places[index][pool.stage] = pool.slots[slot]
    return places


def _span(profile: Profile, life: Life, order: int) -> tuple[int, int]:
    """The ages between which a batch is in a stage: from, before."""
    return profile.first_days[order - 1], min(profile.first_days[order], life.harvest)


class _Kitchen:
    """Collects what is eaten where: rations by batch and stage, and the demand on every silo and barge."""

    def __init__(self, scenario: Scenario, profile: Profile, world: World, numbers: Sequence[int]) -> None:
        self.meals = len(scenario.feeding.times)
        self.profile, self.world, self.numbers = profile, world, numbers
        self.accounts: list[feed.Account] = []
        self.demands: list[feed.Demand] = []
        self.rations: dict[tuple[int, int], Int] = {}
        self.served: dict[tuple[int, int], list[tuple[int, int, tuple[int, ...], tuple[int, int]]]] = {}
        self._known: dict[tuple[int, str], int] = {}
        self._feeds = masterdata.feeds()

    def serve(self, index: int, life: Life, fish: Fish, order: int, containers: tuple[int, ...]) -> None:
        """Work out the rations of one batch in one stage and who delivers them."""
        stage = self.profile.stages[order - 1]
        first, after = _span(self.profile, life, order)
        weights = growth.grams(life.curve[first : after + 1])
        alive = fish.alive[: len(containers), first:after]
        ration = rations.rations(stage, alive, weights, self.meals)
        self.rations[index, order] = ration
        self.served[index, order] = []
        pellet = np.searchsorted(np.array(sorted(map(float, stage.feeds))), weights[:-1], side="right")
        changes = (np.flatnonzero(np.diff(pellet)) + 1).tolist()
        for begin, end in zip([0, *changes], [*changes, after - first], strict=True):
            name = stage.feed_at(weights[begin])
            if name is None:
                continue
            for feeder, slots in self._feeders(containers).items():
                eaten = rations.meals_of(ration[list(slots), begin:end], self.meals).sum(axis=0)
                account = self._account(feeder, name, index)
                self.served[index, order].append((len(self.demands), account, slots, (begin, end)))
                self.demands.append(feed.Demand(account, life.start + first + begin, eaten))

    def _feeders(self, containers: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
        """Slots by the silo or barge that feeds them: the rings of an area take its barges in turn."""
        result: dict[int, tuple[int, ...]] = {}
        for slot, number in enumerate(containers):
            container = self.world.container(number)
            if container.hall is not None:
                feeder = self.world.halls[container.hall - 1].silo
            else:
                barges = self.world.areas[(container.area or 0) - 1].barges
                feeder = barges[slot % len(barges)] if barges else None
            if feeder is None:
                raise AquadataError(f"{container.name} has no silo or barge to be fed from")
            result[feeder] = (*result.get(feeder, ()), slot)
        return result

    def _account(self, feeder: int, feed_name: str, index: int) -> int:
        key = (feeder, feed_name)
        if key not in self._known:
            place = self.world.feed_containers[feeder - 1]
            self._known[key] = len(self.accounts)
            capacity = int(place.capacity_kg * 100)
            self.accounts.append(feed.Account(feeder, place.name, self._feeds[feed_name], feed_name, capacity, self.numbers[index]))
        return self._known[key]


def _check_limits(lives: Sequence[Life], fish: Sequence[Fish], places: Sequence[Places], profile: Profile, world: World) -> None:
    """Hold the heaviest day of every container, and of every sea area, against what it may carry."""
    begin = min(life.start for life in lives)
    days = max(life.start + life.harvest for life in lives) - begin
    area_kg: dict[int, Float] = {}
    for life, own, stages in zip(lives, fish, places, strict=True):
        for order, containers in stages.items():
            first, after = _span(profile, life, order)
            weights = growth.grams(life.curve[first + 1 : after + 1])
            biomass = (own.alive[: len(containers), first:after] - own.deaths[: len(containers), first:after]) * weights / 1000
            heaviest = biomass.max(axis=1)
            for slot, number in enumerate(containers):
                container = world.container(number)
                if heaviest[slot] > container.capacity_kg:
                    on = EPOCH + timedelta(days=life.start + first + int(biomass[slot].argmax()))
                    raise AquadataError(
                        f"{container.name} would carry {heaviest[slot]:,.0f} kg of {life.name} on {on}, it may carry "
                        f"{container.capacity_kg:,.0f} kg\n    more containers a batch, fewer eggs or a larger container would do"
                    )
                if container.area is not None:
                    at = life.start + first - begin
                    area_kg.setdefault(container.area, np.zeros(days))[at : at + len(biomass[slot])] += biomass[slot]
    for number, kg in area_kg.items():
        area, day = world.areas[number - 1], int(kg.argmax())
        if kg[day] > area.max_biomass_kg:
            raise AquadataError(
                f"{area.name} would carry {kg[day]:,.0f} kg on {EPOCH + timedelta(days=begin + day)}, "
                f"it may carry {area.max_biomass_kg:,.0f} kg\n    fewer eggs or a lighter harvest would do"
            )


def _cut(index: int, life: Life, fish: Fish, places: Places, kitchen: _Kitchen, ledger: feed.Ledger, as_of: int) -> Batch:
    """A batch as it is known at the beginning of `as_of`."""
    passed = as_of - life.start
    age = min(passed, life.harvest)
    stays = []
    for order, containers in sorted(places.items()):
        first, after = _span(kitchen.profile, life, order)
        days = min(after, age) - first
        width = len(containers)
        deaths = fish.deaths[:width, first : first + days]
        alive = np.concatenate(
            (fish.alive[:width, first : first + days], (fish.alive[:width, first + days - 1] - deaths[:, -1])[:, None]), axis=1
        )
        meals = tuple(
            Meals(account, kitchen.accounts[account].feed, slots, (begin, min(end, days)), ledger.offsets[demand][: days - begin])
            for demand, account, slots, (begin, end) in kitchen.served[index, order]
            if begin < days
        )
        ration = kitchen.rations[index, order][:, :days]
        stays.append(Stay(order, first, days, containers, alive, deaths, ration, passed > after, meals))
    return Batch(kitchen.numbers[index], life, age, passed > life.harvest, tuple(stays))


def pool_curve(simulation: Simulation, pool: Pool) -> Int:
    """Containers of a pool held on each day from the first simulated one to the day before `as_of`, shape (days,)."""
    first, days = simulation.first_day, simulation.as_of - simulation.first_day
    change = np.zeros(days + 1, dtype=np.int64)
    size = len(pool.slots[0]) if pool.slots else 0
    # from the lives alone: the stays of ten thousand batches lie in a file
    for batch in simulation.batches:
        if batch.life.geography == pool.geography and batch.stage >= pool.stage:
            begin, end = (batch.start + age for age in _span(simulation.profile, batch.life, pool.stage))
            change[begin - first] += size
            if end < simulation.as_of:
                change[end - first] -= size
    return np.cumsum(change[:-1])


def move_between(before: Stay, after: Stay) -> list[tuple[int, int, int]]:
    """(source slot, destination slot, fish) of the move from one stay to the next."""
    return moves(before.left.tolist(), after.arrived.tolist())
