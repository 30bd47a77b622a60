"""Criteria `growth_samples` and `health_samples`: sampled on the due days, statistics of their own fish, and fish as the profile says.

A fish's weight is believed if its cube root spreads normally around that of the planned weight, and its length if the condition factor's
cube root does so around its own, independently of the weight. So a wrong mean, spread or shape is found, and lengths that do not belong to
their weights. Every fish is read once; sums of powers by batch and day are all that leaves the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan import growth, masterdata
from pytest_aquadata.plan.growth import cube_root
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.profile import Samples
from pytest_aquadata.streams.growth_samples import sample_days
from pytest_aquadata.streams.health_samples import samplings
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Found, count, failure, find, select

Float = NDArray[np.float64]
Due = dict[tuple[str, date], int]
"""Samples by batch and day."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Where samples of one kind are kept.

    sample, fish: tables. key: the fish's column that points at its sample. day: the sample's date. statistics: expressions over the fish
    (w: g, l: cm, k: condition factor) by the column that has to hold them, each with the decimals that are kept.
    """

    sample: str
    fish: str
    key: str
    day: str
    size: tuple[str, ...]
    statistics: Mapping[str, tuple[str, int]]


GROWTH = Tables(
    "batch_growthsample",
    "batch_individualgrowthobservation",
    "growth_sample_id",
    "sample_date",
    ("sample_size",),
    {
        "avg_weight_g": ("avg(w)", 2),
        "avg_length_cm": ("avg(l)", 2),
        "std_deviation_weight": ("stddev_samp(w)", 2),
        "std_deviation_length": ("stddev_samp(l)", 2),
        "min_weight_g": ("min(w)", 2),
        "max_weight_g": ("max(w)", 2),
        "condition_factor": ("100 * s.avg_weight_g::float8 / power(s.avg_length_cm::float8, 3)", 2),
    },
)

HEALTH = Tables(
    "health_healthsamplingevent",
    "health_individualfishobservation",
    "sampling_event_id",
    "sampling_date",
    ("number_of_fish_sampled", "calculated_sample_size"),
    {
        "avg_weight_g": ("avg(w)", 2),
        "avg_length_cm": ("avg(l)", 2),
        "std_dev_weight_g": ("stddev_pop(w)", 2),
        "std_dev_length_cm": ("stddev_pop(l)", 2),
        "min_weight_g": ("min(w)", 2),
        "max_weight_g": ("max(w)", 2),
        "min_length_cm": ("min(l)", 2),
        "max_length_cm": ("max(l)", 2),
        "avg_k_factor": ("avg(round(k::numeric, 4))::float8", 4),
    },
)


@dataclass(frozen=True, slots=True)
class GrowthSamples:
    """Weekly growth samples."""

    name: str = "growth_samples"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Days, statistics, then the fish themselves."""
        if not plan.simulation.scenario.streams.growth_samples:
            return Verdict("skip", "growth samples as planned", "the scenario leaves out growth_samples")
        verdict, got = _check(conn, plan.simulation, built, GROWTH, _growth_due, plan.simulation.scenario.growth_samples.fish)
        if verdict is None and (found := find(conn, _weighed(built))).count:
            return failure("an assignment's last weighing is its last sample", found, _weighed, built)
        return verdict or Verdict("pass", "growth samples on the due days, of fish as the profile says", got)


