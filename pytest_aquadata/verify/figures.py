"""Criteria `figure_...`: what the database shows lies within the figures that the realism profile cites, each with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.figures import Figure
from pytest_aquadata.scenario.names import FIGURES
from pytest_aquadata.verify.base import Connection, State, Verdict
from pytest_aquadata.verify.bounds import Bounds
from pytest_aquadata.verify.clauses import Found, failure, select
from pytest_aquadata.verify.figure_queries import MEASURES, Measure
from pytest_aquadata.verify.population import judged

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_COLUMNS = ("geography", "batch", "month", "found", "published", "source")


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure, by the name of its criterion.

    Bounds of the scenario go before those published. A figure that the profile lacks, or lacks for the farm's geographies, is skipped.
    """

    name: str
    farm_wide: bool = False

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Every batch (or geography) that is far enough has a value, and every value lies within each figure about it."""
        simulation, measure, what = plan.simulation, MEASURES[self.name], FIGURES[self.name]
        figures = simulation.profile.figures.get(self.name, ())
        if not figures:
            return Verdict("skip", what, f"the profile {simulation.scenario.profile} has no published figure of it")
        if left_out := [stream for stream in measure.streams if not getattr(simulation.scenario.streams, stream)]:
            return Verdict("skip", what, f"the scenario leaves out {', '.join(left_out)}")
        expected = f"{what}: {_published(figures, measure, spec)}"

        def find(batches: Sequence[Batch]) -> str:
            return measure.sql(simulation, batches)

        rows = select(conn, find(built))
        if missing := _missing(simulation, measure, rows, built):
            return failure(f"{what}: a value for each", Found(_COLUMNS, missing, len(missing)), find, built)
        values: list[tuple[str, float]] = []
        states: list[State] = []
        shown: list[tuple[Any, ...]] = []
        for geography, batch, month, value in rows:
            for figure in figures:
                if figure.about(geography, month):
                    bounds = Bounds.of(spec, *figure.bounds(month))
                    values.append((batch or (f"{geography}, {_MONTHS[month - 1]}" if month else geography), float(value)))
                    states.append(bounds.state(float(value)))
                    name = None if month is None else _MONTHS[month - 1]
                    shown.append((geography, batch, name, round(float(value), 4), bounds.show(), figure.source))
        if values:
            verdict = judged(expected, values, states, measure.style, _COLUMNS, shown, find, built)
            return Verdict("pass", expected, _by_geography(shown, measure)) if verdict.state == "pass" else verdict
        where = sorted({geography for geography, *_ in rows})
        if where:
            return Verdict("skip", expected, f"the profile has no published figure of it for {', '.join(where)}")
        return Verdict("pass", expected, "no batch is far enough to tell")


def _published(figures: Sequence[Figure], measure: Measure, spec: CriterionSpec) -> str:
    said = []
    for figure in figures:
        where = f" in {figure.geography}" if figure.geography else ""
        if figure.by_month:
            said.append(f"each month within {figure.within:g} {figure.unit} of the published mean{where}")
        else:
            each = "each month " if figure.each_month else ""
            said.append(f"{each}{Bounds.of(spec, *figure.bounds(None)).show()} {figure.unit}{where}")
    return "; ".join(said)


def _missing(simulation: Simulation, measure: Measure, rows: Sequence[tuple[Any, ...]], built: Sequence[Batch]) -> list[tuple[Any, ...]]:
    """Batches, or geographies, of which there has to be a value and is none."""
    due = [(simulation.world.geographies[batch.life.geography - 1].name, batch.name) for batch in built if measure.due(simulation, batch)]
    if measure.of == "geography":
        there = {geography for geography, _, _, value in rows if value is not None}
        return [(name, None, None, None, None, None) for name in sorted({name for name, _ in due} - there)]
    found = {batch for _, batch, _, value in rows if value is not None}
    return [(geography, batch, None, None, None, None) for geography, batch in due if batch not in found]


def _by_geography(shown: Sequence[tuple[Any, ...]], measure: Measure) -> str:
    """What was found, geography by geography; months are told apart from the whole."""
    spans: dict[str, list[float]] = {}
    for geography, _, month, value, *_ in shown:
        spans.setdefault(geography if month is None else f"{geography} by month", []).append(value)
    style = measure.style
    said = (
        f"{place} {min(found):{style}}" + (f" to {max(found):{style}}" if max(found) > min(found) else "") for place, found in spans.items()
    )
    return "; ".join(said)


PUBLISHED: tuple[PublishedFigure, ...] = tuple(PublishedFigure(name) for name in FIGURES)
"""The criteria of all figures, in their order."""
