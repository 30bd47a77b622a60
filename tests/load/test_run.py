"""Builds without pytest items: equal to the byte however they come about, and in any database that may take them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from run_farm import TEXT, Databases, contents, schema

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm import setup
from pytest_aquadata.load import aside, claims, deferred, ledger
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.load.run import Run, build_everything, connect
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.names import STANDARD
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.mortality import Mortality
from pytest_aquadata.verify.registry import render, run_criterion

ELSEWHERE = """
import sys, tempfile
from datetime import date
from pathlib import Path

from pytest_aquadata.farm import setup
from pytest_aquadata.load.run import build_everything
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.streams.registry import make_plan

url, file = sys.argv[1:]
setup.configure(url)
from django.db.models import signals

def fired(sender, **kwargs):
    # Django's own note of a migration that was applied is no row of a farm
    if sender.__name__ != "Migration":
        raise RuntimeError(f"a signal of {sender.__name__}")

for signal in (signals.pre_save, signals.post_save, signals.pre_delete, signals.post_delete, signals.m2m_changed):
    signal.connect(fired, weak=False)
print(build_everything(url, make_plan(load_scenario(Path(file), today=date.today()))))
"""


def test_from_nothing_in_another_time_zone_without_a_signal(databases: Databases, tmp_path: Path) -> None:
    file = tmp_path / "farm.yaml"
    file.write_text(TEXT)
    url = databases.new()
    environment = os.environ | {"TZ": "Asia/Kathmandu", "PGTZ": "America/St_Johns", "PYTHONHASHSEED": "77"}
    words = [sys.executable, "-c", ELSEWHERE, url, str(file)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == databases.digest
    assert contents(url, databases.plan.all_tables) == databases.finished_contents


def test_batches_in_another_order_and_in_two_sittings(databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    first = run_of(prepared_url)
    assert first.build(3).fresh
    assert first.finish() is None
    first.close()
    second = run_of(prepared_url)
    assert not second.build(3).fresh
    assert second.build(2).fresh
    assert second.build(1).fresh
    assert second.finish() == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


def test_to_prepare_twice_changes_nothing(databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    from pytest_aquadata.load.prepare import load_master

    before = contents(prepared_url, databases.plan.all_tables)
    run = run_of(prepared_url)
    run.prepare()
    load_master(run.conn, databases.plan)
    assert contents(prepared_url, databases.plan.all_tables) == before


def test_a_connection_that_was_lost_is_opened_again(databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    run = run_of(prepared_url)
    run.build(1)
    with connect(prepared_url, "session") as other:
        assert claims.end_predecessors(other, "aquadata") == 1
    with pytest.raises(psycopg.OperationalError):
        run.build(2)
    run.build(2)
    run.build(3)
    assert run.finish() == databases.digest


def test_a_run_that_was_replaced_does_not_write_into_its_successor(prepared_url: str, run_of: Callable[..., Run]) -> None:
    """A worker that outlives its killed controller finds another run's ledger."""
    run = run_of(prepared_url, replace=True)
    run.build(1)
    with psycopg.connect(prepared_url, autocommit=True) as conn:
        conn.execute("UPDATE aquadata.batch SET state = 'planned'")
        conn.execute("ALTER TABLE aquadata.batch DROP CONSTRAINT batch_fingerprint_fkey")
        conn.execute("UPDATE aquadata.run SET fingerprint = 'another'")
    run.conn.close()
    with pytest.raises(AquadataError, match="another run has taken the database over"):
        run.build(2)
    with psycopg.connect(prepared_url) as conn:
        assert conn.execute("SELECT fingerprint FROM aquadata.run").fetchone() == ("another",)


def test_a_batch_that_fails_is_rolled_back_and_says_why(
    databases: Databases, prepared_url: str, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(prepared_url)
    run.build(1)

    def broken(*_: object) -> None:
        raise ValueError("no such fish")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "batch_built", broken)
        with pytest.raises(ValueError, match="no such fish"):
            run.build(2)
    assert ledger.batch_states(run.conn, databases.fingerprint)[2] is BatchState.FAILED
    assert run.conn.execute("SELECT count(*) FROM batch_batch").fetchone() == (1,)
    assert run.conn.execute("SELECT error FROM aquadata.batch WHERE number = 2").fetchone() == ("ValueError: no such fish",)
    assert [batch.number for batch in run.outstanding()] == [3]
    run.build(3)
    run.build(2)
    assert run.finish() == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


