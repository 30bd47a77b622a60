"""How plan, memory and build grow with the number of batches, on a farm of whole lives, so that every batch has as many rows as the next.

Every batch has been harvested by `as_of`; half of them are on the Faroe Islands, half in Scotland, one every 13 days in each.
"""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from sessions import Bench, Session, run_pytest

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.streams.registry import make_plan

SOME = 3
"""Batches that are built to see what a worker needs that knows the whole plan."""
LIGHT = {"eggs": "2000..3000", "containers_per_stage": 2, "rings_per_batch": 2, "readings": {"times": ["12:00"]}}
"""Of batches that only try the script."""


@dataclass(frozen=True)
class Step:
    """One number of batches.

    rows: of all tables; loaded: those of batches. seconds: of the plan, the best of three. session: of a build, whole or of SOME batches.
    """

    batches: int
    rows: int
    loaded: int
    seconds: float
    pickled: int
    whole: bool
    session: Session


def scenario_of(batches: int, folder: Path, light: bool) -> Path:
    """A scenario file with so many batches."""
    shares = {"Faroe Islands": batches - batches // 2, "Scotland": batches // 2}
    geographies = [{"name": name, "batches": count, "stagger": 13} for name, count in shares.items() if count]
    document = {"as_of": "2025-11-21", "youngest": 900, "geographies": geographies} | (LIGHT if light else {})
    file = folder / f"growth_{batches}.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def timed_plan(file: Path, tries: int = 3) -> tuple[Plan, float]:
    """A scenario's plan, and the seconds of the quickest of some tries."""
    best = float("inf")
    for _ in range(tries):
        begun = time.perf_counter()
        plan = make_plan(load_scenario(file, today=date.today()))
        best = min(best, time.perf_counter() - begun)
    return plan, best


def measure(on: Bench, batches: int, whole: bool, workers: int, light: bool) -> Step:
    """Plan so many batches; build all of them, or some of the longest by workers that know the whole plan."""
    file = scenario_of(batches, on.folder, light)
    plan, seconds = timed_plan(file)
    longest = sorted(plan.simulation.batches, key=lambda batch: -int(plan.counts[batch.number - 1].sum()))[:SOME]
    more = [] if whole else ["-k", " or ".join(batch.name for batch in longest)]
    session = run_pytest(on, file, workers, *more)
    on.drop(f"aquadata_{file.stem}")
    rows = sum(plan.total(table) for table in plan.all_tables)
    return Step(batches, rows, int(plan.counts.sum()), seconds, len(pickle.dumps(plan, protocol=5)), whole, session)
