"""An object store over the network: a server of moto's, which speaks S3, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from run_farm import Databases, digest_in

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


def test_a_session_into_a_bucket(bucket: str, databases: Databases, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from run_farm import TEXT

    monkeypatch.delenv("AQUADATA_DATABASE", raising=False)
    pytester.makefile(".yaml", farm=TEXT)
    result = pytester.runpytest_subprocess("--aquadata=farm.yaml", f"--aquadata-to=parquet:{bucket}/farm", "-n", "2", timeout=180)
    assert result.ret == 0, result.stdout.str()
    assert digest_in(result.stdout.str()) == databases.digest


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
