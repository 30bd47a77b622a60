"""Ctrl-C: the session ends at once and cleanly, the database is in order, and the next session goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from projects import Project
from run_farm import Databases, contents, digest_in, schema

from pytest_aquadata.load import deferred

# The second batch hangs before its transaction ends, as long as nobody has pressed Ctrl-C.
SLOW = """
import pathlib, time
from pytest_aquadata.load import aside, ledger

aside.WORTH_IT = 0
_built = ledger.batch_built

def batch_built(conn, fingerprint, number, *rest):
    marker = pathlib.Path(__file__).with_name("reached")
    if number == 2 and not marker.exists():
        marker.touch()
        {wait}
    _built(conn, fingerprint, number, *rest)

def pytest_configure(config):
    ledger.batch_built = batch_built
"""
WAITS = {"in Python": "time.sleep(100)", "in the server": "conn.execute('SELECT pg_sleep(100)')"}


def _interrupted(project: Project, url: str, workers: int, whole_group: bool) -> tuple[int, str, float]:
    """A session that gets SIGINT while it builds. Returns its exit code, what it printed, and how long it took to end."""
    words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={url}", "-n", str(workers), "-p", "no:cacheprovider"]
    with (project.path / "log").open("wb") as log:
        # who runs the tests in the background of a shell has Ctrl-C ignored, and hands that on
        handed_on = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(words, cwd=project.path, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        finally:
            signal.signal(signal.SIGINT, handed_on)
        try:
            end = time.monotonic() + 120
            while not (project.path / "reached").exists():
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            started = time.monotonic()
            # a terminal sends it to all processes of its session, kill to the one that is named
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
            code = process.wait(90)
            return code, (project.path / "log").read_text(), time.monotonic() - started
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals as a terminal does elsewhere")
@pytest.mark.parametrize(
    ("workers", "whole_group", "wait"),
    [(0, False, "in the server"), (2, False, "in Python"), (2, True, "in the server")],
)
def test_an_interrupted_session_leaves_all_in_order(
    project: Project, databases: Databases, prepared_url: str, workers: int, whole_group: bool, wait: str
) -> None:
    before = schema(prepared_url)
    project.write("conftest.py", SLOW.format(wait=WAITS[wait]))
    code, text, seconds = _interrupted(project, prepared_url, workers, whole_group)
    assert code == pytest.ExitCode.INTERRUPTED, text
    assert "KeyboardInterrupt" in text
    assert "INTERNALERROR" not in text
    assert "to go on  pytest --aquadata=farm" in text
    assert "could not be left in order" not in text
    assert seconds < 60
    assert schema(prepared_url) == before
    with psycopg.connect(prepared_url) as conn:
        assert deferred.pending(conn) == 0
        built = {n for (n,) in conn.execute("SELECT number FROM aquadata.batch WHERE state = 'built'")}
        assert 2 not in built
        assert conn.execute("SELECT count(*) FROM batch_batch").fetchone() == (len(built),)
    result = project.run(url=prepared_url)
    assert result.ret == 0
    assert digest_in(result.stdout.str()) == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents
