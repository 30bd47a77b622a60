"""Shows how far a build is while it runs, beside what pytest itself shows.

On a terminal one line is kept up to date, in place of the dots of the batches that pass. Elsewhere (a log, CI) and with ``-v``, where every
item has a line anyway, a line is written now and then. Every line of ours ends with a newline, so that pytest always goes on at the
beginning of one; the live line is replaced by going one up, and only if nothing was written since.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.items import Phase, phase_of
from pytest_aquadata.progress import Pace, PhaseTimes, Tally

_UP_AND_CLEAR = "\x1b[1A\x1b[2K"
_LIVE_SECONDS = 0.1
"""The least time between two states of the live line."""


class Display:
    """The hooks that follow a session's items, in the controller or the only process.

    before: names of the batches that are built already, asked once when the items are known.
    tally: the batches of the session. times: when its phases ran.
    """

    def __init__(self, config: pytest.Config, farm: Farm, before: Callable[[], Collection[str]]) -> None:
        self.config, self.farm = config, farm
        self.tally = Tally({})
        self.times = PhaseTimes()
        self._before = before
        self._pace = Pace()
        self._builders = 0
        self._ours = False  # whether the terminal's last line is ours
        self._shown = 0.0
        verbose: int = config.getoption("verbose")
        terminal = self._terminal
        self._live = is_live(
            verbose,
            os.environ,
            terminal=terminal is not None and bool(terminal.isatty),
            capture=config.getoption("capture", "no"),
            style=config.getini("console_output_style"),
        )
        self._speaks = self._live or verbose >= 0

    @property
    def _terminal(self) -> Any:
        return self.config.pluginmanager.getplugin("terminalreporter")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The items are known, where no workers collect them."""
        self._know([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The items are known; each worker says so, and each may build."""
        self._builders += 1
        if not self.tally.rows_of:
            self._know(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object | None) -> None:
        """A worker is gone: at the end, or for another to take its place, of which xdist writes a line."""
        self._builders = max(0, self._builders - 1)
        if error is not None:
            self._ours = False

    def _know(self, nodeids: Sequence[str]) -> None:
        plan = self.farm.plan
        rows = plan.counts.sum(axis=1).tolist()
        chosen = {_batch_of(nodeid) for nodeid in nodeids if phase_of(nodeid) is Phase.BUILD}
        rows_of = {batch.name: rows[batch.number - 1] for batch in plan.simulation.batches if batch.name in chosen}
        self.tally = Tally(rows_of, frozenset(self._before()) & rows_of.keys() if rows_of else frozenset())

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dot for a batch that the live line counts; it has passed all the same."""
        return ("passed", "", "PASSED") if self._live and _built(report) else None

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what ran, after the terminal has shown it, and say how far the build is."""
        stop = getattr(report, "stop", 0.0) or time.time()
        start = getattr(report, "start", 0.0) or stop - report.duration
        if (report.when == "call" or not report.passed) and not (self._live and _built(report)):
            self._ours = False
        phase, name = phase_of(report.nodeid), _batch_of(report.nodeid)
        if phase is not None and report.when in ("setup", "call", "teardown"):  # a crashed worker's report has no times
            self.times.add(phase, start, stop)
        if phase is not Phase.BUILD or name not in self.tally.rows_of or phase not in self.times.spans:
            return
        if _built(report):
            said = dict(report.user_properties)
            fresh = int(str(said["aquadata_rows"])) if said.get("aquadata_built") == "now" else None
            # how long an item took is how long it waited, where others build
            self.tally.built(name, fresh, float(str(said.get("aquadata_seconds", 0.0))))
        elif report.failed:
            self.tally.failure(name)
        else:
            return
        # the last stop so far, not this report's: workers' reports do not arrive in the order in which their items stopped
        self._say(self.times.seconds()[Phase.BUILD])

    def _say(self, elapsed: float) -> None:
        terminal = self._terminal
        if terminal is None or not self._speaks:
            return
        line = self.tally.line(elapsed, self._builders or self.farm.hands.builders)
        if not self._live:
            if self._pace.due(self.tally, elapsed):
                self._write(terminal, line)
        elif self.tally.over or time.monotonic() - self._shown > _LIVE_SECONDS:
            self._shown = time.monotonic()
            self._write(terminal, line[: shutil.get_terminal_size().columns - 1])

    def _write(self, terminal: Any, line: str) -> None:
        if self.config.getoption("verbose") > 0:
            terminal.write_line(line)
            return
        # dots may stand on the line: pytest does not say, and begins a line of its own only where it knows of a file's name
        begin = "" if self._ours else "\n"
        terminal.write(f"{_UP_AND_CLEAR if self._ours and self._live else begin}{line}\n", flush=True)
        self._ours = True


def is_live(verbose: int, environ: Mapping[str, str], *, terminal: bool, capture: str, style: str) -> bool:
    """Whether a line can be kept up to date.

    verbose: with ``-v`` every item has a line, and with ``-qq`` nobody wants one. terminal: whether the output is one; those that keep what
    they show for a log say so with CI or TERM. capture: what is not captured is written between the lines. style: of pytest's own progress;
    the classic one is for who wants no more than dots.
    """
    keeps = environ.get("TERM") == "dumb" or bool(environ.get("CI"))
    return terminal and -1 <= verbose <= 0 and capture != "no" and style != "classic" and not keeps


def _batch_of(nodeid: str) -> str:
    """The name in the brackets of a build item's id."""
    return nodeid.rpartition("::")[2].partition("[")[2].removesuffix("]")


def _built(report: pytest.TestReport) -> bool:
    """Whether this is the report of a batch that is there."""
    return report.when == "call" and report.passed and any(name == "aquadata_built" for name, _ in report.user_properties)
