"""What the terminal shows of a farm: the plan before a build, and what was built after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_aquadata.context import Farm
from pytest_aquadata.items import Phase
from pytest_aquadata.load.sink import OpenedTarget
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch, pool_curve
from pytest_aquadata.plan.size import data_set_bytes, estimated_bytes, human_size
from pytest_aquadata.plan.temperature import date_of
from pytest_aquadata.progress import PhaseTimes, Tally, human_seconds, rows_a_second
from pytest_aquadata.verify.clauses import count

if TYPE_CHECKING:
    from pytest_aquadata.load.wipe import Wiped

_NAMED = 5
"""Batches that are named at the most."""

_LISTED = 1_000
"""Batches up to which each has a line in the plan."""

_COLUMNS = 6
"""Geographies up to which each has a column of its own."""

_POINTS = 12
"""Points in time at which occupancy is shown."""


def _batch_line(plan: Plan, batch: Batch) -> str:
    firsts, life = plan.simulation.profile.first_days, batch.life
    moves = " ".join(f"{date_of(batch.start + first)}" for first in firsts[1:-1])
    stage = plan.simulation.profile.stages[batch.stage - 1].name
    now = "harvested" if batch.harvested else stage
    return (
        f"{batch.name:<14}{date_of(batch.start)}  {life.eggs:>9,}  {moves}  {date_of(batch.start + life.harvest)}"
        f"  {life.target_g / 1000:.2f} kg  {now}"
    )


def plan_lines(plan: Plan, size: Callable[[Plan], int] = estimated_bytes) -> list[str]:
    """The plan: batches with their dates, occupancy over time, rows by table, and on disk what `size` says."""
    simulation = plan.simulation
    scenario, stages = simulation.scenario, simulation.profile.stages
    binding = simulation.calendar.binding
    lines = [f"{len(simulation.batches)} batches, as of {scenario.as_of}, profile {scenario.profile}, seed {scenario.seed}"]
    for name, stagger in simulation.calendar.staggers.items():
        turns = "" if simulation.calendar.own_calendar(name) else " by turns"
        apart = f"every {stagger} days{turns}" if stagger else "at its own dates"
        lines.append(f"  {name}: {sum(b.life.geography == _number(plan, name) for b in simulation.batches)} batches, {apart}")
    lines.append(f"fullest pool: {binding.pool.name}, {binding.most} of {binding.limit} batches at once on {date_of(binding.day)}")
    moves = " ".join(f"{stage.name:<10}" for stage in stages[1:])
    if len(simulation.batches) > _LISTED:
        return [*lines, "", *_occupancy_lines(plan), "", *_row_lines(plan, size(plan))]
    lines += ["", f"{'batch':<14}{'start':<10}  {'eggs':>9}  {moves}  {'harvest':<10}  {'target':<7}  now"]
    lines += [_batch_line(plan, batch) for batch in simulation.batches]
    lines += ["", *_occupancy_lines(plan), "", *_row_lines(plan, size(plan))]
    return lines


def farm_lines(farm: Farm) -> list[str]:
    """The plan of a session, and what a sample is of it."""
    planned = plan_lines(farm.plan, data_set_bytes if farm.options.to else estimated_bytes)
    if farm.sample is None:
        return planned
    every, rows = farm.plan.counts.sum(axis=1), [batch.number - 1 for batch in farm.sample]
    names = ", ".join(batch.name for batch in farm.sample[:_NAMED]) + (" …" if len(farm.sample) > _NAMED else "")
    return [*planned, f"{int(every[rows].sum()):>12,}  of them in the sample, {_share(farm)}: {names}"]


def _share(farm: Farm) -> str:
    return f"{len(farm.sample or ()):,} of {count(len(farm.plan.simulation.batches), 'batch')}"


def _number(plan: Plan, geography: str) -> int:
    return plan.simulation.world.geography(geography).number


def _occupancy_lines(plan: Plan) -> list[str]:
    simulation = plan.simulation
    names = list(simulation.calendar.staggers)
    curves = {
        name: (
            np.sum([pool_curve(simulation, pool) for pool in simulation.calendar.pools if pool.geography == _number(plan, name)], axis=0),
            sum(pool.containers for pool in simulation.calendar.pools if pool.geography == _number(plan, name)),
        )
        for name in names
    }
    days = simulation.as_of - simulation.first_day
    active = len(simulation.world.containers)
    shown = names if len(names) <= _COLUMNS else []
    lines = [f"{'containers held':<16}" + "".join(f"{name:>22}" for name in shown) + f"{f'of all {active:,}':>18}"]
    for at in np.unique(np.linspace(0, days - 1, _POINTS).astype(int)):
        shares = "".join(f"{f'{held[at]:,} ({held[at] / total:.0%})':>22}" for held, total in map(curves.__getitem__, shown))
        whole = sum(held[at] for held, _ in curves.values())
        lines.append(f"{date_of(simulation.first_day + int(at))!s:<16}{shares}{f'{whole:,} ({whole / active:.0%})':>18}")
    return lines


def _row_lines(plan: Plan, size: int) -> list[str]:
    totals = {table: plan.total(table) for table in plan.all_tables}
    lines = [f"{'rows':>12}  table"]
    lines += [f"{rows:>12,}  {table}" for table, rows in sorted(totals.items(), key=lambda entry: -entry[1]) if rows]
    lines.append(f"{sum(totals.values()):>12,}  in all, about {human_size(size)} on disk")
    return lines


def wiped_lines(wiped: Wiped, where: str, seconds: float) -> list[str]:
    """What a wipe removed, by table."""
    total = sum(wiped.rows.values())
    if not total:
        return [f"nothing to remove from {where}, {seconds:.1f} s"]
    lines = [f"{'removed':>12}  from {where}"]
    lines += [f"{rows:>12,}  {table}" for table, rows in sorted(wiped.rows.items(), key=lambda entry: -entry[1])]
    named = f": {', '.join(wiped.batches[:_NAMED])}{' …' if len(wiped.batches) > _NAMED else ''}" if wiped.batches else ""
    return [*lines, f"{total:>12,}  in all, of {count(len(wiped.batches), 'batch')}{named}; {seconds:.1f} s"]


def summary(farm: Farm, target: OpenedTarget, tally: Tally, times: PhaseTimes, seconds: float, verbose: int) -> list[str]:
    """What the session leaves behind: batches and rows in the database, the time it took, its digest, and how to use it.

    Puts the database in order where no item did, and enters the times in the ledger where something was built; a session that only verified
    writes nothing. verbose: below 0 only digest and use, above 0 rows by table, too.
    """
    if farm.refusal:
        # what was not built by this run was looked at, and no more
        return target.how_to_use()
    began = time.time()
    digest = farm.run.finish() if farm.writes else farm.run.digest()
    if tally.rows and Phase.FINISH not in times.spans:
        times.add(Phase.FINISH, began, time.time())
    spent = {Phase(phase).name.lower(): taken for phase, taken in times.seconds().items()}
    if tally.rows:
        farm.run.add_phases(spent)
    lines = [] if verbose < 0 else _what_was_built(farm, seconds)
    if spent and verbose >= 0:
        lines.append(_times_line(spent, tally))
    if verbose > 0:
        lines += _built_rows_lines(farm)
    if farm.run.names is not None and (own := farm.run.names.own):
        rows = count(sum(own.values()), "row")
        lines.append(f"own       {rows} of the application's stand for the farm's and keep their values: {', '.join(own)} (aquadata.own)")
    if farm.sample is not None and not digest:
        there = {batch.number for batch in farm.run.built()}
        built = sum(batch.number in there for batch in farm.sample)
        state = "whole" if built == len(farm.sample) else f"{built:,} of them built"
        lines.append(f"sample    {_share(farm)}, {state}; all of them: {farm.command(whole=True)}")
        if built < len(farm.sample):
            lines.append(f"to go on  {farm.command()}")
    else:
        lines.append(f"digest    {digest}" if digest else f"to go on  {farm.command()}")
    if not farm.writes and (aside := farm.run.left_aside()):
        lines.append(f"repair    {farm.command()} --aquadata-repair   ({aside} indexes and keys are aside since a run died)")
    return lines + target.how_to_use()


def left_out_lines(criteria: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What criteria could not check, as the application does not fill it: each reason once, with the criteria concerned."""
    concerned: dict[str, list[str]] = {}
    for name, verdict in criteria.items():
        for reason in verdict.get("left_out", ()):
            concerned.setdefault(reason, []).append(name + (" (skipped)" if verdict["state"] == "skip" else ""))
    return [f"unchecked {reason}\n          by {', '.join(names)}" for reason, names in sorted(concerned.items())]


def _what_was_built(farm: Farm, seconds: float) -> list[str]:
    size, rows = human_size(farm.run.size() or 0), sum(farm.run.rows().values())
    return [f"{len(farm.run.built())} of {len(farm.plan.simulation.batches)} batches, {rows:,} rows, {size}, {seconds:.1f} s"]


def _times_line(spent: Mapping[str, float], tally: Tally) -> str:
    """Seconds of each phase, and how fast the build was: '… build 8.2 s (812,000 rows/s) …'."""
    speed = {Phase.BUILD.name.lower(): f" ({rows_a_second(tally.rows, spent.get('build', 0.0)):,} rows/s)"} if tally.rows else {}
    return "times     " + ", ".join(f"{phase} {human_seconds(taken)}{speed.get(phase, '')}" for phase, taken in spent.items())


def _built_rows_lines(farm: Farm) -> list[str]:
    """Rows of the batches that are built, as the ledger counted them, by table."""
    rows = farm.run.rows()
    return [f"{'rows':>12}  table"] + [f"{count:>12,}  {table}" for table, count in sorted(rows.items(), key=lambda entry: -entry[1])]
