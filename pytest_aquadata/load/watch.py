"""Where a build is: the step that fails, and the seconds that each table takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Watch:
    """Follows the build of one batch.

    failed_in: the innermost step that an exception went through, None while nothing failed.
    seconds: by table, in the order in which they were first copied; to make the rows of a table is a part of its time.
    """

    def __init__(self) -> None:
        self.failed_in: str | None = None
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """A part of the work; steps may stand in one another, and the innermost one is blamed."""
        try:
            yield
        except Exception:
            self.failed_in = self.failed_in or doing
            raise

    @contextmanager
    def table(self, name: str) -> Iterator[None]:
        """The copying of a table, or of another part of it."""
        started = time.perf_counter()
        with self.step(f"copying {name}"):
            yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