@dataclass(frozen=True, slots=True)
class HealthSamples:
    """Monthly health samplings."""

    name: str = "health_samples"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Days, statistics, the fish themselves, then their scores."""
        simulation = plan.simulation
        if not simulation.scenario.streams.health_samples:
            return Verdict("skip", "health samplings as planned", "the scenario leaves out health_samples")
        verdict, got = _check(conn, simulation, built, HEALTH, _health_due, simulation.scenario.health_samples.fish)
        verdict = verdict or _scores(conn, simulation, built)
        return verdict or Verdict("pass", "health samplings on the due days, fish and scores as the profile says", got)


def _growth_due(simulation: Simulation, batch: Batch) -> dict[int, int]:
    """Samples by age."""
    due: dict[int, int] = {}
    for stay in batch.stays:
        for day, samples in enumerate(sample_days(simulation, stay).sum(axis=0).tolist()):
            if samples:
                due[stay.first + day] = samples
    return due


def _health_due(simulation: Simulation, batch: Batch) -> dict[int, int]:
    return {stay.first + int(day): 1 for _, stay, days, _ in samplings(simulation, batch) for day in days}


def _check(
    conn: Connection,
    simulation: Simulation,
    built: Sequence[Batch],
    tables: Tables,
    due_of: Callable[[Simulation, Batch], dict[int, int]],
    fish: int,
) -> tuple[Verdict | None, str]:
    """A failing verdict, if any, and what was found."""
    query = partial(_moments, tables)
    rows = select(conn, query(built))
    due = {(batch.name, text.day(batch.start + age)): n for batch in built for age, n in due_of(simulation, batch).items()}
    found = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}
    wrong = [
        (*key, due.get(key, 0), found.get(key, (0, 0))[0], found.get(key, (0, 0))[1])
        for key in sorted({*due, *found})
        if found.get(key) != (due.get(key, 0), due.get(key, 0) * fish)
    ]
    if wrong:
        rows_wrong = Found(("batch", "date", "samples planned", "samples", "fish"), list(wrong), len(wrong))
        return failure(f"samples of {fish} fish on the due days", rows_wrong, query, built), ""
    if any(row[4] for row in rows):
        clause = partial(_statistics, tables)
        return failure("a sample's statistics are those of its fish", find(conn, clause(built)), clause, built), ""
    roots = {(batch.name, text.day(batch.start + age)): float(batch.curve[age + 1]) for batch in built for age in due_of(simulation, batch)}
    strange, fish_read = _strange(rows, roots, simulation.profile.samples)
    got = f"{count(len(due), 'day')} of sampling, {sum(n for _, n in found.values()):,} fish"
    if strange:
        columns = ("batch", "what", "fish", "expected", "found", "standard deviations off")
        return failure("weights and lengths spread as the profile says", Found(columns, list(strange), len(strange)), query, built), ""
    return None, f"{got}, {fish_read:,} of them heavy enough to judge their spread"


def _weighed(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        "last AS (SELECT assignment_id, max(sample_date) AS day FROM batch_growthsample GROUP BY assignment_id)",
        """
        SELECT p.batch, c.name AS container, a.assignment_date, l.day AS last_sample, a.last_weighing_date
        FROM picked p
        JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
        JOIN infrastructure_container c ON c.id = a.container_id
        LEFT JOIN last l ON l.assignment_id = a.id
        WHERE a.last_weighing_date IS DISTINCT FROM l.day
        ORDER BY p.batch, a.id
        """,
    )


def _per_sample(tables: Tables) -> str:
    differs = " OR ".join(
        f"abs({expression} - s.{column}::float8) > {0.5 * 10**-decimals + 1e-6:.7f} OR s.{column} IS NULL"
        for column, (expression, decimals) in tables.statistics.items()
    )
    sizes = "".join(f" OR s.{column} IS DISTINCT FROM count(*)" for column in tables.size)
    kept = ", ".join([*(f"s.{column}" for column in tables.size), *(f"s.{column}" for column in tables.statistics)])
    shown = ", ".join(
        f"round(({expression})::numeric, {decimals}) AS {column}_of_fish" for column, (expression, decimals) in tables.statistics.items()
    )
    return f"""
    samples AS (
      SELECT p.batch, s.{tables.day} AS day, s.id, count(*) AS fish, ({differs}{sizes}) AS differs,
        {kept}, {shown},
        sum(r) AS r1, sum(r * r) AS r2, sum(r * r * r) AS r3, sum(r * r * r * r) AS r4,
        sum(q) AS q1, sum(q * q) AS q2, sum(q * q * q) AS q3, sum(q * q * q * q) AS q4, sum(r * q) AS rq
      FROM picked p
      JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
      JOIN {tables.sample} s ON s.assignment_id = a.id
      JOIN (
        SELECT f.{tables.key}, w, l, r, l / r AS q, 100 * w / (l * l * l) AS k
        FROM (
          SELECT {tables.key}, weight_g::float8 AS w, nullif(length_cm, 0)::float8 AS l, cbrt(nullif(weight_g, 0)::float8) AS r
          FROM {tables.fish}
        ) f
      ) f ON f.{tables.key} = s.id
      GROUP BY p.batch, s.id, s.{tables.day}, {kept}
    )"""


def _moments(tables: Tables, batches: Sequence[Batch]) -> str:
    powers = ", ".join(f"sum({name}) AS {name}" for name in _POWERS)
    return text.query(
        text.picked(batches),
        _per_sample(tables),
        f"""
        SELECT batch, day, count(*) AS samples, sum(fish) AS fish, count(*) FILTER (WHERE differs IS NOT FALSE) AS differ, {powers}
        FROM samples GROUP BY batch, day ORDER BY batch, day
        """,
    )


_POWERS = ("r1", "r2", "r3", "r4", "q1", "q2", "q3", "q4", "rq")
"""Sums of powers of the fish's cube roots of weight (r, g^(1/3)) and of lengths over these (q), and of their product."""


def _statistics(tables: Tables, batches: Sequence[Batch]) -> str:
    shown = ", ".join(f"{column}, {column}_of_fish" for column in tables.statistics)
    return text.query(
        text.picked(batches),
        _per_sample(tables),
        f"SELECT batch, day, id, fish, {', '.join(tables.size)}, {shown}\nFROM samples WHERE differs IS NOT FALSE ORDER BY batch, day, id",
    )


_MOMENTS: Mapping[str, tuple[float, float]] = {
    "mean weight": (0.0, 1.0),
    "spread of weights": (1.0, 2.0),
    "skewness of weights": (0.0, 15.0),
    "tails of weights": (3.0, 96.0),
    "mean condition": (0.0, 1.0),
    "spread of conditions": (1.0, 2.0),
    "skewness of conditions": (0.0, 15.0),
    "tails of conditions": (3.0, 96.0),
    "weight and condition together": (0.0, 1.0),
}
"""Mean and variance of the first four powers of a standard normal number, and of the product of two independent ones."""


