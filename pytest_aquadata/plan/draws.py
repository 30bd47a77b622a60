"""Random numbers that are equal on every machine, day, worker count and order of use.

Each use has a key of its own, ``(seed, owner, stream, purpose)``, hashed to the key of a counter-based Philox generator: a stream that is
added, left out or drawn twice changes no other. Only raw integers are taken from NumPy, whose bit generators are stable by contract and
whose distributions are not. What is built on them here uses integers, tables and the operations that IEEE 754 rounds exactly
(+ - x / and square root), element by element.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

UNIT = 1 << 16
"""Normal deviates are whole numbers of 1/UNIT standard deviations."""


def raw(count: int, seed: int, *key: str | int) -> NDArray[np.uint64]:
    """`count` uniform 64-bit integers of the stream named by `seed` and `key`, shape (count,)."""
    name = "\x1f".join(str(part) for part in (seed, *key)).encode()
    digest = hashlib.blake2b(name, digest_size=16).digest()
    return np.random.Philox(key=int.from_bytes(digest, "little")).random_raw(count)


def _words(count: int, seed: int, key: tuple[str | int, ...], width: int) -> Int:
    """`count` uniform integers of `width` bits (16 or 32), cut from 64-bit ones, little end first."""
    per_raw = 64 // width
    bits = raw(-(-count // per_raw), seed, *key).astype("<u8")
    return bits.view(f"<u{width // 8}")[:count].astype(np.int64)


def uniform(count: int, low: int, high: int, seed: int, *key: str | int) -> Int:
    """`count` integers, evenly distributed over low..high (both included, at most 2**31 values), shape (count,)."""
    return low + (_words(count, seed, key, 32) * (high - low + 1) >> 32)


@cache
def _normal_table() -> Int:
    """Quantiles of the normal distribution at the middles of 65,536 equal shares, scaled to unit variance, in 1/UNIT."""
    distribution = NormalDist()
    upper = [round(distribution.inv_cdf((i + 0.5) / UNIT) * UNIT) for i in range(UNIT // 2, UNIT)]
    table = np.array([-value for value in reversed(upper)] + upper, dtype=np.int64)
    table.setflags(write=False)
    return table


def normal(count: int, seed: int, *key: str | int) -> Int:
    """`count` standard normal deviates in 1/UNIT, shape (count,); none is beyond 4.4 standard deviations."""
    deviates: Int = _normal_table()[_words(count, seed, key, 16)]
    return deviates


def smooth(rows: int, length: int, window: int, seed: int, *key: str | int) -> Int:
    """Autocorrelated noise: `rows` independent series of standard deviation 1, in 1/UNIT, shape (rows, length).

    Each value is the sum of the last `window` white deviates over sqrt(window), so the correlation falls in a straight line and is gone
    after `window` steps. Deviates are taken step by step, so that a longer series begins with the shorter one.
    """
    white: Int = normal((length + window) * rows, seed, *key).reshape(length + window, rows)
    total = np.cumsum(white, axis=0)
    moving = (total[window:] - total[:-window]).astype(np.float64)
    result: Int = np.rint(moving / np.sqrt(np.float64(window))).astype(np.int64).T
    return result


def _exp_minus(x: Float) -> Float:
    """exp(-x) for 0 <= x <= 64, to about 1e-13, from + x / alone: the series at x/64, squared six times."""
    y = x / 64.0
    result = np.ones_like(y)
    for n in range(14, 0, -1):
        result = 1.0 - y * result / n
    for _ in range(6):
        result = result * result
    return result


_EXACT_MEAN = 24.0
"""Up to this mean a Poisson number is drawn by inversion; above it the normal expansion is closer than one in a thousand."""


def poisson(mean: Float, bits: Int) -> Int:
    """Poisson numbers of the given means, shape (n,), from 32 random bits each.

    Small means by inversion of the distribution function; large ones by the Cornish-Fisher expansion
    ``m + sqrt(m) z + (z^2 - 1) / 6`` rounded to the nearest whole number, never below 0.
    """
    z = _normal_table()[bits >> 16] / UNIT
    result: Int = np.rint(mean + np.sqrt(mean) * z + (z * z - 1.0) / 6.0).astype(np.int64)
    small = mean <= _EXACT_MEAN
    if small.any():
        m = mean[small]
        u = (bits[small] + 0.5) / 4294967296.0
        term = _exp_minus(m)
        total = term.copy()
        number = np.zeros(m.shape, dtype=np.int64)
        for k in range(1, 120):
            more = u > total
            if not more.any():
                break
            number += more
            term = term * m / k
            total = total + term
        result[small] = number
    drawn: Int = np.maximum(result, 0)
    return drawn


def poisson_bits(count: int, seed: int, *key: str | int) -> Int:
    """The random bits that `poisson` takes, shape (count,)."""
    return _words(count, seed, key, 32)
