"""Criteria about how many fish there are: `day_91_population` and `survival`.

Fish are counted from what was recorded (eggs, deaths, moves, harvest), never taken from one column that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import SHOWN, Connection, State, Verdict
from pytest_aquadata.verify.bounds import Bounds, chance, defaults, worst
from pytest_aquadata.verify.clauses import Found, count, failure, select


@dataclass(frozen=True, slots=True)
class Day91Population:
    """Fish on the first day of the second stage, as a share of the eggs, and no doubling at the move."""

    name: str = "day_91_population"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Three counts have to agree with the plan: eggs less deaths, fish moved, and fish that lived in the new containers."""
        if not plan.simulation.scenario.streams.mortality:
            return Verdict("skip", "fish on day 91", "the scenario leaves out mortality, so fish cannot be counted")
        profile = plan.simulation.profile
        age, old_enough = profile.first_days[1], [batch for batch in built if len(batch.stays) > 1]
        if not old_enough:
            return Verdict("pass", f"fish on day {age + 1}", f"no batch is {age + 1} days old")

        def find(batches: Sequence[Batch]) -> str:
            return _day_91(batches, age)

        columns = ("batch", "eggs", "planned", "eggs_less_deaths", "moved", "lived_there")
        rows = select(conn, find(old_enough))
        wrong = [row for row in rows if not row[2] == row[3] == row[4] == row[5]]
        expected = f"fish on day {age + 1} = eggs less deaths = fish moved to {profile.stages[1].name}, as planned"
        if wrong:
            return failure(expected, Found(columns, wrong, len(wrong)), find, built)
        tolerance = defaults(self.name)["tolerance"]
        shares = [(row, float(row[3]) / float(row[1])) for row in rows]
        kept = {batch.name: _kept(batch) for batch in old_enough}
        states: list[State] = []
        for row, found in shares:
            share = kept[row[0]]
            slack = tolerance + chance(int(row[1]), share)
            states.append(Bounds.of(spec, share - slack, share + slack).state(found))
        span = Bounds.of(spec, min(kept.values()) - tolerance, max(kept.values()) + tolerance)
        expected += f"; {span.show('.3f')} of the eggs"
        values = [(row[0], found) for row, found in shares]
        return judged(expected, values, states, ".4f", columns, [row for row, _ in shares], find, built)


def _kept(batch: Batch) -> float:
    """Share of the eggs that the loss of the first stage leaves."""
    first = batch.life.stages[0]
    return float((1.0 - first.loss_per_100k / 100_000) ** first.days)


def _day_91(batches: Sequence[Batch], age: int) -> str:
    planned = ((batch.name, int(batch.stays[1].arrived.sum())) for batch in batches)
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "fish": "bigint"}, planned),
        measures.EGGS,
        measures.STAYS,
        measures.DEATHS,
        f"""
        before AS (
          SELECT b.id AS batch_id, sum(m.count) AS fish
          FROM batch_batch b JOIN batch_mortalityevent m ON m.batch_id = b.id AND m.event_date < b.start_date + {age}
          GROUP BY b.id
        )""",
        """
        moved AS (
          SELECT s.batch_id, sum(t.transferred_count) AS fish
          FROM stays s JOIN batch_transferaction t ON t.dest_assignment_id = s.id WHERE s.stage = 2
          GROUP BY s.batch_id
        )""",
        """
        lived AS (
          SELECT s.batch_id, sum(s.population_count + coalesce(d.fish, 0)) AS fish
          FROM stays s LEFT JOIN deaths d ON d.assignment_id = s.id WHERE s.stage = 2
          GROUP BY s.batch_id
        )""",
        """
        SELECT p.batch, coalesce(e.fish, 0) AS eggs, n.fish AS planned, coalesce(e.fish, 0) - coalesce(b.fish, 0) AS eggs_less_deaths,
          coalesce(m.fish, 0) AS moved, coalesce(l.fish, 0) AS lived_there
        FROM picked p
        JOIN planned n ON n.batch = p.batch
        LEFT JOIN eggs e ON e.batch_id = p.id
        LEFT JOIN before b ON b.batch_id = p.id
        LEFT JOIN moved m ON m.batch_id = p.id
        LEFT JOIN lived l ON l.batch_id = p.id
        ORDER BY p.batch
        """,
    )