def _strange(rows: Sequence[tuple[Any, ...]], roots: Mapping[tuple[str, date], float], rules: Samples) -> tuple[list[tuple[Any, ...]], int]:
    """Batches, or the whole, whose fish do not spread as they should; and how many fish that was worked out from."""
    least = defaults("samples")["least_weight_g"]
    heavy = [row for row in rows if growth.grams(np.array(roots[row[0], row[1]])) >= least]
    if not heavy:
        return [], 0
    fish = np.array([float(row[3]) for row in heavy])
    powers = np.array([[float(value) for value in row[5:]] for row in heavy])
    sums = _standard(fish, powers, np.array([roots[row[0], row[1]] for row in heavy]), rules)
    names = np.array([row[0] for row in heavy])
    found = [line for name in dict.fromkeys(names.tolist()) for line in _off(name, fish[names == name], sums[names == name])]
    return found or _off(None, fish, sums), int(fish.sum())


def _standard(fish: Float, powers: Float, roots: Float, rules: Samples) -> Float:
    """Sums of powers of standardised weights and conditions, shape (days, moments), from those of the measured ones."""
    r, q = powers[:, 0:4], powers[:, 4:8]
    b, s = float(rules.weight_spread_percent) / 300.0, float(rules.condition_spread_percent) / 300.0
    middle, c = roots * (1.0 - b * b), cube_root(100 / rules.condition_factor)
    x = _central(fish, r, middle, roots * b)
    y = _central(fish, q, np.full(len(fish), c), np.full(len(fish), c * s))
    cross = (powers[:, 8] - middle * q[:, 0] - c * r[:, 0] + middle * c * fish) / (roots * b * c * s)
    return np.column_stack([*x, *y, cross])


def _central(n: Float, m: Float, middle: Float, unit: Float) -> list[Float]:
    """Sums of the first four powers of (v - middle) / unit from those of v."""
    first = m[:, 0] - n * middle
    second = m[:, 1] - 2 * middle * m[:, 0] + n * middle**2
    third = m[:, 2] - 3 * middle * m[:, 1] + 3 * middle**2 * m[:, 0] - n * middle**3
    fourth = m[:, 3] - 4 * middle * m[:, 2] + 6 * middle**2 * m[:, 1] - 4 * middle**3 * m[:, 0] + n * middle**4
    return [first / unit, second / unit**2, third / unit**3, fourth / unit**4]


def _off(name: str | None, fish: Float, sums: Float) -> list[tuple[Any, ...]]:
    """The moments of some fish that lie further from a normal distribution's than chance allows."""
    deviations, slack = defaults("chance")["deviations"], defaults("samples")["shape_slack"]
    n, totals = float(fish.sum()), sums.sum(axis=0)
    lines = []
    for (what, (mean, variance)), total in zip(_MOMENTS.items(), totals.tolist(), strict=True):
        value, chance = total / n, float(np.sqrt(variance / n))
        if abs(value - mean) > deviations * chance + slack * max(mean, 1.0):
            lines.append((name, what, int(n), mean, round(value, 4), round((value - mean) / chance, 1)))
    return lines


def _score_counts(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT h.name AS parameter, c.score, count(*) AS fish
        FROM picked p
        JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
        JOIN health_healthsamplingevent e ON e.assignment_id = a.id
        JOIN health_individualfishobservation f ON f.sampling_event_id = e.id
        JOIN health_fishparameterscore c ON c.individual_fish_observation_id = f.id
        JOIN health_healthparameter h ON h.id = c.parameter_id
        GROUP BY h.name, c.score ORDER BY h.name, c.score
        """,
    )


def _scores(conn: Connection, simulation: Simulation, built: Sequence[Batch]) -> Verdict | None:
    """Every fish has one score for every parameter, in the shares that the profile declares."""
    shares = [float(share) / 100.0 for share in simulation.profile.health.scores_percent]
    fish = sum(len(_health_due(simulation, batch)) for batch in built) * simulation.scenario.health_samples.fish
    found = {(name, int(score)): int(n) for name, score, n in select(conn, _score_counts(built))}
    wrong: list[tuple[Any, ...]] = []
    for name in masterdata.health_parameters():
        total = sum(n for (parameter, _), n in found.items() if parameter == name)
        if total != fish:
            wrong.append((name, "all", fish, total))
        for score, share in enumerate(shares):
            chance = defaults("chance")["deviations"] * float(np.sqrt(fish * share * (1.0 - share)))
            if abs(found.get((name, score), 0) - fish * share) > chance:
                wrong.append((name, str(score), round(fish * share), found.get((name, score), 0)))
    wrong += [(*key, 0, n) for key, n in found.items() if key[1] >= len(shares) or key[0] not in masterdata.health_parameters()]
    if not wrong:
        return None
    offending = Found(("parameter", "score", "fish expected", "fish"), wrong, len(wrong))
    return failure("one score a fish and parameter, in the profile's shares", offending, _score_counts, built)
