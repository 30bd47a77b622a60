"""Verification alone, on databases that are not this run's: nothing is written, and whatever is missing is said in a verdict."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from projects import Project
from psycopg import conninfo, sql
from run_farm import NAMES, Databases

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

VERIFY = ("-m", "aquadata_verify", "-rs")


def _text(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    return text


def _do(url: str, statement: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute(statement)


def _written(url: str) -> object:
    """What any write to the database would change: its transactions that wrote something, and its schemas."""
    with psycopg.connect(url) as conn:
        schemas = conn.execute("SELECT array_agg(nspname::text ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_'").fetchone()
        changes = conn.execute(
            "SELECT relid::regclass::text, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_all_tables ORDER BY 1"
        ).fetchall()
        return schemas, [change for change in changes if not change[0].startswith("pg_")]


@pytest.fixture
def without_ledger(finished_url: str) -> str:
    _do(finished_url, "DROP SCHEMA aquadata CASCADE")
    return finished_url


@pytest.fixture
def anothers(finished_url: str) -> str:
    """A database that holds the ledger of another run."""
    _do(finished_url, "ALTER TABLE aquadata.batch DROP CONSTRAINT batch_fingerprint_fkey")
    _do(finished_url, "UPDATE aquadata.run SET fingerprint = 'another'; UPDATE aquadata.batch SET fingerprint = 'another'")
    return finished_url


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("kind", ["without_ledger", "anothers"])
def test_what_is_there_is_verified(project: Project, request: pytest.FixtureRequest, kind: str, workers: str) -> None:
    url = request.getfixturevalue(kind)
    before = _written(url)
    result = project.run(*VERIFY, "-n", workers, url=url)
    passed = result.parseoutcomes()
    assert (result.ret, passed["passed"]) == (0, 4), _text(result)
    assert _written(url) == before
    assert "to go on" not in _text(result)


@pytest.mark.parametrize("kind", ["without_ledger", "anothers"])
def test_batches_that_are_missing(project: Project, request: pytest.FixtureRequest, kind: str) -> None:
    url = request.getfixturevalue(kind)
    _do(url, f"UPDATE batch_batch SET batch_number = 'OTHER-1' WHERE batch_number = '{NAMES[1]}'")
    result = project.run(*VERIFY, url=url)
    assert result.parseoutcomes()["skipped"] == 1
    assert f"1 batch not built: {NAMES[1]}" in _text(result)
    _do(url, "UPDATE batch_batch SET batch_number = 'NO-' || id")
    none = project.run(*VERIFY, url=url)
    none.assert_outcomes(failed=4, deselected=5)
    assert "the database holds no batch of this scenario" in _text(none)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("DROP TABLE batch_batch CASCADE", 'no batch can be looked up: relation "batch_batch" does not exist'),
        ("ALTER TABLE batch_batch DROP COLUMN batch_number", 'no batch can be looked up: column "batch_number" does not exist'),
        ("DROP TABLE batch_mortalityevent CASCADE", 'relation "batch_mortalityevent" does not exist'),
        ("ALTER TABLE batch_lifecyclestage DROP COLUMN name", "does not exist"),
    ],
)
def test_what_is_missing_is_said(project: Project, without_ledger: str, damage: str, message: str) -> None:
    _do(without_ledger, damage)
    result = project.run(*VERIFY, url=without_ledger)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert message in _text(result)
    assert "defect in pytest-aquadata" not in _text(result)


@pytest.mark.parametrize("arguments", [[], ["-n", "2"], ["-k", "prepare"], ["-k", "finish", "-n", "1"]])
@pytest.mark.parametrize(
    ("kind", "message"), [("without_ledger", "tables that no run of this plugin made"), ("anothers", "of an earlier run")]
)
def test_to_build_there_is_refused_before_the_first_item(
    project: Project, request: pytest.FixtureRequest, kind: str, message: str, arguments: list[str]
) -> None:
    url = request.getfixturevalue(kind)
    before = _written(url)
    result = project.run(*arguments, url=url)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in _text(result)
    assert "passed" not in _text(result)
    assert _written(url) == before


@pytest.fixture
def reader(finished_url: str, server_url: str) -> Iterator[str]:
    """A finished farm, to a role that may read its tables and no more; its ledger not even that."""
    name = conninfo.conninfo_to_dict(finished_url)["dbname"] + "_reader"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'reads'").format(sql.Identifier(name)))
        conn.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(name)))
    with psycopg.connect(finished_url) as conn:
        conn.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(sql.Identifier(name)))
    yield conninfo.make_conninfo(finished_url, user=name, password="reads", passfile="")
    with psycopg.connect(finished_url) as conn:
        conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("ledger", [False, True])
def test_a_role_that_only_reads(project: Project, databases: Databases, finished_url: str, reader: str, ledger: bool) -> None:
    role = conninfo.conninfo_to_dict(reader)["user"]
    if ledger:
        _do(finished_url, f'GRANT USAGE ON SCHEMA aquadata TO "{role}"; GRANT SELECT ON ALL TABLES IN SCHEMA aquadata TO "{role}"')
    result = project.run(*VERIFY, "-n", "2", url=reader)
    assert (result.ret, result.parseoutcomes()["passed"]) == (0, 4), _text(result)
    assert (databases.digest in _text(result)) is ledger
    build = project.run("--aquadata-batch=FAR-2025-001", url=reader)
    # with a ledger there is something to write, and the server says no; without one this is no database to build in
    assert build.ret == (EXIT_ENVIRONMENT if ledger else pytest.ExitCode.USAGE_ERROR)
    assert ("the database refused" in _text(build)) is ledger
