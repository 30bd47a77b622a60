"""Moments of the simulated clock in microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MINUTE = 60 * 1_000_000
DAY = 24 * 60 * MINUTE
LICE_COUNT = 8 * 60
"""Minute of the day at which lice are counted: before a treatment of the same day."""
LICE_TREATMENT = 9 * 60
VACCINATION = 10 * 60
OBSERVATION = 14 * 60
"""Minutes of the day at which treatments begin, and at which the journal is written without an occasion."""
HARVEST = 10 * 60
"""Minute of the day at which fish are harvested, and what companies owe each other is booked."""
EVENING = 23 * 60 + 59
"""Minute of the day at which a day's state is worked out."""
NOON = 12 * 60
"""Minute of the day at which what has a date but no time is written down."""


def moments(days: ArrayLike, minutes: ArrayLike) -> NDArray[np.int64]:
    """Microseconds of days since 1970-01-01 and minutes after midnight, broadcast against each other."""
    return np.asarray(days, dtype=np.int64) * DAY + np.asarray(minutes, dtype=np.int64) * MINUTE
