"""Seeds and sequences that are a test's own, whichever process runs it and whatever ran before.

factory_boy counts and draws in one process, from test to test; with xdist what a test gets then depends on which tests its worker had.
Inside `seeded` random numbers follow from a name alone, and sequences begin behind what objects of a wider scope may have taken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from zlib import crc32

from factory.django import DjangoModelFactory

from pytest_aquadata.factories.untyped import random as factory_random

FIRST = 1_000
"""Where the sequences of a test begin: sessions, modules and classes make fewer objects than that."""

_seed: ContextVar[int] = ContextVar("seed", default=1)


def seed_of_test() -> int:
    """The seed of the test that runs; 1 outside of `seeded`."""
    return _seed.get()


@contextmanager
def seeded(name: str) -> Iterator[int]:
    """Draw and count for this name, like a test's node id; afterwards all goes on where it was. Gives the seed."""
    seed = crc32(name.encode())
    state, of_python = factory_random.get_random_state(), random.getstate()
    counters = {each: each._meta.next_sequence() for each in _families()}
    for each in counters:
        each.reset_sequence(FIRST, force=True)
    factory_random.reseed_random(seed)
    token = _seed.set(seed)
    try:
        yield seed
    finally:
        _seed.reset(token)
        factory_random.set_random_state(state)
        random.setstate(of_python)
        for each in _families():
            each.reset_sequence(counters.get(each, 0), force=True)


def _families() -> list[Any]:
    """Every factory for Django's models that counts by itself, the application's own included."""
    found: list[Any] = []
    known: list[Any] = [DjangoModelFactory]
    while known:
        each = known.pop()
        known += each.__subclasses__()
        if not each._meta.abstract and each._meta.counter_reference in (None, each._meta):
            found.append(each)
    return found
