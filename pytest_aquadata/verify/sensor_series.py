"""What the readings of a sensor have to add up to, and how far from that their sums may lie by chance.

Noise that remembers makes sums stray further than independent numbers would: the memory that `streams.readings` gives it is part of every
tolerance. Third and fourth powers are judged as Hermite polynomials of the noise, whose mean is 0 for a normal number and c^3 or c^4 for
one that is moved by c, so that a course of the mean over days and hours needs no correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.simulation import Batch, Simulation, Stay
from pytest_aquadata.streams.readings import MEMORY_DAYS, SCALE, TEMPERATURE, course_of
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.chance import deviations_of_skewed, deviations_of_sum_of_squares

Float = NDArray[np.float64]
UNIT = 10.0**SCALE
"""Values are whole numbers of 1 / UNIT."""
MINUTES_A_DAY = 1440
_POWERS = 9
_SKEWNESS = 6.0**1.5
"""Of the fourth Hermite polynomial of a normal number: (4!)^3 / (2!)^3 over (4!)^1.5."""


class Key(NamedTuple):
    """A series: a container's sensor of a parameter in a batch's stay; of water temperature one month of it (since 1970-01, else -1)."""

    batch: str
    container: str
    parameter: str
    month: int

    @property
    def shown(self) -> tuple[str, str, str, str | None]:
        """As columns of a verdict."""
        return (*self[:3], None if self.month < 0 else f"{1970 + self.month // 12}-{self.month % 12 + 1:02d}")


@dataclass(frozen=True, slots=True)
class Due:
    """What a series has to be.

    n: readings. minutes, minutes_off: mean of their moments (minutes since the farm's first day) and sum of squared deviations from it.
    mean: of the values without noise. spread: standard deviation of the noise, rounding included. course: mean powers 0 to 8 of the values
    without noise, less their mean, in spreads. memory: for powers 1 to 4, how many readings say as much as one independent number.
    """

    n: int
    minutes: float
    minutes_off: float
    mean: float
    spread: float
    course: tuple[float, ...]
    memory: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a series is.

    off: sum of squared deviations of the values from their mean. early: readings that were written down before they were taken.
    judged: readings whose higher powers are known, and the sums of their powers 1 to 4 around the mean that is due.
    """

    n: int
    minutes: float
    minutes_off: float
    mean: float
    off: float
    early: int
    judged: tuple[int, float, float, float, float]


def due_series(simulation: Simulation, batch: Batch) -> Iterator[tuple[Key, Due]]:
    """Every series of a batch."""
    names = {number: name for name, number in masterdata.parameters().items()}
    for stay in batch.stays:
        parts = {name: list(_parts(simulation, batch, stay, name)) for name in simulation.profile.readings}
        for number in stay.containers:
            container = simulation.world.container(number)
            for parameter in container.parameters:
                for month, due in parts[names[parameter]]:
                    yield Key(batch.name, container.name, names[parameter], month), due


def _parts(simulation: Simulation, batch: Batch, stay: Stay, parameter: str) -> Iterator[tuple[int, Due]]:
    """What one sensor reads in a stay; of water temperature month by month."""
    reading, times = simulation.profile.readings[parameter], np.array(simulation.scenario.readings.times)
    days = batch.start + stay.first + np.arange(stay.days)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) if parameter == TEMPERATURE else np.full(stay.days, -1)
    values, step = course_of(simulation, batch, stay, parameter), UNIT / 10**reading.decimals
    spread = float(np.sqrt((float(reading.spread) * UNIT) ** 2 + step * step / 12.0))
    memory = memory_of(MEMORY_DAYS * len(times))
    for month in np.unique(months).tolist():
        mine = months == month
        # counted from the first day and not from 1970: squares of larger numbers would lose the single minute
        minutes = ((days[mine, None] - simulation.first_day) * MINUTES_A_DAY + times).ravel().astype(np.float64)
        exact = values[mine].ravel()
        middle, mean = float(minutes.mean()), float(exact.mean())
        away = (exact - mean) / spread
        course = tuple(float((away**power).mean()) for power in range(_POWERS))
        yield month, Due(len(minutes), middle, float(((minutes - middle) ** 2).sum()), mean, spread, course, memory)


def memory_of(window: int) -> tuple[float, ...]:
    """For powers 1 to 4: the sum over all distances of the noise's correlation, which falls in a straight line over the window, to it."""
    near = 1.0 - np.arange(1, window) / window
    return tuple(1.0 + 2.0 * float((near**power).sum()) for power in (1, 2, 3, 4))


def incomplete(due: Mapping[Key, Due], found: Mapping[Key, Found]) -> Iterator[tuple[object, ...]]:
    """Series that are missing or not planned, of another number of readings, at other moments, or written down too early."""
    exact = defaults("readings")["relative"]
    for key in sorted({*due, *found}):
        planned, read = due.get(key), found.get(key)
        shown = (*key.shown, planned.n if planned else 0, read.n if read else 0)
        if planned is None or read is None or planned.n != read.n:
            yield (*shown, "number of readings")
        elif read.early:
            yield (*shown, f"{read.early:,} written down before they were taken")
        elif abs(read.minutes - planned.minutes) > exact * MINUTES_A_DAY * planned.n:
            yield (*shown, f"{read.minutes - planned.minutes:+.2f} minutes on average")
        elif abs(read.minutes_off - planned.minutes_off) > exact * planned.minutes_off:
            yield (*shown, "days or times of day")


