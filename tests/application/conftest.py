"""A project of an application, with a database name of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django_project import Application

from pytest_aquadata.load import databases
from pytest_aquadata.load.run import connect


@pytest.fixture
def strangers(strangers: tuple[str, ...]) -> tuple[str, ...]:
    """An application's tests are pytest-django's."""
    return tuple(name for name in strangers if name != "django")


@pytest.fixture
def application(pytester: pytest.Pytester, server_url: str) -> Iterator[Application]:
    made = Application(pytester, server_url, f"app_{uuid.uuid4().hex[:8]}")
    try:
        yield made
    finally:
        with connect(server_url, "tests") as conn:
            for name in made.databases():
                databases.drop(conn, name)
