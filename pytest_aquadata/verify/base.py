"""What a criterion is and what it says: the verdict carries all that a person needs to see why it failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import psycopg

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec

Connection = psycopg.Connection[tuple[Any, ...]]
State = Literal["pass", "warn", "fail", "skip"]

SHOWN = 10
"""Offending rows that a verdict carries."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a criterion found.

    expected, got: one line each, for a person. columns, rows: the first offending rows, at most `SHOWN`. offending: how many
    there are in all, 0 when not counted. sql: the query behind it, runnable in psql as it stands. batches: names of the batches
    concerned, as far as they are known. left_out: what could not be checked, as an application does not fill it, and why.
    """

    state: State
    expected: str
    got: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    offending: int = 0
    sql: str = ""
    batches: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class Criterion(Protocol):
    """One check of a built database.

    name: as a scenario declares it. farm_wide: needs every batch of the scenario, so it does not hold for a sample; all others do.
    """

    @property
    def name(self) -> str:
        """The name by which a scenario declares it."""

    @property
    def farm_wide(self) -> bool:
        """Whether it means nothing while batches of the scenario are missing, as in a sample."""

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Hold the batches `built` (at least one) against the plan and the bounds of `spec`; reads only."""
