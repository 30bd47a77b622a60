"""Water temperature as one function of place and date, in whole thousandths of a degree C.

Growth, sensor readings and the scenarios' temperature profiles all take it from here, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

EPOCH = date(1970, 1, 1)

_MIDDLE = 15
"""Day of the month on which a monthly mean holds; between two of them the temperature follows a straight line."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """The day of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=number)


def daily_millidegrees(monthly: Sequence[int], first: date, days: int) -> NDArray[np.int64]:
    """Temperature of `days` days from `first` on, shape (days,), from twelve monthly means in thousandths of a degree.

    Raises:
        ValueError: there are not twelve means.
    """
    if len(monthly) != 12:
        raise ValueError(f"twelve monthly means are needed, not {len(monthly)}")
    means = np.asarray(monthly, dtype=np.int64)
    # units are spelled out: NumPy is about to refuse bare integers
    a_month, to_middle = np.timedelta64(1, "M"), np.timedelta64(_MIDDLE - 1, "D")
    day = np.datetime64(first, "D") + np.arange(days).astype("timedelta64[D]")
    month = day.astype("datetime64[M]")
    before = np.where(day - month.astype("datetime64[D]") >= to_middle, month, month - a_month)
    start = before.astype("datetime64[D]") + to_middle
    length = ((before + a_month).astype("datetime64[D]") + to_middle - start).astype(np.int64)
    passed = (day - start).astype(np.int64)
    index = before.astype(np.int64) % 12
    a, b = means[index], means[(index + 1) % 12]
    result: NDArray[np.int64] = a + ((b - a) * passed * 2 + length) // (length * 2)
    return result
