"""The ledger: who holds a run, what is to be done again, what a scenario is known by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from run_farm import Databases, fingerprint_of, plan_of

import pytest_aquadata
from pytest_aquadata.load import claims, ledger
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.load.run import build_everything, connect


def test_one_run_at_a_time(database_url: str) -> None:
    with connect(database_url, "session") as first, connect(database_url, "session") as second:
        assert claims.take_run(first)
        assert not claims.take_run(second)
        first.close()
        # the server lets go of a closed connection's locks a moment later
        for _ in range(100):
            if claims.take_run(second):
                return
    pytest.fail("a dead session's claim is never free")


def test_only_predecessors_of_this_package_are_ended(database_url: str) -> None:
    with (
        connect(database_url, "session") as mine,
        connect(database_url, "build") as theirs,
        psycopg.connect(database_url, application_name="aquadatabase", autocommit=True) as other,
    ):
        assert claims.end_predecessors(mine, "aquadata") == 1
        other.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            theirs.execute("SELECT 1")
        assert claims.end_predecessors(mine, "aquadata") == 0


def test_failed_and_named_batches_are_planned_again(databases: Databases, finished_url: str) -> None:
    known = databases.fingerprint
    with connect(finished_url, "session") as conn:
        ledger.plan_again(conn, known, [])
        assert set(ledger.batch_states(conn, known).values()) == {BatchState.BUILT}
        assert ledger.run_state(conn, known) is RunState.FINISHED
        conn.execute("UPDATE aquadata.batch SET state = 'failed' WHERE number = 3")
        ledger.plan_again(conn, known, ["FAR-2025-002"])
        planned, built = BatchState.PLANNED, BatchState.BUILT
        assert ledger.batch_states(conn, known) == {1: built, 2: planned, 3: planned}
        assert [ledger.is_stale(conn, known, number) for number in (1, 2, 3)] == [False, True, False]
        assert ledger.run_state(conn, known) is RunState.PREPARED
        assert ledger.run_digest(conn, known) is None
        # the rows of a batch that is to be built again are still there when it fails
        ledger.batch_failed(conn, known, 2, "no")
        ledger.plan_again(conn, known, [])
        assert ledger.is_stale(conn, known, 2)


def test_what_makes_other_rows_is_another_run(tmp_path: Path) -> None:
    plain = fingerprint_of(plan_of(tmp_path))
    assert plain == fingerprint_of(plan_of(tmp_path))
    assert plain == fingerprint_of(plan_of(tmp_path, "criteria.survival.min=1 %", "description=Other words"))
    for change in ("seed=2", "as_of=2025-06-02", "eggs=2001..3000", "streams.projection=false", "name=other"):
        assert fingerprint_of(plan_of(tmp_path, change)) != plain, change


def test_rows_are_those_of_the_built_batches(databases: Databases, finished_url: str) -> None:
    plan = databases.plan
    with connect(finished_url, "session") as conn:
        for batches in ([0, 1, 2], [0, 2]):
            totals = {table: int(plan.counts[batches, n].sum()) for n, table in enumerate(plan.tables)}
            assert ledger.rows_by_table(conn, databases.fingerprint) == {table: rows for table, rows in totals.items() if rows}
            conn.execute("UPDATE aquadata.batch SET state = 'failed' WHERE number = 2")
        assert ledger.rows_by_table(conn, "another run") == {}


def test_phases_add_up(databases: Databases, finished_url: str) -> None:
    with connect(finished_url, "session") as conn:
        ledger.add_phases(conn, databases.fingerprint, {"prepare": 1.5, "build": 2.0})
        ledger.add_phases(conn, databases.fingerprint, {"build": 3.0, "verify": 0.5})
        ledger.add_phases(conn, "another run", {"build": 1.0})
        assert conn.execute("SELECT phases FROM aquadata.run").fetchall() == [({"prepare": 1.5, "build": 5.0, "verify": 0.5},)]


def test_a_ledger_of_an_earlier_version_gains_what_it_lacks(databases: Databases, prepared_url: str) -> None:
    """Its own run is another one and is never gone on with; a new run in the same database fills all columns."""
    with connect(prepared_url, "session") as conn:
        conn.execute("ALTER TABLE aquadata.run DROP COLUMN phases")
        conn.execute("ALTER TABLE aquadata.batch DROP COLUMN failed_in, DROP COLUMN builder")
        conn.execute("ALTER TABLE aquadata.batch DROP CONSTRAINT batch_fingerprint_fkey")
        conn.execute("UPDATE aquadata.run SET fingerprint = 'of an earlier version'")
        conn.execute("UPDATE aquadata.batch SET fingerprint = 'of an earlier version'")
        assert [run.fingerprint for run in ledger.runs(conn)] == ["of an earlier version"]
        ledger.create(conn)
        ledger.create(conn)
        conn.execute("TRUNCATE aquadata.run, aquadata.batch")
    assert build_everything(prepared_url, databases.plan) == databases.digest
    with connect(prepared_url, "session") as conn:
        assert conn.execute("SELECT DISTINCT builder, failed_in FROM aquadata.batch").fetchall() == [("main", None)]


def test_another_version_of_the_package_is_another_run(tmp_path: Path) -> None:
    """Also one that is being worked on and has the same number: any line of code or data may change rows."""
    of_here = fingerprint_of(plan_of(tmp_path))
    copy = tmp_path / "copy"
    shutil.copytree(Path(pytest_aquadata.__file__).parent, copy / "pytest_aquadata", ignore=shutil.ignore_patterns("__pycache__"))
    script = """
import sys
from datetime import date
from pathlib import Path
import pytest_aquadata
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.scenario.load import load_scenario
print(fingerprint_of(load_scenario(Path(sys.argv[1]), (), today=date(2030, 2, 3))))
"""

    def of_the_copy() -> str:
        # the current folder comes first on Python's path
        words = [sys.executable, "-c", script, str(tmp_path / "farm.yaml")]
        done = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(copy)}, cwd=copy, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert of_the_copy() == of_here
    for name in ("streams/mortality.py", "data/world.yaml"):
        changed = copy / "pytest_aquadata" / name
        changed.write_text(changed.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
        before, of_here = of_here, of_the_copy()
        assert of_here != before, name
