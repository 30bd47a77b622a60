"""A migrated reference database for the session, and a transaction around each test that is always rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import new_database

from pytest_aquadata.farm import setup

setup.configure("dbname=aquadata")  # factories name models, so Django has to be set up before the tests are imported


@pytest.fixture(scope="session")
def farm_url(server_url: str) -> Iterator[str]:
    """A migrated database without rows of its own."""
    with new_database(server_url) as url:
        setup.configure(url)
        setup.migrate(url)
        yield url


@pytest.fixture
def farm(farm_url: str) -> Iterator[None]:
    """The database within a transaction; constraints are checked before it is undone."""
    from django.db import connection, transaction

    setup.configure(farm_url)
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)
