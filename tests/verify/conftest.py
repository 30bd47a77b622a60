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
def farm_url(server_url: str, plan: Plan) -> Iterator[str]:
    with built_farm(server_url, plan) as url:
        yield url


@pytest.fixture
def farm(farm_url: str, plan: Plan) -> Iterator[Farm]:
    with psycopg.connect(farm_url) as conn:
        yield Farm(conn, plan)
        conn.rollback()
