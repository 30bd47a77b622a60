"""Roles that may do little: what they may not is said before the first write, and what they may build is the same to the byte."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import conninfo, sql
from run_farm import Databases, contents, fingerprint_of, schema

from pytest_aquadata.errors import AquadataError, LoadWarning
from pytest_aquadata.load import aside, deferred, privileges
from pytest_aquadata.load.run import Run
from pytest_aquadata.load.target import open_target

PASSWORD = "of-a-test"


@pytest.fixture
def role(server_url: str) -> Iterator[str]:
    """A role that may connect and nothing else."""
    name = f"clerk {uuid.uuid4().hex[:8]}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(PASSWORD)))
    yield name
    with psycopg.connect(server_url, autocommit=True) as conn:
        # what it was granted lies in databases that go with the server, or have gone
        conn.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(name)))


def _as(role: str, url: str) -> str:
    return conninfo.make_conninfo(url, user=role, password=PASSWORD)


def _run_statements(url: str, role: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in statements:
            conn.execute(sql.SQL(statement).format(role=sql.Identifier(role)))


READ = ["GRANT USAGE ON SCHEMA public, aquadata TO {role}", "GRANT SELECT ON ALL TABLES IN SCHEMA public, aquadata TO {role}"]
LEDGER = "GRANT UPDATE ON ALL TABLES IN SCHEMA aquadata TO {role}"
FILL = "GRANT INSERT ON ALL TABLES IN SCHEMA public TO {role}"
SEQUENCES = "GRANT UPDATE, USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"


def test_a_role_that_owns_nothing_fills_with_indexes_and_keys_in_place(
    databases: Databases, prepared_url: str, role: str, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "WORTH_IT", 0)
    _run_statements(prepared_url, role, *READ, LEDGER, FILL, SEQUENCES)
    before = schema(prepared_url)
    run = run_of(_as(role, prepared_url))
    with pytest.warns(LoadWarning, match=f"the role '{role}' may not drop the indexes and keys of .* more; these tables are filled"):
        run.build(1)
    assert deferred.pending(run.conn) == 0
    assert schema(prepared_url) == before
    run.build(2)
    run.build(3)
    assert run.finish() == databases.digest
    assert schema(prepared_url) == before
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


def test_sequences_that_may_not_be_set_are_named(prepared_url: str, role: str, run_of: Callable[..., Run]) -> None:
    _run_statements(prepared_url, role, *READ, LEDGER, FILL)
    run = run_of(_as(role, prepared_url))
    run.build(1)
    with pytest.warns(LoadWarning, match=r"may not set public\.\w+_seq, .* more, which are behind the ids of their tables"):
        run.finish()


def test_a_role_that_owns_some_tables(databases: Databases, prepared_url: str, role: str) -> None:
    """Only what refers to nothing of others is set aside."""
    table, leaf = "environmental_environmentalreading", "batch_species"
    _run_statements(prepared_url, role, *READ, "GRANT CREATE ON SCHEMA public TO {role}", f"ALTER TABLE {table} OWNER TO {{role}}")
    with psycopg.connect(_as(role, prepared_url)) as conn:
        assert privileges.split(conn, [table, leaf]) == ([], [table, leaf])
    _run_statements(
        prepared_url, role, f"ALTER TABLE {leaf} OWNER TO {{role}}", "GRANT SELECT, INSERT, UPDATE, DELETE ON aquadata.run TO {role}"
    )
    with psycopg.connect(_as(role, prepared_url)) as conn:
        assert privileges.split(conn, [table, leaf]) == ([leaf], [table])
    with psycopg.connect(prepared_url) as conn:
        assert privileges.split(conn, databases.plan.tables) == (list(databases.plan.tables), [])


def test_too_little_is_said_before_the_first_write(databases: Databases, prepared_url: str, role: str, run_of: Callable[..., Run]) -> None:
    _run_statements(prepared_url, role, *READ, LEDGER)
    before = contents(prepared_url, databases.plan.all_tables)
    run = run_of(_as(role, prepared_url))
    for step in (run.prepare, lambda: run.build(1)):
        with pytest.raises(AquadataError, match=rf"the role '{role}' may not fill .* and \d+ more\n    GRANT SELECT, INSERT ON ") as caught:
            step()
    assert contents(prepared_url, databases.plan.all_tables) == before
    # the statement of the message is the cure
    with psycopg.connect(prepared_url, autocommit=True) as conn:
        conn.execute(sql.SQL(str(caught.value).splitlines()[1].strip()))  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run.build(1).fresh


def test_an_empty_database_in_which_a_role_may_create_nothing(databases: Databases, role: str) -> None:
    url = databases.new()
    name = conninfo.conninfo_to_dict(url)["dbname"]
    _run_statements(url, role, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    plan = databases.plan
    target = open_target(_as(role, url), None, plan, fingerprint_of(plan), create=False)
    target.close()
    grants = [f'GRANT CREATE ON DATABASE "{name}" TO "{role}"', f'GRANT USAGE, CREATE ON SCHEMA "public" TO "{role}"']
    assert target.refusal.split("\n    ") == [f"the role '{role}' may not create tables in '{name}'", *grants]
    with psycopg.connect(url, autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'aquadata'").fetchone() == (0,)
        conn.execute(sql.SQL(grants[1]))  # type: ignore[arg-type]
        # instead of the right to create schemas, this one schema will do
        conn.execute(sql.SQL("CREATE SCHEMA aquadata AUTHORIZATION {}").format(sql.Identifier(role)))
    open_target(_as(role, url), None, plan, fingerprint_of(plan), create=False).close()
    run = Run(_as(role, url), plan, fingerprint_of(plan), [1, 2, 3])
    try:
        for number in run.selected:
            run.build(number)
        assert run.finish() == databases.digest
    finally:
        run.close()
