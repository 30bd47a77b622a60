"""Rows of a plan put together: whole columns of a table, as numbers, dates and texts, by batch or for the farm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.columns import Kind, Rows
from pytest_aquadata.streams.registry import active_streams, make_plan


def plan_of(**keys: Any) -> Plan:
    return make_plan(Scenario.model_validate({"name": "x", "as_of": "2025-11-21", **keys}))


def stream_rows(plan: Plan, batch: Batch) -> list[Rows]:
    """Everything the streams make for a batch."""
    return [rows for stream in active_streams(plan.simulation.scenario) for rows in stream.rows(plan, batch)]


def table(rows: Iterable[Rows], name: str) -> dict[str, np.ndarray]:
    """All values of one table's columns, each of shape (rows,); NULL as -1, texts as their index."""
    parts: dict[str, list[np.ndarray]] = {}
    for chunk in rows:
        if chunk.table == name:
            for column, values in chunk.columns.items():
                whole = np.broadcast_to(values.values, (chunk.count,))
                if values.kind is Kind.NULL:
                    whole = np.full(chunk.count, -1)
                elif values.null is not None:
                    whole = np.where(values.null, -1, whole)
                parts.setdefault(column, []).append(whole)
    return {column: np.concatenate(values) for column, values in parts.items()}
