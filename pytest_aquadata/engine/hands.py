"""Who builds a session's batches, as its items see it: they ask for the outcome of one batch, and it comes from here or from elsewhere."""

from __future__ import annotations

from typing import Protocol

from pytest_aquadata.engine.task import Outcome, Writer, build_with


class Hands(Protocol):
    """Builds batches, or has them built."""

    @property
    def builders(self) -> int:
        """How many batches are built at once by what this process asks for."""

    def outcome(self, number: int) -> Outcome:
        """What became of a batch; waits for it."""

    def close(self, hurry: bool) -> None:
        """Nothing more is asked for. hurry: what is being built may be given up."""


class OwnHands:
    """This very process: one of xdist's workers, or the only one."""

    builders = 1

    def __init__(self, run: Writer) -> None:
        self._run = run

    def outcome(self, number: int) -> Outcome:
        """Build the batch now."""
        return build_with(self._run, number)

    def close(self, hurry: bool) -> None:
        """Nothing is going on between two calls."""
