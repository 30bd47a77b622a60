"""Every hook of a session fires where it should, from workers too, and what it gives is used."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from projects import Project
from run_farm import NAMES

CONFTEST = """
import json, pathlib

LOG = pathlib.Path(__file__).with_name("log")

def note(config, what, **more):
    worker = getattr(config, "workerinput", {"workerid": "main"})["workerid"]
    with LOG.open("a") as file:
        file.write(json.dumps({"what": what, "worker": worker, **more}) + "\\n")

def pytest_aquadata_scenario_loaded(config, scenario):
    note(config, "scenario", name=scenario.name)

def pytest_aquadata_criteria(config, scenario):
    return {"none_is_void": {"rows": "SELECT batch_number AS batch FROM batch_batch WHERE status = 'VOID'"}, "own": {"rows": "SELECT 1"}}

def pytest_aquadata_plan_made(config, plan):
    note(config, "plan", batches=len(plan.simulation.batches))

def pytest_aquadata_before_load(config, plan, batch):
    note(config, "before", batch=batch.name)

def pytest_aquadata_after_load(config, plan, batch, rows):
    note(config, "after", batch=batch.name, as_planned=all(plan.count(batch, table) == number for table, number in rows.items()))

def pytest_aquadata_report_sections(config, source):
    from pytest_aquadata.report.base import Section

    note(config, "report")
    number = source.rows("SELECT count(*) FROM batch_batch")[0][0]
    return Section("mine", "My own section", f"<p>{number} batches of mine</p>")
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_all_of_them(project: Project, prepared_url: str, workers: int) -> None:
    pytest.importorskip("matplotlib")
    project.write("conftest.py", CONFTEST)
    result = project.run("-n", str(workers), "--aquadata-html=farm.html", url=prepared_url)
    # the scenario's own criterion of that name goes before the hook's
    result.assert_outcomes(passed=10)
    log = [json.loads(line) for line in (project.path / "log").read_text().splitlines()]
    counted = Counter(entry["what"] for entry in log)
    assert counted == {"scenario": 1, "plan": 1, "before": 3, "after": 3, "report": 1}
    where = {what: {entry["worker"] for entry in log if entry["what"] == what} for what in counted}
    assert where["scenario"] == where["plan"] == where["report"] == {"main"}
    assert where["before"] == where["after"] <= ({"gw0", "gw1"} if workers else {"main"})
    assert sorted(entry["batch"] for entry in log if entry["what"] == "after") == NAMES
    assert all(entry["as_planned"] for entry in log if entry["what"] == "after")
    page = (project.path / "farm.html").read_text()
    assert "<section id=mine><h2>My own section</h2><p>3 batches of mine</p></section>" in page

    # a batch that is there is not loaded again
    (project.path / "log").unlink()
    project.run("-n", str(workers), url=prepared_url).assert_outcomes(passed=10)
    log = [json.loads(line) for line in (project.path / "log").read_text().splitlines()]
    assert Counter(entry["what"] for entry in log) == {"scenario": 1, "plan": 1, "before": 3}


def test_what_they_give_is_checked(project: Project) -> None:
    for given, said in (
        ("{'mine': {'row': 'SELECT 1'}}", "pytest_aquadata_criteria: row: *"),
        ("{'mine': {}}", "pytest_aquadata_criteria: unknown criterion 'mine'"),
        ("['mine']", "pytest_aquadata_criteria: give a mapping of names to mappings*"),
    ):
        project.write("conftest.py", f"def pytest_aquadata_criteria(config, scenario):\n    return {given}\n")
        result = project.run("--aquadata-validate")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([said])


def test_a_section_that_the_server_refuses_says_so(project: Project, finished_url: str) -> None:
    pytest.importorskip("matplotlib")
    project.write("conftest.py", "def pytest_aquadata_report_sections(config, source):\n    source.rows('SELECT nothing')\n")
    result = project.run("-k", "own", "--aquadata-html=farm.html", url=finished_url)
    assert result.ret == 0
    assert "The database does not answer: " in (project.path / "farm.html").read_text()
