"""Criteria about places: `containers`, `geographies` and `occupancy`.

A container is held from assignment_date up to, not including, departure_date; an assignment without one is held to the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.pools import Pool
from pytest_aquadata.plan.simulation import Batch, Simulation, pool_curve
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import text
from pytest_aquadata.verify.base import Connection, State, Verdict
from pytest_aquadata.verify.bounds import Bounds, defaults
from pytest_aquadata.verify.clauses import Clause, Found, count, failure, select, verdict_of

Int = NDArray[np.int64]

GEOGRAPHY_OF_CONTAINER = """
    where_is (container_id, geography) AS (
      SELECT c.id, g.name
      FROM infrastructure_container c
      LEFT JOIN infrastructure_area a ON a.id = c.area_id
      LEFT JOIN infrastructure_hall h ON h.id = c.hall_id
      LEFT JOIN infrastructure_freshwaterstation s ON s.id = h.freshwater_station_id
      JOIN infrastructure_geography g ON g.id = coalesce(a.geography_id, s.geography_id)
    )"""
"""A WITH query: the name of the geography of every container."""


@dataclass(frozen=True, slots=True)
class Containers:
    """No container is held twice on one day."""

    name: str = "containers"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Walk every container's stays in order of their first day: one that begins before the latest end so far overlaps."""
        expected = "no container is held by two batches on one day"
        held = sum(len(stay.containers) for batch in built for stay in batch.stays)
        got = f"{count(held, 'stay')} of {count(len(built), 'batch')}, no two at once"
        return verdict_of(conn, [Clause(expected, self.overlaps)], built, expected, got)

    @staticmethod
    def overlaps(batches: Sequence[Batch]) -> str:
        """Stays that begin while their container is held, and by whom."""
        return text.query(
            text.picked(batches),
            """
            stays AS (
              SELECT id, container_id, batch_id, assignment_date, departure_date,
                max(coalesce(departure_date, 'infinity')) OVER (
                  PARTITION BY container_id ORDER BY assignment_date, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) AS held_until
              FROM batch_batchcontainerassignment
              WHERE container_id IN (
                  SELECT container_id FROM batch_batchcontainerassignment WHERE batch_id IN (SELECT id FROM picked)
                )
                AND coalesce(departure_date, 'infinity') > assignment_date
            )""",
            """
            SELECT b.batch_number AS batch, c.name AS container, s.assignment_date, s.departure_date,
              other.batch_number AS held_by, other.assignment_date AS held_from, other.departure_date AS held_until
            FROM stays s
            JOIN batch_batch b ON b.id = s.batch_id
            JOIN infrastructure_container c ON c.id = s.container_id
            CROSS JOIN LATERAL (
              SELECT ob.batch_number, o.batch_id, o.assignment_date, o.departure_date
              FROM stays o JOIN batch_batch ob ON ob.id = o.batch_id
              WHERE o.container_id = s.container_id AND (o.assignment_date, o.id) < (s.assignment_date, s.id)
                AND coalesce(o.departure_date, 'infinity') > s.assignment_date
              ORDER BY o.assignment_date, o.id LIMIT 1
            ) other
            WHERE s.held_until > s.assignment_date AND EXISTS (SELECT FROM picked WHERE id IN (s.batch_id, other.batch_id))
            ORDER BY container, s.assignment_date
            """,
        )


