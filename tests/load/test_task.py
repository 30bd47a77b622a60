"""A batch is built exactly once, however often and by however many its task is run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from run_farm import Databases, contents

from pytest_aquadata.engine import worker
from pytest_aquadata.engine.connections import SPARE, budget
from pytest_aquadata.engine.joining import checked
from pytest_aquadata.engine.task import Outcome, build_batch
from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.load import ledger
from pytest_aquadata.load.destination import DatabaseDestination
from pytest_aquadata.load.run import Run, connect
from pytest_aquadata.plan.part import part_of

WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'"


@pytest.fixture
def task(databases: Databases, prepared_url: str) -> Callable[..., Outcome]:
    """Runs the task of a batch as a worker of a cluster does, with its part of the plan."""

    def run(number: int, builder: str = "someone") -> Outcome:
        part = part_of(databases.plan, number)
        return build_batch(part.plan(), number, DatabaseDestination(prepared_url, databases.fingerprint), builder)

    return run


def test_a_repeat_finds_it_done(databases: Databases, prepared_url: str, task: Callable[..., Outcome], run_of: Callable[..., Run]) -> None:
    first = {number: task(number).get() for number in (3, 1, 2)}
    assert all(built.fresh for built in first.values())
    again = [task(number, "another").get() for number in (1, 2, 3)]
    assert not any(built.fresh for built in again)
    run = run_of(prepared_url)
    assert {row[0] for row in run.conn.execute("SELECT builder FROM aquadata.batch").fetchall()} == {"someone"}
    assert run.finish() == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


@pytest.mark.parametrize("first_dies", [False, True])
def test_two_at_once_cannot_both_commit(
    databases: Databases,
    prepared_url: str,
    task: Callable[..., Outcome],
    run_of: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    first_dies: bool,
) -> None:
    written, go_on, entered = threading.Event(), threading.Event(), ledger.batch_built
    pids: list[int] = []

    def batch_built(conn: ledger.Connection, *rest: object) -> None:
        pids.append(conn.info.backend_pid)
        if len(pids) == 1:  # all rows are written, and nothing is committed
            written.set()
            assert go_on.wait(60)
        entered(conn, *rest)

    monkeypatch.setattr(ledger, "batch_built", batch_built)
    with ThreadPoolExecutor(2) as pool, psycopg.connect(prepared_url, autocommit=True) as looker:
        first = pool.submit(task, 1, "first")
        assert written.wait(60)
        second = pool.submit(task, 1, "second")
        while not looker.execute(WAITING).fetchall():
            assert not second.done()
        if first_dies:
            looker.execute("SELECT pg_terminate_backend(%s)", (pids[0],))
        go_on.set()
        outcomes = [first.result(60), second.result(60)]
    assert [outcome.built is not None and outcome.built.fresh for outcome in outcomes] == [not first_dies, first_dies]
    assert (outcomes[0].error is not None) == first_dies
    run = run_of(prepared_url)
    assert run.conn.execute("SELECT state, builder FROM aquadata.batch WHERE number = 1").fetchone() == (
        "built",
        "second" if first_dies else "first",
    )
    run.build(2)
    run.build(3)
    assert run.finish() == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


def test_a_task_prepares_nothing(databases: Databases) -> None:
    url = databases.new()
    outcome = build_batch(databases.plan, 1, DatabaseDestination(url, databases.fingerprint), "late")
    assert isinstance(outcome.error, AquadataError)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'aquadata'").fetchone() == (0,)


def test_a_task_does_not_write_into_the_run_of_another(databases: Databases, prepared_url: str) -> None:
    outcome = build_batch(databases.plan, 1, DatabaseDestination(prepared_url, "another"), "late")
    with pytest.raises(AquadataError, match="not prepared for this run, or another run has taken it over"):
        outcome.get()
    with psycopg.connect(prepared_url) as conn:
        assert conn.execute("SELECT count(*) FROM batch_batch").fetchone() == (0,)


def test_an_address_with_a_password_is_not_shown() -> None:
    assert "secret" not in repr(DatabaseDestination("postgresql://me:secret@host/db", "f"))


def test_the_budget_follows_from_what_is_free(prepared_url: str) -> None:
    with connect(prepared_url, "session") as conn:
        (most,) = conn.execute("SELECT current_setting('max_connections')::int").fetchone()
        free = budget(conn, None)
        assert 0 < free.connections < most - SPARE
        assert str(most) in free.why
        assert budget(conn, 7).connections == 7
        name = sql.Identifier(conn.info.dbname)
        conn.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 15").format(name))
        assert budget(conn, None).connections == 15 - SPARE - 1  # this one is connected
        assert budget(conn, None).why == "the database's CONNECTION LIMIT"
        conn.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 5").format(name))
        with pytest.raises(EnvironmentFault, match="no connection to spare for builders: the database's CONNECTION LIMIT"):
            budget(conn, None)


def test_a_worker_says_which_server_it_reaches(databases: Databases, prepared_url: str) -> None:
    with connect(prepared_url, "session") as conn:
        assert worker.reach(prepared_url, conn.info.backend_pid) == ""
        # the same server and another database: not where the session works
        assert "is another server there" in worker.reach(databases.prepared, conn.info.backend_pid)
    assert "cannot connect to 127.0.0.1:9/" in worker.reach("postgresql://127.0.0.1:9/no", 1)


def test_wherein_a_worker_differs() -> None:
    here = worker.facts()
    assert worker.differing(dict(here), here) == ""
    assert worker.differing({**here, "NumPy": "0"}, here) == f"has NumPy 0, here it is {here['NumPy']}"
    assert worker.differing({}, here).startswith("has pytest-aquadata None")


@pytest.mark.parametrize(
    ("text", "means"), [(None, None), ("local:4", 4), ("tcp://host:8786", "tcp://host:8786"), ("tls://h:1", "tls://h:1")]
)
def test_what_names_a_cluster(text: str | None, means: str | int | None) -> None:
    assert checked(text) == means


@pytest.mark.parametrize("text", ["local", "local:", "local:x", "local:0", "host:8786", "tcp://", "local:-1"])
def test_what_names_no_cluster(text: str) -> None:
    with pytest.raises(AquadataError, match=r"write tcp://host:8786, or local:4"):
        checked(text)
