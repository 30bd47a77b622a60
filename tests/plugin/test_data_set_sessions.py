"""Sessions that write a data set: no server is started, what dies is gone on with, and what is there is never mixed or deleted."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases, data_set_is_finished, digest_in

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.lake.store import Store

# The files of the second batch are there and its entry is not: who comes there first does `what`.
ACCIDENT = """
import errno, os, pathlib, signal, time
from pytest_aquadata.lake import store

_put = store.Store.put

def put(self, name, data):
    marker = pathlib.Path(__file__).with_name("accident")
    if name.endswith("batches/{batch}.json") and not marker.exists():
        marker.write_text(str(os.getpid()))
        {what}
    _put(self, name, data)

def pytest_configure(config):
    store.Store.put = put
"""
# Below the place where errors of a file system become messages: the disk is full from the third file of the second batch on.
FULL = """
import pathlib
from pytest_aquadata.lake import store

_write = store.LocalFileSystem.pipe_file
HERE = pathlib.Path(__file__).parent

def pipe_file(self, path, value, *rest, **more):
    if (HERE / "full").exists() and len(list(HERE.glob("lake/*/*/batch=FAR-2025-002"))) > 2:
        raise OSError({number}, "No space left on device")
    _write(self, path, value, *rest, **more)

def pytest_configure(config):
    store.LocalFileSystem.pipe_file = pipe_file
"""
DIE, HANG = "os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(300)"
TO = "--aquadata-to=parquet:lake"


def _is_whole(project: Project, result: pytest.RunResult, digest: str) -> None:
    """The data set is finished and holds nothing but what its manifest names."""
    text = result.stdout.str()
    assert result.ret == 0, text
    assert digest_in(text) == digest
    data_set_is_finished(Store(str(project.path / "lake")))
    assert not list((project.path / "lake" / "_aquadata" / "staging").iterdir())


def test_a_session_needs_no_server_and_is_gone_on_with(project: Project, databases: Databases) -> None:
    result = project.run(TO, "-v")
    _is_whole(project, result, databases.digest)
    assert result.parseoutcomes()["passed"] == len(ITEMS)
    assert not Path(os.environ["AQUADATA_HOME"]).exists()
    before = {path: path.stat().st_mtime_ns for path in (project.path / "lake").rglob("*.parquet")}
    again = project.run(TO, "-n", "2", "--aquadata-json=said.json", "--aquadata-html=page.html")
    _is_whole(project, again, databases.digest)
    assert {path: path.stat().st_mtime_ns for path in (project.path / "lake").rglob("*.parquet")} == before
    assert databases.digest in (project.path / "said.json").read_text()
    assert "does not answer" not in (project.path / "page.html").read_text()


def test_a_worker_that_dies_is_replaced(project: Project, databases: Databases) -> None:
    project.write("conftest.py", ACCIDENT.format(what=DIE, batch=NAMES[1]))
    result = project.run(TO, "-n", "2")
    assert (project.path / "accident").exists()
    _is_whole(project, result, databases.digest)
    assert result.parseoutcomes()["rerun"] == 1


def test_a_controller_that_dies(project: Project, databases: Databases) -> None:
    """What the dead left of a batch counts for nothing, and is gone when the next session ends, whether that writes the batch or not."""
    project.write("conftest.py", ACCIDENT.format(what=HANG, batch=NAMES[1]))
    words = [sys.executable, "-m", "pytest", "--aquadata=farm", TO, "-p", "no:cacheprovider"]
    process = subprocess.Popen(words, cwd=project.path, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        end = time.monotonic() + 120
        while not (project.path / "accident").exists() and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    lake = project.path / "lake"
    assert list(lake.glob(f"*/*/batch={NAMES[1]}/*")), "the batch was begun"
    assert not (lake / "_SUCCESS").exists()
    result = project.run(TO, "-k", f"not {NAMES[1]}")
    assert result.ret == 0, result.stdout.str()
    assert "to go on" in result.stdout.str()
    assert not list(lake.glob(f"*/*/batch={NAMES[1]}/*"))
    assert not (lake / "_SUCCESS").exists()
    _is_whole(project, project.run(TO), databases.digest)


def test_a_disk_that_is_full_is_said_in_one_message(project: Project, databases: Databases) -> None:
    project.write("conftest.py", FULL.format(number=errno.ENOSPC))
    project.write("full", "")
    result = project.run(TO)
    said = result.stdout.str()
    assert result.ret == EXIT_ENVIRONMENT, said
    assert f"{project.path / 'lake'} is full\n    make room and run the same command again" in said
    assert "Traceback" not in said
    (project.path / "full").unlink()
    _is_whole(project, project.run(TO), databases.digest)


def test_a_batch_is_written_again(project: Project, databases: Databases) -> None:
    project.run(TO)
    file = next((project.path / "lake").glob(f"batch_batch/*/batch={NAMES[0]}/*"))
    before = file.read_bytes()
    file.write_bytes(b"no longer a file of this kind")
    result = project.run(TO, f"--aquadata-batch={NAMES[0]}")
    _is_whole(project, result, databases.digest)
    assert file.read_bytes() == before


def test_what_is_there_is_never_mixed_with(project: Project) -> None:
    project.run(TO, "-k", "prepare")
    other = project.run(TO, "--aquadata-set=seed=7")
    assert other.ret == pytest.ExitCode.USAGE_ERROR
    other.stderr.fnmatch_lines(
        ["ERROR: */lake holds scenario 'farm' of an earlier run, which this one would mix with", "*give an empty folder*"]
    )
    project.write("full/mine.txt", "mine")
    strange = project.run("--aquadata-to=parquet:full")
    strange.stderr.fnmatch_lines(["ERROR: */full holds files that no run of this plugin made: mine.txt"])
    assert [path.name for path in (project.path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--aquadata-to=lake"], "--aquadata-to=lake: not a place to write to"),
        ([TO, "--aquadata-database=postgresql://localhost/x"], "do not go together"),
        ([TO, "--aquadata-wipe"], "--aquadata-wipe is for databases"),
        ([TO, "--aquadata-repair"], "--aquadata-repair is for databases"),
    ],
)
def test_what_cannot_be_meant_is_said(project: Project, arguments: list[str], said: str) -> None:
    result = project.run(*arguments)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in text
    assert "Traceback" not in text
    assert not (project.path / "lake").exists()
