"""Criterion `mortality`: as many fish die as the profile declares, by chance, on every day alike.

Deaths are drawn one by one: those of a container and day are a Poisson number around its living fish times the stage's daily loss. So the
sum over a stage is held against that (a wrong rate), and so is the spread of the single counts around it: deaths that come in heaps, or too
evenly, are found although their sum is right. What the dead weigh is their number times the weight of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_aquadata.plan import growth
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify import measures, text
from pytest_aquadata.verify.base import Connection, Verdict
from pytest_aquadata.verify.bounds import defaults
from pytest_aquadata.verify.chance import deviations_of_count, deviations_of_sum_of_squares
from pytest_aquadata.verify.clauses import Found, count, failure, select

Day = tuple[int, int, int, float]
"""Rows, deaths, the sum of their squares, and kilograms, of a batch on one day."""
_NONE: Day = (0, 0, 0, 0.0)


@dataclass(slots=True)
class _Tally:
    """What a stage of a batch adds up to.

    days: container-days. expected, found: deaths. away: squared deviations of single counts, each over its expectation (1 on average).
    rare: sum of 1 / expectation, by which Poisson numbers of small means spread more than normal ones.
    """

    days: int = 0
    expected: float = 0.0
    found: int = 0
    away: float = 0.0
    rare: float = 0.0

    def add(self, containers: int, mean: float, day: Day) -> None:
        """Take in one day of as many containers, in each of which `mean` deaths are expected; a container without deaths has no row."""
        _, deaths, squares, _ = day
        self.days += containers
        self.expected += containers * mean
        self.found += deaths
        self.away += (squares - 2.0 * mean * deaths + containers * mean * mean) / mean
        self.rare += containers / mean


@dataclass(frozen=True, slots=True)
class Mortality:
    """Deaths by batch and stage, and over all batches by stage."""

    name: str = "mortality"
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """The living are counted from what was recorded: eggs less the deaths before."""
        simulation = plan.simulation
        expected = "deaths as the profile's daily loss and chance make them, in number and spread"
        if not simulation.scenario.streams.mortality:
            return Verdict("skip", expected, "the scenario leaves out mortality")
        days: dict[str, dict[date, Day]] = defaultdict(dict)
        eggs: dict[str, int] = {}
        for name, began, day, *counts in select(conn, _by_day(built)):
            eggs[name] = int(began)
            if day is not None:
                days[name][day] = (int(counts[0]), int(counts[1]), int(counts[2]), float(counts[3]))
        tallies: dict[tuple[str | None, int], _Tally] = defaultdict(_Tally)
        for batch in built:
            for order, containers, mean, found in _lived(batch, eggs.get(batch.name, 0), days[batch.name]):
                for name in (batch.name, None):
                    tallies[name, order].add(containers, mean, found)
        names = {order: stage.name for order, stage in enumerate(simulation.profile.stages, start=1)}
        wrong = [line for (name, order), tally in tallies.items() for line in _off(name, names[order], tally)]
        if wrong:
            wrong.sort(key=lambda line: line[0] is None)
            columns = ("batch", "stage", "what", "expected", "found", "standard deviations off")
            return failure(expected, Found(columns, list(wrong), len(wrong)), _by_day, built)
        if wrong := [line for batch in built for line in _misweighed(batch, days[batch.name])]:
            misweighed = Found(("batch", "date", "deaths", "kg expected", "kg"), list(wrong), len(wrong))
            return failure("the dead weigh what the living do", misweighed, _by_day, built)
        deaths = sum(tally.found for (name, _), tally in tallies.items() if name is None)
        return Verdict("pass", expected, f"{deaths:,} deaths in {count(len(built), 'batch')}")


def _by_day(batches: Sequence[Batch]) -> str:
    return text.query(
        text.picked(batches),
        measures.EGGS,
        """
        died AS (
          SELECT batch_id, event_date, count(*) AS rows, sum(count) AS deaths, sum(count::bigint * count) AS squares,
            sum(biomass_kg) AS kg
          FROM batch_mortalityevent GROUP BY batch_id, event_date
        )""",
        """
        SELECT p.batch, coalesce(e.fish, 0) AS eggs, d.event_date, d.rows, d.deaths, d.squares, d.kg
        FROM picked p
        LEFT JOIN eggs e ON e.batch_id = p.id
        LEFT JOIN died d ON d.batch_id = p.id
        ORDER BY p.batch, d.event_date
        """,
    )


def _lived(batch: Batch, eggs: int, days: Mapping[date, Day]) -> Iterator[tuple[int, int, float, Day]]:
    """(stage, containers, deaths expected in each, what was found) of every day of a batch on which a death is expected."""
    alive = eggs
    for stay in batch.stays:
        loss, containers = batch.life.stages[stay.order - 1].loss_per_100k, len(stay.containers)
        for age in range(stay.first, stay.first + stay.days):
            found = days.get(text.day(batch.start + age), _NONE)
            if alive > 0 and loss:
                yield stay.order, containers, alive * loss / 100_000 / containers, found
            alive -= found[1]


def _misweighed(batch: Batch, days: Mapping[date, Day]) -> Iterator[tuple[object, ...]]:
    """Days whose dead weigh something else than their number times the planned weight, but for the rounding of each row."""
    grams = growth.grams(batch.curve)
    rounding = defaults("mortality")["rounding_kg"]
    for day, (rows, deaths, _, kg) in days.items():
        age = (day - text.day(batch.start)).days
        due = deaths * float(grams[age]) / 1000.0 if 0 <= age < batch.age else kg
        if abs(kg - due) > rows * rounding:
            yield batch.name, day, deaths, round(due, 2), kg


def _off(name: str | None, stage: str, tally: _Tally) -> Iterator[tuple[object, ...]]:
    """What lies further from its expectation than chance allows."""
    allowed = defaults("chance")["deviations"]
    number = deviations_of_count(tally.found, tally.expected)
    if abs(number) > allowed:
        yield name, stage, "deaths", round(tally.expected), tally.found, round(number, 1)
    spread = float(deviations_of_sum_of_squares(tally.away, tally.days, 2.0 * tally.days + tally.rare))
    if abs(spread) > allowed:
        yield name, stage, "spread of a day's deaths", 1.0, round(tally.away / tally.days, 3), round(spread, 1)
