"""What a session leaves for machines, with workers and without: JSON, JUnit properties, a Markdown summary, kept and compared builds."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from typing import Any

import psycopg
import pytest
from projects import Project
from run_farm import NAMES, Databases

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

OWN = "--aquadata-set=criteria.own.rows=SELECT batch_number, status, '<a|b>' AS odd FROM batch_batch ORDER BY id"
WARNS = "--aquadata-set=criteria.rows.max=0"


def _json(project: Project, name: str = "out.json") -> dict[str, Any]:
    return json.loads((project.path / name).read_text(encoding="utf-8"))


def _text(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    return text


@pytest.mark.parametrize("workers", [0, 2])
def test_a_build_as_json(project: Project, databases: Databases, prepared_url: str, workers: int) -> None:
    result = project.run("-n", str(workers), "--aquadata-json=out.json", "--aquadata-save=kept.json", url=prepared_url)
    assert result.ret == 0, _text(result)
    said, plan = _json(project), databases.plan
    assert (said["format"], said["verdict"], said["failed"]) == (1, "passed", [])
    assert (said["scenario"]["name"], said["scenario"]["file"], said["scenario"]["as_of"]) == ("farm", "scenarios/farm.yaml", "2025-06-01")
    assert said["scenario"]["resolved"]["eggs"] == {"low": 2000, "high": 3000}
    assert (said["digest"], said["fingerprint"]) == (databases.digest, databases.fingerprint)
    assert [batch["name"] for batch in said["batches"]] == NAMES
    for batch, planned in zip(said["batches"], plan.simulation.batches, strict=True):
        rows = int(plan.counts[planned.number - 1].sum())
        assert (batch["state"], batch["rows"], batch["planned_rows"], batch["eggs"]) == ("built", rows, rows, planned.life.eggs)
        assert batch["builder"] in (("gw0", "gw1") if workers else ("main",))
        assert batch["rebuild"].endswith(f"--aquadata-batch={batch['name']}")
        assert batch["seconds"] > 0
    with psycopg.connect(prepared_url) as conn:
        for table, rows in said["rows"].items():
            if table.startswith("batch_"):
                assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,)
    assert [criterion["name"] for criterion in said["criteria"]] == ["rows", "survival", "stages", "own"]
    assert {criterion["state"] for criterion in said["criteria"]} == {"pass"}
    assert list(said["phases"]) == ["prepare", "build", "finish", "verify"]
    assert said["figures"]["total"] == pytest.approx(sum(said["phases"].values()))
    assert said["figures"]["rows_per_second"] == pytest.approx(sum(b["rows"] for b in said["batches"]) / said["phases"]["build"])
    assert said["figures"]["size"] == said["sizes"]["database"] > sum(said["sizes"]["tables"].values())
    assert said["machine"]["cpus"] == os.cpu_count()
    assert said["versions"]["postgresql"]
    kept = _json(project, "kept.json")
    assert kept["figures"] == said["figures"]
    assert "batches" not in kept


@pytest.mark.parametrize("workers", [0, 2])
def test_criteria_that_do_not_hold(project: Project, finished_url: str, workers: int) -> None:
    files = ("--aquadata-json=out.json", "--junitxml=junit.xml", "--aquadata-summary=page.md")
    project.write("page.md", "# before\n")
    result = project.run("-n", str(workers), *files, OWN, url=finished_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED, _text(result)
    said = _json(project)
    assert said["verdict"] == "failed"
    assert said["failed"] == [{"item": "verify[own]", "cause": "criterion"}]
    own = said["criteria"][-1]
    assert (own["state"], own["offending"], own["columns"]) == ("fail", 3, ["batch_number", "status", "odd"])
    assert [row[0] for row in own["rows"]] == NAMES
    assert own["query"].startswith("SELECT batch_number")
    assert own["batches"] == NAMES
    cases = {case.get("name"): case for case in ET.parse(project.path / "junit.xml").iter("testcase")}
    properties = {entry.get("name"): entry.get("value") for entry in cases["verify[own]"].iter("property")}
    assert (properties["aquadata_state"], properties["aquadata_cause"]) == ("fail", "criterion")
    assert json.loads(properties["aquadata_evidence"])["rows"] == own["rows"]
    page = (project.path / "page.md").read_text(encoding="utf-8")
    assert page.startswith("# before\n## aquadata: farm: failed\n")
    assert "3 of 4 criteria hold" in page
    assert f"| {NAMES[0]} | ACTIVE | &lt;a\\|b> |" in page


def test_the_summary_goes_where_ci_shows_it(project: Project, finished_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "step.md"))
    assert project.run(url=finished_url).ret == 0
    assert (project.path / "step.md").read_text(encoding="utf-8").count("## aquadata: farm: passed") == 1


def test_a_database_of_another_run(project: Project, finished_url: str) -> None:
    """Only verified: what is there is told, and nothing of how it came about."""
    result = project.run("-m", "aquadata_verify", "--aquadata-json=out.json", "--aquadata-set=seed=2", "-k", "stages", url=finished_url)
    assert result.ret == 0, _text(result)
    said = _json(project)
    assert ([batch["state"] for batch in said["batches"]], said["digest"], said["rows"]) == (["found"] * 3, None, {})
    assert [criterion["name"] for criterion in said["criteria"]] == ["stages"]
    assert said["figures"]["verify"] is None


LOST = """
from pytest_aquadata.load import run

