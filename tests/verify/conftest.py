"""A small farm, built once; every test breaks its own copy of it and nothing is left behind.

A test's copy is a transaction that is rolled back: the keys of the schema are checked at its end only, so that rows can be made to point at
nothing without touching a constraint.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from databases import built_farm
from small_farm import Farm

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.streams.registry import make_plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan(load_scenario(Path(__file__).with_name("farm.yaml"), today=date(2025, 11, 21)))


@pytest.fixture(scope="session")
def built(server_url: str, plan: Plan) -> Iterator[tuple[str, dict[str, int]]]:
    """The database of the farm, and how large it and its tables are before any test has broken them (which leaves dead rows)."""
    query = """SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'
      UNION SELECT '', pg_database_size(current_database())"""
    with built_farm(server_url, plan) as url:
        with psycopg.connect(url) as conn:
            sizes = dict(conn.execute(query).fetchall())
        yield url, sizes


@pytest.fixture(scope="session")
def farm_url(built: tuple[str, dict[str, int]]) -> str:
    return built[0]


@pytest.fixture(scope="session")
def sizes(built: tuple[str, dict[str, int]]) -> dict[str, int]:
    """Bytes by table, and of the whole database by an empty name."""
    return built[1]


@pytest.fixture
def farm(farm_url: str, plan: Plan) -> Iterator[Farm]:
    with psycopg.connect(farm_url) as conn:
        yield Farm(conn, plan)
        conn.rollback()
