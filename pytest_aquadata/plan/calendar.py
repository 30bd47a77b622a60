"""When batches start: from a count, a number of years or a list of ages to dates, and from a schedule that does not fit to why.

Geographies that declare nothing of their own take turns; the others keep a calendar to themselves. Time sets the number of batches and
never the reverse: a schedule that passes a pool's saturation is an error that names the pool, the day and the stagger that would fit.
Without a stagger the smallest whole-day one that fits is chosen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.life import Climate, Life, Lives, climate_of
from pytest_aquadata.plan.pools import Interval, Pool, peak, pools_of
from pytest_aquadata.plan.temperature import EPOCH, day_number
from pytest_aquadata.plan.world import Geography, World
from pytest_aquadata.scenario.models import GeographyUse, Scenario
from pytest_aquadata.scenario.profile import Profile

_LONGEST_STAGGER = 3660


@dataclass(frozen=True, slots=True)
class Binding:
    """The pool that is fullest against its limit: `most` batches at once on `day` where `limit` may stand."""

    pool: Pool
    most: int
    day: int
    limit: int


@dataclass(frozen=True, slots=True)
class Site:
    """A geography of the schedule with what planning needs of it."""

    use: GeographyUse
    geography: Geography
    climate: Climate
    pools: tuple[Pool, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The schedule: lives in order of their start, the stagger of each geography (None where it has no meaning), the binding pool."""

    lives: tuple[Life, ...]
    staggers: dict[str, int | None]
    binding: Binding
    sites: tuple[Site, ...]

    @property
    def pools(self) -> tuple[Pool, ...]:
        """All pools of the scenario's geographies."""
        return tuple(pool for site in self.sites for pool in site.pools)

    def own_calendar(self, name: str) -> bool:
        """Whether a geography takes no turns: because it has a count of its own, or because there is nobody to take turns with."""
        others = [site for site in self.sites if site.use.takes_turns and site.use.name != name]
        return not others or not next(site.use.takes_turns for site in self.sites if site.use.name == name)