@pytest.mark.parametrize("failed_in", ["copying batch_mortalityevent", "making mortality", "entering it in the ledger", "committing"])
def test_the_ledger_says_at_which_step_a_batch_failed(
    databases: Databases, prepared_url: str, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, failed_in: str
) -> None:
    run = run_of(prepared_url, builder="gw7")
    run.build(1)
    entered, made = ledger.batch_built, Mortality.rows

    def batch_built(conn: ledger.Connection, *rest: object) -> None:
        entered(conn, *rest)
        if failed_in == "committing":
            # a key that is checked at the end of the transaction
            assert conn.execute("UPDATE batch_mortalityevent SET batch_id = -1 WHERE batch_id <> 1").rowcount
        if failed_in == "entering it in the ledger":
            raise ValueError

    def rows(stream: Mortality, plan: Plan, batch: Batch) -> Iterator[Rows]:
        yield from made(stream, plan, batch)
        if failed_in == "making mortality":
            raise ValueError

    if failed_in.startswith("copying"):
        taken = databases.plan.first(databases.plan.simulation.batches[1], "batch_mortalityevent")
        assert run.conn.execute("UPDATE batch_mortalityevent SET id = %s WHERE id = 1", (taken,)).rowcount
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "batch_built", batch_built)
        patch.setattr(Mortality, "rows", rows)
        with pytest.raises((ValueError, psycopg.IntegrityError)):
            run.build(2)
    said = run.conn.execute("SELECT number, state, failed_in, builder FROM aquadata.batch WHERE number < 3 ORDER BY number").fetchall()
    assert said == [(1, "built", None, "gw7"), (2, "failed", failed_in, "gw7")]
    if not failed_in.startswith("copying"):
        built = run.build(2)
        assert built.table_seconds.keys() == built.rows.keys()
        assert 0 < sum(built.table_seconds.values()) < built.seconds
        said = run.conn.execute("SELECT state, failed_in, error FROM aquadata.batch WHERE number = 2").fetchall()
        assert said == [("built", None, None)]


def test_indexes_and_keys_come_back_as_they_were(
    databases: Databases, prepared_url: str, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "WORTH_IT", 0)
    before = schema(prepared_url)
    run = run_of(prepared_url)
    run.build(1)
    assert deferred.pending(run.conn)
    assert schema(prepared_url) != before
    run.close()
    # as after a kill: another session finds what the first put aside
    later = run_of(prepared_url, selected=())
    assert later.finish() is None
    assert not deferred.pending(later.conn)
    assert schema(prepared_url) == before
    rest = run_of(prepared_url)
    rest.build(2)
    rest.build(3)
    assert rest.finish() == databases.digest
    assert not deferred.pending(rest.conn)
    assert schema(prepared_url) == before
    assert schema(databases.finished) == before


def test_new_rows_get_ids_behind_those_that_were_built(finished_url: str, databases: Databases) -> None:
    with psycopg.connect(finished_url) as conn:
        for table in databases.plan.all_tables:
            key, name = conn.execute(
                "SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_index JOIN pg_attribute ON attrelid = indrelid "
                "AND attnum = indkey[0] WHERE indrelid = %s::regclass AND indisprimary",
                (table, table),
            ).fetchone()
            following, greatest = conn.execute(f"SELECT nextval('{name}'), (SELECT max({key}) FROM {table})").fetchone()
            assert greatest is None or following == greatest + 1, table


def test_what_the_database_knows_already_is_kept(databases: Databases, run_of: Callable[..., Run]) -> None:
    """World and master data with other ids, and rows of others in tables that batches fill too."""
    url = databases.new()
    setup.configure(url)
    setup.migrate(url)
    tables = ["infrastructure_geography", "batch_species", "inventory_feed", "batch_lifecyclestage", "scenario_temperatureprofile"]
    shift = 700
    firsts = {}
    with psycopg.connect(databases.finished) as source, psycopg.connect(url) as conn:
        for table in tables:
            # one row of each, behind a gap: the others are still to be made, and rows of batches come after all of them
            cursor = source.execute(f"SELECT * FROM {table} ORDER BY 1 LIMIT 1")
            columns, row = [column.name for column in cursor.description], cursor.fetchone()
            values = [value + shift if name in (columns[0], "species_id") else value for name, value in zip(columns, row, strict=True)]
            marks = ", ".join(["%s"] * len(columns))
            conn.execute(f"INSERT INTO {table} VALUES ({marks})", values)
            firsts[table] = (columns[0], values[0])
    digest = build_everything(url, databases.plan)
    assert digest == databases.digest
    with psycopg.connect(url) as conn:
        for table, (key, id_) in firsts.items():
            count, kept = conn.execute(f"SELECT count(*), count(*) FILTER (WHERE {key} = {id_}) FROM {table}").fetchone()
            assert (count, kept) == (databases.plan.total(table), 1), table
        for name in STANDARD:
            verdict = run_criterion(conn, databases.plan, name, CriterionSpec(), databases.plan.simulation.batches)
            assert verdict.state in ("pass", "skip"), render(verdict, criterion=name, where="farm.yaml:1", rebuild=None)


def test_states_of_a_run(databases: Databases, run_of: Callable[..., Run]) -> None:
    url = databases.new()
    run = run_of(url)
    assert run.built() == []
    assert run.finish() is None
    assert ledger.run_state(run.conn, databases.fingerprint) is RunState.ABSENT
    assert not ledger.exists(run.conn)
