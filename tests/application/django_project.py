"""An application's project, in which pytest-django runs its suite against the tests' own server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg import conninfo, sql
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

    def migrated(self) -> str:
        """The application's own database, made and migrated; its address."""
        url = conninfo.make_conninfo(self.server_url, dbname=self.name)
        with connect(self.server_url, "tests") as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
        self.python("from django.core.management import call_command as run; run('migrate', run_syncdb=True)")
        return url

    def python(self, program: str) -> str:
        """What a program prints that has the application's Django."""
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings"}
        program = f"import django; django.setup(); {program}"
        done = subprocess.run([sys.executable, "-c", program], cwd=self.pytester.path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def databases(self) -> dict[str, int]:
        """Databases of this project on the server and their oids: a template that is found again keeps its own."""
        with connect(self.server_url, "tests") as conn:
            notes = databases.described(conn)
            rows = conn.execute("SELECT datname::text, oid::bigint FROM pg_database").fetchall()
        mine = f"test_{self.name}"
        return {name: oid for name, oid in rows if name.startswith((mine, self.name)) or notes.get(name, {}).get("project") == mine}
