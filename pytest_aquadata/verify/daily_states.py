"""Criterion `daily_states`: a state for every container and day, no fish counted twice, and what the database alone gives again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.analysis.assimilation import ANCHORS
from pytest_aquadata.analysis.recompute import TABLE, analyse, units
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.readcolumns import read_columns
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import SHOWN, Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.clauses import Clause, Found, failure, verdict_of

_EXACT = {"population": 0, "mortality_count": 0, "feed_kg": 2, "anchor": 0}
"""Compared columns by the decimals that are kept, which have to agree to the last."""


@dataclass(frozen=True, slots=True)
class DailyStates:
    """Growth analysis."""

    name: str = "daily_states"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Completeness, fish of every batch on every day, final weights, then the recomputation."""
        simulation = plan.simulation
        streams = simulation.scenario.streams
        expected = "a state for every container and day, no fish counted twice, equal to what the database alone gives again"
        if not streams.daily_states:
            return Verdict("skip", expected, "the scenario leaves out daily_states")
        clauses = [
            Clause("one state for each day of each container assignment, of its stage", partial(_incomplete, simulation.as_of)),
            Clause("weight at the end is near that of the assignment", partial(_final_weights, _sampling_noise(plan))),
        ]
        if streams.mortality:
            clauses.insert(1, Clause("fish of a batch on every day = eggs - deaths so far", _doubled))
        verdict = verdict_of(conn, clauses, built, expected, "")
        if verdict.state != "pass":
            return verdict
        try:
            compared, wrong = _recomputed(conn, built, simulation.as_of)
        except AquadataError as error:
            return Verdict("fail", "states that can be worked out again from the database alone", str(error).splitlines()[0])
        if wrong:
            columns = ("batch", "container", "date", "column", "stored", "recomputed")
            return failure("states worked out again are those that are stored", Found(columns, wrong, len(wrong)), _stored, built)
        return Verdict("pass", expected, f"{compared:,} states worked out again")


def _sampling_noise(plan: Plan) -> float:
    """How far a sample's mean may lie from its container's by chance, as a share of it."""
    scenario, samples = plan.simulation.scenario, plan.simulation.profile.samples
    drawn = float(samples.weight_spread_percent) / 100.0 / scenario.growth_samples.fish**0.5 if scenario.streams.growth_samples else 0.0
    return defaults("chance")["deviations"] * drawn + defaults("daily_states")["weight_slack"]


def _incomplete(as_of: int, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        f"""
        days AS (
          SELECT a.id, count(s.id) AS states, min(s.date) AS first, max(s.date) AS last,
            sum(s.date - a.assignment_date) AS sum_of_days,
            bool_and(s.day_number = s.date - b.start_date + 1 AND s.lifecycle_stage_id = a.lifecycle_stage_id
              AND (s.batch_id, s.container_id) = (a.batch_id, a.container_id)) AS agree
          FROM picked p
          JOIN batch_batch b ON b.id = p.id
          JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
          LEFT JOIN {TABLE} s ON s.assignment_id = a.id
          GROUP BY a.id
        )""",
        f"""
        SELECT p.batch, c.name AS container, a.assignment_date, a.departure_date, d.states, d.first, d.last, d.agree
        FROM picked p
        JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
        JOIN infrastructure_container c ON c.id = a.container_id
        JOIN days d ON d.id = a.id
        CROSS JOIN LATERAL (SELECT coalesce(a.departure_date, {text.literal(text.day(as_of))}) - a.assignment_date AS n) held
        WHERE d.states <> held.n OR d.agree IS NOT TRUE OR d.first <> a.assignment_date OR d.last - d.first + 1 <> held.n
          OR d.sum_of_days <> held.n * (held.n - 1) / 2
        ORDER BY p.batch, a.id
        """,
    )


def _doubled(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        measures.EGGS,
        "dying AS (SELECT batch_id, event_date AS date, sum(count) AS fish FROM batch_mortalityevent GROUP BY batch_id, event_date)",
        f"days AS (SELECT batch_id, date, sum(population) AS fish FROM {TABLE} GROUP BY batch_id, date)",
        """
        counted AS (
          SELECT p.batch, d.date, d.fish, e.fish - sum(coalesce(m.fish, 0)) OVER (PARTITION BY p.id ORDER BY d.date) AS due
          FROM picked p
          JOIN days d ON d.batch_id = p.id
          LEFT JOIN eggs e ON e.batch_id = p.id
          LEFT JOIN dying m ON m.batch_id = p.id AND m.date = d.date
        )""",
        "SELECT * FROM counted WHERE fish IS DISTINCT FROM due ORDER BY batch, date",
    )


