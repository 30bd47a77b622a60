"""Fixtures and marker in an application's own suite, with pytest-django."""

from __future__ import annotations

import re

import pytest
from django_project import Application

pytest.importorskip("pytest_django", reason="pytest-django is not installed")


def test_a_suite_with_a_farm(application: Application) -> None:
    application.suite("farm")
    total = len(re.findall(r"def test_", (application.pytester.path / "test_farm.py").read_text())) + 1  # one runs twice
    first = application.run()
    first.assert_outcomes(passed=total)
    (template,) = before = application.databases()
    assert template.startswith("aquadata_template_")
    first.stdout.fnmatch_lines([f"aquadata: small built in * s (template {template})"])
    # workers share the template, which nobody builds again, and leave nothing behind
    shared = application.run("-n", "3")
    shared.assert_outcomes(passed=total)
    assert [line.partition(" in ")[0] for line in shared.outlines if line.startswith("aquadata: ")] == ["aquadata: small found"]
    assert application.databases() == before


def test_what_is_wrong_is_said_in_the_test_that_asks(application: Application) -> None:
    application.write(
        "test_wrong.py",
        """
import pytest

@pytest.mark.aquadata("smal")
def test_unknown():
    pass

@pytest.mark.aquadata("small", seed=2)
def test_argument():
    pass

@pytest.mark.django_db
def test_other():
    pass
""",
    )
    result = application.run()
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*no scenario 'smal'*", '*the marker takes the name of a scenario, or none: *aquadata("smoke")*'])
    assert "Traceback" not in result.stdout.str()
    assert "fixtures.py" not in result.stdout.str()


def test_a_database_that_is_no_test_database_is_left_alone(application: Application) -> None:
    application.write("conftest.py", "import pytest\n\n@pytest.fixture(scope='session')\ndef django_db_setup(): pass\n")
    application.write("test_it.py", "def test_it(aquadata):\n    pass\n")
    result = application.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*database '{application.name}' does not look like a test database*", "*aquadata_test_database = *"])
    assert application.databases() == {}


def test_one_that_looks_like_production_is_left_alone(application: Application) -> None:
    application.write("conftest.py", "import pytest\n\n@pytest.fixture(scope='session')\ndef django_db_setup(): pass\n")
    settings = (application.pytester.path / "settings.py").read_text()
    application.write("settings.py", settings + "DATABASES['default'] |= {'NAME': 'test_farm', 'HOST': 'db1.prod.example.org'}\n")
    application.write("test_it.py", "def test_it(aquadata):\n    pass\n")
    result = application.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'test_farm' looks like production, so no farm is made beside it: its host has 'prod' in it*"])
    assert "Traceback" not in result.stdout.str()


def test_a_suite_that_asks_for_none_imports_nothing(application: Application) -> None:
    application.write("settings.py", "SECRET_KEY = 'none'\n")
    application.write(
        "test_it.py",
        """
import sys

def test_it():
    loaded = {name for name in sys.modules if name.startswith("pytest_aquadata.")}
    assert loaded == {f"pytest_aquadata.{name}" for name in ("plugin", "fixtures", "driver", "hookspecs", "options", "exitcodes", "errors")}
    assert not {"numpy", "psycopg", "factory"} & set(sys.modules)
""",
    )
    application.run().assert_outcomes(passed=1)


def test_without_pytest_django_the_message_names_the_extra(application: Application) -> None:
    application.write("pytest.ini", "[pytest]\n")
    application.write("test_it.py", "def test_it(aquadata):\n    pass\n")
    result = application.run("-p", "no:django")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs pytest-django: pip install 'pytest-aquadata[[]django]'"])
