"""What happened over time: lice and treatments, temperatures, feed bought and eaten, harvests."""

from __future__ import annotations

from datetime import date

import numpy as np
from matplotlib.axes import Axes

from pytest_aquadata.report.base import PLACES, Section, Source, unique
from pytest_aquadata.report.drawing import COLOURS, days, figure, legend, thousands
from pytest_aquadata.report.html import paragraph

_LICE = f"""
    WITH places AS ({PLACES}), counts AS (
        SELECT geography, date_trunc('month', count_date)::date AS month, container_id, count_date::date,
               sum(COALESCE(NULLIF(count_value, 0), adult_female_count + adult_male_count + juvenile_count)) AS lice,
               max(fish_sampled) AS fish
        FROM health_licecount JOIN places USING (container_id) GROUP BY 1, 2, 3, 4
    )
    SELECT geography, month, sum(lice)::float / NULLIF(sum(fish), 0) FROM counts GROUP BY 1, 2 ORDER BY 1, 2
"""
_TREATMENTS = """
    SELECT COALESCE(treatment_type, ''), date_trunc('month', treatment_date)::date, count(*)
    FROM health_treatment GROUP BY 1, 2 ORDER BY 1, 2
"""
_TEMPERATURES = f"""
    WITH places AS ({PLACES})
    SELECT geography || CASE WHEN sea THEN ', sea' ELSE ', halls' END, date_trunc('week', date)::date, avg(temp_c)::float
    FROM batch_actualdailyassignmentstate JOIN places USING (container_id)
    WHERE temp_c IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
_BOUGHT = "SELECT date_trunc('week', purchase_date)::date, sum(quantity_kg)::float FROM inventory_feedpurchase GROUP BY 1 ORDER BY 1"
_EATEN = "SELECT date_trunc('week', feeding_date)::date, sum(amount_kg)::float FROM inventory_feedingevent GROUP BY 1 ORDER BY 1"
_STOCK = "SELECT COALESCE(sum(quantity_kg), 0)::float FROM inventory_feedcontainerstock"
_HARVESTS = """
    SELECT left(b.batch_number, 3), b.batch_number,
           sum(l.live_weight_kg)::float / NULLIF(sum(l.unit_count), 0), sum(l.live_weight_kg)::float
    FROM harvest_harvestlot l JOIN harvest_harvestevent e ON e.id = l.event_id JOIN batch_batch b ON b.id = e.batch_id
    GROUP BY 1, 2 ORDER BY 2
"""


def lice(source: Source) -> Section:
    """Lice a fish by month, and how many containers were treated."""
    counts, treated = source.rows(_LICE), source.rows(_TREATMENTS)
    if not counts and not treated:
        return Section("lice", "Lice and treatments", paragraph("There are none."))

    def draw(upper: Axes, lower: Axes) -> None:
        for name, colour in zip(unique([row[0] for row in counts]), COLOURS, strict=False):
            part = [row for row in counts if row[0] == name]
            upper.plot(days([row[1] for row in part]), [row[2] for row in part], color=colour, label=name)
        thousands(upper)
        upper.set_ylabel("lice a fish")
        legend(upper)
        below: dict[date, int] = {}
        for kind, colour in zip(unique([row[0] for row in treated]), COLOURS[2:], strict=False):
            part = [row for row in treated if row[0] == kind]
            months, numbers = [row[1] for row in part], [row[2] for row in part]
            lower.bar(
                days(months), numbers, width=np.timedelta64(25, "D"), bottom=[below.get(m, 0) for m in months], color=colour, label=kind
            )
            below |= {month: below.get(month, 0) + number for month, number in zip(months, numbers, strict=True)}
        lower.sharex(upper)
        thousands(lower)
        lower.set_ylabel("treatments a month")
        legend(lower)

    return Section(
        "lice",
        "Lice and treatments",
        figure("lice", "Lice of all kinds a fish, by month; treatments of containers", draw, rows=2, height=2.0),
    )


def temperatures(source: Source) -> Section:
    """Water temperature where fish stood, by week."""
    rows = source.rows(_TEMPERATURES)

    def draw(axes: Axes) -> None:
        for name, colour in zip(unique([row[0] for row in rows]), COLOURS, strict=False):
            part = [row for row in rows if row[0] == name]
            axes.plot(days([row[1] for row in part]), [row[2] for row in part], color=colour, label=name)
        axes.set_ylabel("°C")
        legend(axes, 4)

    return Section("temperatures", "Temperatures", figure("temp", "Water temperature of the containers that hold fish, by week", draw))


def feed(source: Source) -> Section:
    """Feed bought and eaten a week, and what lies in silos and barges."""
    bought, eaten = source.rows(_BOUGHT), source.rows(_EATEN)
    (stock,) = source.rows(_STOCK)[0]
    if not bought:
        return Section("feed", "Feed", paragraph("No feed was bought."))
    weeks = sorted({row[0] for row in (*bought, *eaten)})
    incoming, outgoing = (np.array([dict(rows).get(week, 0.0) for week in weeks]) / 1000 for rows in (bought, eaten))

    def draw(upper: Axes, lower: Axes) -> None:
        upper.step(days(weeks), incoming, where="post", color=COLOURS[0], label="bought", linewidth=0.9)
        upper.step(days(weeks), outgoing, where="post", color=COLOURS[1], label="eaten", linewidth=0.9)
        upper.set_ylabel("t a week")
        thousands(upper)
        legend(upper)
        lower.fill_between(days(weeks), np.cumsum(incoming - outgoing), color=COLOURS[2], alpha=0.5, linewidth=0)
        lower.set_ylabel("t in stock")
        thousands(lower)

    words = f"{sum(incoming):,.0f} t bought, {sum(outgoing):,.0f} t eaten, {stock / 1000:,.0f} t in silos and barges."
    return Section("feed", "Feed", paragraph(words) + figure("feed", "Feed of the whole farm, by week", draw, rows=2, height=2.0))


def harvests(source: Source) -> Section:
    """Mean weight of the harvested fish of each batch."""
    rows = source.rows(_HARVESTS)
    if not rows:
        return Section("harvests", "Harvests", paragraph("No batch is harvested yet."))
    low, high = source.plan.simulation.scenario.harvest_weight.low / 1000, source.plan.simulation.scenario.harvest_weight.high / 1000

    def draw(axes: Axes) -> None:
        edges = np.linspace(min(low, *(row[2] for row in rows)) - 0.05, max(high, *(row[2] for row in rows)) + 0.05, 24)
        names = unique([row[0] for row in rows])
        axes.hist(
            [[row[2] for row in rows if row[0] == name] for name in names],
            bins=list(edges),
            stacked=True,
            color=list(COLOURS[: len(names)]),
            label=names,
        )
        for bound in (low, high):
            axes.axvline(bound, color="#888888", linestyle=(0, (4, 2)))
        axes.set_xlabel("mean weight at harvest, kg; dashed: the scenario's range of targets")
        axes.set_ylabel("batches")
        thousands(axes)
        legend(axes)

    words = f"{len(rows)} batches harvested, {sum(row[3] for row in rows) / 1000:,.0f} t of live fish."
    return Section("harvests", "Harvests", paragraph(words) + figure("harvest", "Harvested batches by mean weight", draw))
