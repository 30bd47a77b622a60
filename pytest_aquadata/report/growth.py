"""Growth of each batch beside the scenario that is pinned to it, and feed conversion by stage."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from matplotlib.axes import Axes

from pytest_aquadata.report.base import Section, Source, unique
from pytest_aquadata.report.drawing import COLOURS, figure, legend, thousands

EVERY = 14
"""Days between two points of a curve."""

_REAL = """
    SELECT left(b.batch_number, 3), b.batch_number, s.day_number, (sum(s.avg_weight_g * s.population) / NULLIF(sum(s.population), 0))::float
    FROM batch_actualdailyassignmentstate s JOIN batch_batch b ON b.id = s.batch_id
    WHERE s.day_number %% %s = 0 GROUP BY 1, 2, 3 ORDER BY 2, 3
"""
_FORESEEN = """
    WITH lived AS (SELECT batch_id, max(day_number) AS days FROM batch_actualdailyassignmentstate GROUP BY 1)
    SELECT left(b.batch_number, 3), p.day_number, avg(p.average_weight)::float
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


def growth(source: Source) -> Section:
    """Weights by age. Real ones are those of the daily states."""
    real, foreseen = source.rows(_REAL, EVERY), source.rows(_FORESEEN, EVERY)
    places = unique([row[0] for row in real])

    def draw(*all_axes: Axes) -> None:
        for axes, place, colour in zip(all_axes, places, COLOURS, strict=False):
            curves = defaultdict(list)
            for code, batch, day, grams in real:
                if code == place:
                    curves[batch].append((day, grams / 1000))
            for number, points in enumerate(curves.values()):
                label = f"{place}: {len(curves)} batches" if not number else None
                axes.plot(*zip(*points, strict=True), color=colour, alpha=max(0.25, 1 / len(curves) ** 0.25), linewidth=0.8, label=label)
            mean = [(day, grams / 1000) for code, day, grams in foreseen if code == place]
            if mean:
                axes.plot(*zip(*mean, strict=True), color="#888888", linestyle=(0, (4, 2)), label="their scenarios to the same age, mean")
            thousands(axes)
            axes.set_ylabel("kg")
            axes.set_xlabel("days of age")
            legend(axes)

    html = figure("growth", "Mean weight of each batch by age, and what its scenario foresaw", draw, rows=max(1, len(places)), height=2.4)
    return Section("growth", "Growth", html)


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
