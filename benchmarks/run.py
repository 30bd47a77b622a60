"""All figures of the project's performance, in one run on one machine: ``python benchmarks/run.py --scenario medium``.

Builds the scenario as a user does, lets psql alone load the same bytes and make the same indexes and keys, has Django's bulk_create store a
share of one batch, and looks at how plan, memory and build grow with the number of batches. Prints figures and ratios; ``--results FOLDER``
keeps them as text and JSON. Works in a folder of its own, which it removes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import encode
import growth
import limit
import machine
import orm
import psycopg
from report import report
from sessions import Bench, Session, bench, run_pytest

from pytest_aquadata.load import ledger
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.load.run import Run
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import estimated_bytes, human_size
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.streams.registry import make_plan

COPY_BYTES = 135
"""Bytes of a COPY record, on average: to say beforehand how much room is wanted."""
PREPARED = "benchmark_prepared"
"""The database that psql and bulk_create begin with copies of."""
SAMPLE = 1_000_000
"""Readings that the encoder alone is timed with."""


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="performance of pytest-aquadata on this machine")
    parser.add_argument("--scenario", default="medium", help="what is built and loaded by psql: a name or a path (medium)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="workers of a build, and sessions of psql (processors)")
    parser.add_argument("--tries", type=int, default=2, help="builds, and loads by psql, in turns; the quickest of each counts (2)")
    parser.add_argument("--orm-share", type=float, default=0.1, help="share of one batch that bulk_create stores (0.1)")
    parser.add_argument("--batches", type=_numbers, default=(1, 8, 40, 120, 240), help="numbers of batches to plan (1,8,40,120,240)")
    parser.add_argument("--builds", type=_numbers, default=(1, 8, 40), help="those of them that are built whole (1,8,40)")
    parser.add_argument("--light", action="store_true", help="grow with small batches, to try the script")
    parser.add_argument("--folder", help="where to work (the system's folder for temporary files)")
    parser.add_argument("--results", type=Path, help="folder for SCENARIO.txt and SCENARIO.json")
    return parser.parse_args(words)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(",") if word)


def main(words: Sequence[str] | None = None) -> None:
    """Run everything and show it."""
    options = arguments(words)
    scenario = find_scenario(options.scenario, Path.cwd()).resolve()
    plan = make_plan(load_scenario(scenario, today=date.today()))
    rows = sum(plan.total(table) for table in plan.all_tables)
    need = 2 * estimated_bytes(plan) + rows * COPY_BYTES
    _say(
        f"{scenario.stem}: {rows:,} rows; takes up to {human_size(need)} of disk and of the log up to 8 GB more, all of which is given back"
    )
    with bench(options.folder) as on:
        if (free := shutil.disk_usage(on.folder).free) < need:
            raise SystemExit(f"{human_size(free)} are free in {on.folder.parent}; --folder names another place")
        found = measure(on, options, scenario, plan)
    text = report(found)
    print(text, end="")
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        (options.results / f"{scenario.stem}.txt").write_text(text)
        (options.results / f"{scenario.stem}.json").write_text(json.dumps(found, indent=2) + "\n")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(on: Bench, options: argparse.Namespace, scenario: Path, plan: Plan) -> dict[str, Any]:
    """All figures, as JSON holds them."""
    rows, (width, rate) = sum(plan.total(table) for table in plan.all_tables), _readings()
    found: dict[str, Any] = {"machine": machine.facts(on.version()), "workers": options.workers}
    _say("plan")
    found["plan"] = {"batches": len(plan.simulation.batches), "seconds": growth.timed_plan(scenario)[1]}
    built, fingerprint = f"aquadata_{scenario.stem}", fingerprint_of(plan.simulation.scenario)
    sessions, limits = [], []
    for attempt in range(1, options.tries + 1):
        _say(f"build and verify, try {attempt}")
        sessions.append(run_pytest(on, scenario, options.workers, "--aquadata-create"))
        if attempt == 1:
            _say("write the COPY bytes")
            written = _write(on, built, fingerprint, plan)
        _say(f"psql loads the same bytes, try {attempt}")
        limits.append(limit.measure(on, PREPARED, built, plan, written, options.workers))
    best = min(sessions, key=_load)
    figures = _build(best, rows, int(plan.counts.sum()))
    found["build"] = {"scenario": scenario.stem, "rows": rows, "estimated_bytes": estimated_bytes(plan), **figures}
    found["build"]["tries"] = [_load(session) for session in sessions]
    found["encode"] = {
        "rows": written.rows,
        "bytes": written.size,
        "making_seconds": written.making,
        "encoding_seconds": written.encoding,
        "rows_a_second": written.rows / (written.making + written.encoding),
        "readings_a_second": rate,
        "bytes_a_reading": width,
    }
    found["psql"] = asdict(min(limits, key=_bare)) | {"tries": [_bare(each) for each in limits]}
    shutil.rmtree(on.folder / "bytes")
    on.drop(built)
    _say("bulk_create stores a part of one batch")
    django = orm.measure(on, PREPARED, plan, options.orm_share)
    found["orm"] = {**asdict(django), "extrapolated": django.extrapolated}
    on.drop(PREPARED)
    found["growth"] = []
    for batches in options.batches:
        _say(f"{batches} batches of whole lives")
        step = growth.measure(on, batches, batches in options.builds, options.workers, options.light)
        entry = {"batches": step.batches, "rows": step.rows, "plan_seconds": step.seconds, "plan_bytes": step.pickled, "whole": step.whole}
        found["growth"].append({**entry, **_build(step.session, step.rows if step.whole else 0, step.loaded)})
    found["ratios"] = ratios(found)
    return found


def _write(on: Bench, built: str, fingerprint: str, plan: Plan) -> limit.Written:
    """The COPY bytes of the database `built`, and a database that is prepared to take them."""
    run = Run(on.new(PREPARED), plan, fingerprint, [])
    run.prepare()
    run.close()
    folder = on.folder / "bytes"
    folder.mkdir()
    with psycopg.connect(on.server.url(built)) as conn:
        return limit.write(conn, plan, ledger.run_ids(conn, fingerprint), folder)


def _load(session: Session) -> float:
    """Seconds of loading with indexes, keys and statistics."""
    return session.phases.get("build", 0.0) + session.phases.get("finish", 0.0)


def _bare(found: limit.Limit) -> float:
    """Seconds of loading with indexes and keys."""
    return found.load + found.indexes


def _readings() -> tuple[float, float]:
    rate, width = encode.speed(encode.readings(encode.CHUNK), SAMPLE)
    return width, rate


def _build(session: Session, rows: int, loaded: int) -> dict[str, Any]:
    """A session's figures. rows: of all tables, 0 where only some batches were built; loaded: those that batches have, the world's not."""
    entry: dict[str, Any] = {"session_seconds": session.seconds, "phases": session.phases, "bytes": session.size, "memory": session.memory}
    if rows:
        entry |= {"rows_a_second": loaded / _load(session), "verified_rows_a_second": rows / session.phases["verify"]}
    return entry


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """What does not depend on how fast the machine is."""
    phases, psql, django = found["build"]["phases"], found["psql"], found["orm"]
    load, bare = phases["build"] + phases["finish"], psql["load"] + psql["indexes"]
    return {
        "build_to_psql": load / bare,
        "build_to_psql_with_analyze": load / (bare + psql["analyze"]),
        "session_to_psql": found["build"]["session_seconds"] / bare,
        "verify_to_psql": phases["verify"] / bare,
        "bulk_create_to_batch": django["extrapolated"] / django["ours"],
        "size_to_estimate": found["build"]["bytes"] / found["build"]["estimated_bytes"],
    }


if __name__ == "__main__":
    main()
