"""Criteria of a session without workers of xdist, asked side by side: `pytest_aquadata.judging`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from projects import Project

from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.judging import Judging
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.settle import jobs
from pytest_aquadata.verify import registry
from pytest_aquadata.verify.base import Verdict

DASK = ("--aquadata-engine=dask", "--aquadata-dask=local:2")


@pytest.fixture
def judging(database_url: str) -> Iterator[Judging]:
    made = Judging(database_url)
    yield made
    made.close()


def saying(text: str) -> Verdict:
    return Verdict("pass", "", text)


@pytest.mark.skipif(jobs() < 2, reason="one processor asks one criterion at a time")
def test_two_are_asked_at_once_each_on_a_connection_of_its_own(judging: Judging) -> None:
    both = threading.Barrier(2, timeout=30)

    def ask(conn: Connection) -> Verdict:
        both.wait()
        return saying(str(conn.info.backend_pid))

    judging.begin({"rows": ask, "orphans": ask})
    backends = {judging.verdict(name)[0].got for name in ("rows", "orphans")}
    assert len(backends) == 2


def test_the_longest_first_and_none_twice(judging: Judging, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setattr("pytest_aquadata.judging.jobs", lambda: 1)
    one, asked = Judging(database_url), []
    names = ["rows", "orphans", "daily_states", "world"]

    def question(name: str) -> Verdict:
        asked.append(name)
        return saying(name)

    try:
        for _ in range(2):
            one.begin({name: lambda conn, name=name: question(name) for name in names})
        assert [one.verdict(name)[0].got for name in names] == names
    finally:
        one.close()
    assert asked == sorted(names, key=registry.effort, reverse=True) != names


def test_what_is_being_asked_is_given_up(database_url: str) -> None:
    """Nothing is left on the server, and what was not asked yet never is."""
    judging, begun, asked = Judging(database_url), threading.Event(), []

    def sleep(conn: Connection) -> Verdict:
        begun.set()
        conn.execute("SELECT pg_sleep(300)")
        return saying("slept")

    def note(conn: Connection) -> Verdict:
        asked.append(conn)
        return saying("asked")

    judging.begin({f"sleep {n}": sleep for n in range(jobs())} | {"note": note})
    assert begun.wait(30)
    started = time.monotonic()
    judging.close()
    assert time.monotonic() - started < 60
    assert asked == []
    with psycopg.connect(database_url) as conn:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert conn.execute(others).fetchone() == (0,)


def test_a_server_that_cannot_be_reached() -> None:
    judging = Judging("postgresql://127.0.0.1:9/nobody")
    judging.begin({"rows": lambda conn: saying("reached")})
    with pytest.raises(EnvironmentFault, match=r"cannot connect to 127\.0\.0\.1:9"):
        judging.verdict("rows")
    judging.close()


def test_a_session_says_of_each_what_it_finds(project: Project, finished_url: str) -> None:
    """A criterion that fails names its query, the others pass, and each has the seconds of its own."""
    with psycopg.connect(finished_url) as conn:
        conn.execute("DELETE FROM batch_mortalityevent")
    result = project.run(*DASK, "-m", "aquadata_verify", "--aquadata-json=said.json", url=finished_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    failed = result.parseoutcomes()
    assert (failed["failed"], failed["passed"]) == (1, 3)
    result.stdout.fnmatch_lines(["*farm.yaml:*: rows: fail", "*query"])
    here = project.run("-m", "aquadata_verify", url=finished_url)
    assert here.parseoutcomes() == failed


def test_a_session_that_stops_at_the_first_failure_waits_for_nobody_else(project: Project, finished_url: str) -> None:
    project.write("scenarios/farm.yaml", (project.path / "scenarios/farm.yaml").read_text() + "  slow:\n    rows: SELECT pg_sleep(120)\n")
    with psycopg.connect(finished_url) as conn:
        conn.execute("DELETE FROM batch_mortalityevent")
    started = time.monotonic()
    result = project.run(*DASK, "-m", "aquadata_verify", "-x", url=finished_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED, result.stdout.str()
    assert "rows: fail" in result.stdout.str()
    assert time.monotonic() - started < 100
