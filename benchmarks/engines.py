"""Dask against xdist, the same scenario and numbers of processes, in pairs: ``python benchmarks/engines.py --scenario ci --workers 1 2 4``.

Each pair is built from nothing by both engines, one right after the other; who goes first alternates. The ratio of a pair is the figure:
what slows the machine down slows both. Digests have to be equal. ``--results FOLDER`` keeps all that was measured, as text and as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

import machine
import psycopg
from sessions import Bench, Session, bench, run_pytest

from pytest_aquadata.scenario.load import find_scenario

ENGINES = ("xdist", "dask")
TARGET = 1.1
"""What a build through Dask may take at most, in builds through xdist."""


def main() -> None:
    """Measure, and show every try."""
    parser = argparse.ArgumentParser(description="Dask against xdist on this machine")
    parser.add_argument("--scenario", default="ci", help="what is built: a name or a path (ci)")
    parser.add_argument("--workers", type=int, nargs="+", default=[os.cpu_count() or 1], help="processes of either engine (processors)")
    parser.add_argument("--tries", type=int, default=3, help="pairs for each number of processes (3)")
    parser.add_argument("--folder", help="where to work (the system's folder for temporary files)")
    parser.add_argument("--results", type=Path, help="folder for all figures: engines-SCENARIO.txt and .json")
    options = parser.parse_args()
    scenario = find_scenario(options.scenario, Path.cwd()).resolve()
    found: dict[str, Any] = {"scenario": scenario.stem, "pairs": []}
    with bench(options.folder) as on:
        found["machine"] = machine.facts(on.version())
        # in turns, so that what slows the machine down for a while does not meet one number of processes alone
        for number in range(options.tries):
            for workers in options.workers:
                found["pairs"].append(_pair(on, scenario, workers, ENGINES if number % 2 == 0 else ENGINES[::-1]))
                print(_line(found["pairs"][-1]), file=sys.stderr, flush=True)
    text = report(found)
    print(text, end="")
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        file = options.results / f"engines-{scenario.stem}.json"
        file.write_text(json.dumps(found, indent=2) + "\n")
        file.with_suffix(".txt").write_text(text)


def report(found: dict[str, Any]) -> str:
    """Every pair, the median of their ratios and, where there are several numbers of processes, how much quicker more of them build."""
    pairs = found["pairs"]
    lines = [f"{name}: {value}" for name, value in found["machine"].items()]
    lines += [
        "",
        f"{'workers':<9}{'build: xdist':>14}{'dask':>10}{'ratio':>8}{'session: xdist':>18}{'dask':>10}{'ratio':>8}",
        *map(_line, pairs),
        "",
    ]
    counts = sorted({pair["workers"] for pair in pairs})
    for workers in counts:
        build, session = (
            statistics.median(_ratio(pair[part]) for pair in pairs if pair["workers"] == workers) for part in ("build", "session")
        )
        lines.append(f"workers {workers}, median of the ratios: build {build:.2f} (target: at most {TARGET}), session {session:.2f}")
    for engine in ENGINES if len(counts) > 1 else ():
        taken = {workers: statistics.median(pair["build"][engine] for pair in pairs if pair["workers"] == workers) for workers in counts}
        growth = ", ".join(f"{taken[counts[0]] / seconds:.2f} with {workers}" for workers, seconds in taken.items())
        lines.append(f"speed of the build by {engine}: {growth}")
    return "\n".join(lines) + "\n"


def _line(pair: dict[str, Any]) -> str:
    return f"{pair['workers']:<9}{_figures(pair['build'], 14)}{_figures(pair['session'], 18)}"


def _figures(seconds: dict[str, float], width: int) -> str:
    return f"{seconds['xdist']:>{width}.2f}{seconds['dask']:>10.2f}{_ratio(seconds):>8.2f}"


def _ratio(seconds: dict[str, float]) -> float:
    return seconds["dask"] / seconds["xdist"]


def _pair(on: Bench, scenario: Path, workers: int, order: tuple[str, ...]) -> dict[str, Any]:
    """One build by each engine: seconds of the phase build and of the whole session, with so many processes of either."""
    sessions: dict[str, Session] = {}
    digests = set()
    for engine in order:
        words = ("--aquadata-engine=dask", f"--aquadata-dask=local:{workers}") if engine == "dask" else ()
        sessions[engine] = run_pytest(on, scenario, workers if engine == "xdist" else 0, "--aquadata-create", *words)
        with psycopg.connect(on.server.url(f"aquadata_{scenario.stem}")) as conn:
            digests.update(conn.execute("SELECT digest FROM aquadata.run").fetchall())
    if len(digests) != 1:
        raise SystemExit(f"the engines built two different farms: {digests}")
    return {
        "workers": workers,
        "build": {engine: session.phases["build"] for engine, session in sessions.items()},
        "session": {engine: session.seconds for engine, session in sessions.items()},
    }


if __name__ == "__main__":
    main()
