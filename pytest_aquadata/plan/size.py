"""How much room a plan will take on disk, from its exact row counts and measured bytes a row."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

_DATABASE, _DATA_SET = "sizes", "data_set_sizes"
"""Files of bytes a row."""


def bytes_of(plan: Plan, batches: Iterable[Batch] | None = None) -> dict[str, int]:
    """Estimated bytes by table of a database, indexes included: of the whole plan, or of its farm with these batches."""
    return _bytes_of(_DATABASE, plan, batches)


def estimated_bytes(plan: Plan, batches: Iterable[Batch] | None = None) -> int:
    """Estimated bytes of the finished database; `batches`: of one with these alone."""
    return int(document(_DATABASE)["empty"]) + sum(bytes_of(plan, batches).values())


def data_set_bytes(plan: Plan, batches: Iterable[Batch] | None = None) -> int:
    """Estimated bytes of the finished data set; `batches`: of one with these alone. Short batches take more: each has its files."""
    return sum(_bytes_of(_DATA_SET, plan, batches).values())


def _bytes_of(measured: str, plan: Plan, batches: Iterable[Batch] | None) -> dict[str, int]:
    sizes = document(measured)
    rows = {table: plan.total(table) for table in plan.all_tables} if batches is None else plan.rows_with(batches)
    return {table: int(count * sizes["tables"].get(table, sizes["other"])) for table, count in rows.items()}


def human_size(count: float) -> str:
    """Bytes as a person reads them."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
