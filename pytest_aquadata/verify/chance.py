"""How far from its expectation a sum may lie by chance, in standard deviations of a normal number."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray


def deviations_of_count(found: float, expected: float) -> float:
    """Standard deviations by which a Poisson number lies off its mean; right for small means, too (Anscombe 1948)."""
    return 2.0 * (sqrt(found + 0.375) - sqrt(expected + 0.375))


def deviations_of_sum_of_squares(found: ArrayLike, expected: ArrayLike, variance: ArrayLike) -> NDArray[np.float64]:
    """Standard deviations by which sums of squares lie off, broadcast against each other.

    A sum of squares of normal numbers is no normal number itself: its cube root nearly is, also far from the middle and for few
    numbers (Wilson & Hilferty 1931). The degrees of freedom are those that give the sum this expectation and variance (Satterthwaite 1946).
    """
    mean = np.asarray(expected, dtype=np.float64)
    third = 2.0 / 9.0 / (2.0 * mean * mean / np.asarray(variance, dtype=np.float64))
    result: NDArray[np.float64] = (np.cbrt(np.asarray(found, dtype=np.float64) / mean) - (1.0 - third)) / np.sqrt(third)
    return result
