"""Templates: built once, found again only upon the very same state, never taken for whole when they are not; copies that are equal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import conninfo

from pytest_aquadata.errors import AquadataError, LoadWarning
from pytest_aquadata.load import databases, templates
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.run import connect
from pytest_aquadata.load.templates import Template


@pytest.fixture
def conn(server_url: str) -> Iterator[Connection]:
    with connect(server_url, "tests") as conn:
        yield conn


@pytest.fixture
def source(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True) as there:
        there.execute("CREATE TABLE tank (id integer PRIMARY KEY, name text, made timestamptz DEFAULT clock_timestamp())")
        there.execute("INSERT INTO tank VALUES (1, 'old')")
    return str(conninfo.conninfo_to_dict(database_url)["dbname"])


@pytest.fixture
def ensure(conn: Connection, source: str) -> Iterator[Callable[..., Template]]:
    def build(url: str) -> None:
        with psycopg.connect(url) as there:
            there.execute("INSERT INTO tank VALUES (2, 'built')")

    def ensure(build: Callable[[str], object] = build, fingerprint: str = "f", scenario: str = "s") -> Template:
        return templates.ensure(conn, source, source, scenario, fingerprint, build)

    yield ensure
    for name, note in databases.described(conn).items():
        if note.get("project") == source:
            databases.drop(conn, name)


def change(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as there:
        there.execute(statement)


def test_a_template_is_found_again_until_something_changes(ensure: Callable[..., Template], conn: Connection, database_url: str) -> None:
    first = ensure()
    assert first.built
    change(database_url, "UPDATE tank SET made = clock_timestamp()")
    found = ensure()
    assert (found.name, found.built) == (first.name, False)

    change(database_url, "CREATE INDEX ON tank (name)")
    second = ensure()
    assert second.built
    assert not databases.exists(conn, first.name), "nobody needs it any more"
    assert ensure(fingerprint="another version", scenario="another").built
    assert databases.exists(conn, second.name), "another scenario's"


def test_the_state_of_a_database_is_its_schema_and_its_rows(database_url: str, source: str) -> None:
    states = []
    with connect(database_url, "tests") as there:
        for statement in (
            "SELECT",
            "ALTER TABLE tank ADD note text",
            "CREATE INDEX ON tank (name)",
            "ALTER TABLE tank ALTER name SET DEFAULT 'x'",
            "ALTER TABLE tank ADD CHECK (id > 0)",
            "CREATE VIEW tanks AS SELECT id FROM tank",
            "INSERT INTO tank VALUES (7, 'seven')",
            "UPDATE tank SET name = 'other'",
            "DELETE FROM tank",
        ):
            there.execute(statement)
            states.append(templates.state_of(there))
    assert len(set(states)) == len(states)


def test_a_build_that_fails_or_dies_leaves_no_template(ensure: Callable[..., Template], conn: Connection) -> None:
    def fail(url: str) -> None:
        raise AquadataError("no room")

    with pytest.raises(AquadataError, match="no room"):
        ensure(fail)
    first = ensure()
    # what a killed process leaves: the database under its other name, without the note
    unfinished = first.name.replace("template", "unfinished")
    conn.execute(f"ALTER DATABASE {first.name} WITH IS_TEMPLATE false ALLOW_CONNECTIONS true")
    databases.rename(conn, first.name, unfinished)
    other = "aquadata_unfinished_0123456789abcdef"
    conn.execute(f"CREATE DATABASE {other}")
    again = ensure()
    assert (again.name, again.built) == (first.name, True)
    assert not databases.exists(conn, unfinished)
    assert not databases.exists(conn, other), "a killed build of something that nobody asks for any more"


def test_who_comes_at_the_same_time_waits(ensure: Callable[..., Template], source: str, server_url: str, database_url: str) -> None:
    found: list[Template] = []
    building = threading.Event()

    def second() -> None:
        building.wait(30)
        with connect(server_url, "second") as conn:
            found.append(templates.ensure(conn, source, source, "s", "f", lambda url: pytest.fail("built twice")))

    def build(url: str) -> None:
        building.set()
        change(url, "SELECT pg_sleep(0.5)")

    thread = threading.Thread(target=second)
    thread.start()
    first = ensure(build)
    thread.join(60)
    assert first.built
    assert [(each.name, each.built) for each in found] == [(first.name, False)]


def test_a_copy_has_the_rows_and_the_settings(ensure: Callable[..., Template], conn: Connection, source: str) -> None:
    for setting in ("work_mem = '5MB'", 'search_path = "$user", app, public', "my.own = 'a, b'"):
        conn.execute(f"ALTER DATABASE {source} SET {setting}")
    conn.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {source} SET statement_timeout = '7s'")
    name = f"{source}_copy"
    try:
        databases.copy(conn, ensure().name, name)
        with connect(conninfo.make_conninfo(conn.info.dsn, dbname=name), "tests") as there:
            shown = [there.execute(f"SHOW {each}").fetchone()[0] for each in ("work_mem", "search_path", "my.own", "statement_timeout")]
            assert there.execute("SELECT id, name FROM public.tank ORDER BY id").fetchall() == [(1, "old"), (2, "built")]
        assert shown == ["5MB", '"$user", app, public', "a, b", "7s"]
        with (
            connect(conninfo.make_conninfo(conn.info.dsn, dbname=name), "tests"),
            pytest.raises(AquadataError, match="somebody is connected"),
        ):
            databases.copy(conn, name, f"{name}2")
    finally:
        databases.drop(conn, name)


def test_settings_that_the_role_may_not_set_are_named(conn: Connection, source: str) -> None:
    role, name = f"{source}_role", f"{source}_copy"
    conn.execute(f"CREATE ROLE {role} CREATEDB")
    conn.execute(f"ALTER DATABASE {source} IS_TEMPLATE true")
    for setting in ("log_statement = 'all'", "work_mem = '5MB'"):
        conn.execute(f"ALTER DATABASE {source} SET {setting}")
    try:
        limited = connect(conninfo.make_conninfo(conn.info.dsn, options=f"-c role={role}"), "tests")
        with limited, pytest.warns(LoadWarning, match="are not copied: log_statement$"):
            databases.copy(limited, source, name)
        with connect(conninfo.make_conninfo(conn.info.dsn, dbname=name), "tests") as there:
            assert there.execute("SHOW work_mem").fetchone() == ("5MB",)
    finally:
        conn.execute(f"ALTER DATABASE {source} IS_TEMPLATE false")
        databases.drop(conn, name)
        conn.execute(f"DROP ROLE {role}")


def _say_used(conn: Connection, name: str, days: int) -> None:
    note = databases.described(conn)[name]
    used = conn.execute("SELECT now() - make_interval(days => %s)", (days,)).fetchone()[0]
    databases.describe(conn, name, {**note, "used": used.isoformat()})


def test_templates_that_nobody_uses_any_more_go(ensure: Callable[..., Template], conn: Connection) -> None:
    old, new = ensure(scenario="old").name, ensure(scenario="new", fingerprint="new").name
    _say_used(conn, old, templates.KEPT_FOR.days + 1)
    _say_used(conn, new, templates.KEPT_FOR.days - 1)
    third = ensure(scenario="third", fingerprint="third").name
    assert [databases.exists(conn, name) for name in (old, new, third)] == [False, True, True]
    # to find one is to use it
    _say_used(conn, new, templates.KEPT_FOR.days + 1)
    assert ensure(scenario="new", fingerprint="new").name == new
    ensure(scenario="fourth", fingerprint="fourth")
    assert databases.exists(conn, new)


def test_a_project_keeps_a_few(ensure: Callable[..., Template], conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "KEPT", 2)
    made = [ensure(scenario=name, fingerprint=name).name for name in ("a", "b", "c")]
    assert all(databases.exists(conn, name) for name in made), "all were used within a day"
    for name, days in zip(made, (3, 5, 4), strict=True):
        _say_used(conn, name, days)
    last = ensure(scenario="d", fingerprint="d").name
    assert [databases.exists(conn, name) for name in (*made, last)] == [True, False, False, True]


def test_all_of_ours_can_be_dropped(
    ensure: Callable[..., Template], conn: Connection, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = databases.described

    def of_this_test(conn: Connection) -> dict[str, dict[str, str]]:
        return {name: note for name, note in described(conn).items() if source in (note.get("project"), note.get("source"))}

    # other workers' tests have theirs on this server
    monkeypatch.setattr(databases, "described", of_this_test)
    monkeypatch.setattr(databases, "names", lambda *_: [])
    template, held, copy = ensure().name, f"{source}_held", f"{source}_copy"
    for name in (held, copy):
        databases.copy(conn, template, name)
        databases.describe(conn, name, {"kind": "copy", "source": source})
    with connect(conninfo.make_conninfo(conn.info.dsn, dbname=held), "tests"):
        gone, left = templates.remove_all(conn)
        assert held in left
    assert {template, copy} <= set(gone)
    assert [databases.exists(conn, name) for name in (template, copy, held, source)] == [False, False, True, True]
    assert templates.remove_all(conn) == ([held], [])
