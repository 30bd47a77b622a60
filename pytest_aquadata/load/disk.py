"""Whether a disk has room for a plan, asked before the first row is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.load import tuning
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import estimated_bytes, human_size

_SORTING = 0.2
"""Room for sorting while indexes are built, as a share of the finished size."""


def check_room(folder: Path, plan: Plan) -> None:
    """Compare the plan's estimated size with what is free where `folder` is.

    Raises:
        EnvironmentFault: it does not fit.
    """
    free, size = shutil.disk_usage(folder).free, estimated_bytes(plan)
    # everything is logged once, and of the log at most so much is kept
    need = int(size * (1 + _SORTING)) + min(size, tuning.max_wal_bytes(free))
    if need > free:
        raise EnvironmentFault(
            f"{plan.simulation.scenario.name} needs about {human_size(need)} on disk, {folder} has {human_size(free)} free\n"
            "    fewer batches or fewer streams take less; --aquadata-home puts the databases elsewhere"
        )
