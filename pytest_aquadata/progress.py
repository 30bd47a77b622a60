"""How far a build is, how fast it goes and how long it will take: figures and lines, without a terminal.

Rows to come are the plan's, and what is built before the session began is not a part of its speed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

EVERY_SECONDS = 30.0
"""After how long a plain line is due however little was built."""
EVERY_SHARE = 0.1
"""After how large a part of all rows a plain line is due, unless the last one is younger than `LEAST_SECONDS`."""
LEAST_SECONDS = 2.0
"""How old the last plain line, or the build, is at least when one is due: a short build says nothing before its summary."""


def human_seconds(seconds: float) -> str:
    """A time as a person reads it: '8.2 s', '45 s', '3 min 20 s', '1 h 05 min'."""
    whole = round(seconds)
    if whole < 10:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def rows_a_second(rows: int, seconds: float) -> int:
    """Speed in whole rows a second; 0 where no time has passed."""
    return round(rows / seconds) if seconds > 0 else 0


@dataclass
class Tally:
    """The batches of a session.

    rows_of: planned rows of each batch that the session has an item for.
    before: those of them that were built before the session began.
    done, failed: what has become of the others. rows: built in this session. busy: seconds that builders spent on them, all together.
    """

    rows_of: Mapping[str, int]
    before: Collection[str] = ()
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    rows: int = 0
    busy: float = 0.0

    def built(self, name: str, rows: int | None, seconds: float) -> None:
        """A batch is there: `rows` were built in `seconds`, or None were, as another session or worker had built it."""
        self.failed.discard(name)
        if name not in self.before:
            self.done.add(name)
        if rows is not None:
            self.rows += rows
            self.busy += seconds

    def failure(self, name: str) -> None:
        """A batch could not be built."""
        if name not in self.done:
            self.failed.add(name)

    @property
    def total(self) -> int:
        """Rows of all batches of the session."""
        return sum(self.rows_of.values())

    @property
    def present(self) -> int:
        """Rows of those batches that are there."""
        return sum(rows for name, rows in self.rows_of.items() if name in self.done or name in self.before)

    @property
    def to_come(self) -> int:
        """Rows of those batches that are still to be built."""
        return self.total - self.present - sum(self.rows_of[name] for name in self.failed)

    @property
    def over(self) -> bool:
        """Whether no batch is still to be built."""
        return len(self.done) + len(self.failed) + len(self.before) >= len(self.rows_of)

    def seconds_left(self, builders: int) -> float | None:
        """Seconds until all is built; None before the first batch is.

        A finished batch tells how long one builder takes for a row. Rows a second of the session would be far too few for as long as most
        builders are still at their first batch. No builder helps another, so those without a batch of their own do not count.
        """
        if not self.rows:
            return None
        batches = len(self.rows_of) - len(self.done) - len(self.failed) - len(self.before)
        return self.to_come * self.busy / self.rows / max(1, min(builders, batches))

    def line(self, elapsed: float, builders: int = 1) -> str:
        """How far the build is, `elapsed` seconds after it began."""
        there = len(self.done) + len(self.before)
        parts = [f"{there:,} of {len(self.rows_of):,} batches", f"{self.present:,} of {self.total:,} rows"]
        if self.rows:
            parts.append(f"{rows_a_second(self.rows, elapsed):,} rows/s")
        if not self.over and (left := self.seconds_left(builders)) is not None:
            parts.append(f"{human_seconds(left)} left")
        if self.failed:
            parts.append(f"{len(self.failed)} failed")
        return ", ".join(parts)


@dataclass
class Pace:
    """Decides when a plain line is due, for logs that keep every line: seldom, however many batches there are."""

    at: float = 0.0
    share: float = 0.0

    def due(self, tally: Tally, elapsed: float) -> bool:
        """Whether a line is due now; the next one is counted from it. None is due when all is built: the summary says that."""
        share = tally.present / tally.total if tally.total else 1.0
        since = elapsed - self.at
        if tally.over or since < LEAST_SECONDS or (share - self.share < EVERY_SHARE and since < EVERY_SECONDS):
            return False
        self.at, self.share = elapsed, share
        return True


@dataclass
class PhaseTimes:
    """When the phases of a session ran, by the clock on the wall.

    spans: seconds since an epoch, first start and last stop of the items of each phase, by the phase's number.
    """

    spans: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add(self, phase: int, start: float, stop: float) -> None:
        """An item of a phase ran."""
        first, last = self.spans.get(phase, (start, stop))
        self.spans[phase] = (min(first, start), max(last, stop))

    def begin(self, phase: int) -> float:
        """When a phase began: an item that is handed out early waits for the phases before, which is their time."""
        return max([self.spans[phase][0], *(stop for other, (_, stop) in self.spans.items() if other < phase)])

    def seconds(self) -> dict[int, float]:
        """Seconds of each phase of which something ran, in their order; they do not overlap."""
        return {phase: max(0.0, self.spans[phase][1] - self.begin(phase)) for phase in sorted(self.spans)}
