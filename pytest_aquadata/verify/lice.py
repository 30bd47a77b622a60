"""Criterion `lice`: every ring counted on every due day, and as many lice, of the kinds, with the spread, that the plan expects.

What is expected of a day follows from time at sea, season and treatments, so that counts which ignore a season or a treatment are found.
Lice are drawn, so sums are held against chance: a ring's pressure on a day spreads as the profile says, and lice around it are Poisson.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.plan.treatments import expected_lice
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.streams.lice_counts import count_days
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Found, count, failure, select

Float = NDArray[np.float64]
_PERIOD = 28
"""Days at sea that are judged together."""


@dataclass(frozen=True, slots=True)
class LiceCounts:
    """Counts at sea."""

    name: str = "lice"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Days and rings, then sums by batch and four weeks, then spread, then kinds."""
        simulation = plan.simulation
        expected = "every ring counted on every due day, lice as time at sea, season and treatments make them"
        if not simulation.scenario.streams.lice_counts:
            return Verdict("skip", expected, "the scenario leaves out lice_counts")
        rows = select(conn, _by_day(built))
        due = _due(simulation, built)
        found = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}
        wrong: list[tuple[Any, ...]] = [
            (*key, due.get(key, (0, 0.0))[0], *found.get(key, (0, 0)))
            for key in sorted({*due, *found})
            if found.get(key) != (due.get(key, (0, 0.0))[0], simulation.scenario.lice_counts.fish)
        ]
        if wrong:
            columns = ("batch", "date", "rings planned", "rings counted", "fish a ring")
            return failure("every ring counted once on every due day", Found(columns, wrong, len(wrong)), _by_day, built)
        if not rows:
            return Verdict("pass", expected, "no batch is at sea long enough to be counted")
        if wrong := _sums(simulation, rows, due):
            columns = ("batch", "days at sea", "lice expected", "lice", "standard deviations off")
            return failure("lice as time at sea, season and treatments make them", Found(columns, wrong, len(wrong)), _by_day, built)
        if wrong := _spread(simulation, rows, due):
            columns = ("batch", "counts", "spread expected", "spread", "standard deviations off")
            return failure("lice of a ring spread as the profile says", Found(columns, wrong, len(wrong)), _by_day, built)
        if wrong := _kinds(simulation, select(conn, _by_kind(built))):
            columns = ("species", "gender", "stage", "lice expected", "lice")
            return failure("kinds of lice in the profile's shares", Found(columns, wrong, len(wrong)), _by_kind, built)
        if wrong := _methods(simulation, select(conn, _by_method(built))):
            ways = Found(("method", "confidence", "counts expected", "counts"), wrong, len(wrong))
            return failure("ways of counting in the profile's shares", ways, _by_method, built)
        lice, counts = sum(int(row[4]) for row in rows), sum(int(row[2]) for row in rows)
        return Verdict("pass", expected, f"{lice:,} lice in {count(counts, 'count')}")


def _by_day(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        rings AS (
          SELECT c.batch_id, c.assignment_id, c.count_date, min(c.fish_sampled) AS fish, max(c.fish_sampled) AS most,
            sum(c.count_value) AS lice,
            count(*) FILTER (WHERE (t.gender, t.development_stage) = ('female', 'adult') AND t.species LIKE 'Lep%') AS leading
          FROM health_licecount c JOIN health_licetype t ON t.id = c.lice_type_id
          GROUP BY c.batch_id, c.assignment_id, c.count_date
        )""",
        """
        SELECT p.batch, (r.count_date AT TIME ZONE 'UTC')::date AS day,
          CASE WHEN bool_and(r.leading = 1) AND count(DISTINCT r.assignment_id) = count(*) THEN count(*) ELSE -1 END AS rings,
          CASE WHEN min(r.fish) = max(r.most) THEN min(r.fish) ELSE -1 END AS fish,
          sum(r.lice) AS lice, sum(r.lice * r.lice) AS squares
        FROM picked p JOIN rings r ON r.batch_id = p.id
        GROUP BY p.batch, day ORDER BY p.batch, day
        """,
    )


def _by_kind(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT t.species, t.gender, t.development_stage, sum(c.count_value) AS lice
        FROM picked p JOIN health_licecount c ON c.batch_id = p.id JOIN health_licetype t ON t.id = c.lice_type_id
        GROUP BY t.species, t.gender, t.development_stage ORDER BY lice DESC
        """,
    )


def _by_method(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        """
        SELECT c.detection_method, c.confidence_level, count(DISTINCT (c.assignment_id, c.count_date)) AS counts
        FROM picked p JOIN health_licecount c ON c.batch_id = p.id
        GROUP BY c.detection_method, c.confidence_level ORDER BY counts DESC
        """,
    )


