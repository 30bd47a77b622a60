"""The treatments of a batch: vaccinations on fixed days of age, lice treatments at sea on fixed days or when there are too many lice.

They follow from the batch's life alone, so that a later `as_of` changes none. No treatment's withholding reaches into the day of harvest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pytest_aquadata.plan import lice, masterdata
from pytest_aquadata.plan.life import Life
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.scenario.profile import LiceTreatments, Profile


@dataclass(frozen=True, slots=True)
class Campaign:
    """One treatment of all fish of a batch.

    age: day of life. vaccine: number of the vaccination type in the master data; None for a treatment against lice.
    """

    age: int
    vaccine: int | None


def campaigns(profile: Profile, geography: str, life: Life) -> list[Campaign]:
    """All treatments of a life, in order of age. geography: the name by which the profile knows it, since limits of lice are national."""
    rules = profile.treatments.vaccinations
    last = life.harvest - rules.duration_days - rules.withholding_days
    types = list(masterdata.vaccination_types().values())
    made = [Campaign(age, types[turn % len(types)]) for turn, age in enumerate(rules.days) if age <= last]
    at_sea = profile.first_days[-2]
    made += [Campaign(at_sea + day, None) for day in lice_days(profile, geography, life)]
    return sorted(made, key=lambda campaign: campaign.age)


def lice_days(profile: Profile, geography: str, life: Life) -> list[int]:
    """Days at sea on which a batch is treated against lice."""
    rules = profile.treatments.lice
    at_sea = profile.first_days[-2]
    last = life.harvest - at_sea - rules.duration_days - rules.withholding_days
    limit = rules.limit_of(geography)
    if limit is not None:
        return _by_limit(profile, life.start + at_sea, last, [float(each) for each in limit])
    return _on_days(rules, last)


def _on_days(rules: LiceTreatments, last: int) -> list[int]:
    """The fixed days; one that comes too late for the harvest is brought forward, or left out where it would follow too soon."""
    days: list[int] = []
    for wanted in rules.days_at_sea:
        day = min(wanted, last)
        if day >= (days[-1] + rules.apart_days if days else 0):
            days.append(day)
    return days


def _by_limit(profile: Profile, put_out: int, last: int, limits: Sequence[float]) -> list[int]:
    """Each first day, up to the last allowed one, on which the expected adult females pass the month's limit (January first)."""
    rules = profile.treatments.lice
    if last < 0:
        return []
    untreated = lice.pressure(profile.lice, put_out, last + 1) * lice.leading_share(profile.lice)
    month = (put_out + np.arange(last + 1)).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    limit = np.array(limits)[month]
    days: list[int] = []
    while True:
        over = untreated * lice.left_by(rules, days, last + 1) > limit
        if days:
            over[: days[-1] + rules.apart_days] = False
        found = np.flatnonzero(over)
        if not len(found):
            return days
        days.append(int(found[0]))


def campaigns_of(simulation: Simulation, batch: Batch) -> list[Campaign]:
    """The treatments that a batch has had."""
    geography = simulation.world.geographies[batch.life.geography - 1].spec.kin
    return [campaign for campaign in campaigns(simulation.profile, geography, batch.life) if campaign.age < batch.age]


def expected_lice(simulation: Simulation, batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Lice of all kinds per fish on each day at sea that the batch has lived, shape (days,)."""
    profile, stay = simulation.profile, batch.stays[-1]
    geography = simulation.world.geographies[batch.life.geography - 1].spec.kin
    put_out = batch.start + stay.first
    untreated = lice.pressure(profile.lice, put_out, stay.days)
    return untreated * lice.left_by(profile.treatments.lice, lice_days(profile, geography, batch.life), stay.days)
