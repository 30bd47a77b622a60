"""What a database knows of some batches, as columns: container assignments and everything that happened in them.

Few grouped statements, each once for a whole group of batches. Days are counted from 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.readcolumns import read_columns

Columns = dict[str, NDArray[Any]]
REACH = 7
"""Days within which a temperature that was measured stands for one that was not."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a group of batches. Every table is a mapping of columns of one length.

    assignments: id, batch, container, stage (ids), first, until (days; until is exclusive), fish (population_count), tgc, cap (cube root of
        g; infinite for none), loss (% a day), weight (the scenario's first, g), started (first day of the batch), profile (index of its
        temperature profile). Sorted by id; all others refer to it by `at`, the index of the assignment.
    placed: at, day, fish of creation actions. moved: source, at (destination), day, fish; source -1 for one of another group.
    dead, fed: at, day and fish, or tenths of a gram, summed by day. water: at, day, degrees (mean), up to `REACH` days outside the stay.
    anchors: at, day, grams, rank (0: growth sample, 1: transfer, 2: treatment).
    known_deaths: by assignment, whether its batch has any mortality event. profiles: degrees by day number (from 1), one row a profile.
    """

    assignments: Columns
    placed: Columns
    moved: Columns
    dead: Columns
    fed: Columns
    water: Columns
    anchors: Columns
    known_deaths: NDArray[np.bool_]
    profiles: NDArray[np.float64]


_DAY = "({} - DATE '1970-01-01')::int"
_KEY = "regexp_replace(lower({}), '[^a-z]+', '', 'g')"
"""Stages are called egg&alevin here and egg_alevin there."""


def batches_of(conn: psycopg.Connection[Any], names: Sequence[str] | None) -> list[tuple[int, str]]:
    """(id, batch number) of the named batches, or of all, in order of their start.

    Raises:
        AquadataError: one of them is not there.
    """
    found = conn.execute("SELECT id, batch_number FROM batch_batch ORDER BY start_date, id").fetchall()
    if names is None:
        return found
    if missing := sorted(set(names) - {name for _, name in found}):
        raise AquadataError(f"there is no batch {', '.join(missing)} in the database")
    return [(number, name) for number, name in found if name in names]


def last_day(conn: psycopg.Connection[Any]) -> int:
    """The day after the last meal, death or sample of the database: so far its growth can be analysed. 0 where there is none."""
    row = conn.execute(
        f"""SELECT {_DAY.format("greatest(max(f.day), max(m.day), max(s.day))")} + 1
        FROM (SELECT max(feeding_date) AS day FROM inventory_feedingevent) f, (SELECT max(event_date) AS day FROM batch_mortalityevent) m,
          (SELECT max(sample_date) AS day FROM batch_growthsample) s"""
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def read_records(conn: psycopg.Connection[Any], batches: Sequence[tuple[int, str]], until: int) -> Records:
    """Everything about some batches, given as (id, batch number). until: the first day of which nothing is known.

    Raises:
        AquadataError: a batch has no scenario, whose models say how fish grow.
    """
    ids = ", ".join(str(number) for number, _ in batches)
    scenarios = _scenarios(conn, batches)
    assignments = _assignments(conn, ids, until, scenarios)
    index = _Index(assignments["id"])
    profiles, place = _profiles(conn, [row[3] for row in scenarios.values()])
    assignments["profile"] = np.array([place[scenarios[batch][3]] for batch in assignments["batch"].tolist()], dtype=np.int64)
    dead = index.found(
        read_columns(
            conn,
            f"""SELECT assignment_id, {_DAY.format("event_date")}, sum(count)::bigint FROM batch_mortalityevent
            WHERE batch_id IN ({ids}) AND assignment_id IS NOT NULL GROUP BY assignment_id, event_date""",
            {"at": "int8", "day": "int4", "fish": "int8"},
        )
    )
    dying = {row[0] for row in conn.execute(f"SELECT DISTINCT batch_id FROM batch_mortalityevent WHERE batch_id IN ({ids})".encode())}
    return Records(
        assignments=assignments,
        placed=index.found(
            read_columns(
                conn,
                f"""SELECT a.id, {_DAY.format("coalesce(c.actual_delivery_date, a.assignment_date)")},
                  sum(coalesce(c.egg_count_actual, 0) - c.mortality_on_arrival)::bigint
                FROM batch_creationaction c JOIN batch_batchcontainerassignment a ON a.id = c.dest_assignment_id
                WHERE a.batch_id IN ({ids}) AND c.egg_count_actual IS NOT NULL
                GROUP BY a.id, coalesce(c.actual_delivery_date, a.assignment_date)""",
                {"at": "int8", "day": "int4", "fish": "int8"},
            )
        ),
        moved=_moves(conn, ids, index),
        dead=dead,
        fed=index.found(
            read_columns(
                conn,
                f"""SELECT batch_assignment_id, {_DAY.format("feeding_date")}, round(sum(amount_kg) * 10000)::bigint
                FROM inventory_feedingevent WHERE batch_id IN ({ids}) AND batch_assignment_id IS NOT NULL
                GROUP BY batch_assignment_id, feeding_date""",
                {"at": "int8", "day": "int4", "kg": "int8"},
            )
        ),
        water=_water(conn, ids, until, index),
        anchors=_anchors(conn, ids, index),
        known_deaths=np.isin(assignments["batch"], list(dying)),
        profiles=profiles,
    )


class _Index:
    """Finds assignments by id."""

    def __init__(self, ids: NDArray[Any]) -> None:
        self.ids = ids

    def __call__(self, wanted: NDArray[Any]) -> NDArray[np.int64]:
        """Places of the assignments with these ids, -1 for one that is not of this group."""
        if not len(self.ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[place] == wanted, place, -1)

    def found(self, columns: Columns) -> Columns:
        """The rows whose `at`, an id, is of this group, with the place in its stead."""
        place = self(columns["at"])
        return {name: (place if name == "at" else values)[place >= 0] for name, values in columns.items()}


def _scenarios(conn: psycopg.Connection[Any], batches: Sequence[tuple[int, str]]) -> dict[int, tuple[int, int, float, int]]:
    """(TGC model, mortality model, first weight, temperature profile) of each batch's pinned scenario, else of its first, by batch id."""
    ids = ", ".join(str(number) for number, _ in batches)
    query = f"""
        SELECT DISTINCT ON (b.id) b.id, s.tgc_model_id, s.mortality_model_id, coalesce(s.initial_weight, 'NaN'), t.profile_id
        FROM batch_batch b
        JOIN scenario s ON s.scenario_id = b.pinned_scenario_id OR (b.pinned_scenario_id IS NULL AND s.batch_id = b.id)
        JOIN scenario_tgcmodel t ON t.model_id = s.tgc_model_id
        WHERE b.id IN ({ids}) ORDER BY b.id, s.scenario_id"""
    found = {row[0]: (int(row[1]), int(row[2]), float(row[3]), int(row[4])) for row in conn.execute(query.encode())}
    if lost := [name for number, name in batches if number not in found]:
        raise AquadataError(
            f"{', '.join(lost)}: no scenario, so nothing says how the fish grow\n    make a scenario for the batch and pin it"
        )
    return found


