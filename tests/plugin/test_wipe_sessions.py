"""``--aquadata-wipe`` as a user runs it: what it prints, its exit codes, what it refuses."""

from __future__ import annotations

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases, contents, digest_in


def _text(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    return text


def test_wiped_and_built_again(project: Project, databases: Databases, finished_url: str) -> None:
    wiped = project.run("--aquadata-wipe", "-n", "2", url=finished_url)
    assert wiped.ret == pytest.ExitCode.OK
    readings = databases.plan.total("environmental_environmentalreading")
    wiped.stdout.fnmatch_lines(
        ["*removed  from *", f"*{readings:,}  environmental_environmentalreading", "*in all, of 3 batches: FAR-*; * s"]
    )
    check = project.run("-m", "aquadata_verify", url=finished_url)
    assert "nothing is built yet" in _text(check)
    command = next(line.removeprefix("to build again  ") for line in wiped.outlines if line.startswith("to build again"))
    again = project.run_command(command)
    again.assert_outcomes(passed=len(ITEMS))
    assert digest_in(_text(again)) == databases.digest
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def test_one_batch(project: Project, databases: Databases, finished_url: str) -> None:
    wiped = project.run("--aquadata-wipe", f"--aquadata-batch={NAMES[0]}", url=finished_url)
    assert wiped.ret == pytest.ExitCode.OK
    assert f"in all, of 1 batch: {NAMES[0]};" in _text(wiped)
    check = project.run("-m", "aquadata_verify", "-rs", url=finished_url)
    check.assert_outcomes(passed=3, skipped=1, deselected=5)
    assert f"1 batch not built: {NAMES[0]}" in _text(check)
    assert digest_in(_text(project.run(url=finished_url))) == databases.digest


def test_a_second_time_there_is_nothing(project: Project, finished_url: str) -> None:
    project.run("--aquadata-wipe", url=finished_url)
    second = project.run("--aquadata-wipe", url=finished_url)
    assert second.ret == pytest.ExitCode.OK
    assert "nothing to remove from " in _text(second)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("as_of=2025-06-02", "as of 2025-06-01, not 2025-06-02; nothing was removed\n    wipe it with --aquadata-set=as_of=2025-06-01"),
        ("seed=7", "with another seed; nothing was removed\n    wipe it with the scenario and the overrides that built it"),
    ],
)
def test_another_run_is_refused(project: Project, databases: Databases, finished_url: str, change: str, message: str) -> None:
    refused = project.run("--aquadata-wipe", f"--aquadata-set={change}", url=finished_url)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert f"holds scenario 'farm' {message}" in _text(refused)
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def test_another_version_is_refused(project: Project, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        conn.execute("ALTER TABLE aquadata.batch DROP CONSTRAINT batch_fingerprint_fkey")
        conn.execute("UPDATE aquadata.run SET fingerprint = 'of another version'")
    refused = project.run("--aquadata-wipe", url=finished_url)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "holds scenario 'farm' built by another version of this plugin; nothing was removed" in _text(refused)


def test_a_database_without_a_ledger_is_refused(project: Project, databases: Databases, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        conn.execute("DROP SCHEMA aquadata CASCADE")
    refused = project.run("--aquadata-wipe", url=finished_url)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "has no ledger of this plugin" in _text(refused)
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--aquadata-create"], "--aquadata-wipe and --aquadata-create do not go together"),
        (["--collect-only"], "--aquadata-wipe and --collect-only do not go together"),
        (["--aquadata-validate"], "--aquadata-validate and --aquadata-wipe do not go together"),
        (["--aquadata-batch=FAR-2024-001"], "did you mean 'FAR-2025-001'"),
    ],
)
def test_what_cannot_be_meant(project: Project, arguments: list[str], message: str) -> None:
    refused = project.run("--aquadata-wipe", *arguments)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert message in _text(refused)
    assert not (project.path / "home-that-nobody-makes").exists()


def test_without_a_scenario(project: Project) -> None:
    refused = project.run("--aquadata-wipe", scenario=None)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "--aquadata-wipe needs a scenario" in _text(refused)


def test_rows_of_others_in_the_way(project: Project, databases: Databases, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        conn.execute("CREATE TABLE note (batch bigint REFERENCES batch_batch)")
        conn.execute("INSERT INTO note SELECT id FROM batch_batch")
    refused = project.run("--aquadata-wipe", url=finished_url)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "public.note.batch: 3 rows that refer to batch_batch" in _text(refused)
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents
