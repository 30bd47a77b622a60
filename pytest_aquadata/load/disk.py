"""Whether a disk has room for a plan, asked before the first row is written."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.load import tuning
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.size import data_set_bytes, estimated_bytes, human_size

_SORTING = 0.2
"""Room for sorting while indexes are built, as a share of the finished size."""


def check_room(folder: Path, plan: Plan, batches: Sequence[Batch] | None = None) -> None:
    """Compare the estimated size of a database of the plan, or of its farm with these batches, with what is free where `folder` is.

    Raises:
        EnvironmentFault: it does not fit.
    """
    free, size = shutil.disk_usage(folder).free, estimated_bytes(plan, batches)
    # everything is logged once, and of the log at most so much is kept
    need = int(size * (1 + _SORTING)) + min(size, tuning.max_wal_bytes(free))
    _refuse(folder, plan, batches, need, free, "--aquadata-home puts the databases elsewhere")


def check_room_of_data_set(folder: Path, plan: Plan, batches: Sequence[Batch] | None = None) -> None:
    """The same for a data set, which is going to lie in `folder`.

    Raises:
        EnvironmentFault: it does not fit.
    """
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free, need = shutil.disk_usage(there).free, data_set_bytes(plan, batches)
    _refuse(folder, plan, batches, need, free, "--aquadata-to may name another place")


def _refuse(folder: Path, plan: Plan, batches: Sequence[Batch] | None, need: int, free: int, elsewhere: str) -> None:
    if need <= free:
        return
    every = len(plan.simulation.batches)
    part = "" if batches is None or len(batches) == every else f", {len(batches):,} of {every:,} batches,"
    raise EnvironmentFault(
        f"{plan.simulation.scenario.name}{part} needs about {human_size(need)} on disk, {folder} has {human_size(free)} free\n"
        f"    fewer batches (--aquadata-sample) or fewer streams take less; {elsewhere}"
    )