def _due(simulation: Simulation, built: Sequence[Batch]) -> dict[tuple[str, date], tuple[int, float]]:
    """Rings to be counted and lice expected in each, by batch and day."""
    due: dict[tuple[str, date], tuple[int, float]] = {}
    for batch in built:
        rings = count_days(simulation, batch).sum(axis=0)
        days = np.flatnonzero(rings).tolist()
        if days:
            expected = simulation.scenario.lice_counts.fish * expected_lice(simulation, batch)
            first = batch.start + batch.stays[-1].first
            due |= {(batch.name, text.day(first + day)): (int(rings[day]), float(expected[day])) for day in days}
    return due


def _sums(simulation: Simulation, rows: Sequence[tuple[Any, ...]], due: dict[tuple[str, date], tuple[int, float]]) -> list[tuple[Any, ...]]:
    """Periods of a batch whose lice are further from what is expected than chance allows."""
    spread = float(simulation.profile.lice.spread_percent) / 100.0
    deviations = defaults("chance")["deviations"] + defaults("lice")["more_deviations"]
    begins: dict[str, date] = {}
    periods: dict[tuple[str, int], list[float]] = {}
    for name, day, rings, _, lice, _ in rows:
        begin = begins.setdefault(name, day)
        mean = due[name, day][1]
        for period in ((day - begin).days // _PERIOD, -1):
            sums = periods.setdefault((name, period), [0.0, 0.0, 0.0])
            sums[0] += int(rings) * mean
            sums[1] += int(rings) * (mean + (spread * mean) ** 2)
            sums[2] += float(lice)
    wrong = []
    for (name, period), (planned, variance, counted) in periods.items():
        off = (counted - planned) / variance**0.5
        if abs(off) > deviations:
            which = "all" if period < 0 else f"{period * _PERIOD} to {(period + 1) * _PERIOD - 1} after the first count"
            wrong.append((name, which, round(planned), int(counted), round(off, 1)))
    return wrong


def _spread(
    simulation: Simulation, rows: Sequence[tuple[Any, ...]], due: dict[tuple[str, date], tuple[int, float]]
) -> list[tuple[Any, ...]]:
    """Batches, or all together, whose rings differ more or less from one another than the profile says.

    The measure is the mean of squared deviations, each over its expectation: 1 where all is well.
    """
    spread = float(simulation.profile.lice.spread_percent) / 100.0
    limits = defaults("lice")
    measured: dict[str | None, list[float]] = {}
    for name, day, rings, _, lice, squares in rows:
        mean = due[name, day][1]
        away = (float(squares) - 2 * mean * float(lice) + int(rings) * mean**2) / (mean + (spread * mean) ** 2)
        for key in (name, None):
            own = measured.setdefault(key, [0.0, 0.0])
            own[0] += int(rings)
            own[1] += away
    wrong: list[tuple[Any, ...]] = []
    for key, (counts, total) in measured.items():
        chance = (limits["variance_of_squares"] / counts) ** 0.5
        off = (total / counts - 1.0) / chance
        if abs(off) > defaults("chance")["deviations"]:
            wrong.append((key, int(counts), 1.0, round(total / counts, 3), round(off, 1)))
    return wrong


def _kinds(simulation: Simulation, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Kinds with more or fewer lice than their share."""
    shares = {(kind.species, kind.gender, kind.stage): float(kind.share_percent) / 100.0 for kind in simulation.profile.lice.kinds}
    found = {(species, gender, stage): int(lice) for species, gender, stage, lice in rows}
    return [(*kind, *numbers) for kind, *numbers in _off_shares(shares, found, 1)]


def _off_shares(shares: Mapping[Any, float], found: Mapping[Any, int], slack: int) -> Iterator[tuple[Any, int, int]]:
    """(what, expected, found) of what has more or less than its share of the whole by more than chance, and `slack`, allow."""
    whole = sum(found.values())
    for what in sorted({*shares, *found}, key=str):
        share = shares.get(what, 0.0)
        allowed = defaults("chance")["deviations"] * (whole * share * (1.0 - share)) ** 0.5
        if abs(found.get(what, 0) - whole * share) > allowed + slack:
            yield what, round(whole * share), found.get(what, 0)


def _methods(simulation: Simulation, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Ways of counting, each with its confidence, that were used more or less often than their share."""
    shares = {(name, float(each.confidence)): float(each.share_percent) / 100.0 for name, each in simulation.profile.lice.methods.items()}
    found = {(name, None if sure is None else float(sure)): int(counts) for name, sure, counts in rows}
    return [(*way, *numbers) for way, *numbers in _off_shares(shares, found, 0)]
