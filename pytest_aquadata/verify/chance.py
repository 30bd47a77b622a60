"""How far from its expectation a sum may lie by chance, in standard deviations of a normal number."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray


def deviations_of_count(found: float, expected: float) -> float:
    """Standard deviations by which a Poisson number lies off its mean; right for small means, too (Anscombe 1948)."""
    return 2.0 * (sqrt(found + 0.375) - sqrt(expected + 0.375))


def deviations_of_skewed(deviations: ArrayLike, skewness: ArrayLike) -> NDArray[np.float64]:
    """The same of a sum that is skewed to the right: standard deviations off, by its own, as those of a normal number; broadcast.

    Such a sum is taken for a gamma number, whose cube root is nearly normal, also far from the middle and for few terms (Wilson & Hilferty
    1931).
    """
    half = np.asarray(skewness, dtype=np.float64) / 2.0
    ninth = half * half / 9.0
    result: NDArray[np.float64] = (np.cbrt(1.0 + np.asarray(deviations, dtype=np.float64) * half) - (1.0 - ninth)) / np.sqrt(ninth)
    return result


def deviations_of_sum_of_squares(found: ArrayLike, expected: ArrayLike, variance: ArrayLike) -> NDArray[np.float64]:
    """Standard deviations by which sums of squares lie off, broadcast against each other.

    The degrees of freedom are those that give the sum this expectation and variance (Satterthwaite 1946).
    """
    mean, spread = np.asarray(expected, dtype=np.float64), np.sqrt(np.asarray(variance, dtype=np.float64))
    return deviations_of_skewed((np.asarray(found, dtype=np.float64) - mean) / spread, 2.0 * spread / mean)
