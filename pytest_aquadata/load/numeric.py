"""NUMERIC on the wire: whole units of ``10**-scale`` become base-10000 digits, exactly and for all rows at once.

PostgreSQL strips leading and trailing zero digits itself, so that every value of a chunk may be sent with the same
number of digits; that is what keeps records at one width and the encoder fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Part = tuple[str, NDArray[Any]]
"""A big-endian NumPy type and the values of that type, shape (n,), or (1,) for the same in every row."""

_NEGATIVE = 0x4000
_BASE = 10_000
_DIGITS = 4


def magnitudes(units: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Absolute values, right for the least int64 too."""
    # abs() of the least int64 is itself; read as unsigned that is 2**63, which is what it should be.
    return np.abs(units).view(np.uint64)


def numeric_parts(units: NDArray[np.int64], scale: int) -> list[Part]:
    """The data of NUMERIC fields worth ``units / 10**scale``: header words, then base-10000 digits, highest first.

    units: shape (n,) or (1,), n > 0. The display scale sent is `scale`; a declared numeric(p,s) makes it s.
    """
    fractions = -(-scale // _DIGITS)
    padding = fractions * _DIGITS - scale
    rest: NDArray[Any] = magnitudes(units)
    largest = int(rest.max())
    if largest < 2**32:
        rest = rest.astype(np.uint32)  # half the width divides at about twice the speed
    digits: list[NDArray[Any]] = []
    # Digits are aligned to the decimal point, so the lowest one may hold fewer than four decimals. Taking those off
    # first, and multiplying only what was taken off, cannot overflow.
    step = 10 ** (_DIGITS - padding)
    while largest or len(digits) < max(fractions, 1):
        quotient = rest // rest.dtype.type(step)
        digit = rest - quotient * rest.dtype.type(step)
        digits.append(digit * rest.dtype.type(_BASE // step))
        rest, largest, step = quotient, largest // step, _BASE
    negative = units < 0
    sign = negative * np.uint16(_NEGATIVE) if negative.any() else np.zeros(1, dtype=np.uint16)
    header = [
        (">i2", np.array([len(digits)])),
        (">i2", np.array([len(digits) - fractions - 1])),
        (">u2", sign),
        (">u2", np.array([scale])),
    ]
    return header + [(">u2", digit) for digit in reversed(digits)]


def show_units(units: int, scale: int) -> str:
    """``units / 10**scale`` as a decimal text with `scale` decimals."""
    if scale == 0:
        return str(units)
    whole, part = divmod(abs(units), 10**scale)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{scale}d}"
