"""The one task of a build: a batch is expanded from the plan and written to where the rows go. Whoever builds batches does this.

Where the rows go is a `Destination`: a few values that reach any process of any machine, and that open what takes the rows there. What
became of a batch is an `Outcome`, a failure too: it can travel back, and holds what a log of the batch says.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Protocol

from pytest_aquadata.load.built import Built
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan

CRASHES = 2
"""How often a batch that took its builder down is given to another one."""


class Writer(Protocol):
    """Takes the rows of batches, one batch after the other, in one process.

    plan: of which it is; another part of it may take its place between two batches. builder: what the process is called.
    """

    plan: Plan
    builder: str

    def build(self, number: int, watch: Watch | None = None) -> Built:
        """Expand a batch and write its rows, all or none; of a batch that is there already nothing. `watch` is told where the build is."""

    def close(self) -> None:
        """Give back what was opened."""


class Destination(Protocol):
    """Where a run's rows go, as it travels from process to process: plain values that can be pickled, no connection and no open file."""

    def ready(self) -> None:
        """Load into this process what the first batch would have to wait for."""

    def open(self, plan: Plan, builder: str) -> Writer:
        """Open it in this process, to write batches of `plan` in the name of `builder`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch; either `built` or `error` is there.

    builder: who built it. failed_in: the step in which the error came up. trace: the error's traceback where it happened, as text.
    """

    builder: str
    built: Built | None = None
    error: Exception | None = None
    failed_in: str | None = None
    trace: str = ""

    def get(self) -> Built:
        """What was built.

        Raises:
            Exception: the error that stood in the way.
        """
        if self.built is None:
            raise self.error or RuntimeError("neither built nor failed")
        return self.built


def build_batch(plan: Plan, number: int, destination: Destination, builder: str) -> Outcome:
    """Build one batch of a plan, or of the part of it that holds this batch, into a destination that is opened for it and closed behind it.

    An error is a part of the outcome and not raised; an interruption is no outcome.
    """
    try:
        writer = destination.open(plan, builder)
    except Exception as error:
        return Outcome(builder, error=error, trace="".join(traceback.format_exception(error)))
    try:
        return build_with(writer, number)
    finally:
        writer.close()


def build_with(writer: Writer, number: int) -> Outcome:
    """Build one batch with a writer that stays open for others; else as `build_batch`."""
    watch = Watch()
    try:
        return Outcome(writer.builder, built=writer.build(number, watch))
    except Exception as error:
        return Outcome(writer.builder, error=error, failed_in=watch.failed_in, trace="".join(traceback.format_exception(error)))
