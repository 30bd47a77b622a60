"""An application that is deliberately unlike the reference farm: what meets is filled, the rest is left out or named."""

from __future__ import annotations

import pytest
import sample
from django_project import Application

pytest.importorskip("pytest_django", reason="pytest-django is not installed")


def test_its_suite(application: Application) -> None:
    sample.write(application)
    application.suite("sample")
    application.run().assert_outcomes(passed=7)
    before = application.databases()
    application.run("-n", "3").assert_outcomes(passed=7)
    assert application.databases() == before


def test_a_column_that_nothing_is_known_for_is_named(application: Application) -> None:
    sample.write(application, scenario="")
    application.write("test_it.py", "def test_it(aquadata):\n    pass\n")
    result = application.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*no value is known for auth_user.badge, batch_batch.site_code, which must have one",
            "*aquadata: {columns: {auth_user: {badge: …}}}",
            "*aquadata: {skip: [[]auth_user]}",
        ]
    )
