"""A session's document as a summary in Markdown, for the page of a CI job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_aquadata.progress import human_seconds


def markdown(said: Mapping[str, Any], comparison: Sequence[str] = ()) -> str:
    """The summary: verdict, what was built, criteria that do not hold with their first rows, and times.

    comparison: lines about an earlier build, shown as they are.
    """
    scenario, states = said["scenario"], [batch["state"] for batch in said["batches"]]
    built = sum(state in ("built", "found") for state in states)
    held = sum(criterion["state"] == "pass" for criterion in said["criteria"])
    lines = [f"## aquadata: {scenario['name']}: {said['verdict']}", ""]
    lines.append(f"{built} of {len(states)} batches, {sum(said['rows'].values()):,} rows, as of {scenario['as_of']}, ")
    lines.append(f"{held} of {len(said['criteria'])} criteria hold, digest `{said['digest'] or 'none'}`")
    lines += ["", "| phase | time |", "|---|---|"]
    lines += [f"| {phase} | {human_seconds(seconds)} |" for phase, seconds in said["phases"].items()]
    unsatisfied = [criterion for criterion in said["criteria"] if criterion["state"] != "pass"]
    if unsatisfied:
        lines += ["", "| criterion | | expected | found |", "|---|---|---|---|"]
        lines += [f"| {c['name']} | {c['state']} | {_cell(c['expected'])} | {_cell(c['got'])} |" for c in unsatisfied]
    for criterion in unsatisfied:
        if criterion["rows"]:
            lines += ["", f"First rows of `{criterion['name']}`, {criterion['offending']:,} in all:", ""]
            lines += ["| " + " | ".join(map(_cell, criterion["columns"])) + " |", "|---" * len(criterion["columns"]) + "|"]
            lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in criterion["rows"]]
    for failure in said["failed"]:
        if not failure["item"].startswith("verify["):
            lines += ["", f"`{failure['item']}` failed: {failure['cause']}"]
    if comparison:
        lines += ["", "```", *comparison, "```"]
    return "\n".join([*lines, "", f"To go on: `{said['command']}`", ""])


def _cell(value: object) -> str:
    return " ".join(str("" if value is None else value).split()).replace("|", "\\|").replace("<", "&lt;")