def _assignments(conn: psycopg.Connection[Any], ids: str, until: int, scenarios: dict[int, tuple[int, int, float, int]]) -> Columns:
    values = ", ".join(f"({batch}, {tgc}, {deaths}, {weight!r}::float8)" for batch, (tgc, deaths, weight, _) in scenarios.items())
    values = values.replace("nan::float8", "'NaN'::float8")
    first, after = _DAY.format("a.assignment_date"), _DAY.format("a.departure_date")
    return read_columns(
        conn,
        f"""WITH scenarios (batch_id, tgc, deaths, weight) AS (VALUES {values}),
        limits AS (
          SELECT {_KEY.format("c.lifecycle_stage")} AS stage, c.constraint_set_id, max(c.max_weight_g) AS most
          FROM scenario_stage_constraint c GROUP BY 1, 2
        )
        SELECT a.id, a.batch_id, a.container_id, a.lifecycle_stage_id, {first},
          greatest(least(coalesce({after}, {until}), {until}), {first}), a.population_count::int8,
          coalesce(g.tgc_value, m.tgc_value)::float8,
          coalesce(cbrt(coalesce(l.most, s.expected_weight_max_g)::float8), 'Infinity'),
          coalesce(d.daily_rate_percent::float8, o.rate),
          coalesce(nullif(v.weight, 'NaN'), a.avg_weight_g::float8, s.expected_weight_min_g::float8, 1.0),
          {_DAY.format("b.start_date")}
        FROM batch_batchcontainerassignment a
        JOIN batch_batch b ON b.id = a.batch_id
        JOIN scenarios v ON v.batch_id = a.batch_id
        JOIN batch_lifecyclestage s ON s.id = a.lifecycle_stage_id
        JOIN scenario_tgcmodel m ON m.model_id = v.tgc
        JOIN scenario_mortalitymodel o ON o.model_id = v.deaths
        LEFT JOIN scenario_tgc_model_stage g ON g.tgc_model_id = v.tgc AND {_KEY.format("g.lifecycle_stage")} = {_KEY.format("s.name")}
        LEFT JOIN scenario_mortality_model_stage d
          ON d.mortality_model_id = v.deaths AND {_KEY.format("d.lifecycle_stage")} = {_KEY.format("s.name")}
        LEFT JOIN LATERAL (
          SELECT x.biological_constraints_id AS id FROM scenario x WHERE x.tgc_model_id = v.tgc ORDER BY x.scenario_id LIMIT 1
        ) k ON true
        LEFT JOIN limits l ON l.constraint_set_id = k.id AND l.stage = {_KEY.format("s.name")}
        WHERE a.batch_id IN ({ids}) AND a.assignment_date IS NOT NULL
        ORDER BY a.id""",
        {
            "id": "int8",
            "batch": "int8",
            "container": "int8",
            "stage": "int8",
            "first": "int4",
            "until": "int4",
            "fish": "int8",
            "tgc": "float8",
            "cap": "float8",
            "loss": "float8",
            "weight": "float8",
            "started": "int4",
        },
    )


