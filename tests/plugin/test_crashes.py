"""What dies while it builds: a worker, the controller. The next worker, or the next run, goes on, and the rows are the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases, contents, digest_in

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

# Hooks into the last statement of a batch's transaction: its rows are written then and not committed. Who comes there first does `what`.
ACCIDENT = """
import os, pathlib, signal, time
from pytest_aquadata.load import ledger

_built = ledger.batch_built

def batch_built(conn, fingerprint, number, *rest):
    marker = pathlib.Path(__file__).with_name("accident")
    if number == 2 and not marker.exists():
        marker.write_text(str(os.getpid()))
        {what}
    _built(conn, fingerprint, number, *rest)

def pytest_configure(config):
    if config.getoption("aquadata", None):
        ledger.batch_built = batch_built
"""
DIE = "os.kill(os.getpid(), signal.SIGKILL)"
# where nobody replaces the dead, to wait for a builder as long as one takes to start is in vain
FORSAKEN = (
    ACCIDENT
    + """
from pytest_aquadata.load import run

run.GRACE_SECONDS = 1.0
"""
)
HANG = "time.sleep(300)"


def _is_whole(project: Project, databases: Databases, url: str, result: pytest.RunResult) -> None:
    text = result.stdout.str()
    assert result.ret == 0, text
    assert digest_in(text) == databases.digest
    assert contents(url, databases.plan.all_tables) == databases.finished_contents


def test_a_worker_that_dies_is_replaced(project: Project, databases: Databases, prepared_url: str) -> None:
    project.write("conftest.py", ACCIDENT.format(what=DIE))
    result = project.run("-n", "2", "-v", "--junitxml=report.xml", url=prepared_url)
    assert (project.path / "accident").exists()
    _is_whole(project, databases, prepared_url, result)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] == len(ITEMS)
    assert outcomes["rerun"] == 1
    assert "failed" not in outcomes
    cases = list(ET.parse(project.path / "report.xml").iter("testcase"))
    assert not [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    assert {case.get("name") for case in cases} == set(ITEMS)
    assert ["it is run again" in case.find("skipped").get("message") for case in cases if case.find("skipped") is not None] == [True]


def test_a_worker_that_dies_and_may_not_be_replaced(project: Project, databases: Databases, prepared_url: str) -> None:
    project.write("conftest.py", FORSAKEN.format(what=DIE))
    result = project.run("-n", "2", "--max-worker-restart=0", url=prepared_url)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == EXIT_ENVIRONMENT
    assert f"build[{NAMES[1]}]" in text.partition("not run, as no worker was left for them")[2]
    assert "INTERNALERROR" not in text
    project.write("conftest.py", "")
    _is_whole(project, databases, prepared_url, project.run("-n", "2", url=prepared_url))


def test_an_item_that_kills_every_worker_is_given_up(project: Project, prepared_url: str) -> None:
    project.write("conftest.py", ACCIDENT.format(what=DIE).replace("not marker.exists()", "True"))
    result = project.run("-n", "2", url=prepared_url)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == EXIT_ENVIRONMENT
    assert "crashed while running" in text
    assert f"never built: {NAMES[1]}" in text
    assert "INTERNALERROR" not in text


def test_a_controller_that_dies(project: Project, databases: Databases, prepared_url: str) -> None:
    project.write("conftest.py", ACCIDENT.format(what=HANG))
    words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={prepared_url}", "-n", "2"]
    controller = subprocess.Popen(words, cwd=project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        accident = project.path / "accident"
        _until(lambda: accident.exists() and accident.read_text() != "")
        worker = int(accident.read_text())
        # a second session is refused while the first lives, and does it no harm
        refused = project.run(url=prepared_url)
        assert refused.ret == EXIT_ENVIRONMENT
        assert "another run has been building" in refused.stderr.str()
        assert _alive(worker)
    finally:
        controller.kill()
        controller.wait()
    before = _backends(prepared_url)
    _is_whole(project, databases, prepared_url, project.run("-n", "2", url=prepared_url))
    assert not before & _backends(prepared_url)
    _until(lambda: not _alive(worker))


def _backends(url: str) -> set[int]:
    with psycopg.connect(url) as conn:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'aquadata %'"
        return {pid for (pid,) in conn.execute(query)}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a child of nobody that reaps it stays in the table, dead
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
