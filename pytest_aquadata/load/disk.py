"""Whether a disk has room for a plan, asked before the first row is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import estimated_bytes, human_size

_SPARE = 1.2
"""Room for write-ahead log and sorting while indexes are built, as a factor on the finished size."""


def check_room(folder: Path, plan: Plan) -> None:
    """Compare the plan's estimated size with what is free where `folder` is.

    Raises:
        AquadataError: it does not fit.
    """
    need, free = int(estimated_bytes(plan) * _SPARE), shutil.disk_usage(folder).free
    if need > free:
        raise AquadataError(
            f"{plan.simulation.scenario.name} needs about {human_size(need)} on disk, {folder} has {human_size(free)} free\n"
            "    fewer batches or fewer streams take less; --aquadata-home puts the databases elsewhere"
        )
