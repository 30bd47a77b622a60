"""A session as a user sees it: items, selection, order, reports."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, NIGHTLY, Databases, contents, digest_in

from pytest_aquadata.load import deferred


def _text(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    return text


@pytest.mark.parametrize(
    "workers", [0, 2, pytest.param(14, marks=pytest.mark.skipif(not NIGHTLY, reason="14 workers: only in the nightly form"))]
)
def test_a_build(project: Project, databases: Databases, prepared_url: str, workers: int) -> None:
    result = project.run("-n", str(workers), "-v", "-p", "no:randomly", url=prepared_url)
    text = _text(result)
    assert result.ret == 0
    result.assert_outcomes(passed=len(ITEMS))
    for item in ITEMS:
        assert f"scenarios/farm.yaml::{item}" in text
    assert digest_in(text) == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


def test_a_second_run_builds_nothing(project: Project, databases: Databases, finished_url: str) -> None:
    result = project.run("-q", "--junitxml=report.xml", url=finished_url)
    result.assert_outcomes(passed=len(ITEMS))
    assert digest_in(_text(result)) == databases.digest
    cases = list(ET.parse(project.path / "report.xml").iter("testcase"))
    assert [case.get("name") for case in cases] == ITEMS
    for case in cases:
        properties = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
        if case.get("name").startswith("build"):
            assert properties == {"aquadata_rows": "0", "aquadata_built": "before"}
        elif case.get("name").startswith("verify"):
            assert properties["aquadata_state"] == "pass"
            assert properties["aquadata_expected"]
            assert properties["aquadata_got"]
            assert "aquadata_cause" not in properties


def test_some_batches_first_and_the_rest_later(project: Project, databases: Databases, prepared_url: str) -> None:
    some = project.run("-k", "build and FAR-", url=prepared_url)
    some.assert_outcomes(passed=2, deselected=len(ITEMS) - 2)
    assert "2 of 3 batches" in _text(some)
    some.stdout.fnmatch_lines([f"to go on  pytest --aquadata=farm '--aquadata-database={prepared_url}'"])
    with psycopg.connect(prepared_url) as conn:
        assert deferred.pending(conn) == 0

    check = project.run("-k", "verify", "-rs", url=prepared_url)
    assert check.ret == 0
    assert "SCO-2025-001" in _text(check)
    assert check.parseoutcomes()["skipped"] >= 1

    rest = project.run(url=prepared_url)
    rest.assert_outcomes(passed=len(ITEMS))
    assert digest_in(_text(rest)) == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents


def test_verify_alone(project: Project, finished_url: str) -> None:
    project.run("-m", "aquadata_verify", url=finished_url).assert_outcomes(passed=4, deselected=5)


def test_verify_where_nothing_is_built(project: Project, prepared_url: str) -> None:
    result = project.run("-k", "verify", url=prepared_url)
    result.assert_outcomes(failed=4, deselected=5)
    assert "nothing is built yet: pytest --aquadata=farm" in _text(result)


def test_a_failing_criterion_stops_and_is_run_again(project: Project, finished_url: str) -> None:
    wrong = "--aquadata-set=criteria.own.rows=SELECT batch_number FROM batch_batch"
    first = project.run("-x", wrong, url=finished_url)
    first.assert_outcomes(passed=ITEMS.index("verify[own]"), failed=1)
    first.stdout.fnmatch_lines(["*own: fail", "*expected*", "*found*", "*FAR-2025-001*", "*SELECT batch_number FROM batch_batch*"])
    last = project.run("--lf", wrong, url=finished_url)
    last.assert_outcomes(failed=1, deselected=len(ITEMS) - 1)
    two = project.run("--maxfail=2", "-n", "2", wrong, "--aquadata-set=criteria.rows.max=0", url=finished_url)
    assert two.ret in (1, 2)
    _text(two)


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "no"] if NIGHTLY else ["load", "no"])
def test_every_way_of_distributing(project: Project, databases: Databases, finished_url: str, dist: str) -> None:
    result = project.run("-n", "2", "--dist", dist, url=finished_url)
    result.assert_outcomes(passed=len(ITEMS))
    assert digest_in(_text(result)) == databases.digest


def test_each_worker_everything(project: Project, databases: Databases, prepared_url: str) -> None:
    result = project.run("--tx", "2*popen", "--dist", "each", url=prepared_url)
    assert result.ret == 0
    assert digest_in(_text(result)) == databases.digest


def test_more_workers_than_items(project: Project, databases: Databases, prepared_url: str) -> None:
    result = project.run("-n", "4", "-k", "prepare or FAR-2025-002", url=prepared_url)
    result.assert_outcomes(passed=2)
    assert "1 of 3 batches" in _text(result)


def test_no_items_at_all(project: Project, prepared_url: str) -> None:
    assert project.run("-n", "2", "-k", "nothing-of-this-name", url=prepared_url).ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("argument", ["scenarios/farm.yaml", "./scenarios/../scenarios/farm.yaml"])
def test_a_node_id(project: Project, prepared_url: str, argument: str) -> None:
    result = project.run(f"{argument}::build[{NAMES[1]}]", "-v", url=prepared_url)
    result.assert_outcomes(passed=1)
    assert f"scenarios/farm.yaml::build[{NAMES[1]}] PASSED" in _text(result)


def test_tests_and_a_scenario(project: Project, finished_url: str) -> None:
    project.write("tests/test_own.py", "def test_own():\n    pass\n")
    result = project.run("tests", "-v", "-n", "2", url=finished_url)
    result.assert_outcomes(passed=1 + len(ITEMS))
    result = project.run(".", "--collect-only", "-q")
    assert result.stdout.lines[: len(ITEMS) + 1] == ["tests/test_own.py::test_own", *(f"scenarios/farm.yaml::{item}" for item in ITEMS)]
