"""What the tests share: a real PostgreSQL and empty databases on it.

`AQUADATA_TEST_SERVER` names a server to use. Without it the embedded one runs in a home folder made for this run of the
tests. All workers, and all runs of pytest inside a test, share it through `AQUADATA_HOME`; the user's own home folder
is never touched.

Some hundred sessions start inside of tests, and each of their workers imports the package anew. They share compiled modules, in a folder
of this run: where Python is told to write none (as in many containers), each would compile, and have pytest rewrite, all of them again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import new_database

from pytest_aquadata.load import embedded

pytest_plugins = ["pytester", "run_farm"]

_made_home = pytest.StashKey[Path]()
_environment = pytest.StashKey[dict[str, str | None]]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.getoption("aquadata", None):
        return  # the controller's environment is this worker's too; and a scenario's run uses the user's own home
    # Not below pytest's tmp_path: its parents are closed to the account that runs the server when root runs the tests.
    home = Path(tempfile.mkdtemp(prefix="aquadata-tests-"))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        home.chmod(0o755)
    config.stash[_made_home] = home
    changed = {"AQUADATA_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    config.stash[_environment] = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)


def pytest_unconfigure(config: pytest.Config) -> None:
    home = config.stash.get(_made_home, None)
    if home is None:
        return
    server = embedded.running(home) if any(home.glob("pg*/data")) else None
    if server is not None:
        # Only a killed worker leaves it running, or a test that asked to keep it.
        server.keep(False)
        server.stop_if_unused()
    shutil.rmtree(home, ignore_errors=True)
    for name, value in config.stash[_environment].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def strangers() -> tuple[str, ...]:
    """Plugins that sessions and configurations inside of tests do without; who is about one overrides this.

    To load them takes longer than the rest of an empty session's start; and pytest-django, in a configuration that is made within a test,
    would keep all tests after it from their databases.
    """
    return ("hypothesispytest", "pytest-factoryboy", "faker", "django")


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, strangers: tuple[str, ...]) -> pytest.Pytester:
    """pytest's own, without `strangers`."""
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p no:{name}" for name in strangers))
    return pytester


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A maintenance database of a real PostgreSQL: AQUADATA_TEST_SERVER, else the embedded server."""
    if url := os.environ.get("AQUADATA_TEST_SERVER"):
        yield url
        return
    server = embedded.start()
    try:
        yield server.url()
    finally:
        server.release()


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A new, empty database; dropped after the test."""
    with new_database(server_url) as url:
        yield url
