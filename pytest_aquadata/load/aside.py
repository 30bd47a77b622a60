"""Whether a load puts indexes and keys aside: only where that is quicker, and only what the role may bring back."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from pytest_aquadata.errors import LoadWarning
from pytest_aquadata.load import deferred, privileges
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

WORTH_IT = 50_000
"""Rows from which on dropping and rebuilding indexes is quicker than keeping them."""


def make_way(conn: Connection, plan: Plan, coming: Sequence[Batch], present: Sequence[Batch], tables: Sequence[str]) -> None:
    """Put indexes and keys aside where that is quicker than to keep them: for many rows, and more than are there already.

    tables: those that batches are loaded into. What the role may not drop and make again stays; a warning names it.
    """
    new, old = (sum(int(plan.counts[batch.number - 1].sum()) for batch in batches) for batches in (coming, present))
    if new < max(WORTH_IT, old):
        return
    mine, others = privileges.split(conn, tables)
    deferred.set_aside(conn, mine)
    if others:
        role = privileges.role(conn)
        warnings.warn(
            f"the role '{role}' may not drop the indexes and keys of {privileges.some(others)}; "
            "these tables are filled with them in place, which takes longer",
            LoadWarning,
            stacklevel=2,
        )
