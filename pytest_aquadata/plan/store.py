"""A plan in files: stays are read batch by batch when they are looked at, large arrays are mapped into memory.

A plan of ten thousand batches is gigabytes; what one process needs of it at a time is one batch. Here the stays of each batch are a record
of a file, written by whoever planned them. The plan itself, with counts, numbers and deliveries, is one file, whose arrays all
processes of a machine share.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Stay

Int = NDArray[np.int64]

_AT_HAND = 16
"""Batches whose stays a process keeps in memory: those that it looked at last."""

_ALIGNED = 64
"""Arrays begin at multiples of this many bytes, as NumPy likes them."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where the stays of a batch lie: a file, the first byte, bytes, and how many stays there are."""

    file: str
    begin: int
    size: int
    stays: int


class StoredStays(Sequence[Stay]):
    """The stays of one batch, in a file.

    accounts: the number, in the farm's ledger, of each account of the ledger that the stays were planned with.
    """

    __slots__ = ("accounts", "record")

    def __init__(self, record: Record, accounts: Int) -> None:
        self.record, self.accounts = record, accounts

    def __len__(self) -> int:
        """How many there are; reads nothing."""
        return self.record.stays

    @overload
    def __getitem__(self, index: int) -> Stay: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Stay, ...]: ...
    def __getitem__(self, index: int | slice) -> Stay | tuple[Stay, ...]:
        """One of them, or some."""
        return self.read()[index]

    def __iter__(self) -> Iterator[Stay]:
        """In order."""
        return iter(self.read())

    def read(self) -> tuple[Stay, ...]:
        """All of them, from the file or from memory where they were looked at a moment ago."""
        return _read(self.record, _Accounts(self.accounts))


class _Accounts:
    """Numbers of accounts as part of a key: those of one file are one and the same array."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Int) -> None:
        self.numbers = numbers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Accounts) and other.numbers is self.numbers

    def __hash__(self) -> int:
        return id(self.numbers)


@lru_cache(maxsize=_AT_HAND)
def _read(record: Record, accounts: _Accounts) -> tuple[Stay, ...]:
    with Path(record.file).open("rb") as file:
        file.seek(record.begin)
        stays: tuple[Stay, ...] = pickle.loads(file.read(record.size))
    numbers = accounts.numbers
    return tuple(replace(stay, meals=tuple(replace(meal, account=int(numbers[meal.account])) for meal in stay.meals)) for stay in stays)


def write_stays(batches: Iterable[Batch], file: Path) -> list[Record]:
    """Write the stays of some batches into a new file; says where each batch's lie, in their order."""
    records, begin = [], 0
    with file.open("wb") as stream:
        for batch in batches:
            text = pickle.dumps(tuple(batch.stays), protocol=5)
            records.append(Record(str(file), begin, len(text), len(batch.stays)))
            begin += stream.write(text)
    return records


def save(plan: Plan, file: Path) -> None:
    """Write a plan, its large arrays apart from the rest, so that `load` can map them."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(plan, protocol=5, buffer_callback=buffers.append)
    spans, at = [], 0
    for buffer in buffers:
        at += -at % _ALIGNED
        spans.append((at, buffer.raw().nbytes))
        at += buffer.raw().nbytes
    with file.open("wb") as stream:
        for (begin, _), buffer in zip(spans, buffers, strict=True):
            stream.write(bytes(begin - stream.tell()))
            stream.write(buffer.raw())
        index = pickle.dumps((spans, head), protocol=5)
        stream.write(index)
        stream.write(len(index).to_bytes(8, "little"))


def load(file: Path) -> Plan:
    """The plan that `save` wrote; its arrays are read-only views of the file, which all processes share in memory."""
    with file.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    view = memoryview(mapped)
    size = int.from_bytes(view[-8:], "little")
    spans, head = pickle.loads(view[-8 - size : -8])
    plan: Plan = pickle.loads(head, buffers=[view[begin : begin + length] for begin, length in spans])
    return plan
