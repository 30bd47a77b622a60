"""The farm of these tests: its batches by what they stand for, and how a test breaks it and looks at the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Verdict
from pytest_aquadata.verify.registry import render, run_criterion

HARVESTED, ALSO_HARVESTED = "FAR-2023-001", "SCO-2023-001"
AT_SEA, NEIGHBOUR = "FJO-2024-001", "FJO-2024-002"
EGGS = "FAR-2025-005"


@dataclass(frozen=True)
class Farm:
    """A built farm inside a transaction."""

    conn: psycopg.Connection[tuple[Any, ...]]
    plan: Plan

    @property
    def batches(self) -> tuple[Batch, ...]:
        return self.plan.simulation.batches

    def batch(self, name: str) -> Batch:
        return next(batch for batch in self.batches if batch.name == name)

    def id(self, name: str) -> int:
        return int(self.conn.execute("SELECT id FROM batch_batch WHERE batch_number = %s", (name,)).fetchone()[0])

    def do(self, statement: str, **values: object) -> None:
        """Run a statement that has to change something."""
        changed = self.conn.execute(statement.encode(), values or None).rowcount
        assert changed, f"nothing changed: {statement}"

    def do_structure(self, statement: str) -> None:
        """Run a statement that changes the schema."""
        self.conn.execute(statement.encode())

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what the block does."""
        with self.conn.transaction(force_rollback=True):
            yield

    def check(
        self, name: str, spec: CriterionSpec | None = None, built: Sequence[Batch] | None = None, plan: Plan | None = None
    ) -> Verdict:
        return run_criterion(self.conn, plan or self.plan, name, spec or CriterionSpec(), self.batches if built is None else built)

    def without(self, *streams: str) -> Plan:
        """The plan, had its scenario left out these streams."""
        scenario = self.plan.simulation.scenario
        fewer = scenario.model_copy(update={"streams": scenario.streams.model_copy(update=dict.fromkeys(streams, False))})
        return replace(self.plan, simulation=replace(self.plan.simulation, scenario=fewer))

    def fails(self, name: str, *batches: str, expected: str = "", spec: CriterionSpec | None = None) -> Verdict:
        """The criterion fails because of these batches, and everything that it says holds."""
        verdict = self.check(name, spec)
        text = render(verdict, criterion=name, where="x.yaml:1", rebuild=None)
        assert verdict.state == "fail", text
        assert verdict.batches == tuple(sorted(batches)), text
        assert expected in verdict.expected + verdict.got, text
        assert verdict.rows, text
        assert verdict.offending >= len(verdict.rows), text
        assert all(len(row) == len(verdict.columns) for row in verdict.rows), text
        assert self.conn.execute(verdict.sql.encode()).fetchall(), text
        assert "\n" not in verdict.expected + verdict.got, text
        return verdict
