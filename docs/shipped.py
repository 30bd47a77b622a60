"""Writes ``shipped.md`` beside it: what the shipped scenarios contain, worked out from their plans alone.

Run ``python docs/shipped.py`` after a change that is meant to make other rows; a test holds the page against the plans.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, Simulation, pool_curve
from pytest_aquadata.plan.size import estimated_bytes, human_size
from pytest_aquadata.plan.temperature import EPOCH
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams.lice_counts import count_days
from pytest_aquadata.streams.registry import make_plan

FOLDER = Path(__file__).parent
TODAY = date(2025, 11, 21)
"""What `as_of: today` is taken for on the page."""
SCENARIOS = ("smoke", "ci", "official", "medium", "guide-144", "uat", "production")
"""From the smallest to the largest."""
POINTS = 8
"""Days at which occupancy is shown."""
BAR = 20
"""Characters of a full bar."""

INTRO = """\
# The shipped scenarios

`--aquadata=NAME` takes any of these, and `continental`, which has [a page of its own](continental.md). All figures are the plan's, exact
and the same on every machine; the size on disk is an estimate with all indexes (PostgreSQL 18, within 10 %). `--collect-only` shows the
same for a scenario of your own. `docs/shipped.py` writes this page.
"""


def plans() -> dict[str, Plan]:
    """The plan of every shipped scenario, by name."""
    return {name: make_plan(load_scenario(SHIPPED / f"{name}.yaml", today=TODAY)) for name in SCENARIOS}


def page(by_name: dict[str, Plan]) -> str:
    """The whole page."""
    parts = [INTRO, _overview(by_name)]
    parts += [_scenario(name, plan) for name, plan in by_name.items()]
    parts += [_guide(by_name["guide-144"]), _rows(by_name)]
    return "\n".join(parts)


def _table(head: list[str], rows: list[list[str]], others: str = "---:") -> str:
    """A table; `others` aligns all columns but the first."""
    lines = [head, ["---", *[others] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _years(simulation: Simulation) -> str:
    days = simulation.as_of - simulation.first_day
    return f"{days / 365.25:.1f} years" if days > 365 else f"{days} days"


def _total(plan: Plan) -> int:
    return sum(plan.total(table) for table in plan.all_tables)


def _overview(by_name: dict[str, Plan]) -> str:
    rows = []
    for name, plan in by_name.items():
        simulation = plan.simulation
        harvested = sum(batch.harvested for batch in simulation.batches)
        written = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))["as_of"]
        as_of = f"{TODAY} (today)" if written == "today" else str(simulation.scenario.as_of)
        first = EPOCH + timedelta(days=simulation.first_day)
        counts = [f"{len(simulation.batches)}", f"{harvested}"]
        rows.append([f"`{name}`", *counts, str(first), as_of, _years(simulation), f"{_total(plan):,}", human_size(estimated_bytes(plan))])
    return _table(["scenario", "batches", "harvested", "first start", "as of", "history", "rows", "on disk"], rows)


def _names(simulation: Simulation) -> list[str]:
    """Geographies that have batches, in the order of the scenario."""
    return [site.use.name for site in simulation.calendar.sites]


def _of(simulation: Simulation, geography: str) -> list[Batch]:
    number = simulation.world.geography(geography).number
    return [batch for batch in simulation.batches if batch.life.geography == number]


def _stages(simulation: Simulation) -> str:
    """Batches by status and stage."""
    stages = [stage.name for stage in simulation.profile.stages]
    rows = []
    for name in _names(simulation):
        batches = _of(simulation, name)
        here = Counter(stages[batch.stays[-1].order - 1] for batch in batches if not batch.harvested)
        harvested = sum(batch.harvested for batch in batches)
        rows.append([name, str(len(batches)), str(harvested), str(len(batches) - harvested), *(str(here[stage]) for stage in stages)])
    return _table(["geography", "batches", "completed", "active", *stages], rows)


def _held(simulation: Simulation, geography: str) -> tuple[Any, int]:
    """Containers held on each day, shape (days,), and how many take batches."""
    number = simulation.world.geography(geography).number
    pools = [pool for pool in simulation.calendar.pools if pool.geography == number]
    return np.sum([pool_curve(simulation, pool) for pool in pools], axis=0), sum(pool.containers for pool in pools)


def _occupancy(simulation: Simulation) -> str:
    """Containers held over time: of those that take batches by geography, of all active ones in all."""
    curves = {name: _held(simulation, name) for name in _names(simulation)}
    active = len(simulation.world.containers)
    everywhere = f"all {active:,} containers"
    curves[everywhere] = (np.sum([held for held, _ in curves.values()], axis=0), active)
    lines = [f"{'':<12}" + "".join(f"{name:<{BAR + 14}}" for name in curves).rstrip()]
    for at in np.unique(np.linspace(0, simulation.as_of - simulation.first_day - 1, POINTS).astype(int)):
        cells = []
        for held, containers in curves.values():
            share = held[at] / containers
            cells.append(f"{'#' * round(share * BAR):.<{BAR}} {held[at]:>5,} {share:>4.0%}  ")
        lines.append(f"{EPOCH + timedelta(days=simulation.first_day + int(at))}  {' '.join(cells).rstrip()}")
    return "\n".join(["```", *lines, "```"]) + "\n"


def _scenario(name: str, plan: Plan) -> str:
    simulation = plan.simulation
    harvested = [batch.age for batch in simulation.batches if batch.harvested]
    if len(harvested) > 1:
        said = f"{len(harvested)} batches are harvested, on day {min(harvested)} to {max(harvested)} of their age."
    else:
        said = f"{len(harvested) or 'No'} batch is harvested."
    return "\n".join(
        [f"## {name}\n", f"{simulation.scenario.description}. {said}\n", _stages(simulation), "Containers held:\n", _occupancy(simulation)]
    )


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _guide(plan: Plan) -> str:
    """The documented run beside what the guide and the application's authors say of it."""
    simulation = plan.simulation
    done = [batch for batch in simulation.batches if batch.harvested]
    curves = [_held(simulation, name) for name in _names(simulation)]
    held, fitting = np.sum([curve for curve, _ in curves], axis=0), sum(containers for _, containers in curves)
    counts = sum(int(count_days(simulation, batch).sum()) for batch in simulation.batches)
    known = {
        "total": {table: plan.total(table) for table in plan.all_tables},
        "batch": {table: _span([plan.count(batch, table) for batch in done]) for table in plan.tables},
        "batches": len(simulation.batches),
        "harvested": len(done),
        "active": len(simulation.batches) - len(done),
        "stages": ", ".join(
            str(sum(not batch.harvested and batch.stays[-1].order == order for batch in simulation.batches))
            for order in range(1, len(simulation.profile.stages) + 1)
        ),
        "harvest_days": _span([batch.age for batch in done]),
        "years": _years(simulation),
        "first": EPOCH + timedelta(days=simulation.first_day),
        "now": held[-1] / fitting,
        "peak": held.max() / fitting,
        "rows": _total(plan),
        "disk": human_size(estimated_bytes(plan)),
        "lice_rows": plan.total("health_licecount") / counts,
        "states_per_batch": plan.total("batch_actualdailyassignmentstate") / len(simulation.batches),
    }
    document = yaml.safe_load((FOLDER / "guide-144.yaml").read_text(encoding="utf-8"))
    text = [document["heading"]]
    for part in document["parts"]:
        rows = [[line["what"], str(line["theirs"]), line["ours"].format(**known), line["why"].format(**known)] for line in part["lines"]]
        text += [part["intro"], _table(["", part["theirs"], "`guide-144`", "where they differ, why"], rows, "---")]
    return "\n".join(text)


def _rows(by_name: dict[str, Plan]) -> str:
    """Rows of every table in every scenario."""
    tables = sorted({table for plan in by_name.values() for table in plan.all_tables})
    tables.sort(key=lambda table: -by_name["production"].total(table))
    rows = [[f"`{table}`", *(f"{plan.total(table):,}" for plan in by_name.values())] for table in tables]
    rows.append(["in all", *(f"{_total(plan):,}" for plan in by_name.values())])
    return "\n".join(["## Rows by table\n", _table(["table", *by_name], rows)])


def main() -> None:
    """Write the page."""
    (FOLDER / "shipped.md").write_text(page(plans()), encoding="utf-8")


if __name__ == "__main__":
    main()
