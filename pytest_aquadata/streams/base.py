"""What a stream is: a kind of event that a batch has by the thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.streams.columns import Kind, Rows

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


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table that belongs to a stream of another package, as ``data/tables.yaml`` has ours.

    name: the table. model: its Django model's label, ``alarms.OxygenAlarm``. app: the dotted path of that model's app, which the reference
    farm installs; an application has it in its own settings. columns: every column the stream fills, by name the kind of its values
    (`Kind`) or the table that it refers to; one of them leads to a batch. key: the primary key's column.
    """

    name: str
    model: str
    app: str
    columns: Mapping[str, str]
    key: str = "id"

    @property
    def keys(self) -> dict[str, str]:
        """The columns that refer to tables, with the table."""
        return {name: kind for name, kind in self.columns.items() if name != self.key and kind not in tuple(Kind)}
