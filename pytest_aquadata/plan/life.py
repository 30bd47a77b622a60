"""The lives of batches before they have containers: name, eggs, temperature, growth, day of harvest.

A life depends on its own geography, start and name alone, never on the other batches, so that one batch can be worked out again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_aquadata.plan import draws, growth
from pytest_aquadata.plan.growth import Float, Int
from pytest_aquadata.plan.temperature import EPOCH, daily_millidegrees
from pytest_aquadata.plan.world import Geography
from pytest_aquadata.scenario.models import GeographyUse, Scenario
from pytest_aquadata.scenario.profile import Profile, Stage

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Climate:
    """Monthly mean temperatures of a geography in thousandths of a degree, January first."""

    freshwater: tuple[int, ...]
    sea: tuple[int, ...]

    @property
    def constant(self) -> bool:
        """Whether the date makes no difference."""
        return len(set(self.freshwater)) == 1 and len(set(self.sea)) == 1


def climate_of(scenario: Scenario, use: GeographyUse, profile: Profile) -> Climate:
    """The climate of a geography: what it declares in this scenario, else the scenario, else its own file, else the profile."""
    for declared in (use.temperatures, scenario.temperatures, use.spec.temperatures):
        if declared is not None:
            return Climate(tuple(declared.freshwater), tuple(declared.sea))
    means = profile.temperatures
    return Climate(tuple(int(mean * 1000) for mean in means.freshwater), tuple(int(mean * 1000) for mean in means.sea_of(use.spec.kin)))


def millidegrees(climate: Climate, profile: Profile, start: int, days: int) -> Int:
    """Temperature of a batch's first `days` days, shape (days,): freshwater until the last stage, then the sea.

    start: the batch's first day, days since 1970-01-01.
    """
    ashore = min(profile.first_days[-2], days)
    first = (np.datetime64(EPOCH, "D") + start * _DAY).astype(object)
    result = np.empty(days, dtype=np.int64)
    result[:ashore] = daily_millidegrees(climate.freshwater, first, ashore)
    if days > ashore:
        put_out = (np.datetime64(EPOCH, "D") + (start + ashore) * _DAY).astype(object)
        result[ashore:] = daily_millidegrees(climate.sea, put_out, days - ashore)
    return result


@dataclass(frozen=True, slots=True)
class Life:
    """One batch before it has containers.

    name: the batch number of the application, e.g. FAR-2020-001.
    geography: number of the geography in the world.
    start: day the eggs arrive, days since 1970-01-01.
    eggs: number of eggs. target_g: weight at which it is harvested, g.
    curve: cube roots of weight by day of age, shape (greatest age + 1,).
    harvest: day of age on which it is harvested. latest: the same for the heaviest target the scenario allows.
    profile: the biology as it is in the geography.
    """

    name: str
    geography: int
    start: int
    eggs: int
    target_g: int
    climate: Climate
    curve: Float
    harvest: int
    latest: int
    profile: Profile

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages as they are in the geography."""
        return self.profile.stages


class Lives:
    """Works out lives for one scenario and profile; a growth curve is computed once for each climate and start."""

    def __init__(self, scenario: Scenario, profile: Profile) -> None:
        self.scenario = scenario
        self.profile = profile
        self._profiles: dict[str, Profile] = {}
        self._curves: dict[tuple[Climate, str, int], Float] = {}

    def profile_in(self, geography: str) -> Profile:
        """The profile as it is in a geography, by its name."""
        if geography not in self._profiles:
            self._profiles[geography] = self.profile.at(geography)
        return self._profiles[geography]

    def curve(self, climate: Climate, geography: str, start: int) -> Float:
        """Cube roots of weight (see `growth.curve`) of a batch that starts there on that day, to the greatest age."""
        profile = self.profile_in(geography)
        # where growth is the profile's own, geographies of one climate share their curves
        key = (climate, "" if profile is self.profile else geography, 0 if climate.constant else start)
        if key not in self._curves:
            days = profile.first_days[-1]
            curve = growth.curve(profile, millidegrees(climate, profile, start, days))
            curve.setflags(write=False)
            self._curves[key] = curve
        return self._curves[key]

    def life(self, climate: Climate, geography: Geography, start: int, count: int) -> Life:
        """The `count`-th batch (from 1) of a geography."""
        year = (np.datetime64(EPOCH, "D") + start * _DAY).astype(object).year
        name = f"{geography.code}-{year}-{count:03d}"
        curve = self.curve(climate, geography.spec.kin, start)
        seed, eggs, weight = self.scenario.seed, self.scenario.eggs, self.scenario.harvest_weight
        target = int(draws.uniform(1, weight.low, weight.high, seed, name, "plan", "harvest weight")[0])
        return Life(
            name=name,
            geography=geography.number,
            start=start,
            eggs=int(draws.uniform(1, eggs.low, eggs.high, seed, name, "plan", "eggs")[0]),
            target_g=target,
            climate=climate,
            curve=curve,
            harvest=growth.harvest_day(self.profile, curve, target),
            latest=growth.harvest_day(self.profile, curve, weight.high),
            profile=self.profile_in(geography.spec.kin),
        )
