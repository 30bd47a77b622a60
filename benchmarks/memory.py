"""How much memory a process has taken at the most, and a pytest plugin that writes it down for the controller and every worker.

Loaded with ``-p memory`` and this folder on PYTHONPATH; the folder to write to is named by AQUADATA_BENCHMARK_MEMORY.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

FOLDER = "AQUADATA_BENCHMARK_MEMORY"
"""The environment variable that names the folder."""


def peak() -> int:
    """The most memory, in bytes, that was resident at any moment of this process."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # what getrusage gives may be the parent's, where a process was forked from a large one
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def pytest_unconfigure() -> None:
    """Write the peak at the very end of the session."""
    if folder := os.environ.get(FOLDER):
        Path(folder, os.environ.get("PYTEST_XDIST_WORKER", "controller")).write_text(str(peak()))
