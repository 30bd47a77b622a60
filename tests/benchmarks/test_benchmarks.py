"""The benchmarks run, on a farm that is too small for their figures to mean anything, and say what the documentation says they do."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml
from run_farm import NIGHTLY, TEXT, Databases

from pytest_aquadata.lake.run import write_everything
from pytest_aquadata.load.binaries import find
from pytest_aquadata.plan.masterdata import document

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(program: str, *words: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, BENCHMARKS / program, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not NIGHTLY, reason="as long as forty other tests: AQUADATA_NIGHTLY=1")
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


def test_measured_sizes_of_a_data_set(databases: Databases, tmp_path: Path) -> None:
    write_everything(f"parquet:{tmp_path / 'lake'}", databases.plan, databases.fingerprint)
    sizes = yaml.safe_load(run("sizes.py", f"parquet:{tmp_path / 'lake'}", cwd=tmp_path))
    assert sizes.keys() == document("data_set_sizes").keys()
    sensors = sum(file.stat().st_size for file in (tmp_path / "lake" / "infrastructure_sensor").rglob("*.parquet"))
    assert sizes["tables"]["infrastructure_sensor"] == pytest.approx(sensors / databases.plan.total("infrastructure_sensor"), abs=0.01)


def test_factories_by_copy_and_one_by_one(databases: Databases, tmp_path: Path) -> None:
    lines = run("factories.py", databases.finished, "--rows=20", cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == ["COPY", "one", "ratio"]
    with psycopg.connect(databases.finished) as conn:
        assert conn.execute("SELECT count(*) FROM batch_batch").fetchone() == (len(databases.plan.simulation.batches),)


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
    program = importlib.import_module("engines" if file.stem.startswith("engines-") else "report")
    assert program.report(json.loads(file.read_text())) == file.with_suffix(".txt").read_text()


def test_engines_are_compared_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """What slows a pair down slows both; growth is of the medians."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    engines = importlib.import_module("engines")
    taken = {1: [(10.0, 11.0), (100.0, 90.0), (20.0, 20.0)], 2: [(5.0, 4.0), (8.0, 8.0), (10.0, 11.0)]}
    pairs = [
        {"workers": workers, "build": {"xdist": xdist, "dask": dask}, "session": {"xdist": 2 * xdist, "dask": 3 * xdist}}
        for workers, tries in taken.items()
        for xdist, dask in tries
    ]
    lines = engines.report({"machine": {}, "pairs": pairs}).splitlines()
    assert lines[-4:] == [
        "workers 1, median of the ratios: build 1.00 (target: at most 1.1), session 1.50",
        "workers 2, median of the ratios: build 1.00 (target: at most 1.1), session 1.50",
        "speed of the build by xdist: 1.00 with 1, 2.50 with 2",
        "speed of the build by dask: 1.00 with 1, 2.50 with 2",
    ]
    assert len([line for line in lines if re.match(r"\d +\d", line)]) == 6


def test_the_whole_is_worked_out_from_a_sample(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rows cost grows with the rows, what is done once does not; a process and those that it started are one."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    continental = importlib.import_module("continental")
    every = continental.totals(databases.plan)
    cost = {"prepare": 3600.0, "build": 720.0, "finish": 360.0, "verify": 180.0}
    sample = {"batches": 1, "rows": every["rows"] / 10, "processor": cost}
    lines = continental.whole({"plan": {"processor": 36.0}, "whole": every, "sample": sample})
    said = dict(re.findall(r"^(\w+) .*? ([\d.]+) core h$", "\n".join(lines), re.MULTILINE))
    assert said == {"plan": "0.01", "prepare": "1.00", "build": "2.00", "finish": "1.00", "verify": "0.50", "in": "4.5"}
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(3 * 10**7))']); input()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE) as process:
        while Path(f"/proc/{process.pid}").exists() and continental.used([process.pid]) < 0.3:
            pass
        assert continental.used([process.pid]) >= 0.3
        process.communicate(b"\n")


def test_the_page_on_the_continent_has_what_the_program_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    continental = importlib.import_module("continental")
    page = (BENCHMARKS.parent / "docs" / "continental.md").read_text(encoding="utf-8")
    lines = continental.whole(json.loads((BENCHMARKS / "continental.json").read_text()))
    assert "\n".join(f"    {line}".rstrip() for line in lines) in page
