"""The plan, from the controller to its workers: a file in a folder of its own, which goes with the controller.

The folder is locked while its session lives. A session that was killed cannot remove it; the next one does.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from pytest_aquadata.load import filelock
from pytest_aquadata.plan.numbering import Plan

_PREFIX = "aquadata-plan-"


class Handover:
    """The folder of one session."""

    def __init__(self, plan: Plan) -> None:
        _remove_those_of_the_dead()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = filelock.try_lock(self._folder / "lock")
        self.file = self._folder / "plan"
        with self.file.open("wb") as file:
            pickle.dump(plan, file, protocol=5)

    def close(self) -> None:
        """Remove the folder."""
        if self._lock is not None:
            self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)


def taken(file: Path) -> Plan:
    """The plan that the controller left there."""
    # from the file, not from its bytes: a worker would hold the plan twice for as long as it reads, and that is its peak
    with file.open("rb") as stream:
        plan: Plan = pickle.load(stream)
    return plan


def _remove_those_of_the_dead() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # another user's cannot be opened, and one that is being made has no lock yet
        with suppress(OSError):
            if (folder / "lock").exists() and (lock := filelock.try_lock(folder / "lock")) is not None:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)
