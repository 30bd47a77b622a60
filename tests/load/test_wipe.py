"""Taking away what was built, and nothing else: whole, in part, half built, with indexes aside, beside rows of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from run_farm import NAMES, Databases, contents

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm import setup
from pytest_aquadata.load import deferred, ledger
from pytest_aquadata.load.ledger import BatchState, Connection, RunState
from pytest_aquadata.load.run import Run, build_everything, connect
from pytest_aquadata.streams import feed_stock


@pytest.fixture
def conn(finished_url: str) -> Iterator[Connection]:
    """A connection to a finished farm of the test's own."""
    setup.configure(finished_url)
    with connect(finished_url, "session") as opened:
        yield opened


def _wipe(conn: Connection, databases: Databases, *names: str) -> dict[str, int]:
    from pytest_aquadata.load.wipe import wipe

    return dict(wipe(conn, databases.plan, databases.fingerprint, names).rows)


def _rows(conn: Connection, tables: tuple[str, ...]) -> dict[str, int]:
    return {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def _masters(databases: Databases) -> tuple[str, ...]:
    return tuple(table for table in databases.plan.all_tables if table not in feed_stock.TABLES)


def _master_rows(databases: Databases) -> dict[str, int]:
    """Rows by table of a farm that has nothing but its world and master data."""
    with psycopg.connect(databases.prepared) as conn:
        return _rows(conn, databases.plan.all_tables) | dict.fromkeys(feed_stock.TABLES, 0)


def _sequences(conn: Connection) -> dict[str, tuple[int, bool]]:
    names = [name for (name,) in conn.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()]
    return {name: conn.execute(f"SELECT last_value, is_called FROM {name}").fetchone() for name in names}


def test_all_of_it(databases: Databases, conn: Connection, finished_url: str) -> None:
    plan = databases.plan
    before = _rows(conn, plan.all_tables)
    removed = _wipe(conn, databases)
    after = _rows(conn, plan.all_tables)
    assert after == _master_rows(databases)
    assert removed == {table: before[table] - after[table] for table in before if before[table] > after[table]}
    assert sum(removed.values()) == int(plan.counts.sum()) + sum(plan.farm[table] for table in feed_stock.TABLES)
    # the world and master data are those that were prepared, to the byte
    prepared = contents(databases.prepared, _masters(databases))
    assert contents(finished_url, _masters(databases)) == prepared
    assert ledger.run_state(conn, databases.fingerprint) is RunState.PREPARING
    assert ledger.run_digest(conn, databases.fingerprint) is None
    assert set(ledger.batch_states(conn, databases.fingerprint).values()) == {BatchState.PLANNED}


def test_ids_begin_behind_what_is_left(databases: Databases, conn: Connection) -> None:
    _wipe(conn, databases)
    for table in databases.plan.tables:
        key, name = conn.execute(
            "SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_index JOIN pg_attribute ON attrelid = indrelid "
            "AND attnum = indkey[0] WHERE indrelid = %s::regclass AND indisprimary",
            (table, table),
        ).fetchone()
        following, greatest = conn.execute(f"SELECT nextval('{name}'), (SELECT max({key}) FROM {table})").fetchone()
        assert following == (greatest or 0) + 1, table


def test_what_is_wiped_is_built_again(databases: Databases, conn: Connection, finished_url: str) -> None:
    _wipe(conn, databases)
    assert build_everything(finished_url, databases.plan) == databases.digest
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def test_a_second_wipe_finds_nothing(databases: Databases, conn: Connection) -> None:
    assert _wipe(conn, databases)
    assert _wipe(conn, databases) == {}


@pytest.mark.parametrize("names", [[NAMES[0]], [NAMES[2]], NAMES[:2]])
def test_some_batches(databases: Databases, conn: Connection, finished_url: str, run_of: Callable[..., Run], names: list[str]) -> None:
    plan = databases.plan
    before = _rows(conn, plan.all_tables)
    removed = _wipe(conn, databases, *names)
    gone = [batch for batch in plan.simulation.batches if batch.name in names]
    assert removed == {table: rows for table in plan.tables if (rows := sum(plan.count(batch, table) for batch in gone))}
    assert _rows(conn, plan.all_tables) == {table: rows - removed.get(table, 0) for table, rows in before.items()}
    run = run_of(finished_url)
    assert [batch.name for batch in run.built()] == [name for name in NAMES if name not in names]
    assert run.finish() is None
    for batch in gone:
        assert run.build(batch.number).fresh
    assert run_of(finished_url).finish() == databases.digest
    assert contents(finished_url, plan.all_tables) == databases.finished_contents


def test_a_batch_that_is_not_built(databases: Databases, conn: Connection) -> None:
    _wipe(conn, databases, NAMES[0])
    assert _wipe(conn, databases, NAMES[0]) == {}


def test_half_built_with_indexes_aside(
    databases: Databases, prepared_url: str, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_aquadata.load import aside

    monkeypatch.setattr(aside, "WORTH_IT", 0)
    run = run_of(prepared_url)
    run.build(2)
    run.close()
    with connect(prepared_url, "session") as conn:
        assert deferred.pending(conn)
        removed = _wipe(conn, databases)
        batch = databases.plan.simulation.batches[1]
        assert all(removed.get(table, 0) == databases.plan.count(batch, table) for table in databases.plan.tables)
        assert _rows(conn, databases.plan.all_tables) == _master_rows(databases)
        deferred.restore(conn)
    assert build_everything(prepared_url, databases.plan) == databases.digest


def test_a_batch_that_was_about_to_be_built_again(databases: Databases, conn: Connection) -> None:
    ledger.plan_again(conn, databases.fingerprint, [NAMES[1]])
    assert _wipe(conn, databases)["batch_batch"] == len(NAMES)
    assert _rows(conn, databases.plan.all_tables) == _master_rows(databases)


def test_a_run_that_was_never_prepared(databases: Databases, conn: Connection) -> None:
    conn.execute("UPDATE aquadata.run SET state = 'preparing'")
    assert _wipe(conn, databases) == {}


def test_a_wipe_that_is_killed_has_removed_nothing(
    databases: Databases, conn: Connection, finished_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _sequences(conn)

    def killed(conn: Connection, *_: object) -> None:
        conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    # the last step of the transaction
    monkeypatch.setattr(ledger, "wiped", killed)
    with pytest.raises(psycopg.OperationalError):
        _wipe(conn, databases)
    with connect(finished_url, "session") as again:
        assert ledger.run_digest(again, databases.fingerprint) == databases.digest
        assert _sequences(again) == before
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def _copy(conn: Connection, table: str, **values: object) -> int:
    """A row of somebody else's: a copy of the table's first one with an id of its own and other values. Returns its id."""
    columns = [name for (name,) in conn.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", (table,))]
    key = columns[0]
    taken = [name for name in columns[1:] if name not in values]
    names = ", ".join(f'"{name}"' for name in [*values, *taken])
    places = ", ".join(["%s"] * len(values) + [f'"{name}"' for name in taken])
    query = f"INSERT INTO {table} ({names}) SELECT {places} FROM {table} ORDER BY {key} LIMIT 1 RETURNING {key}"
    return conn.execute(query, list(values.values())).fetchone()[0]


def test_rows_of_others_stay(databases: Databases, conn: Connection, finished_url: str) -> None:
    batch = _copy(conn, "batch_batch", batch_number="MINE-1", pinned_scenario_id=None)
    stay = _copy(conn, "batch_batchcontainerassignment", batch_id=batch)
    reading = _copy(conn, "environmental_environmentalreading", batch_id=batch, batch_container_assignment_id=stay)
    removed = _wipe(conn, databases)
    assert removed["environmental_environmentalreading"] == sum(
        databases.plan.count(b, "environmental_environmentalreading") for b in databases.plan.simulation.batches
    )
    expected = _master_rows(databases)
    for table in ("batch_batch", "batch_batchcontainerassignment", "environmental_environmentalreading"):
        expected[table] += 1
    assert _rows(conn, databases.plan.all_tables) == expected
    assert conn.execute("SELECT id, batch_id FROM environmental_environmentalreading").fetchall() == [(reading, batch)]
    assert build_everything(finished_url, databases.plan) == databases.digest


def test_what_was_added_to_a_batch_goes_as_the_application_has_it(databases: Databases, conn: Connection) -> None:
    """The models say: a workflow belongs to its batch and an action to its workflow; a reading can do without its batch."""
    own = _copy(conn, "batch_batch", batch_number="MINE-1", pinned_scenario_id=None)
    stay = _copy(conn, "batch_batchcontainerassignment", batch_id=own)
    workflow = _copy(conn, "batch_creationworkflow", workflow_number="CRT-MINE-1")
    _copy(conn, "batch_creationaction", workflow_id=workflow, dest_assignment_id=stay)
    reading = _copy(conn, "environmental_environmentalreading")
    removed = _wipe(conn, databases)
    for table in ("batch_creationworkflow", "batch_creationaction"):
        assert removed[table] == databases.plan.total(table) + 1
        assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    query = "SELECT id, batch_id, batch_container_assignment_id FROM environmental_environmentalreading"
    assert conn.execute(query).fetchall() == [(reading, None, None)]
    assert conn.execute("SELECT id, batch_id FROM batch_batchcontainerassignment").fetchall() == [(stay, own)]


def test_rows_that_need_what_would_go_stand_in_the_way(databases: Databases, conn: Connection, finished_url: str) -> None:
    model = databases.plan.first(databases.plan.simulation.batches[0], "scenario_tgcmodel")
    mine = _copy(conn, "scenario", batch_id=None, name="mine", tgc_model_id=model)
    before = contents(finished_url, databases.plan.all_tables)
    with pytest.raises(AquadataError) as refusal:
        _wipe(conn, databases)
    assert "scenario.tgc_model_id: 1 row that refer" in str(refusal.value)
    assert contents(finished_url, databases.plan.all_tables) == before
    conn.execute("DELETE FROM scenario WHERE scenario_id = %s", (mine,))
    assert _wipe(conn, databases)


def test_tables_that_are_not_ours_are_never_touched(databases: Databases, conn: Connection, finished_url: str) -> None:
    conn.execute(
        "CREATE SCHEMA shop; CREATE TABLE shop.note (id int PRIMARY KEY, batch bigint REFERENCES batch_batch ON DELETE CASCADE, text text)"
    )
    ours = conn.execute("SELECT id FROM batch_batch WHERE batch_number = %s", (NAMES[1],)).fetchone()[0]
    conn.execute("INSERT INTO shop.note VALUES (1, %s, 'a good batch'), (2, NULL, 'none')", (ours,))
    with pytest.raises(AquadataError, match=r"nothing was removed: .*\n    shop\.note\.batch: 1 row that refer to batch_batch\n"):
        _wipe(conn, databases)
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents
    # another batch is not referred to
    assert _wipe(conn, databases, NAMES[0])["batch_batch"] == 1
    conn.execute("UPDATE shop.note SET batch = NULL")
    _wipe(conn, databases)
    assert _rows(conn, databases.plan.all_tables) == _master_rows(databases)
    assert conn.execute("SELECT count(*) FROM shop.note").fetchone() == (2,)


def test_a_forgotten_session_is_named(databases: Databases, conn: Connection, finished_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_aquadata.load import wipe

    monkeypatch.setattr(wipe, "_LOCK_SECONDS", 0.2)
    with psycopg.connect(finished_url, application_name="forgotten") as other:
        other.execute("SELECT count(*) FROM batch_batch")
        with pytest.raises(AquadataError, match=r"\(forgotten\), idle in transaction, holds batch_batch"):
            _wipe(conn, databases)
    assert _wipe(conn, databases)
