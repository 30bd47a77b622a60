"""What is collected, and what is not: no server, no heavy modules, no scenario that nobody asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from projects import Project
from run_farm import ITEMS

import pytest_aquadata
from pytest_aquadata import options


def test_without_the_option_nothing_is_there(project: Project) -> None:
    project.write(
        "test_own.py",
        """
import sys

def test_own():
    heavy = {"django", "numpy", "psycopg", "pydantic", "yaml", "factory"}
    assert not heavy & set(sys.modules)
    ours = {name for name in sys.modules if name.startswith("pytest_aquadata.")}
    assert ours == {f"pytest_aquadata.{name}" for name in ("plugin", "driver", "fixtures", "hookspecs", "options", "exitcodes", "errors")}
""",
    )
    # pytest-factoryboy imports factory_boy, and with it Django, wherever it is installed
    result = project.run("-p", "no:pytest-factoryboy", scenario=None)
    result.assert_outcomes(passed=1)
    assert result.ret == 0


def test_help_shows_each_option_as_the_table_has_it(project: Project) -> None:
    result = project.run("--help", scenario=None)
    assert result.ret == 0
    shown = " ".join(result.stdout.str().split())
    for option in options.TABLE:
        assert option.argument in shown
        assert option.help in shown


def test_the_dry_run_prints_the_plan_and_touches_no_server(project: Project) -> None:
    result = project.run("--collect-only", "-q", "-n", "2")
    assert result.ret == 0
    assert result.stdout.lines[: len(ITEMS)] == [f"scenarios/farm.yaml::{item}" for item in ITEMS]
    text = result.stdout.str()
    assert "FAR-2025-001" in text
    assert "environmental_environmentalreading" in text
    assert "on disk" in text
    assert not (project.path / "home-that-nobody-makes").exists()


def test_a_shipped_scenario_and_one_of_that_name(project: Project) -> None:
    result = project.run("--collect-only", "-q", scenario="smoke")
    assert result.stdout.lines[0] == "scenarios/smoke.yaml::prepare"
    build = result.stdout.lines[1]
    again = project.run("--collect-only", "-q", build, scenario="smoke")
    assert again.ret == 0
    assert again.stdout.lines[:2] == [build, ""]
    shutil.copy(project.path / "scenarios/farm.yaml", project.path / "scenarios/smoke.yaml")
    own = project.run("--collect-only", "-q", scenario="smoke")
    assert own.stdout.lines[: len(ITEMS)] == [f"scenarios/smoke.yaml::{item}" for item in ITEMS]


def test_the_package_in_a_virtual_environment_below_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    site = project.path / ".venv" / "lib" / "site-packages"
    shutil.copytree(
        Path(pytest_aquadata.__file__).parent, site / "pytest_aquadata", ignore=shutil.ignore_patterns("__pycache__", "migrations")
    )
    (project.path / ".venv" / "pyvenv.cfg").write_text("home = /\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    result = project.run("--collect-only", "-q", scenario="smoke")
    assert result.ret == 0
    assert result.stdout.lines[0] == "scenarios/smoke.yaml::prepare"
    one = project.run("--collect-only", "-q", "scenarios/smoke.yaml::finish", scenario="smoke")
    assert one.stdout.lines[0] == "scenarios/smoke.yaml::finish"


def test_a_path_from_another_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project.path / "deep"
    folder.mkdir()
    monkeypatch.chdir(folder)
    result = project.run("--collect-only", "-q", "--rootdir=..", scenario="../scenarios/farm.yaml")
    assert result.ret == 0
    assert [line.rpartition("::")[2] for line in result.stdout.lines[: len(ITEMS)]] == ITEMS


def test_a_scenario_outside_the_project(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "farm.yaml"
    shutil.move(project.path / "scenarios/farm.yaml", other)
    result = project.run("--collect-only", "-q", scenario=str(other))
    assert result.stdout.lines[0] == "scenarios/farm.yaml::prepare"
    one = project.run("--collect-only", "-q", f"{other}::finish", scenario=str(other))
    assert one.stdout.lines[0].endswith("farm.yaml::finish")
    assert one.stdout.lines[1] == ""
