"""Databases of a test's own on a real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import conninfo, sql

from pytest_aquadata.load.run import build_everything
from pytest_aquadata.plan.numbering import Plan


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """A new, empty database, by its URL; dropped at the end, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield conninfo.make_conninfo(server_url, dbname=name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def built_farm(server_url: str, plan: Plan) -> Iterator[str]:
    """A database of its own with the farm of a plan, by its URL."""
    with new_database(server_url) as url:
        build_everything(url, plan)
        yield url
