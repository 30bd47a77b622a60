"""Every single container that ever held a batch, a line each, in the order of halls and areas; folded, as it is long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from pytest_aquadata.plan.temperature import date_of, day_number
from pytest_aquadata.report.base import PLACES, Section, Source
from pytest_aquadata.report.drawing import STAGES
from pytest_aquadata.report.html import text

_STAYS = f"""
    WITH places AS ({PLACES})
    SELECT p.geography, p.place, c.name, b.batch_number, l."order", a.assignment_date, a.departure_date,
           min(l."order") OVER (PARTITION BY p.geography, p.sea, p.place) AS stage
    FROM batch_batchcontainerassignment a
    JOIN places p USING (container_id)
    JOIN infrastructure_container c ON c.id = a.container_id
    JOIN batch_batch b ON b.id = a.batch_id
    JOIN batch_lifecyclestage l ON l.id = a.lifecycle_stage_id
    ORDER BY p.geography, p.sea, stage, p.place, c.name, a.assignment_date, b.batch_number
"""
_WIDTH, _LABELS, _LINE, _HEAD = 1000, 110, 3, 16
"""Of the time axis, of the names beside it, height of a line and of the years above, in units of the figure."""


def containers(source: Source) -> Section:
    """A figure for each geography. A line says in its title which batches stood there, and when."""
    rows = source.rows(_STAYS)
    end = day_number(source.plan.simulation.scenario.as_of)
    start = min(day_number(row[5]) for row in rows)
    html = "<p>A line is a container, named by its hall or area; held still on it, the pointer shows its batches and their days.</p>"
    for geography, of_it in groupby(rows, key=lambda row: row[0]):
        html += _figure(str(geography), list(of_it), start, end)
    return Section("containers", "Single containers", html, open=False)


def _figure(geography: str, rows: Sequence[tuple[Any, ...]], start: int, end: int) -> str:
    scale = _WIDTH / max(1, end - start)
    lines: list[str] = []
    top = _HEAD
    for place, of_place in groupby(rows, key=lambda row: row[1]):
        first = top
        for name, stays in groupby(of_place, key=lambda row: row[2]):
            lines.append(_line(str(name), list(stays), start, end, scale, top))
            top += _LINE
        # a hall of few containers has no room for its name
        if top - first >= 3 * _LINE:
            lines.append(f"<text x={_LABELS - 6} y={(first + top) / 2 + 3:g} text-anchor=end>{text(place)}</text>")
        lines.append(f'<path class=edge d="M0 {top}h{_LABELS + _WIDTH}"/>')
    count = sum(line.startswith("<g>") for line in lines)
    caption = f"{text(geography)}: {count:,} containers that held {len({row[3] for row in rows}):,} batches"
    size = f'viewBox="0 0 {_LABELS + _WIDTH} {top + 2}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" class=lines {size}>{_years(start, end, scale, top)}{"".join(lines)}</svg>'
    return f'<figure class=big><div class=wide role=img aria-label="{caption}">{svg}</div><figcaption>{caption}</figcaption></figure>'


def _line(name: str, stays: Sequence[tuple[Any, ...]], start: int, end: int, scale: float, top: int) -> str:
    """One container: a path for each stage that it served, and what the pointer shows."""
    said: list[str] = []
    paths: dict[int, list[str]] = {}
    for _, _, _, batch, order, first, last, _ in stays:
        left, right = day_number(first), end if last is None else min(day_number(last), end)
        said.append(f"{batch} {first:%Y-%m-%d} to {date_of(right) if last is not None else 'now'}")
        width = max(0.5, (right - left) * scale)
        paths.setdefault(order, []).append(f"M{_LABELS + (left - start) * scale:.1f} {top}h{width:.1f}v{_LINE}h-{width:.1f}z")
    drawn = "".join(f'<path fill="{STAGES[(order - 1) % len(STAGES)]}" d="{"".join(d)}"/>' for order, d in sorted(paths.items()))
    return f"<g><title>{text(name)}: {text('; '.join(said))}</title>{drawn}</g>\n"


def _years(start: int, end: int, scale: float, bottom: int) -> str:
    """A line for each first of January, with its year."""
    marks = []
    for year in range(date_of(start).year + 1, date_of(end).year + 1):
        x = _LABELS + (day_number(date(year, 1, 1)) - start) * scale
        marks.append(f'<path class=edge d="M{x:.1f} {_HEAD - 3}V{bottom}"/><text x={x:.1f} y=10 text-anchor=middle>{year}</text>')
    return "".join(marks)
