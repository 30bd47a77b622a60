"""Single fish: their weights and lengths, and the statistics of a sample of them.

A fish's weight spreads around the mean of its container; its length follows from its own weight and condition factor. Statistics are
those of the rounded weights and lengths that tables hold, worked out in whole numbers, so that they are equal on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import draws
from pytest_aquadata.plan.growth import Float, cube_root
from pytest_aquadata.scenario.profile import Samples

Int = NDArray[np.int64]


def draw_fish(roots: Float, fish: int, rules: Samples, seed: int, *key: str | int) -> tuple[Int, Int]:
    """Weights in hundredths of a gram and lengths in hundredths of a cm of `fish` fish a sample, each of shape (samples, fish).

    roots: cube roots of the mean weight in g of each sample's container, shape (samples,).
    """
    shape = (len(roots), fish)
    size = draws.normal(len(roots) * fish, seed, *key, "weight").reshape(shape) / draws.UNIT
    condition = draws.normal(len(roots) * fish, seed, *key, "condition").reshape(shape) / draws.UNIT
    # a third of a small relative spread of a cube is the spread of its root; 1 - b^2 keeps the mean weight
    b = float(rules.weight_spread_percent) / 300.0
    root = roots[:, None] * (1.0 - b * b + b * size)
    thinness = 1.0 - float(rules.condition_spread_percent) / 300.0 * condition
    length = root * cube_root(100 / rules.condition_factor) * thinness
    return np.rint(root * root * root * 100.0).astype(np.int64), np.rint(length * 100.0).astype(np.int64)


def mean(values: Int) -> Int:
    """Mean of each sample, rounded to the unit, from values of shape (samples, fish)."""
    count = values.shape[1]
    result: Int = (2 * values.sum(axis=1) + count) // (2 * count)
    return result


def sample_deviation(values: Int) -> Int:
    """Standard deviation of each sample (n - 1), rounded to the unit, from values of shape (samples, fish)."""
    count = values.shape[1]
    return _root_of_spread(values, count * (count - 1))


def population_deviation(values: Int) -> Int:
    """Standard deviation of each sample taken as the whole (n), rounded to the unit, from values of shape (samples, fish)."""
    count = values.shape[1]
    return _root_of_spread(values, count * count)


def _root_of_spread(values: Int, divisor: int) -> Int:
    total = values.sum(axis=1)
    spread = (values.shape[1] * (values * values).sum(axis=1) - total * total).astype(np.float64)
    deviation: Int = np.rint(np.sqrt(spread / divisor)).astype(np.int64)
    return deviation
