"""A project of an application, with a database name of its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from django_project import Application

from pytest_aquadata.load import databases
from pytest_aquadata.load.run import connect


@pytest.fixture
def application(pytester: pytest.Pytester, server_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    monkeypatch.setenv("PYTEST_ADDOPTS", os.environ["PYTEST_ADDOPTS"].replace("-p no:django", ""))
    made = Application(pytester, server_url, f"app_{uuid.uuid4().hex[:8]}")
    try:
        yield made
    finally:
        with connect(server_url, "tests") as conn:
            for name in made.databases():
                databases.drop(conn, name)
