"""Names and paths of scenarios to files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_aquadata.scenario.errors import ScenarioError
from pytest_aquadata.scenario.load import SHIPPED, find_scenario


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two scenarios of its own, and the current folder elsewhere."""
    (tmp_path / "app" / "scenarios").mkdir(parents=True)
    (tmp_path / "app" / "scenarios" / "mine.yml").write_text("batches: 1\n")
    (tmp_path / "app" / "scenarios" / "smoke.yaml").write_text("batches: 2\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "app"


def test_the_projects_own_come_first(project: Path) -> None:
    assert find_scenario("mine", project) == project / "scenarios" / "mine.yml"
    assert find_scenario("smoke", project) == project / "scenarios" / "smoke.yaml"
    assert find_scenario("ci", project) == SHIPPED / "ci.yaml"


def test_a_path_from_the_current_folder_or_the_project(project: Path) -> None:
    assert find_scenario("scenarios/mine.yml", project) == project / "scenarios" / "mine.yml"
    here = Path.cwd() / "scenarios"
    here.mkdir()
    (here / "mine.yml").write_text("batches: 3\n")
    assert find_scenario("scenarios/mine.yml", project) == here / "mine.yml"
    assert find_scenario(str(here / "mine.yml"), project) == here / "mine.yml"


def test_links_are_not_resolved(project: Path) -> None:
    link = project / "scenarios" / "linked.yaml"
    link.symlink_to(SHIPPED / "ci.yaml")
    assert find_scenario("linked", project) == link


def test_unknown_names_and_paths(project: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no scenario 'smok'") as caught:
        find_scenario("smok", project)
    assert "did you mean 'smoke'?" in str(caught.value)
    assert "ci, continental, guide-144, medium, mine, official, production, smoke, uat" in str(caught.value)
    with pytest.raises(ScenarioError) as caught:
        find_scenario("scenarios/mine.yaml", project)
    assert str(caught.value) == "there is no file scenarios/mine.yaml\n    did you mean 'scenarios/mine.yml'?"
    with pytest.raises(ScenarioError, match="scenarios/ is a folder, not a scenario file"):
        find_scenario("scenarios/", project)


@pytest.mark.parametrize("name", ["", "..", ".", "mine:x", "~root", "a b"])
def test_a_name_cannot_leave_its_folder(project: Path, name: str) -> None:
    (project / "..yaml").write_text("batches: 1\n")
    with pytest.raises(ScenarioError, match="there is no scenario"):
        find_scenario(name, project)