@dataclass(frozen=True, slots=True)
class Geographies:
    """Batches per geography as planned, each in its own one."""

    name: str = "geographies"
    farm_wide: bool = True

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """First that no batch strays, then how many there are in each."""
        names = {geography.number: geography.name for geography in plan.simulation.world.geographies}
        clauses = [
            Clause("every batch stands in its own geography", lambda batches: self._strays(batches, names)),
            Clause("every geography has its batches", lambda batches: self._counts(built, names)),
        ]
        planned = Counter(names[batch.life.geography] for batch in built)
        got = ", ".join(f"{name} {number:,}" for name, number in planned.items())
        return verdict_of(conn, clauses, built, "batches per geography as planned, each in its own", got)

    @staticmethod
    def _strays(batches: Sequence[Batch], names: dict[int, str]) -> str:
        return text.query(
            text.table(
                "planned",
                {"batch": "text", "geography": "text"},
                ((batch.name, names[batch.life.geography]) for batch in batches),
            ),
            GEOGRAPHY_OF_CONTAINER,
            """
            SELECT p.batch, p.geography AS planned, w.geography AS found, s.name AS stage, c.name AS container
            FROM planned p
            JOIN batch_batch b ON b.batch_number = p.batch
            JOIN batch_batchcontainerassignment a ON a.batch_id = b.id
            JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
            JOIN infrastructure_container c ON c.id = a.container_id
            LEFT JOIN where_is w ON w.container_id = c.id
            WHERE w.geography IS DISTINCT FROM p.geography
            ORDER BY p.batch, s."order", c.name
            """,
        )

    @staticmethod
    def _counts(batches: Sequence[Batch], names: dict[int, str]) -> str:
        planned = Counter(names[batch.life.geography] for batch in batches)
        return text.query(
            text.picked(batches),
            text.table("planned", {"geography": "text", "batches": "bigint"}, planned.items()),
            GEOGRAPHY_OF_CONTAINER,
            """
            found AS (
              SELECT w.geography, count(DISTINCT a.batch_id) AS batches
              FROM picked JOIN batch_batchcontainerassignment a ON a.batch_id = picked.id
              JOIN where_is w ON w.container_id = a.container_id
              GROUP BY w.geography
            )""",
            """
            SELECT coalesce(p.geography, f.geography) AS geography, p.batches AS planned, f.batches AS found
            FROM planned p FULL JOIN found f ON f.geography = p.geography
            WHERE p.batches IS DISTINCT FROM f.batches
            ORDER BY geography
            """,
        )


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Containers held on each day, pool by pool, and their share of all active ones."""

    name: str = "occupancy"
    farm_wide: bool = True

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Compare the curves day by day, then the peaks with the saturation, then the median with the scenario's bounds."""
        simulation = plan.simulation
        held = _held(simulation, select(conn, self.changes(built)))
        different = list(_differences(simulation, held))
        if different:
            columns = ("geography", "stage", "first_different_day", "planned", "found")
            expected = "on every day every pool holds as many containers as planned"
            return failure(expected, Found(columns, different, len(different)), self.changes, built)
        return self._shares(conn, simulation, spec, held)

    @staticmethod
    def changes(batches: Sequence[Batch]) -> str:
        """How many containers are taken and given back on each day, by geography and stage; a running total is the curve."""
        return text.query(
            text.picked(batches),
            GEOGRAPHY_OF_CONTAINER,
            """
            stays AS (
              SELECT w.geography, s."order" AS stage, a.assignment_date, a.departure_date
              FROM picked
              JOIN batch_batchcontainerassignment a ON a.batch_id = picked.id
              JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
              JOIN where_is w ON w.container_id = a.container_id
            )""",
            """
            SELECT geography, stage, day, sum(containers) AS change,
              sum(sum(containers)) OVER (PARTITION BY geography, stage ORDER BY day) AS held
            FROM (
              SELECT geography, stage, assignment_date AS day, 1 AS containers FROM stays
              UNION ALL SELECT geography, stage, departure_date, -1 FROM stays WHERE departure_date IS NOT NULL
            ) moves
            GROUP BY geography, stage, day ORDER BY geography, stage, day
            """,
        )

    @staticmethod
    def _shares(conn: Connection, simulation: Simulation, spec: CriterionSpec, held: dict[Pool, Int]) -> Verdict:
        names, saturation = _names(simulation), simulation.scenario.saturation
        over = [
            (names[pool.geography], pool.stage, text.day(simulation.first_day + int(curve.argmax())), int(curve.max()), pool.containers)
            for pool, curve in held.items()
            if curve.max() > saturation * pool.containers + 1e-9
        ]
        if over:
            columns = ("geography", "stage", "fullest_day", "held", "containers")
            shown = Occupancy.changes
            expected = f"at most {saturation:.0%} of a pool is held"
            return failure(expected, Found(columns, list(over), len(over)), shown, simulation.batches)
        active = {str(name): int(number) for name, number in select(conn, _ACTIVE)}
        total = sum(held.values())
        shares = np.asarray(total, dtype=np.float64) / max(sum(active.values()), 1)
        peak = max(float(curve.max()) / max(pool.containers, 1) for pool, curve in held.items())
        said = [
            f"peak of a pool {peak:.0%}",
            f"last day {shares[-1]:.1%} of {count(sum(active.values()), 'active container')} ("
            + ", ".join(
                f"{name} {sum(int(curve[-1]) for pool, curve in held.items() if names[pool.geography] == name) / active[name]:.1%}"
                for name in dict.fromkeys(names[pool.geography] for pool in held)
                if active.get(name)
            )
            + ")",
        ]
        bounds, settled = Bounds.of(spec), int(defaults("occupancy")["settled_after_days"])
        expected = f"curves as planned, pools at most {saturation:.0%} full"
        if bounds == Bounds():
            return Verdict("pass", expected, "; ".join(said))
        expected += f"; median from day {settled} on {bounds.show('.1%')}"
        if len(shares) <= settled:
            return Verdict("warn", expected, "; ".join([*said, f"only {count(len(shares), 'day')} of history"]))
        median = float(np.median(shares[settled:]))
        state: State = bounds.state(median)
        sql = "" if state == "pass" else Occupancy.changes(simulation.batches)
        return Verdict(state, expected, "; ".join([f"median {median:.1%}", *said]), sql=sql)


_ACTIVE = text.query(
    GEOGRAPHY_OF_CONTAINER,
    """
    SELECT w.geography, count(*) FROM infrastructure_container c JOIN where_is w ON w.container_id = c.id
    WHERE c.active GROUP BY w.geography
    """,
)


def _names(simulation: Simulation) -> dict[int, str]:
    return {geography.number: geography.name for geography in simulation.world.geographies}


def _held(simulation: Simulation, changes: list[tuple[str, int, object, int, int]]) -> dict[Pool, Int]:
    """The curve of every pool from the first simulated day to the last, from what the database says."""
    first, days = simulation.first_day, simulation.as_of - simulation.first_day
    names = _names(simulation)
    pools = {(names[pool.geography], pool.stage): pool for pool in simulation.calendar.pools}
    steps = {pool: np.zeros(days + 1, dtype=np.int64) for pool in pools.values()}
    for geography, stage, day, change, _ in changes:
        pool = pools.get((geography, stage))
        if pool is not None:
            index = (day - text.day(first)).days  # type: ignore[operator]
            steps[pool][min(max(index, 0), days)] += int(change)
    return {pool: np.cumsum(step[:-1]) for pool, step in steps.items()}


def _differences(simulation: Simulation, held: dict[Pool, Int]) -> Iterator[tuple[object, ...]]:
    """For every pool whose curve differs from the plan's, the first such day."""
    names = _names(simulation)
    for pool, curve in held.items():
        planned = pool_curve(simulation, pool)
        days = np.flatnonzero(planned != curve)
        if len(days):
            day = int(days[0])
            when = text.day(simulation.first_day + day)
            yield names[pool.geography], pool.stage, when, int(planned[day]), int(curve[day])
