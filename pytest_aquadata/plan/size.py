"""How much room a plan will take on disk, from its exact row counts and measured bytes a row."""

from __future__ import annotations

from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.numbering import Plan


def bytes_of(plan: Plan) -> dict[str, int]:
    """Estimated bytes by table, indexes included."""
    sizes = document("sizes")
    return {table: int(plan.total(table) * sizes["tables"].get(table, sizes["other"])) for table in plan.all_tables}


def estimated_bytes(plan: Plan) -> int:
    """Estimated bytes of the finished database."""
    return int(document("sizes")["empty"]) + sum(bytes_of(plan).values())


def human_size(count: float) -> str:
    """Bytes as a person reads them."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
