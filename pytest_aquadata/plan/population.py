"""How many fish live in each container on each day.

Deaths are Poisson with the stage's daily loss; moves kill nothing and conserve the fish to the fish. Every batch has random numbers of its
own, so its fish are the same whichever batches are planned beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import draws
from pytest_aquadata.plan.life import Life
from pytest_aquadata.scenario.profile import Profile

Int = NDArray[np.int64]
_TOGETHER = 256
"""Batches worked out side by side: enough to keep NumPy busy, few enough to bound memory."""


@dataclass(frozen=True, slots=True)
class Fish:
    """The fish of one batch.

    alive: at the beginning of each day, after the moves of that day, shape (containers, days + 1).
    deaths: on each day, shape (containers, days). alive[:, d + 1] = alive[:, d] - deaths[:, d] except where the fish move.
    """

    alive: Int
    deaths: Int


def even_parts(total: int | Int, parts: int) -> Int:
    """A whole number divided as evenly as whole numbers allow, the larger parts first; shape (..., parts)."""
    whole = np.asarray(total, dtype=np.int64)[..., None]
    return whole // parts + (np.arange(parts) < whole % parts)


def moves(sources: Sequence[int], destinations: Sequence[int]) -> list[tuple[int, int, int]]:
    """(source, destination, fish) of a move between containers whose totals are equal.

    Fish go in order: the first source fills the first destination. With as many destinations as sources, and each as full as its
    source, that is one container to one container.

    Raises:
        ValueError: the totals differ.
    """
    if sum(sources) != sum(destinations):
        raise ValueError("fish would be lost or made by this move")
    result = []
    left, waiting = list(sources), list(destinations)
    source = destination = 0
    while source < len(left) and destination < len(waiting):
        count = min(left[source], waiting[destination])
        if count:
            result.append((source, destination, count))
        left[source] -= count
        waiting[destination] -= count
        if waiting[destination] == 0 and (left[source] > 0 or destination < len(waiting) - 1):
            destination += 1
        if source < len(left) and left[source] == 0:
            source += 1
    return result


def containers_by_stage(profile: Profile, per_stage: int, rings: int) -> tuple[int, ...]:
    """How many containers a batch uses in each stage."""
    return (per_stage,) * (len(profile.stages) - 1) + (rings,)


def populate(lives: Sequence[Life], profile: Profile, counts: Sequence[int], seed: int) -> list[Fish]:
    """The fish of every batch from day 0 to its harvest, in the order of `lives`; see `Fish` for shapes."""
    result: list[Fish] = []
    for first in range(0, len(lives), _TOGETHER):
        result += _together(lives[first : first + _TOGETHER], profile, counts, seed)
    return result


def _together(lives: Sequence[Life], profile: Profile, counts: Sequence[int], seed: int) -> list[Fish]:
    width, days = max(counts), max(life.harvest for life in lives)
    bits: Int = np.zeros((days, len(lives), width), dtype=np.int64)
    for b, life in enumerate(lives):
        drawn = draws.poisson_bits(life.harvest * width, seed, life.name, "plan", "deaths")
        bits[: life.harvest, b] = drawn.reshape(life.harvest, width)
    alive = np.zeros((days + 1, len(lives), width), dtype=np.int64)
    deaths = np.zeros((days, len(lives), width), dtype=np.int64)
    now = np.zeros((len(lives), width), dtype=np.int64)
    now[:, : counts[0]] = even_parts(np.array([life.eggs for life in lives]), counts[0])
    firsts = profile.first_days
    for order in range(len(profile.stages)):
        if order and counts[order] != counts[order - 1]:
            total = now.sum(axis=1)
            now = np.zeros_like(now)
            now[:, : counts[order]] = even_parts(total, counts[order])
        rate = np.array([life.stages[order].loss_per_100k / 100_000 for life in lives])[:, None]
        for day in range(firsts[order], min(firsts[order + 1], days)):
            alive[day] = now
            mean: draws.Float = (now * rate).ravel().astype(np.float64)
            dead = np.minimum(draws.poisson(mean, bits[day].ravel()).reshape(now.shape), now)
            deaths[day] = dead
            now = now - dead
    alive[days] = now
    return [Fish(alive[: life.harvest + 1, b].T.copy(), deaths[: life.harvest, b].T.copy()) for b, life in enumerate(lives)]
