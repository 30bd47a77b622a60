"""``--aquadata-init`` and ``--aquadata-explain`` as a user gives them: no database, no item."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml
from projects import Project


def _text(result: pytest.RunResult) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    return text


def test_a_new_scenario(project: Project) -> None:
    result = project.run("--aquadata-init=mine", scenario=None)
    assert result.ret == 0, _text(result)
    file = project.path / "scenarios" / "mine.yaml"
    assert (file.parent / "aquadata.schema.json").exists()
    result.stdout.fnmatch_lines(["*mine.yaml: written", "next      pytest --aquadata=mine --collect-only"])
    assert project.run_command("pytest --aquadata=mine --collect-only").ret == 0

    file.write_text(before := file.read_text() + "# mine\n")
    again = project.run("--aquadata-init=mine", scenario=None)
    assert again.ret == pytest.ExitCode.USAGE_ERROR
    assert "is there already, and stays as it is" in _text(again)
    assert file.read_text() == before
    assert not (project.path / "home-that-nobody-makes").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../x", "--aquadata-init=../x: not a name"),
        ("Mine", "--aquadata-init=Mine: not a name"),
        ("smoke", "--aquadata-init=smoke: a scenario of this name comes with the package"),
    ],
)
def test_names_that_are_none(project: Project, name: str, message: str) -> None:
    result = project.run(f"--aquadata-init={name}", scenario=None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in _text(result)
    assert [file.name for file in (project.path / "scenarios").iterdir()] == ["farm.yaml"]


def test_a_folder_that_cannot_be_written(project: Project) -> None:
    project.write("deeper/pytest.ini", "[pytest]\n")
    project.write("deeper/scenarios", "a file")
    result = project.run("--aquadata-init=mine", "--rootdir=deeper", "-c", "deeper/pytest.ini", scenario=None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "cannot be written: " in _text(result)


def test_explain(project: Project) -> None:
    result = project.run("--aquadata-explain", "--aquadata-set=seed=3")
    assert result.ret == 0, _text(result)
    result.stdout.fnmatch_lines(
        ["name: farm *# default", "seed: 3 *# --aquadata-set seed=3", "as_of: 2025-06-01 *# scenarios/farm.yaml:2", "eggs: 2000..3000 *:3"]
    )
    assert not (project.path / "home-that-nobody-makes").exists()
    wrong = project.run("--aquadata-explain", "--aquadata-set=sed=3")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert "did you mean 'seed'?" in _text(wrong)
    assert "--aquadata-explain needs a scenario" in _text(project.run("--aquadata-explain", scenario=None))


def test_an_editor_checks_a_new_scenario(project: Project) -> None:
    """The first line names a schema that is there; the file fits it, and a misspelt key does not."""
    assert project.run("--aquadata-init=mine", scenario=None).ret == 0
    file = project.path / "scenarios" / "mine.yaml"
    text = file.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    schema = json.loads((file.parent / named[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    # as editors read it: a date is text to them
    content = json.loads(json.dumps(yaml.safe_load(text), default=str))
    assert [error.message for error in validator.iter_errors(content)] == []
    (wrong,) = validator.iter_errors(content | {"stager": 3})
    assert "'stager' was unexpected" in wrong.message
    assert [error.json_path for error in validator.iter_errors(content | {"batches": "many"})] == ["$.batches"]
