"""--aquadata-engine=dask on real clusters with worker processes: the farm of any other engine, whatever dies meanwhile."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases, contents, digest_in

import pytest_aquadata
from pytest_aquadata.engine.task import CRASHES
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

pytest.importorskip("distributed")

LOCAL = ("--aquadata-engine=dask", "--aquadata-dask=local:2")

# What every worker process of a cluster loads as it starts, perhaps twice and as a copy. `once` is true for the first process that asks.
ACCIDENT = """
import os, pathlib, signal, time
from pytest_aquadata.engine import worker
from pytest_aquadata.load import ledger

def once():
    try:
        with pathlib.Path({marker!r}).open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    return True

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def change(built, part_built):
    def batch_built(conn, fingerprint, number, *rest):
        # the rows are written, and not committed
        {inside}
        built(conn, fingerprint, number, *rest)

    def build_part(part, *rest):
        outcome = part_built(part, *rest)
        number = part.number
        {after}
        return outcome

    ledger.batch_built, worker.build_part = batch_built, build_part

if not hasattr(worker, "changed"):
    worker.changed = True
    change(ledger.batch_built, worker.build_part)
"""


@pytest.fixture
def accident(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Has something happen in the workers of every cluster that is started from now on; gives the file that says it has."""

    def prepare(inside: str = "pass", after: str = "pass") -> Path:
        marker = project.path / "accident"
        file = project.write("preload/accidents.py", ACCIDENT.format(inside=inside, after=after, marker=str(marker)))
        monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", json.dumps([str(file)]))
        return marker

    return prepare


