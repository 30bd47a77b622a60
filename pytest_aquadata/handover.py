"""The plan, from the controller to its workers: files in a folder of its own, which goes with the controller.

The folder is locked while its session lives. A session that was killed cannot remove it; the next one does.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from pytest_aquadata.load import filelock
from pytest_aquadata.plan import store
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.planning import plan_into

_PREFIX = "aquadata-plan-"


class Handover:
    """The folder of one session. It goes when it is closed, and at the latest with its process."""

    def __init__(self) -> None:
        _remove_those_of_the_dead()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = filelock.try_lock(self._folder / "lock")
        self._end = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self.file = self._folder / "plan"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan a scenario into the folder.

        Raises:
            AquadataError: the schedule does not fit or the farm cannot carry it.
        """
        return plan_into(self._folder, scenario)

    def leave(self, plan: Plan) -> Path:
        """Write the plan for the workers, once; the file that they take it from."""
        if not self.file.exists():
            store.save(plan, self.file)
        return self.file

    def close(self) -> None:
        """Remove the folder."""
        if self._lock is not None:
            self._lock.release()
        self._end()


def taken(file: Path) -> Plan:
    """The plan that the controller left there; its batches stay in their files until they are looked at."""
    return store.load(file)


def _remove_those_of_the_dead() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # another user's cannot be opened, and one that is being made has no lock yet
        with suppress(OSError):
            if (folder / "lock").exists() and (lock := filelock.try_lock(folder / "lock")) is not None:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)
