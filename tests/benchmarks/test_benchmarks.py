"""The benchmarks run, on a farm that is too small for their figures to mean anything, and say what the documentation says they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml
from run_farm import TEXT, Databases

from pytest_aquadata.load.binaries import find

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(program: str, *words: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, BENCHMARKS / program, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_run_gives_every_figure_and_leaves_nothing(tmp_path: Path) -> None:
    if not find().tool("psql").exists():
        pytest.skip("this PostgreSQL has no psql")
    (tmp_path / "farm.yaml").write_text(TEXT)
    # not below pytest's own folders, which are closed to the account that the server runs under when root runs the tests
    work = Path(os.environ["AQUADATA_HOME"]) / "work"
    work.mkdir()
    words = ["--scenario=farm.yaml", "--workers=2", "--tries=1", "--batches=2", "--builds=", "--light"]
    said = run("run.py", *words, f"--folder={work}", "--results=results", cwd=tmp_path)
    assert list(work.iterdir()) == []
    found = json.loads((tmp_path / "results" / "farm.json").read_text())
    assert (tmp_path / "results" / "farm.txt").read_text() == said
    assert found["build"]["memory"].keys() == {"controller", "gw0", "gw1"}
    assert found["build"]["rows"] > found["encode"]["rows"] > 1_000
    assert found["build"]["tries"] == [found["build"]["phases"]["build"] + found["build"]["phases"]["finish"]]
    assert found["psql"]["tries"] == [found["psql"]["load"] + found["psql"]["indexes"]]
    assert [(entry["batches"], entry["whole"]) for entry in found["growth"]] == [(2, False)]
    assert all(ratio > 0 and f"{ratio:.2f}  {name}" in said for name, ratio in found["ratios"].items())


def test_measured_sizes_are_a_file_as_the_plan_reads_it(databases: Databases, tmp_path: Path) -> None:
    sizes = yaml.safe_load(run("sizes.py", databases.finished, cwd=tmp_path))
    assert sizes.keys() == {"empty", "other", "tables"}
    with psycopg.connect(databases.finished) as conn:
        (size,) = conn.execute("SELECT pg_database_size(current_database())").fetchone()
        (sensors,) = conn.execute("SELECT pg_total_relation_size('infrastructure_sensor')").fetchone()
    assert sizes["tables"]["infrastructure_sensor"] == round(sensors / databases.plan.total("infrastructure_sensor"))
    assert 0 < sizes["empty"] < size


def test_a_data_set_is_measured_and_passes_every_criterion(tmp_path: Path) -> None:
    (tmp_path / "farm.yaml").write_text(TEXT)
    said = run("parquet.py", "--scenario=farm.yaml", "--results=found.json", f"--folder={tmp_path}", cwd=tmp_path)
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["batches"] == 3
    assert found["rows"] > found["readings"] > 1_000
    assert found["criteria"].keys() <= {"pass", "skip"}, said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["farm.yaml", "found.json"]


@pytest.mark.parametrize("program", ["encode.py", "plan.py"])
def test_the_small_ones_print_a_line_for_each_case(program: str, tmp_path: Path) -> None:
    lines = run(program, *(["1000"] if program == "encode.py" else []), cwd=tmp_path).splitlines()
    assert len(lines) >= 3
    assert all(" rows" in line for line in lines)


@pytest.mark.parametrize("file", sorted((BENCHMARKS / "results").glob("*.json")), ids=lambda file: file.stem)
def test_what_is_committed_was_written_by_the_program(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from report import report

    assert report(json.loads(file.read_text())) == file.with_suffix(".txt").read_text()
