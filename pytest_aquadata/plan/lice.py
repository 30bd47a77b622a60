"""How many lice a fish is expected to carry at sea: by time at sea and season, and less after every treatment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from pytest_aquadata.plan.growth import Float
from pytest_aquadata.plan.temperature import EPOCH, daily_millidegrees
from pytest_aquadata.scenario.profile import Lice, LiceTreatments

_LEADING = ("female", "adult")
"""Gender and stage of the lice that limits are about."""


def pressure(rules: Lice, put_out: int, days: int) -> Float:
    """Lice of all kinds per fish on each day at sea, shape (days,), were nothing done about them.

    put_out: the first day at sea, days since 1970-01-01. The factor of a month holds in its middle; between two it follows a straight line.
    """
    begins = sorted(rules.per_fish)
    per_fish = np.array([float(rules.per_fish[begin]) for begin in begins])
    step = np.searchsorted(begins, np.arange(days), side="right") - 1
    season = daily_millidegrees([int(factor * 1000) for factor in rules.seasons], EPOCH + timedelta(days=put_out), days)
    return per_fish[np.maximum(step, 0)] * (season / 1000.0)


def left_by(rules: LiceTreatments, treated: Sequence[int], days: int) -> Float:
    """Share of the lice that treatments on these days at sea leave on each day, shape (days,).

    A count on the day of a treatment is taken before it. From the next day on a treatment takes its share, which comes back in a straight
    line; treatments multiply.
    """
    share = np.ones(days)
    for day in treated:
        passed = np.arange(days) - day - 1
        recovered = np.minimum(passed / rules.recovery_days, 1.0)
        share *= np.where(passed < 0, 1.0, 1.0 - float(rules.efficacy_percent) / 100.0 * (1.0 - recovered))
    return share


def leading_share(rules: Lice) -> float:
    """Share of the adult females of the first kind's species among all lice, which limits are about."""
    species = rules.kinds[0].species
    return float(sum(kind.share_percent for kind in rules.kinds if (kind.species, kind.gender, kind.stage) == (species, *_LEADING))) / 100.0
