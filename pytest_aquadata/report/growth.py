"""Growth of each batch beside the scenario that is pinned to it, and feed conversion by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from pytest_aquadata.report.base import Section, Source, unique
from pytest_aquadata.report.drawing import COLOURS, figure, legend, thousands

EVERY = 14
"""Days between two points of a curve."""

_REAL = """
    SELECT b.batch_number, s.day_number, (sum(s.avg_weight_g * s.population) / NULLIF(sum(s.population), 0))::float
    FROM batch_actualdailyassignmentstate s JOIN batch_batch b ON b.id = s.batch_id
    WHERE s.day_number %% %s = 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
_FORESEEN = """
    WITH lived AS (SELECT batch_id, max(day_number) AS days FROM batch_actualdailyassignmentstate GROUP BY 1)
    SELECT b.batch_number, p.day_number, avg(p.average_weight)::float
    FROM scenario_scenarioprojection p
    JOIN scenario s ON s.scenario_id = p.scenario_id
    JOIN batch_batch b ON b.pinned_scenario_id = s.scenario_id OR (b.pinned_scenario_id IS NULL AND b.id = s.batch_id)
    JOIN lived ON lived.batch_id = b.id AND p.day_number <= lived.days
    WHERE p.day_number %% %s = 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
_CONVERSION = """
    WITH daily AS (
        SELECT batch_id, lifecycle_stage_id, day_number, sum(feed_kg) AS feed, sum(mortality_count) AS deaths,
               sum(population)::float AS fish, (sum(avg_weight_g * population) / NULLIF(sum(population), 0))::float AS grams
        FROM batch_actualdailyassignmentstate GROUP BY 1, 2, 3
    ), gains AS (
        SELECT *, fish * (lead(grams) OVER (PARTITION BY batch_id ORDER BY day_number) - grams) / 1000 AS gain FROM daily
    )
    SELECT l."order", l.name, sum(feed)::float, sum(gain), sum(deaths)::float, max(fish)
    FROM gains JOIN batch_lifecyclestage l ON l.id = lifecycle_stage_id
    GROUP BY batch_id, 1, 2 ORDER BY 1
"""


Curve = dict[int, float]
"""Mean weight in g by age in days."""


def growth(source: Source) -> Section:
    """Weights by age, and each batch against its own scenario. Real ones are those of the daily states."""
    real, foreseen = _curves(source.rows(_REAL, EVERY)), _curves(source.rows(_FORESEEN, EVERY))
    places = unique([_code(batch) for batch in real])
    names = {geography.code: geography.name for geography in source.plan.simulation.world.geographies}

    def draw(*all_axes: Axes) -> None:
        *weights, against = all_axes
        for axes, place, colour in zip(weights, places, COLOURS, strict=False):
            mine = {batch: curve for batch, curve in real.items() if _code(batch) == place}
            thin = max(0.25, 1 / len(mine) ** 0.25)
            for curve in mine.values():
                axes.plot(list(curve), [grams / 1000 for grams in curve.values()], color=colour, alpha=thin, linewidth=0.8)
            axes.plot([], [], color=colour, label=f"{names.get(place, place)}: {len(mine)} batches")
            mean = _mean([foreseen[batch] for batch in mine if batch in foreseen])
            if mean:
                grey: dict[str, Any] = {"color": "#888888", "linestyle": (0, (4, 2))}
                axes.plot(list(mean), [grams / 1000 for grams in mean.values()], label="their scenarios to the same age, mean", **grey)
            thousands(axes)
            axes.set_ylabel("kg")
            legend(axes)
            for number, (batch, curve) in enumerate(mine.items()):
                own = foreseen.get(batch, {})
                days = [day for day in curve if own.get(day)]
                label = names.get(place, place) if not number else None
                against.plot(days, [curve[day] / own[day] - 1 for day in days], color=colour, alpha=thin, linewidth=0.8, label=label)
        against.yaxis.set_major_formatter(lambda value, _: f"{value:+.1%}")
        against.set_ylabel("off its own scenario")
        against.set_xlabel("days of age")
        for line in legend(against):
            line.set_alpha(1)

    title = "Mean weight of each batch by age, and how far it is off the scenario that is pinned to it"
    return Section("growth", "Growth", figure("growth", title, draw, rows=len(places) + 1, height=2.4))


def _curves(rows: Sequence[tuple[Any, ...]]) -> dict[str, Curve]:
    curves: dict[str, Curve] = {}
    for batch, day, grams in rows:
        if grams is not None:
            curves.setdefault(batch, {})[day] = grams
    return curves


def _mean(curves: Sequence[Curve]) -> Curve:
    """At each age the mean of those that reach it."""
    ages = sorted({age for curve in curves for age in curve})
    return {age: float(np.mean([curve[age] for curve in curves if age in curve])) for age in ages}


def _code(batch: str) -> str:
    return batch.partition("-")[0]


def conversion(source: Source) -> Section:
    """Feed conversion and losses: each point is one batch in one stage."""
    rows = source.rows(_CONVERSION)
    stages = dict(sorted({(row[0], row[1]) for row in rows}))
    shift = np.linspace(-0.3, 0.3, 9)

    def draw(fcr: Axes, losses: Axes) -> None:
        for axes, values, colour in (
            (fcr, [(order, feed / gain) for order, _, feed, gain, _, _ in rows if feed and gain and gain > 0], COLOURS[0]),
            (losses, [(order, deaths / fish) for order, _, _, _, deaths, fish in rows if fish], COLOURS[1]),
        ):
            where = [order + shift[number % 9] for number, (order, _) in enumerate(values)]
            axes.plot(where, [value for _, value in values], ".", color=colour, markersize=4)
            axes.set_xticks(list(stages), list(stages.values()))
            axes.set_xlim(min(stages) - 0.5, max(stages) + 0.5)
        thousands(fcr)
        fcr.set_ylabel("kg feed per kg gain")
        thousands(losses)
        losses.yaxis.set_major_formatter(lambda value, _: f"{value:.1%}")
        losses.set_ylabel("died in the stage")

    return Section(
        "conversion",
        "Feed conversion and mortality",
        figure("fcr", "Each point is a batch in a stage, as far as it has lived", draw, rows=2, height=2.2),
    )
