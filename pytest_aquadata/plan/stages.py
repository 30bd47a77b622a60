"""What a profile says about each lifecycle stage, in the columns of the application: weights, lengths, durations,
rates.

One place derives these values for stages, models and constraints, so that they cannot disagree with one another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.growth import cube_root
from pytest_aquadata.scenario.profile import Profile

_CENT, _MILLI = Decimal("0.01"), Decimal("0.001")


@dataclass(frozen=True, slots=True)
class StageValues:
    """One stage as the application's tables hold it.

    weights: expected range, g. lengths: of fish of these weights with the profile's mean condition factor, cm.
    temperatures: safe range, degrees C. tgc: per 1000 degree-days. daily_percent, weekly_percent: losses.
    freshwater_cap: largest weight before the sea, g; None at sea.
    """

    order: int
    name: str
    key: str
    description: str
    days: int
    weights: tuple[Decimal, Decimal]
    lengths: tuple[Decimal, Decimal]
    temperatures: tuple[Decimal, Decimal]
    tgc: Decimal
    fcr: Decimal
    daily_percent: Decimal
    weekly_percent: Decimal
    freshwater_cap: Decimal | None


def _length(grams: Decimal, condition: Decimal) -> Decimal:
    return Decimal(cube_root(100 * grams / condition)).quantize(_CENT, ROUND_HALF_UP)


def stage_values(profile: Profile) -> tuple[StageValues, ...]:
    """The six stages of a profile, in order."""
    made: list[StageValues] = []
    floor = profile.egg_weight_g
    condition = profile.samples.condition_factor
    for order, stage in enumerate(profile.stages, start=1):
        data = masterdata.document("biology")["stages"][order - 1]
        low, high = (Decimal(str(grams)) for grams in data.get("weight_g", (floor, stage.cap_g)))
        kept = 1 - stage.mortality_percent / 100
        made.append(
            StageValues(
                order=order,
                name=stage.name,
                key=stage.key,
                description=data["description"],
                days=stage.days,
                weights=(low, high),
                lengths=(_length(low, condition), _length(high, condition)),
                temperatures=(Decimal(data["temperature_c"][0]), Decimal(data["temperature_c"][1])),
                tgc=stage.tgc,
                fcr=stage.fcr,
                daily_percent=stage.mortality_percent,
                weekly_percent=(100 * (1 - math.prod([kept] * 7, start=Decimal(1)))).quantize(_MILLI, ROUND_HALF_UP),
                freshwater_cap=None if order == len(profile.stages) else profile.stages[-2].cap_g,
            )
        )
        floor = stage.cap_g
    return tuple(made)
