"""A project of a user with the small farm in it, and pytest run there.

Not in conftest.py: every folder of tests has a module of that name, and which one is imported depends on what was collected first.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from run_farm import TEXT


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
