"""``--aquadata-sample``: some batches, whole and verified; going on to the whole builds the rest and gives the same farm."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import psycopg
import pytest
from projects import Project
from run_farm import Databases, contents, digest_in


def _built(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        return {name for (name,) in conn.execute("SELECT batch_number FROM batch_batch").fetchall()}


def test_from_a_sample_to_the_whole(project: Project, databases: Databases, prepared_url: str) -> None:
    one = project.run("--aquadata-sample=1%", "--aquadata-json=said.json", url=prepared_url)
    text = one.stdout.str()
    assert one.ret == 0, text
    assert "digest " not in text
    one.stdout.fnmatch_lines(["sample    1 of 3 batches, whole; all of them: pytest --aquadata=farm *"])
    first = _built(prepared_url)
    said = json.loads((project.path / "said.json").read_text())
    assert said["sample"] == sorted(first)
    assert said["digest"] is None
    two = project.run("--aquadata-sample=2", "-n", "2", "-v", url=prepared_url)
    assert two.ret == 0, two.stdout.str()
    assert first < _built(prepared_url)
    assert len(_built(prepared_url)) == 2
    command = next(line.partition("all of them: ")[2] for line in text.splitlines() if line.startswith("sample "))
    whole = project.run_command(command)
    assert whole.ret == 0, whole.stdout.str()
    assert digest_in(whole.stdout.str()) == databases.digest
    assert contents(prepared_url, databases.plan.all_tables) == databases.finished_contents
    # a finished farm is not made less by asking for a sample of it
    again = project.run("--aquadata-sample=1", url=prepared_url)
    assert again.ret == 0
    assert digest_in(again.stdout.str()) == databases.digest


def test_criteria_that_need_all_batches_are_skipped_with_a_reason(project: Project, prepared_url: str) -> None:
    project.write("scenarios/farm.yaml", (project.path / "scenarios/farm.yaml").read_text().partition("criteria:")[0])
    result = project.run("--aquadata-sample=2", "-rs", "--junitxml=said.xml", url=prepared_url)
    assert result.ret == 0, result.stdout.str()
    result.assert_outcomes(passed=1 + 2 + 1 + 27, skipped=3)
    reason = "does not hold for a sample: it needs all batches, and this is a sample, 2 of 3"
    assert reason in result.stdout.str()
    skipped = ElementTree.parse(project.path / "said.xml").findall(".//skipped")
    assert [reason in str(element.text) for element in skipped] == [True] * 3


def test_a_sample_of_which_a_row_is_missing_fails(project: Project, prepared_url: str) -> None:
    assert project.run("--aquadata-sample=1", "-k", "not verify", url=prepared_url).ret == 0
    with psycopg.connect(prepared_url) as conn:
        assert conn.execute("DELETE FROM batch_mortalityevent WHERE id % 2 = 0").rowcount
    damaged = project.run("--aquadata-sample=1", "-k", "verify and rows", url=prepared_url)
    assert damaged.ret == 1
    assert "rows: fail" in damaged.stdout.str()


def test_a_sample_is_chosen_once_for_all_workers_and_shown(project: Project) -> None:
    shown = project.run("--aquadata-sample=2", "--collect-only", "-q")
    assert shown.ret == 0
    shown.stdout.fnmatch_lines(["*of them in the sample, 2 of 3 batches: *"])
    assert shown.stdout.str().count("::build[") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--aquadata-sample=0%"], "--aquadata-sample=0%: no batch at all"),
        (["--aquadata-sample=4"], "--aquadata-sample=4: farm has 3 batches"),
        (["--aquadata-sample=some"], "--aquadata-sample=some: neither a share nor a number"),
        (["--aquadata-sample=1", "--aquadata-wipe"], "--aquadata-wipe and --aquadata-sample do not go together"),
    ],
)
def test_what_is_no_sample_is_refused(project: Project, arguments: list[str], said: str) -> None:
    result = project.run(*arguments)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in text
    assert "Traceback" not in text


def test_a_batch_outside_the_sample_is_refused(project: Project) -> None:
    every = project.run("--collect-only", "-q").stdout.str()
    some = project.run("--collect-only", "-q", "--aquadata-sample=1").stdout.str()
    names = [line.partition("::build[")[2].rstrip("]") for line in every.splitlines() if "::build[" in line]
    outside = next(name for name in names if f"::build[{name}]" not in some)
    inside = next(name for name in names if name != outside and f"::build[{name}]" in some)
    refused = project.run("--aquadata-sample=1", f"--aquadata-batch={outside}", "--collect-only")
    assert f"'{outside}' is not in the sample of 1 of 3 batches" in refused.stderr.str()
    chosen = project.run("--aquadata-sample=1", f"--aquadata-batch={inside}", "--collect-only", "-q")
    assert chosen.stdout.str().count("::build[") == 1
