"""A sample of a scenario's batches: few enough to build, whole in themselves, the same ones every time.

Every batch has a key, a hash of its name and the scenario's seed. A sample is the batches of the smallest keys, so that a smaller sample
is part of a larger one, and going on from a sample to a larger one, or to the whole, builds only what is missing.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.simulation import Batch, Simulation

_SIZE = re.compile(r"(\d+(?:\.\d+)?) *(%?)")
_HINT = "a share, like 1%, or a number of batches, like 20"


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How large a sample is: a share of the batches in per cent, or their number. text: as it was given."""

    text: str
    percent: Decimal | None = None
    number: int | None = None


def size_of(text: str) -> SampleSize:
    """What a text says: '1%', '0.25 %' or '20'.

    Raises:
        AquadataError: it is neither a share above 0 up to 100 % nor a whole number from 1 on.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or (not found[2] and "." in found[1]):
        raise AquadataError(f"--aquadata-sample={text}: neither a share nor a number\n    {_HINT}")
    value = Decimal(found[1])
    if not value or (found[2] and value > 100):
        raise AquadataError(f"--aquadata-sample={text}: {'no batch at all' if not value else 'more than there is'}\n    {_HINT}")
    return SampleSize(text, percent=value) if found[2] else SampleSize(text, number=int(value))


def key_of(seed: int, name: str) -> bytes:
    """The key of a batch: what decides which samples it is in."""
    return hashlib.blake2b(f"{seed}\n{name}".encode(), digest_size=8, person=b"aqua sample").digest()


def sample_of(simulation: Simulation, size: SampleSize) -> tuple[Batch, ...]:
    """The batches of a sample, in the order of the plan: of a share as many as it takes to reach it, so one at the least.

    Raises:
        AquadataError: the scenario has fewer batches than that.
    """
    every = simulation.batches
    number = math.ceil(size.percent * len(every) / 100) if size.percent is not None else size.number or 1
    if number > len(every):
        raise AquadataError(f"--aquadata-sample={size.text}: {simulation.scenario.name} has {len(every):,} batches\n    {_HINT}")
    seed = simulation.scenario.seed
    chosen = sorted(every, key=lambda batch: key_of(seed, batch.name))[:number]
    return tuple(sorted(chosen, key=lambda batch: batch.number))