@contextmanager
def cluster(folder: Path, workers: int = 1, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and workers with nannies, each a process of its own, by their commands; gives address and scheduler."""
    file, started = folder / "scheduler.json", []
    log = (folder / "cluster.log").open("wb")

    def start(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_spec" if words[0] == "spec" else f"distributed.cli.dask_{words[0]}"]
        process = subprocess.Popen([*command, *words[1:]], cwd=folder, env=os.environ | environment, stdout=log, stderr=log)
        started.append(process)
        return process

    try:
        scheduler = start("scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}")
        _until(lambda: file.exists() and file.read_text().endswith("}"))
        address = json.loads(file.read_text())["address"]
        for number in range(workers):
            start("worker", address, "--nthreads=2", "--no-dashboard", f"--name=w{number}")
        yield address, scheduler
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def _until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _is_whole(databases: Databases, url: str, result: pytest.RunResult) -> None:
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == 0, text
    assert digest_in(text) == databases.digest
    assert contents(url, databases.plan.all_tables) == databases.finished_contents


def _states(url: str) -> dict[str, str]:
    with psycopg.connect(url) as conn:
        return dict(conn.execute("SELECT name, state FROM aquadata.batch").fetchall())


def _connections(url: str) -> int:
    """Backends of others in the database."""
    with psycopg.connect(url) as conn:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        (others,) = conn.execute(query).fetchone()
        return others


def _builders(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        return {builder for (builder,) in conn.execute("SELECT builder FROM aquadata.batch")}


def _names_in(file: Path) -> list[str]:
    return [str(case.get("name")) for case in ET.parse(file).iter("testcase")]


def test_the_same_farm_and_the_same_items(project: Project, databases: Databases, prepared_url: str) -> None:
    words = (*LOCAL, "--aquadata-connections=1", "--aquadata-log-dir=logs", "--junitxml=report.xml")
    result = project.run(*words, url=prepared_url)
    _is_whole(databases, prepared_url, result)
    assert result.parseoutcomes()["passed"] == len(ITEMS)
    assert set(_names_in(project.path / "report.xml")) == set(ITEMS)
    built = {name: ET.parse(project.path / "report.xml").find(f".//testcase[@name='build[{name}]']") for name in NAMES}
    assert all(float(case.find(".//property[@name='aquadata_seconds']").get("value")) > 0 for case in built.values())
    assert _builders(prepared_url) <= {"dask-0", "dask-1"}
    assert re.search(r" by dask-[01] in ", (project.path / f"logs/batch_{NAMES[0]}.log").read_text())
    assert "1 of 2 workers build at a time: --aquadata-connections=1" in result.stdout.str()
    # nothing is left to build, and no cluster is asked: this one does not exist
    again = project.run("--aquadata-engine=dask", "--aquadata-dask=tcp://127.0.0.1:9", "-k", "build", url=prepared_url)
    assert again.ret == 0
    assert again.parseoutcomes()["passed"] == len(NAMES)


def test_a_cluster_that_is_joined_and_selections(project: Project, databases: Databases, prepared_url: str, monkeypatch) -> None:
    with cluster(project.path, workers=2) as (address, _):
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
        chosen = project.run("--aquadata-engine=dask", "-k", f"build and {NAMES[1]}", url=prepared_url)
        assert chosen.ret == 0
        assert _states(prepared_url) == {NAMES[0]: "planned", NAMES[1]: "built", NAMES[2]: "planned"}
        _is_whole(databases, prepared_url, project.run("--aquadata-engine=dask", f"--aquadata-dask={address}", url=prepared_url))
        # the cluster goes on, and none of its workers stays connected
        _until(lambda: _connections(prepared_url) == 0)
    assert _builders(prepared_url) <= {"w0", "w1"}


@pytest.mark.parametrize("when", ["inside", "after"])
def test_a_worker_that_dies(project: Project, databases: Databases, prepared_url: str, accident, when: str) -> None:
    happened = accident(**{when: "number == 2 and once() and die()"})
    result = project.run(*LOCAL, url=prepared_url)
    assert happened.exists()
    _is_whole(databases, prepared_url, result)
    assert result.parseoutcomes()["passed"] == len(ITEMS)


def test_a_batch_that_kills_every_worker(project: Project, prepared_url: str, accident) -> None:
    accident(inside="number == 2 and die()")
    result = project.run(*LOCAL, "-k", "prepare or build or finish", url=prepared_url)
    text = result.stdout.str()
    assert result.ret == EXIT_ENVIRONMENT, text
    assert f"{NAMES[1]} took {CRASHES + 1} workers down" in text
    assert f"never built: {NAMES[1]}" in text
    assert "Traceback" not in text
    assert _states(prepared_url) == {NAMES[0]: "built", NAMES[1]: "planned", NAMES[2]: "built"}


def test_the_scheduler_dies(project: Project, databases: Databases, prepared_url: str, accident) -> None:
    happened = accident(inside="number == 2 and once() and time.sleep(300)")
    with cluster(project.path, workers=2) as (address, scheduler):
        words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={prepared_url}"]
        words += ["--aquadata-engine=dask", f"--aquadata-dask={address}"]
        with (project.path / "log").open("wb") as log:
            session = subprocess.Popen(words, cwd=project.path, stdout=log, stderr=log)
            try:
                _until(lambda: happened.exists() or session.poll() is not None)
                scheduler.kill()
                code = session.wait(60)
            finally:
                session.kill()
                session.wait()
    text = (project.path / "log").read_text()
    assert code == EXIT_ENVIRONMENT, text
    # once, whatever pytest repeats in its summary (all of it where CI is set)
    said = text.partition("short test summary info")[0]
    assert said.count("does not answer any more\n    what is built is kept; run again to go on") == 1, text
    assert "Traceback" not in text
    assert f"--aquadata-engine=dask --aquadata-dask={address}\n" in text.partition("to go on  pytest --aquadata=farm")[2]
    _is_whole(databases, prepared_url, project.run(*LOCAL, url=prepared_url))


def test_the_session_dies(project: Project, databases: Databases, prepared_url: str, accident) -> None:
    happened = accident(inside="number == 2 and once() and time.sleep(300)")
    words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={prepared_url}", *LOCAL]
    with (project.path / "log").open("wb") as log:
        session = subprocess.Popen(words, cwd=project.path, stdout=log, stderr=log)
        try:
            _until(lambda: (happened.exists() and happened.read_text()) or session.poll() is not None)
        finally:
            session.kill()
            session.wait()
    result = project.run("-n", "2", url=prepared_url)
    _is_whole(databases, prepared_url, result)
    _until(lambda: not Path(f"/proc/{happened.read_text()}").exists())


def test_nothing_more_is_begun_after_the_first_failure(project: Project, databases: Databases, prepared_url: str, accident) -> None:
    rows = dict(zip(NAMES, databases.plan.counts.sum(axis=1).tolist(), strict=True))
    first, second, third = sorted(NAMES, key=lambda name: -rows[name])
    accident(inside=f"assert number != {NAMES.index(first) + 1}, 'no such fish'")
    result = project.run("--aquadata-engine=dask", "--aquadata-dask=local:1", "-x", url=prepared_url)
    text = result.stdout.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED, text
    assert "no such fish" in text
    # the second was begun meanwhile, and brought to its end
    assert _states(prepared_url) == {first: "failed", second: "built", third: "planned"}
    with psycopg.connect(prepared_url) as conn:
        assert conn.execute("SELECT failed_in FROM aquadata.batch WHERE state = 'failed'").fetchone() == ("entering it in the ledger",)


def test_workers_of_another_version_are_refused(project: Project, prepared_url: str) -> None:
    other = project.path / "other" / "pytest_aquadata"
    shutil.copytree(Path(pytest_aquadata.__file__).parent, other, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "__init__.py").open("a") as file:
        file.write('__version__ = "0.0.1"\n')
    with cluster(project.path, PYTHONPATH=str(other.parent)) as (address, _):
        result = project.run("--aquadata-engine=dask", f"--aquadata-dask={address}", url=prepared_url)
    text = result.stderr.str()
    assert result.ret == EXIT_ENVIRONMENT
    assert f"has pytest-aquadata 0.0.1, here it is {pytest_aquadata.__version__}" in text
    assert "Traceback" not in text
    assert set(_states(prepared_url).values()) == {"planned"}


def test_workers_that_do_not_reach_the_embedded_server_are_refused(project: Project, home: Path) -> None:
    preload = project.write("preload/far.py", "import sys\nsys.modules['pytest_aquadata.load.run'].__dict__['connect'] = None\n")
    preload.write_text(
        "from pytest_aquadata.engine import worker\nfrom pytest_aquadata.errors import EnvironmentFault\n"
        "def connect(url, doing):\n    raise EnvironmentFault('cannot connect to it')\nworker.connect = connect\n"
    )
    with cluster(project.path, DASK_DISTRIBUTED__WORKER__PRELOAD=json.dumps([str(preload)])) as (address, _):
        result = project.run("--aquadata-engine=dask", f"--aquadata-dask={address}")
    text = result.stderr.str()
    assert result.ret == EXIT_ENVIRONMENT, text
    assert "does not reach the database: cannot connect to it" in text
    assert "the embedded PostgreSQL answers this machine only; name a server that all of them reach: --aquadata-database=" in text


def test_a_data_set_is_written_by_a_cluster_that_sees_it(project: Project, databases: Databases) -> None:
    words = ("--aquadata-to=parquet:lake", "--aquadata-engine=dask")
    with cluster(project.path, workers=2) as (address, _):
        result = project.run(*words, f"--aquadata-dask={address}")
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    assert digest_in(result.stdout.str()) == databases.digest
    entries = [json.loads(file.read_text()) for file in (project.path / "lake" / "_aquadata" / "batches").iterdir()]
    assert len(entries) == len(NAMES)
    assert {entry["builder"] for entry in entries} <= {"w0", "w1"}


def test_a_cluster_that_sees_another_folder_is_refused(project: Project) -> None:
    preload = project.write(
        "preload/blind.py",
        "import pathlib\nfrom pytest_aquadata.lake import destination, store\n"
        "class Elsewhere(store.Store):\n"
        "    def __init__(self, url):\n        super().__init__(str(pathlib.Path(url).with_name('elsewhere')))\n"
        "destination.Store = Elsewhere\n",
    )
    with cluster(project.path, DASK_DISTRIBUTED__WORKER__PRELOAD=json.dumps([str(preload)])) as (address, _):
        result = project.run("--aquadata-to=parquet:lake", "--aquadata-engine=dask", f"--aquadata-dask={address}")
    text = result.stderr.str()
    assert result.ret == EXIT_ENVIRONMENT, text
    assert re.search(r"does not reach the data set: \S+elsewhere is another place there: it holds nothing of this run", text)
    assert "name a place that all of them reach: a shared folder or a bucket" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--aquadata-engine=dusk"], "there is no such engine"),
        (["--aquadata-engine=dask", "-n", "2"], "--aquadata-engine=dask and workers of xdist do not go together"),
        (["--aquadata-dask=local:2"], "--aquadata-dask says nothing to the engine xdist"),
        (["--aquadata-engine=dask", "--aquadata-dask=local:0"], "--aquadata-dask=local:0 is neither the address of a scheduler nor"),
        (["--aquadata-engine=dask", "--aquadata-connections=2", "--aquadata-to=parquet:x"], "--aquadata-connections speaks of a database"),
        (["--aquadata-engine=dask", "--aquadata-connections=0"], "--aquadata-connections=0 is not a number of connections, 1 or more"),
    ],
)
def test_options_that_do_not_fit(project: Project, words: list[str], said: str) -> None:
    result = project.run(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_scheduler_that_is_not_there(project: Project, prepared_url: str, monkeypatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    result = project.run("--aquadata-engine=dask", "--aquadata-dask=tcp://127.0.0.1:9", url=prepared_url)
    assert result.ret == EXIT_ENVIRONMENT
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in result.stderr.str()


def test_an_interruption_gives_up_what_is_being_built(project: Project, prepared_url: str, accident) -> None:
    happened = accident(inside="number == 2 and once() and time.sleep(300)")
    words = [sys.executable, "-m", "pytest", "--aquadata=farm", f"--aquadata-database={prepared_url}", *LOCAL]
    with (project.path / "log").open("wb") as log:
        session = subprocess.Popen(words, cwd=project.path, stdout=log, stderr=log)
        try:
            _until(lambda: happened.exists() or session.poll() is not None)
            session.send_signal(signal.SIGINT)
            code = session.wait(60)
        finally:
            session.kill()
            session.wait()
    assert code == pytest.ExitCode.INTERRUPTED, (project.path / "log").read_text()
    assert _connections(prepared_url) == 0


RESTORED = """
import time
from pytest_aquadata.engine import joining

if __name__ == "__main__":
    joined = joining.join(1)
    # what Dask's nanny does when its worker is killed while it starts: it gives up, and the worker is not started again
    for nanny in list(joined.made.workers.values()):
        joined.made.sync(nanny.close)
    end = time.monotonic() + 60
    while joined.client.nthreads() and time.monotonic() < end:
        time.sleep(0.1)
    lost = not joined.client.nthreads()
    while not joined.workers() and time.monotonic() < end:
        joined.replace_lost(0)
        time.sleep(0.1)
    print(f"lost {lost}, workers {joined.workers()}")
    joined.close()
"""


def test_a_local_cluster_gets_back_the_workers_that_it_lost(project: Project) -> None:
    script = project.write("restored.py", RESTORED)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=150)
    assert "lost True, workers 1" in done.stdout, done.stdout + done.stderr
