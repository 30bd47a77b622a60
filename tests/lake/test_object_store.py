"""An object store over the network: a server of moto's, which speaks S3, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from run_farm import NAMES, TEXT, Databases, data_set_is_finished, digest_in

from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.lake import layout
from pytest_aquadata.lake.run import LakeRun, write_everything
from pytest_aquadata.lake.store import Store
from pytest_aquadata.load.ledger import RunState
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.registry import run_criterion

s3fs = pytest.importorskip("s3fs")

Start = Callable[..., str]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a server, and returns its address."""
    made: list[subprocess.Popen[bytes]] = []

    def begin(**environment: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
        made.append(subprocess.Popen(words, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.1)
        raise TimeoutError("moto's server does not answer")

    yield begin
    for process in made:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def address(start: Start) -> str:
    return start()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Has every S3 client, also one in another process, go to a server."""

    def go(address: str) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        s3fs.S3FileSystem.clear_instance_cache()

    for name, value in {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    yield go
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(address: str, at: Callable[[str], None]) -> str:
    at(address)
    name = f"farm-{time.monotonic_ns()}"
    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"


def test_a_data_set_in_a_bucket(bucket: str, databases: Databases) -> None:
    """Written, gone on with, verified and loaded into a database as from a folder."""
    plan, url = databases.plan, f"parquet:{bucket}/farm"
    assert write_everything(url, plan, databases.fingerprint) == databases.digest
    run = LakeRun(url, plan, databases.fingerprint, [1, 2, 3])
    assert run.state() is RunState.FINISHED
    assert not run.build(2).fresh
    for criterion in ("rows", "conservation", "readings", "orphans"):
        verdict = run_criterion(run.conn, plan, criterion, CriterionSpec(), plan.simulation.batches)
        assert verdict.state == "pass", (verdict.expected, verdict.got)
    run.store.remove([layout.entry_of(plan.simulation.batches[1]), layout.SUCCESS])
    again = LakeRun(url, plan, databases.fingerprint, [1, 2, 3])
    assert [again.build(number).fresh for number in again.selected] == [False, True, False]
    assert again.finish() == databases.digest
    assert layout.SUCCESS in again.store.files()
    from pytest_aquadata.lake.restore import load_into

    database = databases.new()
    load_into(Store(f"{bucket}/farm"), database)
    with psycopg.connect(database) as conn:
        verdict = run_criterion(conn, plan, "conservation", CriterionSpec(), plan.simulation.batches)
    assert verdict.state == "pass", verdict


# Two files of the second batch have arrived, of more that are on their way: who comes there first dies. All that build load it,
# those of Dask perhaps twice.
ACCIDENT = """
import os, pathlib, signal
import s3fs

def change(pipe_file):
    arrived = []

    async def _pipe_file(self, path, *rest, **more):
        done = await pipe_file(self, path, *rest, **more)
        if "batch=FAR-2025-002" in path:
            arrived.append(path)
        if len(arrived) == 2:
            try:
                pathlib.Path({marker!r}).touch(exist_ok=False)
            except FileExistsError:
                return done
            {kill}
        return done

    s3fs.S3FileSystem._pipe_file = _pipe_file

if not hasattr(s3fs, "changed"):
    s3fs.changed = True
    change(s3fs.S3FileSystem._pipe_file)
"""
LOCAL = ("--aquadata-engine=dask", "--aquadata-dask=local:2")


@pytest.fixture
def build(bucket: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a session into the bucket, in a process group of its own."""
    monkeypatch.delenv("AQUADATA_DATABASE", raising=False)
    pytester.makefile(".yaml", farm=TEXT)
    command = [sys.executable, "-m", "pytest", "--aquadata=farm.yaml", f"--aquadata-to=parquet:{bucket}/farm", "-p", "no:cacheprovider"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], cwd=pytester.path, capture_output=True, text=True, timeout=180, check=False, start_new_session=True
        )

    return run


@pytest.fixture
def accident(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Has one process do what kills it while it writes; gives the file that says it has."""

    def prepare(kill: str) -> Path:
        marker = pytester.path / "accident"
        pytester.makepyfile(conftest=ACCIDENT.format(marker=str(marker), kill=kill))
        monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", json.dumps([str(pytester.path / "conftest.py")]))
        return marker

    return prepare


@pytest.mark.parametrize("words", [("-n", "2"), LOCAL], ids=["xdist", "dask"])
def test_a_worker_that_dies_while_it_sends(
    bucket: str,
    databases: Databases,
    build: Callable[..., subprocess.CompletedProcess[str]],
    accident: Callable[[str], Path],
    words: tuple[str, ...],
) -> None:
    died = accident("os.kill(os.getpid(), signal.SIGKILL)")
    result = build(*words)
    assert result.returncode == 0, result.stdout
    assert died.exists()
    assert digest_in(result.stdout) == databases.digest
    data_set_is_finished(Store(f"{bucket}/farm"))


def test_a_session_that_dies_while_it_sends(
    bucket: str, databases: Databases, build: Callable[..., subprocess.CompletedProcess[str]], accident: Callable[[str], Path]
) -> None:
    """What has arrived of the batch counts for nothing; the same command goes on."""
    died = accident("os.killpg(0, signal.SIGKILL)")
    assert build().returncode == -signal.SIGKILL
    assert died.exists()
    store = Store(f"{bucket}/farm")
    assert [name for name in store.files() if f"batch={NAMES[1]}" in name]
    assert layout.entry_of(databases.plan.simulation.batches[1]) not in store.files()
    assert layout.SUCCESS not in store.files()
    result = build()
    assert result.returncode == 0, result.stdout
    assert digest_in(result.stdout) == databases.digest
    data_set_is_finished(Store(f"{bucket}/farm"))


def test_a_bucket_that_refuses(start: Start, at: Callable[[str], None], databases: Databases) -> None:
    at(start(INITIAL_NO_AUTH_ACTION_COUNT="0"))  # from the first request on, only known keys have rights, and there are none
    run = LakeRun("parquet:s3://mine/farm", databases.plan, databases.fingerprint, [1])
    with pytest.raises(EnvironmentFault) as refused:
        run.build(1)
    said = str(refused.value)
    assert said.startswith("s3://mine/farm cannot be ")
    assert "credentials and the bucket's policy" in said
    assert "run the same command again" in said


def test_a_bucket_that_is_not_there(address: str, at: Callable[[str], None], databases: Databases) -> None:
    at(address)
    run = LakeRun("parquet:s3://nobodys/farm", databases.plan, databases.fingerprint, [1])
    with pytest.raises(
        EnvironmentFault, match=r"(?s)s3://nobodys/farm cannot be written to: .*make the bucket or the folder above it first"
    ):
        run.build(1)


def test_a_store_that_does_not_answer(at: Callable[[str], None], databases: Databases) -> None:
    at("http://127.0.0.1:9")
    run = LakeRun("parquet:s3://mine/farm", databases.plan, databases.fingerprint, [1])
    with pytest.raises(EnvironmentFault, match=r"(?s)s3://mine/farm cannot be read: .*can be reached"):
        run.build(1)
