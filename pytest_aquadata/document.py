"""A session as one document of plain values: what JSON, the Markdown summary and a saved build are made of.

Its keys are described in docs/machines.md. Times and verdicts are the session's, rows and batches the ledger's, bounds the scenario's.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_aquadata import machine, measured
from pytest_aquadata.context import Farm
from pytest_aquadata.items import Phase
from pytest_aquadata.load.ledger import RunState
from pytest_aquadata.load.shown import shown
from pytest_aquadata.outcomes import Outcomes
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.temperature import date_of
from pytest_aquadata.progress import PhaseTimes, Tally
from pytest_aquadata.refusal import FORMAT
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.bounds import defaults

_BOUNDS = ("min", "max", "warn_min", "warn_max")


def document(farm: Farm, outcomes: Outcomes, tally: Tally, times: PhaseTimes, root: Path) -> dict[str, Any]:
    """The document of a session whose database is still open.

    tally, times: of the session's display. root: the project's folder, whose commit is named.

    Raises:
        psycopg.Error: the server does not answer.
    """
    scenario = farm.scenario
    known = not farm.refusal and farm.run.state() is not RunState.ABSENT
    batches = _batches(farm, known)
    seconds = {Phase(phase).name.lower(): taken for phase, taken in times.seconds().items()}
    sizes: dict[str, Any] = {"database": farm.run.size(), "tables": farm.run.table_sizes()}
    digest = farm.run.digest() if known else None
    return {
        "format": FORMAT,
        "verdict": outcomes.verdict,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": {
            "name": scenario.name,
            "file": _relative(farm.path, root),
            "as_of": scenario.as_of.isoformat(),
            "overrides": list(farm.options.overrides),
            "resolved": json.loads(scenario.resolved()),
        },
        "fingerprint": farm.fingerprint,
        "digest": digest,
        "batches": batches,
        "sample": None if farm.sample is None else [batch.name for batch in farm.sample],
        "rows": farm.run.rows() if known else {},
        "criteria": [_criterion(name, spec, outcomes) for name, spec in scenario.criteria.items() if name in outcomes.criteria],
        "failed": [{"item": name, "cause": cause} for name, cause in sorted(outcomes.failed.items())],
        "phases": seconds,
        "phases_of_all_sessions": farm.run.phases() if known else {},
        "sizes": sizes,
        "figures": measured.figures_of(
            seconds,
            tally.rows,
            sizes["database"],
            digest,
            built_all=len(outcomes.built) == len(batches),
            verified_all=outcomes.criteria.keys() == scenario.criteria.keys(),
        ),
        "database": farm.url if farm.options.to else shown(farm.url or ""),
        "commit": machine.commit(root),
        "machine": machine.machine(),
        "versions": machine.versions(farm.run.server_version()),
        "command": farm.command(),
    }


def _batches(farm: Farm, known: bool) -> list[dict[str, Any]]:
    entries = farm.run.history() if known else {}
    there = set() if known else {batch.number for batch in farm.run.built()}
    return [_batch(farm, batch, entries.get(batch.number), batch.number in there) for batch in farm.plan.simulation.batches]


def _batch(farm: Farm, batch: Batch, entry: dict[str, Any] | None, there: bool) -> dict[str, Any]:
    simulation = farm.plan.simulation
    planned: dict[str, Any] = {
        "name": batch.name,
        "geography": simulation.world.geographies[batch.life.geography - 1].name,
        "start": date_of(batch.start).isoformat(),
        "eggs": batch.life.eggs,
        "planned_rows": int(farm.plan.counts[batch.number - 1].sum()),
    }
    # a database without this run's ledger says no more than that a batch is there
    return planned | (entry or {"state": "found" if there else "planned"}) | {"rebuild": farm.command(batch.name)}


def _criterion(name: str, spec: CriterionSpec, outcomes: Outcomes) -> dict[str, Any]:
    own = {bound: getattr(spec, bound) for bound in _BOUNDS if getattr(spec, bound) is not None}
    return {"name": name, "line": spec.line, "bounds": own, "standard": dict(defaults(name)), **outcomes.criteria[name]}


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
