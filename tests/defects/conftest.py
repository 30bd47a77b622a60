"""The shipped scenario `ci`, built once; every defect is seeded into a transaction of its own that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from databases import built_farm

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams.registry import make_plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan(load_scenario(SHIPPED / "ci.yaml", today=date(2025, 11, 21)))


@pytest.fixture(scope="session")
def ci_url(server_url: str, plan: Plan) -> Iterator[str]:
    with built_farm(server_url, plan) as url:
        yield url


@pytest.fixture
def conn(ci_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(ci_url) as conn:
        # keys without an index make each deleted row a scan; whether they hold is what a criterion says, not the server
        conn.execute("SET session_replication_role = replica")
        yield conn
        conn.rollback()
