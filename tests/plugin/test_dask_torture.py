"""The nightly form of what dies under Dask: workers of a local cluster, killed at random points, again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from projects import Project
from run_farm import NIGHTLY, Databases, contents, digest_in
from test_torture import SCENARIO

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

pytest.importorskip("distributed")

LOCAL = ("--aquadata-engine=dask", "--aquadata-dask=local:2")


def _workers_of(session: int) -> list[int]:
    """Worker processes of a session's local cluster: spawned by it, and no helpers of multiprocessing."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == session and state != "Z" and b"spawn_main" in command:
            found.append(int(stat.parent.name))
    return sorted(found)


@pytest.mark.skipif(not NIGHTLY, reason="the long form: AQUADATA_NIGHTLY=1")
def test_workers_killed_at_random(project: Project, databases: Databases) -> None:
    seed = int(os.environ.get("AQUADATA_TORTURE_SEED", random.SystemRandom().randrange(10**6)))
    chance, killed = random.Random(seed), 0
    print(f"AQUADATA_TORTURE_SEED={seed}")
    project.write("scenarios/farm.yaml", SCENARIO)
    whole = databases.new()
    digest = digest_in(project.run("-n", "2", url=whole).stdout.str())
    for _ in range(3):
        url = databases.new()
        words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={url}", *LOCAL]
        with (project.path / "log").open("wb") as log:
            session = subprocess.Popen(words, cwd=project.path, stdout=log, stderr=log)
            try:
                while session.poll() is None:
                    time.sleep(chance.uniform(0.2, 3))
                    with psycopg.connect(url) as conn:
                        building = conn.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = 'aquadata session'").fetchone()
                    if building and (workers := _workers_of(session.pid)):
                        os.kill(chance.choice(workers), signal.SIGKILL)
                        killed += 1
            finally:
                session.kill()
                session.wait()
        text = (project.path / "log").read_text()
        # a batch may have been killed once too often, or a worker before the cluster stood; nothing may be worse than that
        assert session.returncode in (0, EXIT_ENVIRONMENT), text
        assert "INTERNALERROR" not in text, text
        assert digest_in(project.run("-n", "2", url=url).stdout.str()) == digest
        assert contents(url, databases.plan.all_tables) == contents(whole, databases.plan.all_tables)
    assert killed
