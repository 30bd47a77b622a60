"""How much the fish of a container are fed each day, and how a day's ration divides into meals.

A ration is the feed conversion ratio times the day's expected gain, and never less than the maintenance ration: while a stage's cap stops
growth the fish are still fed, and FCR over a stage stays believable. Whole hundredths of a kilogram, because stock is kept in two decimals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.scenario.profile import Stage

Float = NDArray[np.float64]
Int = NDArray[np.int64]


def rations(stage: Stage, alive: Int, weights_g: Float, meals: int) -> Int:
    """Feed a day in hundredths of a kg, shape (containers, days).

    alive: fish at the beginning of each day, shape (containers, days).
    weights_g: mean weight at the beginning of each day and after the last, shape (days + 1,).
    meals: meals a day; where there are fish each meal has at least 0.01 kg.
    """
    if not stage.feeds:
        return np.zeros_like(alive)
    gain = float(stage.fcr) * (weights_g[1:] - weights_g[:-1])
    keep = float(stage.maintenance_percent) / 100.0 * weights_g[:-1]
    per_fish = np.maximum(gain, keep)
    centikg = np.rint(alive * (per_fish / 10.0)).astype(np.int64)
    return np.where(alive > 0, np.maximum(centikg, meals), 0)


def meals_of(ration: Int, meals: int) -> Int:
    """Rations divided into meals, the remainder to the first ones, shape (..., meals)."""
    return ration[..., None] // meals + (np.arange(meals) < ration[..., None] % meals)
