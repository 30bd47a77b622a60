"""What a run that died left aside comes back: by --aquadata-repair, or by whatever session builds next."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from projects import Project
from run_farm import Databases, contents, schema

from pytest_aquadata.load import deferred
from pytest_aquadata.load.run import Run


def _died(databases: Databases, url: str, run_of: Callable[..., Run]) -> int:
    """As a run leaves it that dies after its first batch. Returns how many indexes and keys are aside."""
    run = run_of(url)
    with psycopg.connect(url, autocommit=True) as conn:
        aside = deferred.set_aside(conn, databases.plan.tables)
    run.build(1)
    run.close()
    return aside


def test_repair_puts_back_and_builds_nothing(project: Project, databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    before = schema(prepared_url)
    aside = _died(databases, prepared_url, run_of)
    assert schema(prepared_url) != before
    rows = contents(prepared_url, databases.plan.all_tables)
    result = project.run("--aquadata-repair", url=prepared_url)
    assert result.ret == 0
    assert result.stdout.lines == [f"{aside} indexes and keys were aside and are back"]
    assert schema(prepared_url) == before
    assert contents(prepared_url, databases.plan.all_tables) == rows
    with psycopg.connect(prepared_url) as conn:
        following, greatest = conn.execute("SELECT nextval('batch_batch_id_seq'), (SELECT max(id) FROM batch_batch)").fetchone()
        assert following == greatest + 1
        assert conn.execute("SELECT reltuples FROM pg_class WHERE relname = 'batch_batch'").fetchone() == (1,)
    again = project.run("--aquadata-repair", url=prepared_url)
    assert again.ret == 0
    assert again.stdout.lines == ["no index and no key was aside"]


def test_any_session_that_builds_puts_back(project: Project, databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    before = schema(prepared_url)
    assert _died(databases, prepared_url, run_of)
    project.run("-k", "build and 002", url=prepared_url)
    assert schema(prepared_url) == before
    with psycopg.connect(prepared_url) as conn:
        assert deferred.pending(conn) == 0


@pytest.mark.parametrize("arguments", [["-m", "aquadata_verify", "-k", "stages"], ["-k", "nothing-of-this-name"]])
def test_one_that_builds_nothing_writes_nothing_and_says_how(
    project: Project, databases: Databases, prepared_url: str, run_of: Callable[..., Run], arguments: list[str]
) -> None:
    aside = _died(databases, prepared_url, run_of)
    before = schema(prepared_url)
    result = project.run(*arguments, url=prepared_url)
    result.stdout.fnmatch_lines([f"repair    pytest --aquadata=farm * --aquadata-repair   ({aside} indexes and keys are aside *"])
    assert schema(prepared_url) == before


def test_what_cannot_come_back_is_named(project: Project, databases: Databases, prepared_url: str, run_of: Callable[..., Run]) -> None:
    _died(databases, prepared_url, run_of)
    with psycopg.connect(prepared_url) as conn:
        conn.execute("UPDATE batch_batch SET species_id = 4711")
    result = project.run("--aquadata-repair", url=prepared_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    text = result.stderr.str()
    assert "Traceback" not in text
    assert "species_id=4711, which public.batch_species does not have" in text
    with psycopg.connect(prepared_url) as conn:
        assert deferred.pending(conn) == 1


def test_repair_of_what_is_not_there(project: Project) -> None:
    without = project.run("--aquadata-repair", scenario=None)
    assert without.ret == pytest.ExitCode.USAGE_ERROR
    assert "--aquadata-repair needs a scenario: --aquadata=NAME" in without.stderr.str()
    both = project.run("--aquadata-repair", "--aquadata-validate")
    assert both.ret == pytest.ExitCode.USAGE_ERROR
    assert "give one of them" in both.stderr.str()
