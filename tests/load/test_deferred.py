"""Indexes and foreign keys come back exactly as they were, whatever interrupts, and nothing else is touched."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import conninfo, errors, sql

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.deferred import pending, restore, set_aside

Connection = psycopg.Connection[Any]

CATALOGUE = """
SELECT i.relname::text, pg_get_indexdef(i.oid), x.indisclustered, x.indisvalid, coalesce(s.spcname::text, ''),
       obj_description(i.oid, 'pg_class'), x.indisreplident,
       ARRAY(SELECT coalesce(attstattarget, -1)::int FROM pg_attribute a WHERE attrelid = i.oid ORDER BY attnum)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'aquadata')
UNION ALL
SELECT c.conrelid::regclass || '.' || c.conname, pg_get_constraintdef(c.oid), c.condeferred, c.convalidated,
       c.confrelid::regclass::text, obj_description(c.oid, 'pg_constraint'), c.condeferrable, NULL
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'aquadata') AND c.contype <> 'n'
ORDER BY 1, 2
"""
SITE = "CREATE TABLE site (id int PRIMARY KEY, code text UNIQUE, area int, UNIQUE (id, area))"
BATCH = """
CREATE TABLE batch (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text, status text, day date,
                    site_id int, area int, parent_id bigint)
"""
READING = "CREATE TABLE reading (id bigint, at timestamptz, batch_id bigint, value numeric(10,4), PRIMARY KEY (id, at))"
INDEXES = [
    "CREATE INDEX {} ON batch (status)",
    "CREATE INDEX {} ON batch (lower(number), day)",
    "CREATE INDEX {} ON batch ((day - date '2000-01-01')) WHERE status = 'ACTIVE' AND site_id > 3",
    "CREATE INDEX {} ON batch (day DESC NULLS LAST, site_id) INCLUDE (status, number)",
    "CREATE INDEX {} ON batch (number varchar_pattern_ops)",
    'CREATE INDEX {} ON batch (number COLLATE "C" text_pattern_ops DESC)',
    "CREATE INDEX {} ON batch USING hash (status)",
    "CREATE INDEX {} ON batch USING brin (day) WITH (pages_per_range = 7)",
    "CREATE INDEX {} ON batch USING gin (to_tsvector('english', number)) WITH (fastupdate = off)",
    "CREATE INDEX {} ON reading (batch_id, at) WITH (fillfactor = 70)",
    "CREATE INDEX {} ON reading (value)",
    "CREATE UNIQUE INDEX {} ON batch (number, day) WHERE status <> ''",
]
AFTER_INDEX = [
    "COMMENT ON INDEX {} IS 'it''s 100 % of \\ them'",
    "ALTER TABLE batch CLUSTER ON {}",
    "ALTER INDEX {} ALTER COLUMN 1 SET STATISTICS 321",
]
KEYS = [
    "ALTER TABLE batch ADD CONSTRAINT {} FOREIGN KEY (site_id) REFERENCES site (id)",
    "ALTER TABLE batch ADD CONSTRAINT {} FOREIGN KEY (site_id) REFERENCES site DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE batch ADD CONSTRAINT {} FOREIGN KEY (parent_id) REFERENCES batch ON DELETE CASCADE ON UPDATE SET NULL",
    "ALTER TABLE batch ADD CONSTRAINT {} FOREIGN KEY (site_id, area) REFERENCES site (id, area) MATCH FULL DEFERRABLE",
    "ALTER TABLE batch ADD CONSTRAINT {} FOREIGN KEY (status) REFERENCES site (code) NOT VALID",
    "ALTER TABLE reading ADD CONSTRAINT {} FOREIGN KEY (batch_id) REFERENCES batch ON DELETE SET DEFAULT",
    "ALTER TABLE batch ADD CONSTRAINT {} CHECK (id > 0)",
]
NAMES = st.sampled_from(["ix", "Mixed Case", 'quo"ted', "per%cent", "søm"])


def run(conn: Connection, *statements: str) -> None:
    for statement in statements:
        conn.execute(sql.SQL(statement))


def catalogue(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute(CATALOGUE).fetchall()


@pytest.fixture
def url(database_url: str) -> str:
    # The record's schema is called as a role may be, and "$user" comes first on the usual search_path.
    return conninfo.make_conninfo(database_url, options="-c search_path=public")


@pytest.fixture
def conn(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as conn:
        run(conn, SITE, BATCH, READING)
        yield conn


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    indexes=st.lists(st.tuples(st.sampled_from(INDEXES), NAMES, st.sets(st.sampled_from(AFTER_INDEX))), max_size=6),
    keys=st.lists(st.tuples(st.sampled_from(KEYS), NAMES, st.booleans()), max_size=6),
    rows=st.booleans(),
)
def test_everything_comes_back_as_it_was(
    conn: Connection, indexes: list[tuple[str, str, set[str]]], keys: list[tuple[str, str, bool]], rows: bool
) -> None:
    run(conn, "DROP TABLE site, batch, reading CASCADE", SITE, BATCH, READING)
    for number, (statement, name, after) in enumerate(indexes):
        quoted = sql.Identifier(f"{name}{number}").as_string(conn)
        run(conn, statement.format(quoted))
        for more in sorted(after):
            with suppress(errors.FeatureNotSupported, errors.WrongObjectType):  # not every index can have everything
                run(conn, more.format(quoted))
    for number, (statement, name, comment) in enumerate(keys):
        quoted = sql.Identifier(f"{name}{number}").as_string(conn)
        run(conn, statement.format(quoted))
        if comment:
            run(conn, f"COMMENT ON CONSTRAINT {quoted} ON {statement.split()[2]} IS 'why'")
    if rows:
        run(
            conn,
            "INSERT INTO site SELECT n, 'S' || n, n FROM generate_series(1, 5) n",
            "INSERT INTO batch (number, status, day, site_id, area) SELECT n, 'S1', '2024-01-01', n, n FROM generate_series(1, 5) n",
            "INSERT INTO reading SELECT n, now(), n FROM generate_series(1, 5) n",
        )
    before = catalogue(conn)
    assert len(before) >= 10, "the primary keys and unique constraints at least"
    away = sum("UNIQUE" not in text for text, _, _ in indexes) + sum("FOREIGN" in text for text, _, _ in keys)

    assert set_aside(conn, ["reading", "batch", "site"]) == away == pending(conn)
    assert len(catalogue(conn)) == len(before) - away
    assert set_aside(conn, ["batch", "site", "reading"]) == 0
    assert len(restore(conn)) == away

    assert catalogue(conn) == before
    assert pending(conn) == 0
    assert restore(conn) == []


def test_only_the_tables_named_lose_anything(conn: Connection) -> None:
    run(conn, "CREATE INDEX b ON batch (status)", "CREATE INDEX r ON reading (value)", KEYS[5].format("r_b"))
    assert set_aside(conn, ["public.batch"]) == 1
    assert restore(conn) == ["index b of public.batch"]
    assert set_aside(conn, ["reading"]) == 2
    assert restore(conn) == ["index r of public.reading", "foreign key r_b of public.reading"]


def test_a_database_that_never_lost_anything(conn: Connection) -> None:
    assert pending(conn) == 0
    assert restore(conn) == []


def test_what_could_not_come_back_as_it_was_stays(conn: Connection) -> None:
    run(
        conn,
        "CREATE TABLE parent (a int, b int REFERENCES site) PARTITION BY RANGE (a)",
        "CREATE TABLE part PARTITION OF parent FOR VALUES FROM (0) TO (9)",
        "CREATE INDEX ON parent (b)",
        "CREATE INDEX part_own ON part (a, b)",
        "CREATE TABLE to_parts (a int)",
        "ALTER TABLE batch ALTER number SET NOT NULL",
        "CREATE UNIQUE INDEX identity ON batch (number)",
        "ALTER TABLE batch REPLICA IDENTITY USING INDEX identity",
        KEYS[0].format("untriggered"),
        "ALTER TABLE batch DISABLE TRIGGER ALL",
        "CREATE TABLE spell (id int PRIMARY KEY, span daterange, EXCLUDE USING gist (span WITH &&))",
    )
    before = catalogue(conn)
    assert set_aside(conn, ["parent", "part", "batch", "site", "spell"]) == 0
    assert catalogue(conn) == before


def test_it_is_one_transaction_and_part_of_the_callers(conn: Connection) -> None:
    run(conn, "CREATE INDEX b ON batch (status)", "SET lock_timeout TO '7s'", "SET search_path TO public, pg_catalog")
    before = catalogue(conn)
    with conn.transaction(force_rollback=True):
        assert set_aside(conn, ["batch"]) == 1
        shown = [conn.execute(f"SHOW {name}".encode()).fetchone() for name in ("lock_timeout", "search_path")]
        assert shown == [("7s",), ("public, pg_catalog",)]
        with pytest.raises(ValueError, match="outside a transaction"):
            restore(conn)
    assert catalogue(conn) == before
    assert pending(conn) == 0
    with pytest.raises(AquadataError, match="no table missing"):
        set_aside(conn, ["batch", "missing"])
    assert catalogue(conn) == before


def test_a_connection_without_autocommit_keeps_what_was_done(conn: Connection, url: str) -> None:
    run(conn, "CREATE INDEX b ON batch (status)", KEYS[0].format("k"))
    with psycopg.connect(url) as other:
        assert set_aside(other, ["batch"]) == 2
        assert other.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        assert pending(conn) == 2
        assert len(restore(other)) == 2
        assert pending(conn) == 0


def test_several_sessions_restore_together(conn: Connection) -> None:
    run(conn, *(INDEXES[i].format(f"i{i}") for i in range(11)), *(KEYS[i].format(f"k{i}") for i in range(7)))
    before = catalogue(conn)
    assert set_aside(conn, ["batch", "reading"]) == 17
    assert len(restore(conn, jobs=3)) == 17
    assert catalogue(conn) == before


def test_two_restores_at_once_do_not_fight(conn: Connection, url: str) -> None:
    run(conn, *(INDEXES[i].format(f"i{i}") for i in range(11)), *(KEYS[i].format(f"k{i}") for i in range(7)))
    before = catalogue(conn)
    set_aside(conn, ["batch", "reading"])
    done: list[list[str]] = []

    def another() -> None:
        with psycopg.connect(url) as other:
            done.append(restore(other))

    threads = [threading.Thread(target=another) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, 0, 17]
    assert catalogue(conn) == before


def test_rows_that_break_a_key_are_named_and_the_rest_comes_back(conn: Connection) -> None:
    run(conn, KEYS[0].format("batch_site"), KEYS[5].format("reading_batch"), "CREATE INDEX ix ON batch (status)")
    before = catalogue(conn)
    set_aside(conn, ["batch", "reading"])
    run(
        conn,
        "INSERT INTO batch (site_id) VALUES (NULL)",
        "INSERT INTO reading VALUES (5, '2024-05-05Z', 1), (9, '2024-05-05Z', 77), (8, '2024-05-05Z', 78)",
        "SET TIME ZONE 'UTC'",
    )
    message = (
        "Not everything that was set aside could be restored:\n"
        "foreign key reading_batch of public.reading: the row id=8, at=2024-05-05 00:00:00+00 has batch_id=78, "
        "which public.batch does not have (2 such rows)"
    )
    for _ in range(2):
        with pytest.raises(AquadataError) as caught:
            restore(conn)
        assert str(caught.value) == message
        assert pending(conn) == 1
    assert set_aside(conn, ["reading"]) == 1, "the key that came back unvalidated"
    with pytest.raises(AquadataError):
        restore(conn)
    run(conn, "DELETE FROM reading WHERE id > 5")
    assert restore(conn) == ["foreign key reading_batch of public.reading"]
    assert catalogue(conn) == before


def test_a_match_full_key_falls_back_on_the_servers_words(conn: Connection) -> None:
    run(conn, KEYS[3].format("whole"))
    set_aside(conn, ["batch"])
    run(conn, "INSERT INTO batch (site_id, area) VALUES (NULL, 3)")
    with pytest.raises(AquadataError, match="MATCH FULL does not allow mixing of null and nonnull key values"):
        restore(conn)


def test_what_came_back_by_other_hands(conn: Connection) -> None:
    run(conn, INDEXES[0].format("same"), INDEXES[0].format("other"), INDEXES[10].format("gone"), KEYS[0].format("k"))
    set_aside(conn, ["batch", "reading"])
    run(conn, INDEXES[0].format("same"), INDEXES[4].format("other"), KEYS[0].format("k"), "DROP TABLE reading")
    with pytest.raises(AquadataError) as caught:
        restore(conn)
    assert str(caught.value) == (
        "Not everything that was set aside could be restored:\n"
        "index other of public.batch: there is another of that name: "
        "CREATE INDEX other ON public.batch USING btree (number varchar_pattern_ops)\n"
        "  set aside was: CREATE INDEX other ON public.batch USING btree (status)"
    )
    assert pending(conn) == 1
    # Setting aside again takes what is there now for the truth.
    assert set_aside(conn, ["batch"]) == 3
    restore(conn)
    found = conn.execute("SELECT pg_get_indexdef('other'::regclass)").fetchone()
    assert found == ("CREATE INDEX other ON public.batch USING btree (number varchar_pattern_ops)",)


def test_a_session_in_the_way_is_named(conn: Connection, url: str) -> None:
    run(conn, "CREATE INDEX b ON batch (status)")
    with psycopg.connect(url, application_name="forgotten psql") as other:
        other.execute("SELECT * FROM batch")
        expected = (
            "Waited 0.2 s for a lock that another session holds. End that session, or wait for it:\n"
            f"  process {other.info.backend_pid} (forgotten psql), idle in transaction, holds batch"
        )
        with pytest.raises(AquadataError) as caught:
            set_aside(conn, ["batch"], seconds=0.2)
        assert str(caught.value) == expected
        other.rollback()
        set_aside(conn, ["batch"])
        other.execute("INSERT INTO batch (status) VALUES ('x')")
        with pytest.raises(AquadataError) as caught:
            restore(conn, seconds=0.2)
        assert expected in str(caught.value)
    assert restore(conn) == ["index b of public.batch"]


def test_a_tablespace_is_kept(conn: Connection) -> None:
    if int(conn.execute("SHOW server_version_num").fetchone()[0]) < 150000:  # type: ignore[index]
        pytest.skip("tablespaces in place are new in PostgreSQL 15")
    name = f"space_{uuid.uuid4().hex[:8]}"
    run(conn, "SET allow_in_place_tablespaces TO on", f"CREATE TABLESPACE {name} LOCATION ''")
    try:
        run(conn, f"CREATE INDEX b ON batch (status) TABLESPACE {name}", "CREATE INDEX c ON batch (day)")
        before = catalogue(conn)
        set_aside(conn, ["batch"])
        run(conn, f"SET default_tablespace TO {name}")
        restore(conn)
        assert catalogue(conn) == before
    finally:
        run(conn, "SET default_tablespace TO ''", "DROP INDEX IF EXISTS b", f"DROP TABLESPACE {name}")


def test_a_restore_that_dies_in_the_middle_is_taken_up(conn: Connection, url: str) -> None:
    run(conn, "CREATE INDEX b ON batch (status)", "CREATE INDEX r ON reading (value)", KEYS[5].format("k"))
    before = catalogue(conn)
    set_aside(conn, ["batch", "reading"])
    blocker = psycopg.connect(url)
    blocker.execute("LOCK TABLE reading IN ROW EXCLUSIVE MODE")
    victim = psycopg.connect(url)
    caught: list[BaseException] = []

    def work() -> None:
        try:
            restore(victim)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    while conn.execute(waiting, [victim.info.backend_pid]).fetchone() != (1,):
        thread.join(0.02)
        assert thread.is_alive()
    conn.execute("SELECT pg_terminate_backend(%s)", [victim.info.backend_pid])
    thread.join()
    blocker.close()
    victim.close()
    assert isinstance(caught[0], psycopg.OperationalError)
    assert 0 < pending(conn) <= 3
    restore(conn)
    assert catalogue(conn) == before
