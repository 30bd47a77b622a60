"""A project with the small farm in its scenarios/, in which pytest is run as a user runs it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import Project

from pytest_aquadata.load import embedded


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
