"""Containers held over time, by geography and by stage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from pytest_aquadata.plan.temperature import day_number
from pytest_aquadata.report.base import PLACES, Section, Source, unique
from pytest_aquadata.report.drawing import COLOURS, STAGES, figure, legend, thousands

_HELD = f"""
    WITH places AS ({PLACES})
    SELECT p.geography, l."order", l.name, a.assignment_date, a.departure_date, count(*)
    FROM batch_batchcontainerassignment a
    JOIN places p USING (container_id)
    JOIN batch_lifecyclestage l ON l.id = a.lifecycle_stage_id
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
"""
_ACTIVE = f"""
    WITH places AS ({PLACES})
    SELECT p.geography, count(*) FROM places p JOIN infrastructure_container c ON c.id = p.container_id WHERE c.active GROUP BY 1
"""


Curves = dict[tuple[str, int, str], NDArray[np.int64]]
"""Containers held on each day, shape (days,), by geography, order of the stage and its name."""


def held(source: Source) -> tuple[int, Curves]:
    """The first day, days since 1970-01-01, and the curves from it up to, not including, `as_of`.

    A container is held from the day of assignment up to, not including, that of departure.
    """
    rows = source.rows(_HELD)
    end = day_number(source.plan.simulation.scenario.as_of)
    start = min(day_number(row[3]) for row in rows)
    steps: Curves = {}
    for geography, order, stage, first, last, containers in rows:
        step = steps.setdefault((geography, order, stage), np.zeros(end - start + 1, dtype=np.int64))
        step[day_number(first) - start] += containers
        if last is not None and day_number(last) <= end:
            step[day_number(last) - start] -= containers
    return start, {key: np.cumsum(step)[:-1] for key, step in steps.items()}


def occupancy(source: Source) -> Section:
    """As a share of the active containers of each geography, and by stage."""
    start, curves = held(source)
    active = dict(source.rows(_ACTIVE))
    when = np.datetime64("1970-01-01") + np.arange(start, day_number(source.plan.simulation.scenario.as_of))
    geographies = unique([key[0] for key in curves])

    def draw(*axes: Axes) -> None:
        for colour, geography in zip(COLOURS, geographies, strict=False):
            total = np.sum([curve for key, curve in curves.items() if key[0] == geography], axis=0)
            axes[0].plot(when, total / active[geography], color=colour, label=f"{geography}, of {active[geography]:,} active containers")
        thousands(axes[0], percent=True)
        legend(axes[0])
        for axis, geography in zip(axes[1:], geographies, strict=True):
            parts = sorted(key for key in curves if key[0] == geography)
            axis.stackplot(
                when, [curves[key] for key in parts], labels=[key[2] for key in parts], colors=[STAGES[(key[1] - 1) % 6] for key in parts]
            )
            thousands(axis)
            axis.set_ylabel(f"containers, {geography}")
            legend(axis)

    return Section(
        "occupancy", "Occupancy", figure("occ", "Containers held, of all active ones, and by stage", draw, rows=1 + len(geographies))
    )
