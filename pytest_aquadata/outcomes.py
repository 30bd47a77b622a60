"""What became of a session's items, as their reports tell it: with xdist from workers, else from this process.

All that is asked of a report is its outcome and the item's ``user_properties``, which reach JUnit files and xdist's controller alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.items import CriterionFailed, CriterionWarning, FarmItem, Phase, phase_of
from pytest_aquadata.verdicts import criterion_of

CAUSE = "aquadata_cause"
_ENVIRONMENT = "environment"
_WORST = ("pass", "skip", "warn", "fail", "error")


class Outcomes:
    """The hooks that follow what becomes of items.

    criteria: verdicts by criterion, with the seconds each took. built: names of the batches that were built now.
    passed, failed: counts of the scenario's items; a skipped criterion counts as neither. others_failed: failed tests of the project.
    environment: whether an item failed for what the machine or the server did.
    """

    def __init__(self) -> None:
        self.criteria: dict[str, dict[str, Any]] = {}
        self.built: set[str] = set()
        self.failed: dict[str, str] = {}
        self.passed: set[str] = set()
        self.others_failed = 0
        self.environment = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Note why an item failed, before its report is made; in the process that ran it."""
        if isinstance(item, FarmItem) and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            item.user_properties.append((CAUSE, cause_of(call.excinfo.value)))
        yield

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a report; a step that is given to another worker is one that was skipped, and counts when it is run again."""
        phase = phase_of(report.nodeid)
        if phase is None:
            self.others_failed += report.failed
            return
        said = dict(report.user_properties)
        name = report.nodeid.rpartition("::")[2]
        if report.failed:
            self.failed[name] = str(said.get(CAUSE, _ENVIRONMENT))  # only a crashed worker's report has no cause
            self.environment = self.environment or self.failed[name] == _ENVIRONMENT
            self.passed.discard(name)
        elif report.passed and report.when == "call" and name not in self.failed:
            self.passed.add(name)
        if phase is Phase.BUILD and said.get("aquadata_built") == "now":
            self.built.add(_inner(name))
        if phase is Phase.VERIFY and (report.when == "call" or report.failed):
            self._judge(_inner(name), said, report)

    def _judge(self, name: str, said: dict[str, Any], report: pytest.TestReport) -> None:
        verdict = criterion_of(said)
        if verdict["state"] == "error":
            verdict["got"] = report.longreprtext
        verdict["seconds"] = said.get("aquadata_seconds", report.duration)
        before = self.criteria.get(name)
        if before is None or _WORST.index(verdict["state"]) >= _WORST.index(before["state"]):
            self.criteria[name] = verdict

    def note(self, error: BaseException) -> None:
        """An error that came up outside any item."""
        self.environment = self.environment or cause_of(error) == _ENVIRONMENT

    @property
    def verdict(self) -> str:
        """The session in one word: 'environment', 'failed' or 'passed'."""
        return _ENVIRONMENT if self.environment else "failed" if self.failed else "passed"


_OF_THE_ENVIRONMENT = (
    EnvironmentFault,
    MemoryError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""What comes up where machine or server cannot or will not do what is right."""


def cause_of(error: BaseException) -> str:
    """Why an item failed: environment (the machine, the server), criterion, refused (what was asked for) or defect (of this package)."""
    if isinstance(error, _OF_THE_ENVIRONMENT):
        return _ENVIRONMENT
    if isinstance(error, CriterionFailed | CriterionWarning):
        return "criterion"
    return "refused" if isinstance(error, AquadataError) else "defect"


def _inner(name: str) -> str:
    return name.partition("[")[2].removesuffix("]")
