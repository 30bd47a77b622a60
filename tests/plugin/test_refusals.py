"""What is refused before anything is written: exit code 4, or 6 for the environment; one message, no traceback, no password."""

from __future__ import annotations

import pytest
from projects import Project
from psycopg import conninfo
from run_farm import Databases, contents

from pytest_aquadata import options
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT


def _refused(project: Project, result: pytest.RunResult, code: int = pytest.ExitCode.USAGE_ERROR) -> str:
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == code, text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    assert not (project.path / "home-that-nobody-makes").exists()
    return text


def test_a_wrong_scenario(project: Project) -> None:
    project.write("scenarios/wrong.yaml", "batches: 1\ngeographies: [Atlantis]\neggs: many\n")
    for argument in ("-n2", "--aquadata-validate"):
        text = _refused(project, project.run(argument, scenario="wrong"))
        assert "scenarios/wrong.yaml:2:" in text
        assert "scenarios/wrong.yaml:3:7:" in text


def test_an_unknown_scenario(project: Project) -> None:
    assert "did you mean 'farm'" in _refused(project, project.run(scenario="frm"))


def test_an_unknown_batch(project: Project) -> None:
    assert "did you mean 'FAR-2025-001'" in _refused(project, project.run("--aquadata-batch=FAR-2024-001"))


def test_validate(project: Project) -> None:
    result = project.run("--aquadata-validate")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*scenarios/farm.yaml: valid", "3 batches, as of 2025-06-01*"])
    assert not (project.path / "home-that-nobody-makes").exists()
    assert "--aquadata-validate needs a scenario" in _refused(project, project.run("--aquadata-validate", scenario=None))


@pytest.mark.parametrize(
    ("url", "message", "code"),
    [
        ("postgresql://somebody:s3cr3t@127.0.0.1:1/farm", "cannot connect to 127.0.0.1:1/farm", EXIT_ENVIRONMENT),
        ("http://somebody:s3cr3t@127.0.0.1/farm", "is not the address of a database", pytest.ExitCode.USAGE_ERROR),
        ("host=127.0.0.1 port=1 user=x password=s3cr3t dbname=farm", "cannot connect to 127.0.0.1:1/farm", EXIT_ENVIRONMENT),
    ],
)
def test_no_such_server(project: Project, url: str, message: str, code: int) -> None:
    text = _refused(project, project.run("-n", "2", url=url), code)
    assert text.count(message) == 1
    assert "s3cr3t" not in text


def test_no_such_database(project: Project, server_url: str) -> None:
    text = _refused(project, project.run(url=conninfo.make_conninfo(server_url, dbname="nobody_made_this")), EXIT_ENVIRONMENT)
    assert '"nobody_made_this" does not exist' in text


@pytest.mark.parametrize("change", ["seed=7", "as_of=2025-06-02", "eggs=2000..3001"])
def test_another_run_is_never_mistaken_for_this_one(project: Project, databases: Databases, finished_url: str, change: str) -> None:
    text = _refused(project, project.run(f"--aquadata-set={change}", url=finished_url))
    assert "holds scenario 'farm' of an earlier run" in text
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def test_the_command_line_goes_before_the_environment_and_that_before_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naquadata_database = from-ini\naquadata_home = home-of-ini\n")
    config = pytester.parseconfig("--aquadata=farm", "--aquadata-database=typed")
    chosen = options.resolve(config, {"AQUADATA_DATABASE": "from-env", "AQUADATA_HOME": "home-of-env"})
    assert (chosen.database, chosen.home) == ("typed", "home-of-env")
    config = pytester.parseconfig("--aquadata=farm")
    assert options.resolve(config, {"AQUADATA_DATABASE": "from-env"}).database == "from-env"
    assert options.resolve(config, {}).database == "from-ini"
    assert options.resolve(config, {}).home == "home-of-ini"
    assert options.resolve(pytester.parseconfig(), {}) is None
