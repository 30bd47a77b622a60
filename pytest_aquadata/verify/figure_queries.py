"""What a criterion of a published figure measures: queries over the records of the batches, never over the plan.

Each returns (geography, batch, month, value): batch is null where a value is about a geography, month (1 to 12) where it is not about one
month's mean. `homes` (batch, geography) says which batch belongs where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.verify import measures, text

_NONE = "NULL::int AS month"


@dataclass(frozen=True, slots=True)
class Measure:
    """How one figure is measured.

    queries: WITH queries after `picked` and `homes`, and the SELECT. of: whether a value is about a batch or a geography.
    due: the batches of which (or of whose geography) there has to be a value. streams: without which there is none. style: of a value.
    """

    queries: Callable[[Simulation], Sequence[str]]
    of: Literal["batch", "geography"]
    due: Callable[[Simulation, Batch], bool]
    streams: tuple[str, ...] = ()
    style: str = ".3f"

    def sql(self, simulation: Simulation, batches: Sequence[Batch]) -> str:
        """The query for these batches."""
        homes = ((batch.name, simulation.world.geographies[batch.life.geography - 1].name) for batch in batches)
        named = text.table("homes", {"batch": "text", "geography": "text"}, homes)
        return text.query(text.picked(batches), named, *self.queries(simulation))


def _at_sea(simulation: Simulation, batch: Batch) -> bool:
    return len(batch.stays) == len(simulation.profile.stages)


def _harvested(simulation: Simulation, batch: Batch) -> bool:
    return batch.harvested


def _counted(simulation: Simulation, batch: Batch) -> bool:
    return _at_sea(simulation, batch) and batch.stays[-1].days > simulation.scenario.lice_counts.every


def _whole_month(simulation: Simulation, batch: Batch) -> bool:
    # two months in a row hold a whole one
    return _at_sea(simulation, batch) and batch.stays[-1].days > 62


def _put_out(simulation: Simulation) -> str:
    return f"""
    put_out AS (
      SELECT p.id, p.batch, h.geography, min(s.assignment_date) AS day, sum(a.fish) AS fish, sum(a.kg) AS kg
      FROM picked p
      JOIN homes h ON h.batch = p.batch
      JOIN stays s ON s.batch_id = p.id AND s.stage = {len(simulation.profile.stages)}
      LEFT JOIN arrivals a ON a.assignment_id = s.id
      GROUP BY p.id, p.batch, h.geography
    )"""


_CAUGHT = """
    caught AS (
      SELECT e.batch_id, min((e.event_date AT TIME ZONE 'UTC')::date) AS day, sum(l.unit_count) AS fish, sum(l.live_weight_kg) AS kg
      FROM picked p JOIN harvest_harvestevent e ON e.batch_id = p.id JOIN harvest_harvestlot l ON l.event_id = e.id
      GROUP BY e.batch_id
    )"""

_MEALS = """
    meals AS (
      SELECT f.batch_assignment_id, sum(f.amount_kg) AS kg
      FROM picked p JOIN inventory_feedingevent f ON f.batch_id = p.id
      GROUP BY f.batch_assignment_id
    )"""

_WATER = """
    water AS (
      SELECT p.id, p.geography, (r.reading_time AT TIME ZONE 'UTC')::date AS day, avg(r.value) AS degrees
      FROM put_out p
      JOIN environmental_environmentalreading r ON r.batch_id = p.id AND r.reading_time >= p.day
      JOIN environmental_environmentalparameter e ON e.id = r.parameter_id AND e.name = 'Temperature'
      GROUP BY p.id, p.geography, (r.reading_time AT TIME ZONE 'UTC')::date
    )"""


def _to_sea(simulation: Simulation) -> tuple[str, ...]:
    return measures.STAYS, measures.ARRIVALS, _put_out(simulation)


def _smolts(value: str) -> Callable[[Simulation], Sequence[str]]:
    return lambda simulation: (
        *_to_sea(simulation),
        measures.EGGS,
        f"SELECT p.geography, p.batch, {_NONE}, {value} AS value FROM put_out p LEFT JOIN eggs e ON e.batch_id = p.id ORDER BY p.batch",
    )


def _harvests(value: str) -> Callable[[Simulation], Sequence[str]]:
    return lambda simulation: (
        *_to_sea(simulation),
        _CAUGHT,
        f"SELECT p.geography, p.batch, {_NONE}, {value} AS value FROM put_out p JOIN caught c ON c.batch_id = p.id ORDER BY p.batch",
    )


def _growth(simulation: Simulation) -> Sequence[str]:
    return (
        *_to_sea(simulation),
        _CAUGHT,
        _WATER,
        f"""
        SELECT p.geography, p.batch, {_NONE},
          1000 * (cbrt(1000 * c.kg / c.fish) - cbrt(1000 * p.kg / p.fish)) / nullif(avg(w.degrees) * (c.day - p.day), 0) AS value
        FROM put_out p
        JOIN caught c ON c.batch_id = p.id
        JOIN water w ON w.id = p.id AND w.day < c.day
        GROUP BY p.geography, p.batch, p.day, p.kg, p.fish, c.day, c.kg, c.fish
        ORDER BY p.batch
        """,
    )


def _sea_fcr(simulation: Simulation) -> Sequence[str]:
    return (
        *_to_sea(simulation),
        measures.DEATHS,
        _CAUGHT,
        _MEALS,
        f"""
        SELECT p.geography, p.batch, {_NONE},
          sum(coalesce(m.kg, 0)) / nullif(sum(s.biomass_kg + coalesce(d.kg, 0) - coalesce(a.kg, 0)), 0) AS value
        FROM put_out p
        JOIN caught c ON c.batch_id = p.id
        JOIN stays s ON s.batch_id = p.id AND s.stage = {len(simulation.profile.stages)}
        LEFT JOIN meals m ON m.batch_assignment_id = s.id
        LEFT JOIN deaths d ON d.assignment_id = s.id
        LEFT JOIN arrivals a ON a.assignment_id = s.id
        GROUP BY p.geography, p.batch ORDER BY p.batch
        """,
    )


def _economic_fcr(simulation: Simulation) -> Sequence[str]:
    return (
        _CAUGHT,
        f"""
        SELECT h.geography, p.batch, {_NONE}, sum(f.amount_kg) / nullif(c.kg, 0) AS value
        FROM picked p
        JOIN homes h ON h.batch = p.batch
        JOIN caught c ON c.batch_id = p.id
        LEFT JOIN inventory_feedingevent f ON f.batch_id = p.id
        GROUP BY h.geography, p.batch, c.kg ORDER BY p.batch
        """,
    )


def _harvest_weight(simulation: Simulation) -> Sequence[str]:
    return (
        _CAUGHT,
        f"""
        SELECT h.geography, NULL::text AS batch, {_NONE}, 1000 * sum(c.kg) / nullif(sum(c.fish), 0) AS value
        FROM picked p JOIN homes h ON h.batch = p.batch JOIN caught c ON c.batch_id = p.id
        GROUP BY h.geography ORDER BY h.geography
        """,
    )


def _temperature(simulation: Simulation) -> Sequence[str]:
    """Months that were read on every one of their days; the year where there are all twelve."""
    return (
        *_to_sea(simulation),
        _WATER,
        """
        days AS (SELECT geography, day, avg(degrees) AS degrees FROM water GROUP BY geography, day)""",
        """
        whole AS (
          SELECT geography, date_trunc('month', day)::date AS first, avg(degrees) AS degrees
          FROM days GROUP BY geography, date_trunc('month', day)
          HAVING count(*) = extract(day FROM date_trunc('month', min(day)) + interval '1 month' - interval '1 day')
        )""",
        """
        months AS (
          SELECT geography, extract(month FROM first)::int AS month, avg(degrees) AS degrees
          FROM whole GROUP BY geography, extract(month FROM first)
        )""",
        """
        SELECT geography, NULL::text AS batch, month, degrees AS value FROM months
        UNION ALL
        SELECT geography, NULL, NULL, avg(degrees) FROM months GROUP BY geography HAVING count(*) = 12
        ORDER BY geography, month
        """,
    )


def _lice(simulation: Simulation) -> tuple[str, ...]:
    species = text.literal(simulation.profile.lice.kinds[0].species)
    return (
        f"""
        rings AS (
          SELECT c.batch_id, c.assignment_id, c.count_date, max(c.fish_sampled) AS fish,
            coalesce(sum(c.count_value) FILTER (
              WHERE (t.species, t.gender, t.development_stage) = ({species}, 'female', 'adult')), 0) AS females
          FROM picked p JOIN health_licecount c ON c.batch_id = p.id JOIN health_licetype t ON t.id = c.lice_type_id
          GROUP BY c.batch_id, c.assignment_id, c.count_date
        )""",
        """
        counts AS (
          SELECT h.geography, p.batch, (r.count_date AT TIME ZONE 'UTC')::date AS day, sum(r.females)::numeric / sum(r.fish) AS females
          FROM picked p JOIN homes h ON h.batch = p.batch JOIN rings r ON r.batch_id = p.id
          GROUP BY h.geography, p.batch, (r.count_date AT TIME ZONE 'UTC')::date
        )""",
    )


def _lice_mean(simulation: Simulation) -> Sequence[str]:
    mean = f"SELECT geography, NULL::text AS batch, {_NONE}, avg(females) AS value FROM counts GROUP BY geography ORDER BY geography"
    return (*_lice(simulation), mean)


def _lice_peak(simulation: Simulation) -> Sequence[str]:
    """Not the very highest count: that one is a matter of chance, and of how many there are."""
    peak = f"""
        SELECT geography, batch, {_NONE}, percentile_cont(0.98) WITHIN GROUP (ORDER BY females) AS value
        FROM counts GROUP BY geography, batch ORDER BY batch"""
    return (*_lice(simulation), peak)


def _density(simulation: Simulation) -> Sequence[str]:
    return (
        measures.STAYS,
        f"""
        SELECT h.geography, p.batch, {_NONE}, max(s.biomass_kg / nullif(k.volume_m3, 0)) AS value
        FROM picked p
        JOIN homes h ON h.batch = p.batch
        JOIN stays s ON s.batch_id = p.id AND s.stage = {len(simulation.profile.stages)}
        JOIN infrastructure_container k ON k.id = s.container_id
        GROUP BY h.geography, p.batch ORDER BY p.batch
        """,
    )


MEASURES: dict[str, Measure] = {
    "figure_freshwater_survival": Measure(_smolts("p.fish::float8 / nullif(e.fish, 0)"), "batch", _at_sea),
    "figure_sea_survival": Measure(_harvests("c.fish::float8 / nullif(p.fish, 0)"), "batch", _harvested),
    "figure_smolt_weight": Measure(_smolts("1000 * p.kg / nullif(p.fish, 0)"), "batch", _at_sea, style=".0f"),
    "figure_days_at_sea": Measure(_harvests("c.day - p.day"), "batch", _harvested, style=".0f"),
    "figure_sea_growth": Measure(_growth, "batch", _harvested, ("readings",), ".2f"),
    "figure_sea_fcr": Measure(_sea_fcr, "batch", _harvested, ("feeding", "mortality")),
    "figure_economic_fcr": Measure(_economic_fcr, "batch", _harvested, ("feeding",)),
    "figure_harvest_weight": Measure(_harvest_weight, "geography", _harvested, style=".0f"),
    "figure_sea_temperature": Measure(_temperature, "geography", _whole_month, ("readings",), ".2f"),
    "figure_lice": Measure(_lice_mean, "geography", _counted, ("lice_counts",), ".2f"),
    "figure_lice_peak": Measure(_lice_peak, "batch", _counted, ("lice_counts",), ".2f"),
    "figure_sea_density": Measure(_density, "batch", _at_sea, style=".1f"),
}
"""Every figure by the name of its criterion."""