@dataclass(frozen=True, slots=True)
class Survival:
    """Fish harvested, or alive still, as a share of the eggs."""

    name: str = "survival"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Every batch has exactly the planned fish left; the harvested ones lie within the bounds, too."""
        columns = ("batch", "eggs", "planned", "found", "harvested")
        rows = select(conn, _left(built))
        expected = "fish harvested, or alive, as planned"
        wrong = [row for row in rows if row[2] != row[3] or not row[1]]
        if wrong or len(rows) < len(built):
            missing = sorted({batch.name for batch in built} - {row[0] for row in rows})
            wrong += [(name, None, None, None, None) for name in missing]
            return failure(expected, Found(columns, wrong, len(wrong)), _left, built)
        harvested = [row for row in rows if row[4]]
        low, high = plan.simulation.profile.survival.min, plan.simulation.profile.survival.max
        expected += f"; harvested {Bounds.of(spec, low, high).show('.1%')} of the eggs"
        if not harvested:
            return Verdict("pass", expected, f"{count(len(built), 'batch')} as planned, none harvested yet")
        states: list[State] = []
        for row in harvested:
            slack = chance(int(row[1]), float(row[2]) / float(row[1]))
            states.append(Bounds.of(spec, low - slack, high + slack).state(float(row[3]) / float(row[1])))
        values = [(row[0], float(row[3]) / float(row[1])) for row in harvested]
        return judged(expected, values, states, ".2%", columns, harvested, _left, built)


def _left(batches: Sequence[Batch]) -> str:
    planned = ((batch.name, batch.life.eggs, int(batch.stays[-1].left.sum()), batch.harvested) for batch in batches)
    return text.query(
        text.picked(batches),
        text.table("planned", {"batch": "text", "eggs": "bigint", "fish": "bigint", "harvested": "boolean"}, planned),
        measures.EGGS,
        measures.LOTS,
        """
        SELECT p.batch, e.fish AS eggs, n.fish AS planned,
          CASE WHEN n.harvested THEN coalesce((SELECT sum(fish) FROM lots l WHERE l.batch_id = p.id), 0)
            ELSE coalesce((SELECT sum(a.population_count) FROM batch_batchcontainerassignment a WHERE a.batch_id = p.id AND a.is_active), 0)
          END AS found,
          n.harvested
        FROM picked p
        JOIN planned n ON n.batch = p.batch
        LEFT JOIN eggs e ON e.batch_id = p.id AND e.fish = n.eggs
        ORDER BY p.batch
        """,
    )


def judged(
    expected: str,
    values: Sequence[tuple[str, float]],
    states: list[State],
    style: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    find: Callable[[Sequence[Batch]], str],
    built: Sequence[Batch],
) -> Verdict:
    """A verdict about measured values: values (with their batch), states and rows belong together."""
    found = [value for _, value in values]
    span = f"{min(found):{style}}" if min(found) == max(found) else f"{min(found):{style}} to {max(found):{style}}"
    known = {batch.name for batch in built}
    got = f"{span} in {count(len({name for name, _ in values} & known), 'batch')}"
    state = worst(states)
    if state == "pass":
        return Verdict(state, expected, got)
    off = [i for i, one in enumerate(states) if one == state]
    off.sort(key=lambda i: values[i][1])
    far = off[0] if len(off) == 1 else max(off, key=lambda i: abs(values[i][1] - sum(found) / len(found)))
    names = tuple(sorted({values[i][0] for i in off} & known))
    own = [batch for batch in built if batch.name in names] or list(built)
    return Verdict(
        state,
        expected,
        f"{values[far][1]:{style}} in {values[far][0]}; {got}",
        columns,
        tuple(tuple(rows[i]) for i in off[:SHOWN]),
        len(off),
        find(own),
        names,
    )
