"""A log of each batch: what it says of one that was built, that failed, that was there; where none can be written."""

from __future__ import annotations

import os
import re
from pathlib import Path

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases

BROKEN = """
from pytest_aquadata.streams.readings import Readings

_rows = Readings.rows

def rows(self, plan, batch):
    yield from _rows(self, plan, batch)
    if batch.number == 2:
        raise ValueError("no such fish")

def pytest_configure(config):
    if config.getoption("aquadata", None):
        Readings.rows = rows
"""


def _log(folder: Path, name: str) -> str:
    return (folder / f"batch_{name}.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_logs(project: Project, databases: Databases, prepared_url: str, workers: str) -> None:
    folder = project.path / "some" / "logs"
    project.write("conftest.py", BROKEN)
    failed = project.run("-n", workers, "--aquadata-log-dir=some/logs", "-k", "build", url=prepared_url)
    assert {name: failed.parseoutcomes()[name] for name in ("passed", "failed")} == {"passed": 2, "failed": 1}
    assert {file.name for file in folder.iterdir()} == {f"batch_{name}.log" for name in NAMES}
    # the command that goes on keeps its logs in the same place
    assert "--aquadata-log-dir=some/logs" in failed.stdout.str()

    text = _log(folder, NAMES[1])
    assert re.search(r"^result       failed .* UTC by (main|gw\d), while making readings; nothing of it was written$", text, re.MULTILINE)
    assert text.endswith("ValueError: no such fish\n")
    assert "Traceback (most recent call last)" in text
    with psycopg.connect(prepared_url) as conn:
        row = conn.execute("SELECT state, failed_in, error FROM aquadata.batch WHERE number = 2").fetchone()
        rows, digests = conn.execute("SELECT rows, digests FROM aquadata.batch WHERE number = 1").fetchone()
    assert row == ("failed", "making readings", "ValueError: no such fish")

    first = _log(folder, NAMES[0])
    plan = databases.plan
    batch = plan.simulation.batches[0]
    for fact in (NAMES[0], f"{batch.life.eggs:,}", "Faroe Islands", "farm, as of 2025-06-01, seed 1", "Egg&Alevin from"):
        assert fact in first
    world = plan.simulation.world
    for stay in batch.stays:
        assert ", ".join(world.containers[number - 1].name for number in stay.containers) in first
    found = re.findall(r"^ +([\d,]+) +[\d.]+  (\w{32})  (\w+)$", first, re.MULTILINE)
    assert {table: int(count.replace(",", "")) for count, _, table in found} == rows
    assert {table: digest for _, digest, table in found} == digests
    assert f"{sum(rows.values()):,}" in first.partition("in all")[0].splitlines()[-1]

    project.write("conftest.py", "")
    project.run("-n", workers, "--aquadata-log-dir=some/logs", url=prepared_url).assert_outcomes(passed=len(ITEMS))
    # what was there keeps its log, with a line more; what failed has a new one
    again = _log(folder, NAMES[0])
    assert again.startswith(first)
    assert re.fullmatch(r"found        built before .* UTC by (main|gw\d)\n", again.removeprefix(first))
    mended = _log(folder, NAMES[1])
    assert "ValueError" not in mended
    assert re.search(r"^result       built ", mended, re.MULTILINE)


def test_a_log_of_another_run_is_not_taken_for_this_ones(project: Project, finished_url: str) -> None:
    folder = project.path / "logs"
    folder.mkdir()
    (folder / f"batch_{NAMES[0]}.log").write_text("of another run\n")
    # named by the environment here, by the ini file below
    os.environ["AQUADATA_LOG_DIR"] = "logs"
    try:
        project.run("-k", NAMES[0], url=finished_url).assert_outcomes(passed=1, deselected=len(ITEMS) - 1)
    finally:
        del os.environ["AQUADATA_LOG_DIR"]
    text = _log(folder, NAMES[0])
    assert "of another run" not in text
    assert "how it was built is not in this file\nfound        built before " in text


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_built(project: Project, prepared_url: str) -> None:
    project.write("pytest.ini", "[pytest]\naquadata_log_dir = taken/logs\n")
    project.write("taken", "a file")
    result = project.run("-n", "2", url=prepared_url)
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--aquadata-log-dir: nothing can be written in {project.path / 'taken/logs'}: Not a directory" in text
    assert "Traceback" not in text
    with psycopg.connect(prepared_url) as conn:
        assert conn.execute("SELECT count(*) FROM aquadata.batch WHERE state <> 'planned'").fetchone() == (0,)


def test_only_to_look_makes_no_folder(project: Project) -> None:
    project.run("--aquadata-log-dir=logs", "--collect-only", "-q")
    assert not (project.path / "logs").exists()


def test_a_log_that_cannot_be_written_costs_no_batch(project: Project, prepared_url: str) -> None:
    (project.path / "logs" / f"batch_{NAMES[0]}.log").mkdir(parents=True)
    result = project.run("--aquadata-log-dir=logs", "-k", NAMES[0], url=prepared_url)
    result.assert_outcomes(passed=1, warnings=1, deselected=len(ITEMS) - 1)
    assert "could not be written: Is a directory" in result.stdout.str()
    assert [file.name for file in (project.path / "logs").iterdir()] == [f"batch_{NAMES[0]}.log"]