def refuse(*arguments, **options):
    raise {error}

def pytest_configure(config):
    run.Run.{step} = refuse
"""


@pytest.mark.parametrize(
    ("workers", "error", "cause", "code"),
    [
        (2, "__import__('psycopg').errors.DiskFull('no space left')", "environment", EXIT_ENVIRONMENT),
        (0, "MemoryError('no memory left')", "environment", EXIT_ENVIRONMENT),
        (0, "ValueError('a defect')", "defect", pytest.ExitCode.TESTS_FAILED),
    ],
)
def test_exit_codes_tell_the_environment_from_a_failure(
    project: Project, prepared_url: str, error: str, cause: str, code: int, workers: int
) -> None:
    project.write("conftest.py", LOST.format(error=error, step="build"))
    result = project.run("-n", str(workers), "--aquadata-json=out.json", "-k", NAMES[0], url=prepared_url)
    assert result.ret == code
    said = _json(project)
    assert said["failed"] == [{"item": f"build[{NAMES[0]}]", "cause": cause}]
    assert said["verdict"] == ("environment" if cause == "environment" else "failed")


def test_a_kept_build_is_compared(project: Project, databases: Databases, prepared_url: str) -> None:
    n = ("-n", "2", "--aquadata-compare=kept.json")
    assert project.run("-n", "2", "--aquadata-save=kept.json", url=prepared_url).ret == 0
    kept = _json(project, "kept.json")
    same = project.run(
        *n, "--aquadata-compare=kept.json", "--aquadata-compare-fail=size:50%", "--aquadata-compare-fail=digest", url=prepared_url
    )
    assert same.ret == 0, _text(same)
    same.stdout.fnmatch_lines(["compared with kept.json, *", "size * -> *", "digest * the same"])
    assert "differ:" not in _text(same)

    # a gate is not passed by a session that built nothing
    idle = project.run(*n, "--aquadata-compare-fail=build:1000%", url=prepared_url)
    assert idle.ret == pytest.ExitCode.TESTS_FAILED
    assert "build: not measured by this session" in _text(idle)

    kept["machine"]["processor"] = "another one"
    kept["scenario"]["resolved"]["seed"] = 7
    kept["figures"] |= {"digest": "other", "size": kept["figures"]["size"] // 2}
    project.write("kept.json", json.dumps(kept))
    worse = project.run(
        *n, "--aquadata-compare=kept.json", "--aquadata-compare-fail=size:20%", "--aquadata-compare-fail=digest", url=prepared_url
    )
    assert worse.ret == pytest.ExitCode.TESTS_FAILED
    text = _text(worse)
    assert "warning: the machines differ: processor: another one, now " in text
    assert "warning: the scenarios differ: seed: 7, now 1" in text
    assert f"digest: {databases.digest} is not other" in text
    assert "allowed are 20 %" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--aquadata-json=no/out.json"], "--aquadata-json: no/out.json lies in no folder that is there"),
        (["--aquadata-save=scenarios"], "--aquadata-save: scenarios is a folder"),
        (["--aquadata-compare=none.json"], "--aquadata-compare: none.json cannot be read: No such file or directory"),
        (["--aquadata-compare=pytest.ini"], "--aquadata-compare: pytest.ini holds no build\n    write one with --aquadata-save=FILE"),
        (["--aquadata-compare-fail=digest"], "--aquadata-compare-fail needs a saved build"),
        (["--aquadata-compare-fail=bild:20%"], "there is no figure 'bild'\n    did you mean 'build'?"),
        (["--aquadata-compare-fail=bild"], "there is no figure 'bild'\n    did you mean 'build'?"),
        (["--aquadata-compare-fail=build"], "--aquadata-compare-fail=build: not an expression\n    write it like build:20%"),
        (["--aquadata-compare-fail=build:lots"], "--aquadata-compare-fail=build:lots: not an expression"),
        (["--aquadata-compare-fail=digest:5%"], "--aquadata-compare-fail=digest:5%: not an expression"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_built(project: Project, arguments: list[str], message: str) -> None:
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in _text(result)
    assert not (project.path / "home-that-nobody-makes").exists()


def test_a_file_that_cannot_be_written_fails_the_session(project: Project, finished_url: str) -> None:
    project.write("conftest.py", "import pathlib\n\ndef pytest_collection_finish():\n    pathlib.Path('out.json').mkdir()\n")
    result = project.run("--aquadata-json=out.json", url=finished_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "--aquadata-json: out.json could not be written: Is a directory" in _text(result)


def test_a_wrong_scenario_is_told_in_the_files_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first item, also with workers: the same words as on the terminal, and the exit code."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "step.md"))
    project.write("out.json", '{"verdict": "passed"}')
    result = project.run("-n", "2", "--aquadata-json=out.json", "--aquadata-set=stager=3")
    said = _json(project)
    assert (result.ret, said["exit_code"], said["verdict"]) == (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.USAGE_ERROR, "refused")
    assert "did you mean 'stagger'?" in said["message"]
    assert said["message"] in _text(result)
    assert (said["scenario"], said["format"]) == ({"name": "farm", "overrides": ["stager=3"]}, 1)
    page = (project.path / "step.md").read_text(encoding="utf-8")
    assert page.startswith("## aquadata: farm: refused\n\n```\n")
    assert said["message"] in page
    assert page.endswith("\nExit code 4.\n")
    assert page.count("## ") == 1


def test_an_environment_that_does_not_do_is_told_in_the_files_too(project: Project) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    result = project.run("--aquadata-json=out.json", "--aquadata-summary=page.md", url=url)
    said = _json(project)
    assert (result.ret, said["exit_code"], said["verdict"]) == (EXIT_ENVIRONMENT, EXIT_ENVIRONMENT, "environment")
    assert "cannot connect to" in said["message"]
    assert "Exit code 6." in (project.path / "page.md").read_text(encoding="utf-8")


def test_a_refusal_that_cannot_be_written_is_said(project: Project) -> None:
    result = project.run("--aquadata-json=no/out.json", "--aquadata-set=stager=3")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--aquadata-json could not be written: No such file or directory" in _text(result)
    assert "did you mean 'stagger'?" in _text(result)
