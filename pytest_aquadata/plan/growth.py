"""Growth by thermal units: W2^(1/3) = W1^(1/3) + TGC / 1000 x sum of degree-days (Iwama & Tautz 1981; Jobling 2003).

Weights are carried as their cube roots, so that a day's growth is one addition and a stage is one multiplication of a whole-number sum
of degree-days: the same bits on every machine. Index i of a curve is the state at the *beginning* of the batch's day i (day 0 is the day
the eggs arrive), so the gain of day i is curve[i+1] - curve[i].
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.scenario.profile import Profile

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_ENOUGH = 60
"""Steps of Newton's method: a third is taken off a root that is far too large, so this is plenty for any fish."""


def cube_root(value: float | Decimal) -> float:
    """The cube root of a positive number by Newton's method: + - x / only, unlike the C library's cbrt."""
    x = float(value)
    root = x if x > 1.0 else 1.0
    for _ in range(200):
        better = (2.0 * root + x / (root * root)) / 3.0
        if better >= root:
            return root
        root = better
    return root


def cube_roots(values: Float) -> Float:
    """Cube roots of an array of positive numbers by Newton's method, as `cube_root`; equal to it within a few units of the last digit."""
    root = np.maximum(values, 1.0)
    for _ in range(_ENOUGH):
        root = (2.0 * root + values / (root * root)) / 3.0
    return root


def curve(profile: Profile, millidegrees: Int) -> Float:
    """Cube root of the mean weight in g at the beginning of each day, shape (days + 1,).

    millidegrees: water temperature of the batch's days in thousandths of a degree, shape (days,), days up to the greatest age.
    """
    days = len(millidegrees)
    result = np.empty(days + 1)
    result[0] = start = cube_root(profile.egg_weight_g)
    firsts = profile.first_days
    for stage, first, after in zip(profile.stages, firsts, firsts[1:], strict=False):
        last = min(after, days) if stage is not profile.stages[-1] else days
        if first >= last:
            break
        units = np.cumsum(millidegrees[first:last])
        grown = start + float(stage.tgc) * units / 1_000_000.0
        result[first + 1 : last + 1] = np.minimum(grown, max(cube_root(stage.cap_g), start))
        start = float(result[last])
    return result


def grams(curve_: Float) -> Float:
    """Weights in g from their cube roots."""
    return curve_ * curve_ * curve_


def centigrams(curve_: Float) -> Int:
    """Weights in whole hundredths of a gram, as tables hold them, from cube roots."""
    return np.rint(grams(curve_) * 100.0).astype(np.int64)


def harvest_day(profile: Profile, curve_: Float, target_g: int) -> int:
    """The batch's day of harvest: the first of its last stage on which the fish weigh the target, at the latest the last possible.

    Dated one day after the last processed one: on day h nothing happens to the fish any more but the harvest.
    """
    first, last = profile.first_days[-2], profile.first_days[-1]
    reached = np.flatnonzero(curve_[first + 1 : last + 1] >= cube_root(target_g))
    return first + 1 + int(reached[0]) if len(reached) else last