def _final_weights(allowed: float, batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        f"""
        SELECT p.batch, c.name AS container, s.date, s.avg_weight_g, a.avg_weight_g AS of_assignment
        FROM picked p
        JOIN batch_batchcontainerassignment a ON a.batch_id = p.id
        JOIN infrastructure_container c ON c.id = a.container_id
        JOIN (
          SELECT DISTINCT ON (assignment_id) assignment_id, date, avg_weight_g FROM {TABLE} ORDER BY assignment_id, date DESC
        ) s ON s.assignment_id = a.id
        WHERE a.population_count > 0 AND abs(s.avg_weight_g - a.avg_weight_g) > {allowed:.4f} * a.avg_weight_g + 0.01
        ORDER BY p.batch, a.id
        """,
    )


_COLUMNS: dict[str, tuple[str, str]] = {
    "assignment": ("s.assignment_id", "int8"),
    "day": ("(s.date - DATE '1970-01-01')::int", "int4"),
    "population": ("s.population::float8", "float8"),
    "mortality_count": ("s.mortality_count::float8", "float8"),
    "feed_kg": ("s.feed_kg::float8", "float8"),
    "anchor": (
        "CASE s.anchor_type " + " ".join(f"WHEN '{kind}' THEN {n}" for n, kind in enumerate(ANCHORS)) + " ELSE -1 END::float8",
        "float8",
    ),
    "avg_weight_g": ("s.avg_weight_g::float8", "float8"),
    "biomass_kg": ("s.biomass_kg::float8", "float8"),
    "temp_c": ("coalesce(s.temp_c::float8, 'NaN')", "float8"),
    "observed_fcr": ("coalesce(s.observed_fcr::float8, 'NaN')", "float8"),
}


def _states(batches: Sequence[Batch]) -> str:
    chosen = ", ".join(f"{expression} AS {name}" for name, (expression, _) in _COLUMNS.items())
    return text.query(text.picked(batches), f"SELECT {chosen}\nFROM picked p JOIN {TABLE} s ON s.batch_id = p.id")


def _stored(batches: Sequence[Batch]) -> str:
    return f"{_states(batches)}\nORDER BY s.assignment_id, s.date"


def _read_states(conn: Connection, batches: Sequence[Batch]) -> dict[str, NDArray[Any]]:
    """Columns of the stored states by name, by assignment and day: the server would sort by walking through an index of the whole table."""
    stored = read_columns(conn, _states(batches), {name: kind for name, (_, kind) in _COLUMNS.items()})
    order = np.lexsort((stored["day"], stored["assignment"]))
    return {name: values[order] for name, values in stored.items()}


def _recomputed(conn: Connection, built: Sequence[Batch], as_of: int) -> tuple[int, list[tuple[Any, ...]]]:
    """States compared, and the first ones that differ, as (batch, container, date, column, stored, recomputed)."""
    by_name = {batch.name: batch for batch in built}
    compared, wrong = 0, []
    for group, records, states in analyse(conn, list(by_name), as_of):
        stored = _read_states(conn, [by_name[name] for _, name in group])
        if len(stored["day"]) != len(states.at):
            whose = ", ".join(name for _, name in group)
            raise AquadataError(
                f"{len(stored['day']):,} states are stored, {len(states.at):,} follow from the rest of the database: {whose}"
            )
        again = {
            "population": states.fish.astype(np.float64),
            "mortality_count": states.dead.astype(np.float64),
            "feed_kg": units(states.feed_kg, 2) / 100.0,
            "anchor": states.anchor.astype(np.float64),
            "avg_weight_g": states.grams,
            "biomass_kg": states.kg,
            "temp_c": states.degrees,
            "observed_fcr": states.fcr,
        }
        compared += len(states.at)
        names = dict(group)
        for name, values in again.items():
            for row in np.flatnonzero(_differ(name, stored[name], values))[: SHOWN * 10].tolist():
                at = int(states.at[row])
                batch, container = int(records.assignments["batch"][at]), int(records.assignments["container"][at])
                value = tuple(round(float(each), 4) for each in (stored[name][row], values[row]))
                wrong.append((names[batch], container, text.day(int(states.day[row])), name, *value))
    return compared, wrong


def _differ(name: str, stored: NDArray[np.float64], again: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where the two differ by more than the column's tolerance, or one of them is missing."""
    limits = defaults("daily_states")
    exact = name in _EXACT
    allowed = 0.0 if exact else limits["relative"] * np.abs(again) + limits["rounding"]
    missing = np.isnan(stored) != np.isnan(again)
    if name == "observed_fcr":
        # where the gain is just at the least one, rounding decides whether it is observed
        allowed = limits["fcr_relative"] * np.abs(again) + limits["rounding"]
    result: NDArray[np.bool_] = missing | (np.abs(stored - again) > allowed)
    return result
