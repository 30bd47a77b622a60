"""Verdicts as the properties of an item's report, and back: what JUnit files and xdist's controller get of a criterion."""

from __future__ import annotations

import json
from typing import Any

from pytest_aquadata.verify.base import Verdict

_EVIDENCE = "aquadata_evidence"
_LEFT_OUT = "aquadata_left_out"


def properties_of(verdict: Verdict) -> list[tuple[str, object]]:
    """A verdict as properties of its item: short texts, and offending rows and query as JSON where there are any."""
    found: list[tuple[str, object]] = [
        ("aquadata_state", verdict.state),
        ("aquadata_expected", verdict.expected),
        ("aquadata_got", verdict.got),
    ]
    if verdict.batches:
        found.append(("aquadata_batches", " ".join(verdict.batches)))
    if verdict.left_out:
        found.append((_LEFT_OUT, json.dumps(verdict.left_out)))
    if verdict.state in ("warn", "fail"):
        evidence = {"columns": verdict.columns, "rows": verdict.rows, "offending": verdict.offending, "query": verdict.sql}
        found.append((_EVIDENCE, json.dumps(evidence, default=str)))
    return found


def criterion_of(properties: dict[str, Any]) -> dict[str, Any]:
    """The verdict in the properties of a report, as a document has it; state 'error' where the item came to none."""
    evidence = json.loads(properties.get(_EVIDENCE, "{}"))
    return {
        "state": properties.get("aquadata_state", "error"),
        "expected": properties.get("aquadata_expected", ""),
        "got": properties.get("aquadata_got", ""),
        "batches": str(properties.get("aquadata_batches", "")).split(),
        "columns": evidence.get("columns", []),
        "rows": evidence.get("rows", []),
        "offending": evidence.get("offending", 0),
        "query": evidence.get("query", ""),
        "left_out": json.loads(properties.get(_LEFT_OUT, "[]")),
    }
