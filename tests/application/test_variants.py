"""What an application may have otherwise, one thing at a time; the criteria find their way, and say what they could not check."""

from __future__ import annotations

import json

import pytest
import variants
from django_project import Application

pytest.importorskip("pytest_django", reason="pytest-django is not installed")

WHOLE = ("--aquadata=small", "--aquadata-json=found.json", "--aquadata-set=geographies.0.ages=[880, 100]")


def criteria(application: Application) -> dict[str, dict[str, object]]:
    """The verdicts of the last session, by criterion."""
    said = json.loads((application.pytester.path / "found.json").read_text())
    return {criterion["name"]: criterion for criterion in said["criteria"]}


def test_every_table_and_every_column_has_another_name(application: Application) -> None:
    variants.write(application, more_settings=variants.other_names())
    url = application.migrated()
    result = application.run(*WHOLE, f"--aquadata-database={url}", "--aquadata-html=farm.html")
    assert result.ret == 0
    found = criteria(application)
    assert {name for name, verdict in found.items() if verdict["state"] != "pass"} == set()
    assert not any(verdict["left_out"] for verdict in found.values())
    page = (application.pytester.path / "farm.html").read_text()
    assert "does not answer" not in page
    assert "cannot be drawn" not in page