def _moves(conn: psycopg.Connection[Any], ids: str, index: _Index) -> Columns:
    columns = read_columns(
        conn,
        f"""SELECT t.source_assignment_id, t.dest_assignment_id, {_DAY.format("t.actual_execution_date")}, t.transferred_count::int8
        FROM batch_transferaction t JOIN batch_batchtransferworkflow w ON w.id = t.workflow_id
        WHERE w.batch_id IN ({ids}) AND t.status = 'COMPLETED' AND t.actual_execution_date IS NOT NULL
          AND t.dest_assignment_id IS NOT NULL""",
        {"source": "int8", "at": "int8", "day": "int4", "fish": "int8"},
    )
    columns["source"] = index(columns["source"])
    return index.found(columns)


def _water(conn: psycopg.Connection[Any], ids: str, until: int, index: _Index) -> Columns:
    """Mean of the day's readings of every temperature sensor of the container, also some days before and after the stay."""
    return index.found(
        read_columns(
            conn,
            f"""SELECT a.id, {_DAY.format("(r.reading_time AT TIME ZONE 'UTC')::date")} AS day, (sum(r.value) / count(*))::float8
            FROM batch_batchcontainerassignment a
            JOIN environmental_environmentalreading r ON r.container_id = a.container_id
              AND r.parameter_id IN (SELECT id FROM environmental_environmentalparameter WHERE lower(name) = 'temperature')
              AND r.reading_time >= (a.assignment_date - {REACH})::timestamp AT TIME ZONE 'UTC'
              AND r.reading_time < (coalesce(a.departure_date, DATE '1970-01-01' + {until}) + {REACH})::timestamp AT TIME ZONE 'UTC'
            WHERE a.batch_id IN ({ids})
            GROUP BY a.id, day""",
            {"at": "int8", "day": "int4", "degrees": "float8"},
        )
    )


def _anchors(conn: psycopg.Connection[Any], ids: str, index: _Index) -> Columns:
    """What was weighed: samples, transfers (of the source; selected fish are no average ones), treatments with a weighing."""
    return index.found(
        read_columns(
            conn,
            f"""SELECT s.assignment_id, {_DAY.format("s.sample_date")}, avg(s.avg_weight_g)::float8, 0
            FROM batch_growthsample s JOIN batch_batchcontainerassignment a ON a.id = s.assignment_id
            WHERE a.batch_id IN ({ids}) AND s.avg_weight_g > 0 GROUP BY s.assignment_id, s.sample_date
            UNION ALL
            SELECT t.source_assignment_id, {_DAY.format("t.actual_execution_date")},
              avg(t.measured_avg_weight_g
                * CASE t.selection_method WHEN 'LARGEST' THEN 0.88 WHEN 'SMALLEST' THEN 1.12 ELSE 1 END)::float8, 1
            FROM batch_transferaction t JOIN batch_batchtransferworkflow w ON w.id = t.workflow_id
            WHERE w.batch_id IN ({ids}) AND t.status = 'COMPLETED' AND t.actual_execution_date IS NOT NULL
              AND t.measured_avg_weight_g > 0
            GROUP BY t.source_assignment_id, t.actual_execution_date
            UNION ALL
            SELECT h.batch_assignment_id, {_DAY.format("(h.treatment_date AT TIME ZONE 'UTC')::date")}, avg(o.weight_g)::float8, 2
            FROM health_treatment h JOIN health_individualfishobservation o ON o.sampling_event_id = h.sampling_event_id
            WHERE h.batch_id IN ({ids}) AND h.includes_weighing AND h.batch_assignment_id IS NOT NULL AND o.weight_g > 0
            GROUP BY h.batch_assignment_id, (h.treatment_date AT TIME ZONE 'UTC')::date""",
            {"at": "int8", "day": "int4", "grams": "float8", "rank": "int4"},
        )
    )


def _profiles(conn: psycopg.Connection[Any], profiles: Sequence[int]) -> tuple[NDArray[np.float64], dict[int, int]]:
    """Degrees by day number, shape (profiles, days + 1), not a number where none is known; and each profile's row."""
    place = {profile: row for row, profile in enumerate(dict.fromkeys(profiles))}
    ids = ", ".join(str(profile) for profile in place)
    rows = read_columns(
        conn,
        f"SELECT profile_id, day_number, temperature FROM scenario_temperaturereading WHERE profile_id IN ({ids}) AND day_number > 0",
        {"profile": "int8", "day": "int4", "degrees": "float8"},
    )
    degrees = np.full((len(place), int(rows["day"].max(initial=0)) + 1), np.nan)
    degrees[[place[profile] for profile in rows["profile"].tolist()], rows["day"]] = rows["degrees"]
    return degrees, place
