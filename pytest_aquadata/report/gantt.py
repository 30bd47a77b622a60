"""Which batch stands where and when: a line for each hall, and for each group of rings of an area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from pytest_aquadata.plan.temperature import day_number
from pytest_aquadata.report.base import PLACES, Section, Source, unique
from pytest_aquadata.report.drawing import INKS, STAGES, figure

_STAYS = f"""
    WITH places AS ({PLACES})
    SELECT p.geography, p.sea, p.place, b.batch_number, l."order", l.name, min(a.assignment_date), max(a.departure_date),
           bool_or(a.departure_date IS NULL), count(DISTINCT a.container_id)
    FROM batch_batchcontainerassignment a
    JOIN places p USING (container_id)
    JOIN batch_batch b ON b.id = a.batch_id
    JOIN batch_lifecyclestage l ON l.id = a.lifecycle_stage_id
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY p.geography, p.sea, min(l."order"), p.place, min(a.assignment_date)
"""
_LINE = 0.17
"""Height of a line, inches."""
_LETTERS = 200
"""Letters of a bar's size that the figure is wide."""


def gantt(source: Source) -> Section:
    """A figure for each geography; halls that more than one batch shares at a time have a line for each."""
    rows = source.rows(_STAYS)
    end = day_number(source.plan.simulation.scenario.as_of)
    start = min(day_number(row[6]) for row in rows)
    figures = [_of(geography, [row for row in rows if row[0] == geography], start, end) for geography in unique([row[0] for row in rows])]
    note = "<p>A bar is a batch in the containers of a hall or of a sea area, with the last two parts of its number.</p>"
    return Section("gantt", "Batches over containers", note + "".join(figures))


def _of(geography: str, rows: Sequence[tuple[Any, ...]], start: int, end: int) -> str:
    lines: list[str] = []
    bars: list[tuple[int, int, int, int, str]] = []
    free: dict[str, list[tuple[int, int]]] = {}
    for _, _, place, batch, order, _, first, last, open_, _ in rows:
        begin, stop = day_number(first), end if open_ else min(day_number(last), end)
        lanes = free.setdefault(place, [])
        lane = next((number for number, (_, until) in enumerate(lanes) if until <= begin), None)
        if lane is None:
            lane = len(lanes)
            lanes.append((len(lines), stop))
            lines.append(place if lane == 0 else f"{place} ({lane + 1})")
        lanes[lane] = (lanes[lane][0], stop)
        bars.append((lanes[lane][0], begin, stop, order, batch.partition("-")[2]))

    def draw(axes: Axes) -> None:
        for line, begin, stop, order, label in bars:
            axes.barh(line, stop - begin, left=begin, height=0.82, color=STAGES[(order - 1) % 6], linewidth=0)
            if len(label) <= (stop - begin) * _LETTERS / (end - start):
                axes.text(begin + 2, line, label, fontsize=5.5, va="center", color=INKS[(order - 1) % 6], clip_on=True)
        axes.set_yticks(range(len(lines)), lines, fontsize=6)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(start, end)
        axes.xaxis_date()  # Matplotlib counts days as the plan does, from 1970-01-01
        axes.tick_params(top=True, labeltop=True)
        names = dict(sorted({(row[4], row[5]) for row in rows}))
        handles = [Patch(color=STAGES[(order - 1) % 6], label=name) for order, name in names.items()]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1 + 0.3 / max(2, _LINE * len(lines))), ncols=6)

    name = "gantt" + "".join(filter(str.isalnum, geography))
    return figure(
        name, f"{geography}: {len({row[3] for row in rows})} batches", draw, height=max(2.0, _LINE * len(lines)) + 0.8, width=11, wide=True
    )
