"""Whether a disk has room for a plan, asked before the first row is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import estimated_bytes

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
            f"{plan.simulation.scenario.name} needs about {_size(need)} on disk, {folder} has {_size(free)} free\n"
            "    fewer batches or fewer streams take less; --aquadata-home puts the databases elsewhere"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
