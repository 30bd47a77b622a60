"""Criteria of the user's own: a SELECT that returns the rows that offend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import SHOWN, Connection, Verdict
from pytest_aquadata.verify.bounds import Bounds
from pytest_aquadata.verify.clauses import count, find


@dataclass(frozen=True, slots=True)
class OwnCriterion:
    """A criterion that a scenario brings; without bounds no row may come back."""

    name: str
    rows: str
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Run the query as it stands; bounds count its rows."""
        found = find(conn, self.rows)
        bounds = Bounds.of(spec, high=None if spec.max is None and spec.min is not None else 0.0)
        state = bounds.state(found.count)
        expected = "no offending row" if bounds == Bounds(high=0.0) else f"{bounds.show()} rows"
        if state == "pass":
            return Verdict(state, expected, count(found.count, "row"), offending=found.count, sql=self.rows)
        known = {batch.name for batch in built}
        batches = tuple(name for name in found.batches if name in known)
        rows = tuple(found.rows[:SHOWN])
        return Verdict(state, expected, count(found.count, "row"), found.columns, rows, found.count, self.rows, batches)
