"""The plan on its way from the controller to a worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_aquadata.handover import Handover
from pytest_aquadata.scenario.models import Scenario

MB = 2**20
READ = """
import sys
from pathlib import Path
from pytest_aquadata.handover import taken
import pytest_aquadata.streams.registry

def peak():
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM:"))

before = peak()
plan = taken(Path(sys.argv[1]))
for batch in plan.simulation.batches:
    assert batch.stays[0].alive.sum() > 0
print(peak() - before)
"""


def _grown(batches: int) -> tuple[int, int]:
    """Bytes of a plan's files, and by how much a worker grows that takes the plan and looks at every batch."""
    handover = Handover()
    try:
        keys = {"years": 4.2, "stagger": 1533 // batches, "geographies": ["Scotland"]}
        file = handover.leave(handover.plan(Scenario.model_validate({"name": "x", "as_of": "2025-11-21", **keys})))
        size = sum(part.stat().st_size for part in file.parent.iterdir())
        done = subprocess.run([sys.executable, "-c", READ, file], capture_output=True, text=True, check=True)
    finally:
        handover.close()
    assert not file.parent.exists()
    return size, int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks /proc how much memory a process has taken")
def test_a_worker_holds_no_more_than_it_looks_at() -> None:
    few, many = _grown(15), _grown(110)
    assert many[0] - few[0] > 10 * MB
    assert many[1] - few[1] < (many[0] - few[0]) / 3, f"{[size // MB for size in (*few, *many)]} MB: files and memory, few and many"


def test_a_folder_that_nobody_closes_goes_with_its_process(tmp_path: Path) -> None:
    script = "from pytest_aquadata.handover import Handover; h = Handover(); print(h.file.parent)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
