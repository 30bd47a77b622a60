"""The machine, the versions and the commit that figures belong to."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pytest_aquadata
from pytest_aquadata.load.tuning import memory

PACKAGES = ("numpy", "Django", "psycopg", "pytest", "pytest-xdist")


def facts(server_version: str) -> dict[str, str]:
    """What a reader needs to judge the figures by, in the order in which it is shown."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "pytest-aquadata": pytest_aquadata.__version__,
        "processors": f"{cpus} x {_processor()}",
        "memory": f"{memory() / 2**30:.0f} GiB",
        "load before": load,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "PostgreSQL": server_version,
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def _commit() -> str:
    """The commit of this checkout, and whether files differ from it."""
    here = Path(__file__).parent
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(["git", "status", "--porcelain", "-uno"], cwd=here, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{found}{', with changes' if changed else ''}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
