"""An application's project, in which pytest-django runs its suite against the tests' own server."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from psycopg import conninfo
from run_farm import TEXT

from pytest_aquadata.load import databases
from pytest_aquadata.load.run import connect

HERE = Path(__file__).parent
SETTINGS = """
from pytest_aquadata.farm import settings
from pytest_aquadata.farm.address import database

INSTALLED_APPS, SECRET_KEY, USE_TZ = settings.INSTALLED_APPS, "none", True
DEFAULT_AUTO_FIELD = settings.DEFAULT_AUTO_FIELD
DATABASES = {"default": database({url!r})}
"""
CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def aquadata_scenario():
    return "small"
"""


class Application:
    """A project of an application with tests of its own. name: of its database; its test database has `test_` before it."""

    def __init__(self, pytester: pytest.Pytester, server_url: str, name: str) -> None:
        self.pytester, self.server_url, self.name = pytester, server_url, name
        self.write("settings.py", SETTINGS.replace("{url!r}", repr(conninfo.make_conninfo(server_url, dbname=name))))
        self.write("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = settings\npythonpath = .\n")
        self.write("conftest.py", CONFTEST)
        self.write("scenarios/small.yaml", TEXT)

    def write(self, path: str, text: str) -> None:
        file = self.pytester.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def suite(self, name: str) -> None:
        shutil.copy(HERE / "suite" / f"check_{name}.py", self.pytester.path / f"test_{name}.py")

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=180)

    def databases(self) -> dict[str, int]:
        """Databases of this project on the server and their oids: a template that is found again keeps its own."""
        with connect(self.server_url, "tests") as conn:
            notes = databases.described(conn)
            rows = conn.execute("SELECT datname::text, oid::bigint FROM pg_database").fetchall()
        mine = f"test_{self.name}"
        return {name: oid for name, oid in rows if name.startswith(mine) or notes.get(name, {}).get("project") == mine}