@dataclass(frozen=True, slots=True)
class _Turns:
    """Geographies that take turns (or one on its own) and what sets their starts."""

    sites: tuple[Site, ...]
    batches: int | None
    years: float | None
    ages: tuple[int, ...] | None
    stagger: int | None
    start: date | None
    youngest: int

    def starts(self, stagger: int, as_of: int) -> list[tuple[int, Site]]:
        """(first day, site) of every batch for a given stagger."""
        if self.ages is not None:
            return [(as_of - age, site) for site in self.sites for age in self.ages]
        if self.years is not None:
            days = math.floor(self.years * 365)
            count, first = max(1, days // stagger), as_of - days
        else:
            count = self.batches or 1
            first = day_number(self.start) if self.start else as_of - (count - 1) * stagger - self.youngest
        return [(first + i * stagger, self.sites[i % len(self.sites)]) for i in range(count)]


def occupied(life: Life, profile: Profile, *, worst_case: bool) -> list[Interval]:
    """The days a batch holds its containers of each stage, to its harvest or, for the worst case, to the latest possible one."""
    firsts = profile.first_days
    end = life.latest if worst_case else life.harvest
    return [(life.start + first, life.start + min(after, end)) for first, after in pairwise(firsts)]


def holdings(lives: Sequence[Life], pool: Pool, profile: Profile, as_of: int, *, worst_case: bool) -> list[tuple[int, Interval]]:
    """(index into lives, days) of every stay in a pool that begins before `as_of`."""
    stays = []
    for index, life in enumerate(lives):
        if life.geography == pool.geography:
            stay = occupied(life, profile, worst_case=worst_case)[pool.stage - 1]
            if stay[0] < as_of:
                stays.append((index, stay))
    return stays


def _bindings(lives: Sequence[Life], site: Site, scenario: Scenario, profile: Profile, as_of: int) -> list[Binding]:
    result = []
    worst = scenario.planning == "worst_case"
    for pool in site.pools:
        stays = [stay for _, stay in holdings(lives, pool, profile, as_of, worst_case=worst)]
        most, day = peak(stays)
        limit = pool.limit(scenario.saturation)
        rested, rested_day = peak((first, after + scenario.fallow) for first, after in stays)
        if most <= limit and rested > len(pool.slots):
            most, day, limit = rested, rested_day, len(pool.slots)
        result.append(Binding(pool, most, day, limit))
    return result


def _fullest(bindings: Sequence[Binding]) -> Binding:
    return max(bindings, key=lambda b: (b.most / b.limit if b.limit else math.inf if b.most else 0.0, b.most))


class _Planner:
    """Tries staggers; holds what does not change between two tries."""

    def __init__(self, scenario: Scenario, profile: Profile) -> None:
        self.scenario, self.profile = scenario, profile
        self.lives = Lives(scenario, profile)
        self.as_of = day_number(scenario.as_of)

    def lives_of(self, turns: _Turns, stagger: int) -> list[Life]:
        counts: Counter[int] = Counter()
        lives = []
        for start, site in sorted(turns.starts(stagger, self.as_of), key=lambda s: (s[0], s[1].geography.number)):
            counts[site.geography.number] += 1
            lives.append(self.lives.life(site.climate, site.geography, start, counts[site.geography.number]))
        return lives

    def bindings(self, turns: _Turns, lives: Sequence[Life]) -> list[Binding]:
        return [b for site in turns.sites for b in _bindings(lives, site, self.scenario, self.profile, self.as_of)]

    def cannot_fit(self, turns: _Turns, stagger: int) -> bool:
        """A quick, exact 'no': the first stage lasts equally long for all, so its overlap needs no growth curve."""
        mine = Counter(site.geography.number for _, site in turns.starts(stagger, self.as_of))
        apart = stagger * len(turns.sites)
        days = self.profile.stages[0].days
        return any(
            min(mine[site.geography.number], -(-days // apart)) > site.pools[0].limit(self.scenario.saturation) for site in turns.sites
        )

    def smallest_stagger(self, turns: _Turns, least: int = 1) -> int | None:
        """The smallest whole-day stagger from `least` on that fits; None if none does."""
        for stagger in range(least, _LONGEST_STAGGER):
            if self.cannot_fit(turns, stagger):
                continue
            lives = self.lives_of(turns, stagger)
            if all(b.most <= b.limit for b in self.bindings(turns, lives)):
                return stagger
            if len(lives) == 1:
                return None
        return None

    def too_full(self, turns: _Turns, stagger: int | None, binding: Binding) -> AquadataError:
        scenario, pool = self.scenario, binding.pool
        size = len(pool.slots[0]) if pool.slots else 0
        on = EPOCH + timedelta(days=binding.day)
        key = "stagger" if stagger is not None else "ages"
        line = next((n for path, n in scenario.lines.items() if path.split(".")[-1] == key), 1)
        if not size:
            need = scenario.rings_per_batch if pool.stage == len(self.profile.stages) else scenario.containers_per_stage
            return AquadataError(
                f"{scenario.source}:{line}: {pool.name}: {pool.containers} containers that take batches, a batch needs {need}\n"
                "    declare more of them for this geography, or leave it out"
            )
        text = (
            f"{scenario.source}:{line}: {pool.name}: {binding.most} batches would stand there on {on} "
            f"({binding.most * size} of {pool.containers} containers, {binding.most * size / pool.containers:.0%}); "
            f"saturation {scenario.saturation:.0%}"
            f"{f' with {scenario.fallow} fallow days' if scenario.fallow else ''} allows {binding.limit}\n"
        )
        better = self.smallest_stagger(turns, stagger + 1) if stagger is not None else None
        # from a fixed start on, a longer stagger may only "fit" because its last batches would start after as_of
        if better is not None and all(start < self.as_of for start, _ in turns.starts(better, self.as_of)):
            return AquadataError(f"{text}    the smallest stagger that fits is {better} days")
        return AquadataError(f"{text}    no stagger fits: fewer batches or a higher saturation would")


def _sites(scenario: Scenario, world: World, profile: Profile) -> list[Site]:
    by_name = {g.name: g for g in world.geographies}
    return [
        Site(
            use,
            by_name[use.name],
            climate_of(scenario, use, profile),
            pools_of(world, profile, by_name[use.name].number, scenario.containers_per_stage, scenario.rings_per_batch),
        )
        for use in scenario.geographies
    ]


def _groups(scenario: Scenario, sites: Sequence[Site]) -> list[_Turns]:
    groups = []
    if shared := tuple(site for site in sites if site.use.takes_turns):
        groups.append(
            _Turns(
                shared,
                scenario.batches,
                scenario.years,
                scenario.ages,
                scenario.stagger,
                scenario.start,
                scenario.youngest,
            )
        )
    for site in sites:
        use = site.use
        if not use.takes_turns:
            youngest = scenario.youngest if use.youngest is None else use.youngest
            groups.append(_Turns((site,), use.batches, use.years, use.ages, use.stagger, use.start, youngest))
    return groups


def make_calendar(scenario: Scenario, world: World, profile: Profile) -> Calendar:
    """The schedule of a scenario.

    Raises:
        AquadataError: a pool would be fuller than `saturation` allows, no stagger fits, or a batch would start on or after `as_of`.
    """
    planner = _Planner(scenario, profile)
    sites = _sites(scenario, world, profile)
    lives: list[Life] = []
    bindings: list[Binding] = []
    staggers: dict[str, int | None] = {}
    for turns in _groups(scenario, sites):
        staggered = turns.ages is None and turns.batches != 1
        stagger = turns.stagger if staggered else None
        if staggered and stagger is None:
            stagger = planner.smallest_stagger(turns)
            if stagger is None:
                at_most = planner.bindings(turns, planner.lives_of(turns, _LONGEST_STAGGER))
                raise planner.too_full(turns, None, _fullest(at_most))
        own = planner.lives_of(turns, stagger or 1)
        late = [life for life in own if life.start >= planner.as_of]
        if late:
            first = EPOCH + timedelta(days=late[0].start)
            raise AquadataError(
                f"{scenario.source}:{scenario.lines.get('start', 1)}: {late[0].name} would start on {first}, "
                f"not before as_of {scenario.as_of}\n    {len(own) - len(late)} of {len(own)} batches start in time"
            )
        found = planner.bindings(turns, own)
        worst = _fullest(found)
        if any(b.most > b.limit for b in found):
            raise planner.too_full(turns, stagger, worst)
        lives += own
        bindings += found
        staggers |= {site.use.name: stagger for site in turns.sites}
    lives.sort(key=lambda life: (life.start, life.geography, life.name))
    return Calendar(tuple(lives), staggers, _fullest(bindings), tuple(sites))
