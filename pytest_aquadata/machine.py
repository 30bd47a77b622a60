"""Where a session ran: the machine, the versions of what it used, and the commit of the project."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from pytest_aquadata import __version__

_PACKAGES = ("pytest", "pytest-xdist", "numpy", "Django", "psycopg", "pydantic", "factory-boy", "Faker")
_COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA")
"""Where two common CI systems say which commit they work on, for checkouts without git."""


def machine() -> dict[str, Any]:
    """What decides how fast a build is: processor, how many of them, memory in bytes (None where unknown), system."""
    return {
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions(server: str | None) -> dict[str, str]:
    """Versions by name: this package, Python, the packages that a build uses, and the PostgreSQL server where one was asked."""
    found = {"pytest-aquadata": __version__, "python": platform.python_version()}
    found |= {name: metadata.version(name) for name in _PACKAGES}
    return found | ({"postgresql": server} if server else {})


def commit(folder: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The commit of the project in `folder`, with '-dirty' when tracked files differ from it; None outside version control."""
    if head := _git(folder, "rev-parse", "HEAD"):
        return head + ("-dirty" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    return next((environ[name] for name in _COMMIT_VARIABLES if environ.get(name)), None)


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
