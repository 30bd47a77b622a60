"""What is special about a session whose items xdist's workers run."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.items import Phase, phase_of, size_of
from pytest_aquadata.scheduling import PhaseScheduling

_RERUN = ("aquadata_rerun", "its worker crashed")
"""Property of the report of a step that is given to another worker."""


class Workers:
    """The hooks of xdist. Registered where it is there, in the controller and in its workers."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        self._scheduler: PhaseScheduling | None = None

    @property
    def left(self) -> list[str]:
        """Items that nobody has run, as no worker was left for them."""
        return [] if self._scheduler is None else self._scheduler.left

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self) -> Any:
        """Phases need a scheduler that knows them, whatever ``--dist`` says."""
        self._scheduler = PhaseScheduling(lambda nodeid: phase_of(nodeid) or Phase.PREPARE, lambda nodeid: size_of(self.farm, nodeid))
        return self._scheduler

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Give a step that lost its worker to another one; its batch was rolled back."""
        if phase_of(crashitem) is not None and sched.may_run_again(crashitem):
            sched.mark_test_pending(crashitem)
            # 'skipped' for reports that know no more than three outcomes; the terminal is told below
            report.outcome = "skipped"
            report.longrepr = (crashitem.partition("::")[0], 0, f"{report.longrepr}; it is run again")
            report.user_properties.append(_RERUN)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A step that is run again has neither passed nor failed."""
        return ("rerun", "R", "RERUN") if _RERUN in getattr(report, "user_properties", ()) else None
