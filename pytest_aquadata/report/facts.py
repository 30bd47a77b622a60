"""What needs no figure of the database: verdict, criteria, rows, times, the plan, the scenario, and how to build a batch again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from matplotlib.axes import Axes

from pytest_aquadata.plan.size import human_size
from pytest_aquadata.report.base import Section, Source
from pytest_aquadata.report.drawing import COLOURS, figure
from pytest_aquadata.report.html import paragraph, table, text

_MARKS = {"pass": "✓", "warn": "!", "fail": "✗", "skip": "-", "error": "✗"}


def summary(source: Source) -> Section:
    """Verdict and the figures that one asks for first."""
    said = source.document
    states = [batch["state"] for batch in said["batches"]]
    built, held = sum(state in ("built", "found") for state in states), [criterion["state"] for criterion in said["criteria"]]
    tiles = {
        "batches": f"{built:,} of {len(states):,}",
        "rows of batches": f"{sum(said['rows'].values()):,}",
        "on disk": human_size(said["sizes"]["database"]) if said["sizes"]["database"] else "unknown",
        "criteria that hold": f"{held.count('pass')} of {len(held)}",
        "as of": said["scenario"]["as_of"],
        "eggs": f"{sum(batch['eggs'] for batch in said['batches']) / 1e6:,.1f} M",
    }
    html = f'<p class="verdict {text(said["verdict"])}">{text(said["verdict"])}</p><dl class=tiles>'
    html += "".join(f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in tiles.items()) + "</dl>"
    html += (
        paragraph(source.plan.simulation.scenario.description)
        + f"<p>Digest <code>{text(said['digest'] or 'none: batches are missing')}</code></p>"
    )
    if failed := [failure for failure in said["failed"] if not failure["item"].startswith("verify[")]:
        html += table(["failed", "cause"], [(failure["item"], failure["cause"]) for failure in failed])
    return Section("summary", "Summary", html)


def criteria(source: Source) -> Section:
    """Each criterion with what it expected and found; of those that do not hold the first rows and the query."""
    found = source.document["criteria"]
    if not found:
        return Section("criteria", "Criteria", paragraph("None was held in this session."))
    rows = [(_MARKS[c["state"]], c["name"], c["expected"], c["got"], _bounds(c["bounds"]), f"{c['seconds']:.1f} s") for c in found]
    html = table(["", "criterion", "expected", "found", "scenario's bounds", "time"], rows, numbers=[5], cards=True)
    for criterion in found:
        if criterion["state"] not in ("pass", "skip"):
            html += f"<h3>{text(criterion['name'])}: {text(criterion['state'])}</h3>" + paragraph(criterion["got"])
            if criterion["rows"]:
                html += table(criterion["columns"], criterion["rows"]) + paragraph(f"{criterion['offending']:,} in all")
            if criterion["query"]:
                html += f"<pre>{text(criterion['query'])}</pre>"
    return Section("criteria", "Criteria", html)


def _bounds(bounds: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:,.10g}" for name, value in bounds.items())


def tables(source: Source) -> Section:
    """Rows and bytes of each table."""
    rows, sizes = source.document["rows"], source.document["sizes"]["tables"]
    planned = {name: source.plan.total(name) for name in source.plan.all_tables}
    order = sorted(planned, key=lambda name: -planned[name])
    body = [(name, f"{rows.get(name, 0):,}", f"{planned[name]:,}", human_size(sizes.get(name, 0))) for name in order if planned[name]]
    words = "Rows of batches that are built, and those of the whole plan, which has the farm's own rows beside them."
    return Section(
        "tables", "Rows by table", paragraph(words) + table(["table", "built", "planned", "on disk"], body, numbers=[1, 2, 3]), open=False
    )


def times(source: Source) -> Section:
    """Seconds of each phase, and of each worker on batches."""
    phases, workers = source.document["phases"], defaultdict(list)
    for batch in source.document["batches"]:
        if batch.get("seconds") is not None:
            workers[batch["builder"]].append(batch["seconds"])
    names = sorted(workers, key=lambda name: (len(name), name))

    def draw(upper: Axes, lower: Axes) -> None:
        slim = 1.6 * max(1, len(names))  # as a worker's bar, two of which would be as high
        upper.set_ylim(-slim / 2, slim / 2)
        left = 0.0
        for (phase, seconds), colour in zip(phases.items(), COLOURS, strict=False):
            upper.barh(0, seconds, left=left, color=colour, label=f"{phase} {seconds:,.1f} s")
            left += seconds
        upper.set_yticks([])
        upper.set_xlabel("seconds of this session")
        if phases:
            upper.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4)
        for number, name in enumerate(names):
            left = 0.0
            for place, seconds in enumerate(workers[name]):
                lower.barh(number, seconds, left=left, color=COLOURS[place % 2], linewidth=0)
                left += seconds
        lower.set_yticks(range(len(names)), names)
        lower.invert_yaxis()
        lower.set_xlabel("seconds on batches, one part each")

    height = max(1.1, 0.22 * len(names) + 0.6)
    machine = source.document["machine"]
    server = source.document["versions"].get("postgresql", "")
    words = f"{machine['processor']}, {machine['cpus']} processors, {machine['system']}; PostgreSQL {server}."
    return Section("times", "Times", paragraph(words) + figure("times", "Time by phase, and by worker", draw, rows=2, height=height))


def batches(source: Source) -> Section:
    """Every batch, and the command that builds it again."""
    body = [
        (b["name"], b["geography"], b["start"], f"{b['eggs']:,}", b["state"], f"{b.get('rows', 0):,}", b["rebuild"])
        for b in source.document["batches"]
    ]
    html = table(["batch", "geography", "start", "eggs", "state", "rows", "to build it again"], body, numbers=[3, 5])
    return Section("batches", "Batches, and how to build one again", html, open=False)


def plan_and_scenario(source: Source) -> list[Section]:
    """The plan as the terminal shows it, and the scenario's own text."""
    scenario = source.plan.simulation.scenario
    how = paragraph("Once more, or on from where it stopped:") + f"<pre>{text(source.document['command'])}</pre>"
    return [
        Section("plan", "Plan", f"<pre>{text(source.plan_text)}</pre>", open=False),
        Section("scenario", "Scenario", how + f"<pre>{text(scenario.text)}</pre>", open=False),
    ]