def strange(due: Mapping[Key, Due], found: Mapping[Key, Found]) -> Iterator[tuple[object, ...]]:
    """All sensors of a parameter, those in a batch, then single ones, whose mean, spread or shape lies further off than chance allows."""
    chance, limits = defaults("chance")["deviations"], defaults("readings")
    keys = sorted(due)
    for whose in (lambda key: (None, key.parameter), lambda key: (key.batch, key.parameter)):
        for (batch, parameter), group in groupby(sorted(keys, key=whose), key=whose):
            own = list(group)
            for what, planned, read, off in _together([due[key] for key in own], [found[key] for key in own]):
                if abs(off) > chance + limits["more_deviations"] * (what in ("skewness", "tails")):
                    yield batch, None, parameter, None, what, planned, read, round(off, 1)
    yield from _sensors(keys, [due[key] for key in keys], [found[key] for key in keys], chance + limits["more_deviations"])


def _sensors(keys: Sequence[Key], due: Sequence[Due], found: Sequence[Found], allowed: float) -> Iterator[tuple[object, ...]]:
    """Sensors that read too high or low, and those whose readings spread too much or too little: a stuck one does not spread at all."""
    n, mean, spread, course, first, second = (
        np.array(column) for column in zip(*((d.n, d.mean, d.spread, d.course[2], d.memory[0], d.memory[1]) for d in due), strict=True)
    )
    read, off = (np.array(column) for column in zip(*((f.mean, f.off) for f in found), strict=True))
    level = (read - mean) / (spread * np.sqrt(np.minimum(first / n, 1.0)))
    # around the sensor's own mean, which takes a part of the noise with it
    whole = spread**2 * (n * course + np.maximum(n - first, 0.0))
    enough = np.flatnonzero(n >= defaults("readings")["least_numbers"] * second)
    wide = np.zeros(len(n))
    wide[enough] = deviations_of_sum_of_squares(off[enough], whole[enough], _variance(n, spread, course, first, second)[enough])
    for index in np.flatnonzero(np.abs(level) > allowed).tolist():
        yield (*keys[index].shown, "mean", _value(mean[index]), _value(read[index]), round(float(level[index]), 1))
    for index in np.flatnonzero(np.abs(wide) > allowed).tolist():
        planned, there = (_value(np.sqrt(squares[index] / n[index])) for squares in (whole, off))
        yield (*keys[index].shown, "spread", planned, there, round(float(wide[index]), 1))


def _variance(n: Float, spread: Float, course: Float, first: Float, second: Float) -> Float:
    """Variance of a sum of squared deviations from the mean: of the noise itself, and of noise times course."""
    result: Float = n * spread**4 * (2.0 * second + 4.0 * course * first)
    return result


def _together(due: Sequence[Due], found: Sequence[Found]) -> Iterator[tuple[str, float, float, float]]:
    """(what, planned, found, standard deviations off) of series of one parameter, taken together."""
    n = np.array([d.n for d in due], dtype=np.float64)
    spread, memory = due[0].spread, due[0].memory
    course = np.array([d.course for d in due])
    away = np.array([f.mean - d.mean for d, f in zip(due, found, strict=True)])
    first = np.minimum(memory[0], n)
    mean, total = float((n * np.array([d.mean for d in due])).sum() / n.sum()), float((n * away).sum())
    yield "mean", _value(mean), _value(mean + total / n.sum()), total / (spread * float(np.sqrt((n * first).sum())))
    squares, whole = float((n * away * away).sum()) + sum(f.off for f in found), float((n * (1.0 + course[:, 2])).sum()) * spread**2
    variance = float(_variance(n, np.full_like(n, spread), course[:, 2], first, np.full_like(n, memory[1])).sum())
    wide = float(deviations_of_sum_of_squares(squares, whole, variance))
    yield "spread", _value(np.sqrt(whole / n.sum())), _value(np.sqrt(squares / n.sum())), wide
    judged = np.array([f.judged for f in found], dtype=np.float64)
    number, m1, m2, m3, m4 = (judged / spread ** np.arange(5)).T
    c2, c3, c4, c6 = (course[:, power] for power in (2, 3, 4, 6))
    # mean and variance of Hermite polynomials of x + c, x normal: He_n(x + c) = sum of binomial(n, k) c^(n - k) He_k(x)
    skew = (m3 - 3.0 * m1, c3, 9.0 * c4 * memory[0] + 18.0 * c2 * memory[1] + 6.0 * memory[2])
    tails = (
        m4 - 6.0 * m2 + 3.0 * number,
        c4,
        16.0 * c6 * memory[0] + 72.0 * c4 * memory[1] + 96.0 * c2 * memory[2] + 24.0 * memory[3],
    )
    whole_course = _of_sample(course)
    for what, (there, planned, spreads), drawn in zip(("skewness", "tails"), (skew, tails), whole_course, strict=True):
        if number.sum() < defaults("readings")["least_numbers_for_shape"] * memory[3]:
            continue
        sum_due, sum_found = float((number * planned).sum()), float(there.sum())
        raw = (sum_found - sum_due) / float(np.sqrt((number * (spreads + drawn * (number < n))).sum()))
        # of fourth powers, large ones are rare and very large
        off = float(deviations_of_skewed(raw, _SKEWNESS * np.sqrt(memory[3] / number.sum()))) if what == "tails" else raw
        yield what, round(sum_due / number.sum(), 4), round(sum_found / number.sum(), 4), off


def _of_sample(course: Float) -> tuple[Float, Float]:
    """What it adds to the variance that a sample of a series has another course than the whole."""
    return course[:, 6] - course[:, 3] ** 2, course[:, 8] - course[:, 4] ** 2


def _value(units: float) -> float:
    return round(float(units) / UNIT, 4)
