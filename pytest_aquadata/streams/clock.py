"""Moments of the simulated clock in microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MINUTE = 60 * 1_000_000
DAY = 24 * 60 * MINUTE
HARVEST = 10 * 60
"""Minute of the day at which fish are harvested, and what companies owe each other is booked."""
NOON = 12 * 60
"""Minute of the day at which what has a date but no time is written down."""


def moments(days: ArrayLike, minutes: ArrayLike) -> NDArray[np.int64]:
    """Microseconds of days since 1970-01-01 and minutes after midnight, broadcast against each other."""
    return np.asarray(days, dtype=np.int64) * DAY + np.asarray(minutes, dtype=np.int64) * MINUTE
