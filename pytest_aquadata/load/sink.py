"""Where the rows of a run go, as a session sees it: a database (`load.run`, `load.target`) or a data set (`lake.run`, `lake.target`).

Steps, states and what is told of a run have the same names and meanings in either; only how they are kept differs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from pytest_aquadata.load.ledger import BatchState, Connection, RunState
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

if TYPE_CHECKING:
    from pytest_aquadata.load.built import Built
    from pytest_aquadata.load.farmnames import FarmNames


class Sink(Protocol):
    """A run, as one process takes part in it: any number of them, each step any number of times."""

    plan: Plan
    builder: str

    @property
    def selected(self) -> tuple[int, ...]:
        """Numbers of the batches that the session builds."""

    @property
    def conn(self) -> Connection:
        """What criteria ask."""

    @property
    def names(self) -> FarmNames | None:
        """What the farm's names mean there; None where they are the farm's own."""

    def reading(self) -> AbstractContextManager[Connection]:
        """What criteria ask, for queries in the farm's names."""

    def prepare(self) -> None:
        """What belongs to no batch, once for all processes."""

    def build(self, number: int, watch: Watch | None = None) -> Built:
        """One batch, whole or not at all; nothing to do where it is there."""

    def missing(self, numbers: Sequence[int]) -> list[Batch]:
        """Those of the batches that are not there."""

    def wait(self) -> None:
        """Until every selected batch is there or has failed, or nobody builds any more."""

    def outstanding(self) -> list[Batch]:
        """The selected batches that are neither there nor failed."""

    def finish(self) -> str | None:
        """What comes after the last batch, once; the digest, None while batches are missing."""

    def digest(self) -> str | None:
        """The digest of the finished run; None before."""

    def built(self) -> list[Batch]:
        """The batches that are there, in order."""

    def left_aside(self) -> int:
        """Indexes and keys that a run which died has left aside."""

    def state(self) -> RunState:
        """How far the run is."""

    def rows(self) -> dict[str, int]:
        """Rows of the batches that are there by table, as they were counted; tables without any are left out."""

    def size(self) -> int | None:
        """Bytes on disk; None where they cannot be asked for."""

    def table_sizes(self) -> dict[str, int]:
        """Bytes of each of the plan's tables."""

    def history(self) -> dict[int, dict[str, Any]]:
        """How each batch came about, by its number; see `load.history.batches`."""

    def phases(self) -> dict[str, float]:
        """Seconds by phase, summed over the sessions that built something."""

    def add_phases(self, seconds: Mapping[str, float]) -> None:
        """Add those of this session."""

    def server_version(self) -> str | None:
        """The version of the PostgreSQL server, where there is one."""

    def close(self) -> None:
        """End the process's part."""


class OpenedTarget(Protocol):
    """A place that a session has opened and holds to its end.

    url: its address, handed to workers. replace: whether what another run left may be deleted. refusal: why nothing may be written there.
    """

    url: str
    replace: bool
    refusal: str

    def run_state(self, fingerprint: str) -> RunState:
        """How far a run is."""

    def batch_states(self, fingerprint: str, plan: Plan) -> Mapping[int, BatchState]:
        """The state of every batch of a run, by its number."""

    def plan_again(self, fingerprint: str, plan: Plan, again: Collection[str]) -> None:
        """Take up what is to be done once more; see `load.ledger.plan_again`."""

    def check_room(self, plan: Plan, batches: Sequence[Batch]) -> None:
        """See that these batches have room, as far as that can be seen before they are written."""

    def how_to_use(self) -> list[str]:
        """Lines that say how to get at what was built."""

    def close(self) -> None:
        """Give it up."""
