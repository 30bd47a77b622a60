"""The plan on its way from the controller to a worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_aquadata.handover import Handover

MB = 2**20
SIZE = 128 * MB
READ = """
import sys
from pathlib import Path
from pytest_aquadata.handover import taken

def peak():
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM:"))

before = peak()
held = taken(Path(sys.argv[1]))
print(sum(part.nbytes for part in held), peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks /proc how much memory a process has taken")
def test_a_worker_holds_the_plan_once() -> None:
    plan: Any = [np.ones(MB // 8) for _ in range(SIZE // MB)]
    handover = Handover(plan)
    try:
        done = subprocess.run([sys.executable, "-c", READ, handover.file], capture_output=True, text=True, check=True)
    finally:
        handover.close()
    size, taken = map(int, done.stdout.split())
    assert size == SIZE
    assert taken < 1.3 * SIZE, f"{taken / MB:.0f} MB for a plan of {SIZE / MB:.0f} MB"
    assert not handover.file.exists()
