"""The checks are checked: each seeded defect is found by the criterion that has to find it, and an unharmed farm passes all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.names import STANDARD
from pytest_aquadata.verify.registry import render, run_criterion

DEFECTS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("defects.yaml").read_text(encoding="utf-8"))
BATCHES = {
    "HARVESTED": "FAR-2023-001",
    "ALSO_HARVESTED": "SCO-2023-001",
    "AT_SEA": "FAR-2024-002",
    "POST_SMOLT": "FAR-2024-003",
    "SMOLT": "SCO-2025-002",
    "PARR": "FAR-2025-004",
    "FRY": "SCO-2025-003",
    "EGGS": "FAR-2025-005",
}
"""What the table calls the batches of `ci`, by what they stand for."""


def seed(conn: psycopg.Connection[Any], statements: str) -> None:
    """Do the harm; every statement has to change something."""
    ids = dict(conn.execute("SELECT batch_number, id FROM batch_batch").fetchall())
    for statement in filter(None, map(str.strip, statements.split(";"))):
        known = re.sub(r"\$([A-Z_]+)", lambda match: str(ids[BATCHES[match[1]]]), statement)
        assert conn.execute(known.encode()).rowcount, f"nothing changed: {known}"


def is_found(conn: Any, plan: Plan, defect: dict[str, Any]) -> None:
    """Seed a defect and see that its criterion finds it. conn: a connection to PostgreSQL, or what stands for one."""
    seed(conn, defect["sql"])
    verdict = run_criterion(conn, plan, defect["criterion"], CriterionSpec(), plan.simulation.batches)
    shown = render(verdict, criterion=defect["criterion"], where="scenarios/ci.yaml", rebuild=None)
    assert verdict.state == "fail", shown
    assert defect.get("says", "") in verdict.expected + verdict.got, shown
    assert verdict.rows, shown
    named = defect.get("batch", [])
    wanted = {BATCHES[name] for name in ([named] if isinstance(named, str) else named)}
    assert wanted <= set(verdict.batches), shown
    assert conn.execute(verdict.sql.encode()).fetchall(), "the verdict's own query shows what is wrong"


def passes(conn: Any, plan: Plan, criterion: str) -> None:
    """See that an unharmed farm passes a criterion. conn: as `is_found` has it."""
    verdict = run_criterion(conn, plan, criterion, CriterionSpec(), plan.simulation.batches)
    assert verdict.state == "pass", render(verdict, criterion=criterion, where="scenarios/ci.yaml", rebuild=None)


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect["name"] for defect in DEFECTS])
def test_a_defect_is_found(conn: psycopg.Connection[Any], plan: Plan, defect: dict[str, Any]) -> None:
    is_found(conn, plan, defect)


@pytest.mark.parametrize("criterion", STANDARD)
def test_an_unharmed_farm_passes(conn: psycopg.Connection[Any], plan: Plan, criterion: str) -> None:
    passes(conn, plan, criterion)


def test_there_are_many_different_defects() -> None:
    names = [defect["name"] for defect in DEFECTS]
    assert len(set(names)) == len({defect["sql"] for defect in DEFECTS}) == len(names) >= 40


def test_every_criterion_has_a_defect_that_it_finds() -> None:
    assert {defect["criterion"] for defect in DEFECTS} == set(STANDARD)
