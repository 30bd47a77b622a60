"""What a stream is: a kind of event that a batch has by the thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams.columns import Rows

CHUNK = 65_536
"""Rows handed on at a time: enough for NumPy, little memory. Part of the determinism contract: digests are taken chunk by chunk."""


class Stream(Protocol):
    """One kind of event: how many rows it makes for a batch, and the rows, in order of their numbers.

    name: the switch in the scenario's `streams`.
    """

    name: str

    def count(self, simulation: Simulation, batch: Batch) -> Mapping[str, int]:
        """Rows of each table, exactly."""

    def rows(self, plan: Plan, batch: Batch) -> Iterator[Rows]:
        """The rows, table by table, each table's in order of their numbers."""
