"""Criterion `readings`: every sensor reads at every declared time, around the value that is declared, with the declared spread and shape.

The largest table is read once: sums by sensor leave the database, and `sensor_series` says what they should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pytest_aquadata.load.readcolumns import read_columns
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.streams.readings import TEMPERATURE
from pytest_aquadata.verify import clauses, sensor_series, text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import Bounds, defaults
from pytest_aquadata.verify.clauses import count, failure, grouped_by_hash, select
from pytest_aquadata.verify.schema import ASSIGNMENT, READING
from pytest_aquadata.verify.sensor_series import UNIT, Due, Found, Key

_PARAMETERS = "environmental_environmentalparameter"


@dataclass(frozen=True, slots=True)
class Readings:
    """Series by series."""

    name: str = "readings"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Completeness first: sums of a series with gaps say nothing else. Bounds of the scenario's own count the readings."""
        simulation = plan.simulation
        expected = "every sensor read at every declared time, values as declared in mean, spread and shape"
        if not simulation.scenario.streams.readings:
            return Verdict("skip", expected, "the scenario leaves out readings")
        planned = sum(plan.count(batch, READING) for batch in built)
        one_in = max(1, planned // int(defaults("readings")["judged_for_shape"]))
        query = partial(_series, simulation.first_day * sensor_series.MINUTES_A_DAY, one_in)
        due = {key: series for batch in built for key, series in sensor_series.due_series(simulation, batch)}
        owners = _owners(conn, built)
        with grouped_by_hash(conn):
            found = _read(conn, query(built), owners, due)
        series = ("batch", "container", "parameter", "month")
        if wrong := list(sensor_series.incomplete(due, found)):
            rows = clauses.Found((*series, "planned", "found", "what"), wrong, len(wrong))
            return failure("every sensor read once at every declared time", rows, query, built)
        if wrong := list(sensor_series.strange(due, found)):
            rows = clauses.Found((*series, "what", "expected", "found", "standard deviations off"), wrong, len(wrong))
            return failure("readings as declared in mean, spread and shape", rows, query, built)
        sensors, bounds = count(len({key[:3] for key in due}), "sensor"), Bounds.of(spec)
        if bounds != Bounds():
            expected += f"; {bounds.show(',.0f')} of them"
        got = f"{planned:,} readings of {sensors} in {count(len(built), 'batch')}"
        return Verdict(bounds.state(planned), expected, got)


def _series(first_minute: int, one_in: int, batches: Sequence[Batch]) -> str:
    """Sums by assignment and parameter, of water temperature by month (since 1970-01; else -1); higher powers of every n-th reading.

    first_minute: from which minutes are counted. one_in: n. The regression aggregates of PostgreSQL give all sums of two values in one go,
    and of a value and its square with them powers up to the fourth. A value is taken as a whole number: to make a float of a numeric
    PostgreSQL writes it out and reads it again.
    """
    water = f"(SELECT id FROM {_PARAMETERS} WHERE name = {text.literal(TEMPERATURE)})"
    when = "r.reading_time AT TIME ZONE 'UTC'"
    value = f"(r.value * {UNIT:.0f})::int8"
    pair = f"({value}, date_part('epoch', r.reading_time) / 60 - {first_minute})"
    square = f"(power({value}, 2), {value}) FILTER (WHERE r.id % {one_in} = 0)"
    return text.query(
        text.picked(batches),
        f"""
        series AS (
          SELECT r.batch_container_assignment_id AS assignment_id, r.parameter_id,
            CASE WHEN r.parameter_id = {water}
              THEN ((date_part('year', {when}) - 1970) * 12 + date_part('month', {when}) - 1)::int4 ELSE -1 END AS month,
            count(*) AS n, regr_avgx{pair} AS minutes, regr_sxx{pair} AS minutes_off, regr_avgy{pair} AS mean, regr_syy{pair} AS off,
            count(*) FILTER (WHERE r.created_at < r.reading_time) AS early,
            regr_count{square} AS judged, regr_avgx{square} AS avgx, regr_avgy{square} AS avgy, regr_sxx{square} AS sxx,
            regr_sxy{square} AS sxy, regr_syy{square} AS syy
          FROM {READING} r
          GROUP BY 1, 2, 3
        )""",
        f"""
        SELECT s.assignment_id, s.parameter_id, s.month, s.n, {_not_null("minutes", "minutes_off", "mean", "off")}, s.early, s.judged,
          {_not_null("avgx", "avgy", "sxx", "sxy", "syy")}
        FROM picked p JOIN {ASSIGNMENT} a ON a.batch_id = p.id JOIN series s ON s.assignment_id = a.id
        ORDER BY s.assignment_id, s.parameter_id, s.month
        """,
    )


def _not_null(*columns: str) -> str:
    return ", ".join(f"coalesce(s.{column}, 0) AS {column}" for column in columns)


_COLUMNS = {
    **dict.fromkeys(("assignment", "parameter"), "int8"),
    "month": "int4",
    "n": "int8",
    **dict.fromkeys(("minutes", "minutes_off", "mean", "off"), "float8"),
    **dict.fromkeys(("early", "judged"), "int8"),
    **dict.fromkeys(("avgx", "avgy", "sxx", "sxy", "syy"), "float8"),
}


def _owners(conn: Connection, built: Sequence[Batch]) -> dict[int, tuple[str, str]]:
    """Batch and container by assignment."""
    query = text.query(
        text.picked(built),
        f"""
        SELECT a.id, p.batch, c.name FROM picked p
        JOIN {ASSIGNMENT} a ON a.batch_id = p.id JOIN infrastructure_container c ON c.id = a.container_id
        """,
    )
    return {int(number): (str(batch), str(container)) for number, batch, container in select(conn, query)}


def _read(conn: Connection, query: str, owners: dict[int, tuple[str, str]], due: dict[Key, Due]) -> dict[Key, Found]:
    parameters = {int(number): str(name) for number, name in select(conn, f"SELECT id, name FROM {_PARAMETERS}")}
    columns = read_columns(conn, query, _COLUMNS)
    found: dict[Key, Found] = {}
    for assignment, parameter, month, n, minutes, minutes_off, mean, off, early, judged, avgx, avgy, sxx, sxy, syy in zip(
        *(columns[name].tolist() for name in _COLUMNS), strict=True
    ):
        key = Key(*owners[assignment], parameters[parameter], month)
        around = due[key].mean if key in due else mean
        found[key] = Found(n, minutes, minutes_off, mean, off, early, _powers(judged, avgx, avgy, sxx, sxy, syy, around))
    return found


def _powers(n: int, avgx: float, avgy: float, sxx: float, sxy: float, syy: float, around: float) -> tuple[int, float, float, float, float]:
    """Number and sums of powers 1 to 4 of (value - around), from the regression sums of the squared value (y) on the value (x)."""
    if not n:
        return 0, 0.0, 0.0, 0.0, 0.0
    third = sxy - 2.0 * avgx * sxx
    fourth = syy - 4.0 * avgx * avgx * sxx - 4.0 * avgx * third + sxx * sxx / n
    e = avgx - around
    return n, n * e, sxx + n * e * e, third + 3.0 * e * sxx + n * e**3, fourth + 4.0 * e * third + 6.0 * e * e * sxx + n * e**4
