"""A project with the small farm in its scenarios/, in which pytest is run as a user runs it."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_farm import TEXT

from pytest_aquadata.load import embedded


class Project:
    """A folder with a scenario, and pytest run in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.write("scenarios/farm.yaml", TEXT)
        self.write("pytest.ini", "[pytest]\n")

    def write(self, name: str, text: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, *arguments: str, url: str | None = None, scenario: str | None = "farm") -> pytest.RunResult:
        words = [f"--aquadata={scenario}"] if scenario else []
        words += [f"--aquadata-database={url}"] if url else []
        return self.pytester.runpytest_subprocess(*words, *arguments, timeout=180)

    def run_command(self, command: str, *more: str) -> pytest.RunResult:
        """Run a command that pytest printed."""
        program, *words = shlex.split(command)
        assert program == "pytest"
        return self.pytester.runpytest_subprocess(*words, *more, timeout=180)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("AQUADATA_DATABASE", raising=False)
    # where CI shows what the tests' own session says, those inside them have nothing to say
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    # a run that does not name a database, where none is to be opened, would make this folder
    monkeypatch.setenv("AQUADATA_HOME", os.fspath(pytester.path / "home-that-nobody-makes"))
    return Project(pytester)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, project: Project) -> Iterator[Path]:
    """A home folder of the test's own, in which every session of its project has its embedded server."""
    # not below pytest's own folders, which are closed to the account that the server runs under when root runs the tests
    folder = Path(tempfile.mkdtemp(prefix="aquadata-tests-"))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        folder.chmod(0o755)
    monkeypatch.setenv("AQUADATA_HOME", str(folder))
    try:
        yield folder
    finally:
        if any(folder.glob("pg*/data")) and (server := embedded.running(folder)):
            server.keep(False)
            server.stop_if_unused()
        shutil.rmtree(folder, ignore_errors=True)
