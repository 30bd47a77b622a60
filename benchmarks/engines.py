"""Dask against xdist, the same scenario and number of processes, in pairs: ``python benchmarks/engines.py --scenario ci --workers 2``.

Each pair is built from nothing by both engines, one right after the other; who goes first alternates. The ratio of a pair is the figure:
what slows the machine down slows both. Digests have to be equal. ``--json FILE`` keeps all that was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

import machine
import psycopg
from sessions import Bench, Session, bench, run_pytest

from pytest_aquadata.scenario.load import find_scenario

ENGINES = ("xdist", "dask")
TARGET = 1.1
"""What a build through Dask may take at most, in builds through xdist."""


@dataclass(frozen=True)
class Pair:
    """One build by each engine, seconds of the phase build and of the whole session."""

    build: dict[str, float]
    session: dict[str, float]

    def ratio(self, seconds: dict[str, float]) -> float:
        """Dask over xdist."""
        return seconds["dask"] / seconds["xdist"]


def main() -> None:
    """Measure, and show every try."""
    parser = argparse.ArgumentParser(description="Dask against xdist on this machine")
    parser.add_argument("--scenario", default="ci", help="what is built: a name or a path (ci)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of either engine (processors)")
    parser.add_argument("--tries", type=int, default=3, help="pairs (3)")
    parser.add_argument("--folder", help="where to work (the system's folder for temporary files)")
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args()
    scenario = find_scenario(options.scenario, Path.cwd()).resolve()
    with bench(options.folder) as on:
        facts = machine.facts(on.version())
        print(*(f"{name}: {value}" for name, value in facts.items()), sep="\n")
        print(f"\n{'pair':<6}{'build: xdist':>14}{'dask':>10}{'ratio':>8}{'session: xdist':>18}{'dask':>10}{'ratio':>8}")
        pairs = []
        for number in range(options.tries):
            pairs.append(_pair(on, scenario, options.workers, ENGINES if number % 2 == 0 else ENGINES[::-1]))
            print(f"{number + 1:<6}{_figures(pairs[-1].build, 14)}{_figures(pairs[-1].session, 18)}", flush=True)
    build, session = (statistics.median(pair.ratio(getattr(pair, part)) for pair in pairs) for part in ("build", "session"))
    print(f"\nmedian of the ratios: build {build:.2f} (target: at most {TARGET}), session {session:.2f}")
    if options.json:
        found = {"machine": facts, "scenario": scenario.stem, "workers": options.workers, "build": build, "session": session}
        options.json.write_text(json.dumps(found | {"pairs": [vars(pair) for pair in pairs]}, indent=2) + "\n")


def _figures(seconds: dict[str, float], width: int) -> str:
    return f"{seconds['xdist']:>{width}.2f}{seconds['dask']:>10.2f}{seconds['dask'] / seconds['xdist']:>8.2f}"


def _pair(on: Bench, scenario: Path, workers: int, order: tuple[str, ...]) -> Pair:
    sessions: dict[str, Session] = {}
    digests = set()
    for engine in order:
        words = ("--aquadata-engine=dask", f"--aquadata-dask=local:{workers}") if engine == "dask" else ()
        sessions[engine] = run_pytest(on, scenario, workers if engine == "xdist" else 0, "--aquadata-create", *words)
        with psycopg.connect(on.server.url(f"aquadata_{scenario.stem}")) as conn:
            digests.update(conn.execute("SELECT digest FROM aquadata.run").fetchall())
    if len(digests) != 1:
        raise SystemExit(f"the engines built two different farms: {digests}")
    return Pair(
        {engine: session.phases["build"] for engine, session in sessions.items()},
        {engine: session.seconds for engine, session in sessions.items()},
    )


if __name__ == "__main__":
    main()
