"""A migrated reference database for the session, and a transaction around each test that is always rolled back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo, sql

from pytest_aquadata.farm import setup

setup.configure("dbname=aquadata")  # factories name models, so Django has to be set up before the tests are imported


@pytest.fixture(scope="session")
def farm_url(server_url: str) -> Iterator[str]:
    """A migrated database without rows of its own."""
    name = f"factories_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        url = conninfo.make_conninfo(server_url, dbname=name)
        setup.configure(url)
        setup.migrate(url)
        yield url
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def farm(farm_url: str) -> Iterator[None]:
    """The database within a transaction; constraints are checked before it is undone."""
    from django.db import connection, transaction

    setup.configure(farm_url)
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)
