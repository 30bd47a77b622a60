"""A data set on this machine: rows a second and core, bytes a row, how fast it is scanned and verified: ``python benchmarks/parquet.py``.

Seconds of a core are processor seconds of this process, all threads together, so that a busy machine changes them little; the clock on the
wall is shown beside them. Works in a folder of its own, which it removes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pytest_aquadata import machine
from pytest_aquadata.farm import setup
from pytest_aquadata.lake import entries
from pytest_aquadata.lake.run import LakeRun
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.scenario.names import STANDARD
from pytest_aquadata.streams.registry import make_plan
from pytest_aquadata.verify.registry import run_criterion

READINGS = "environmental_environmentalreading"
SCAN = f"SELECT parameter_id, count(*), avg(value), min(reading_time), max(reading_time) FROM {READINGS} GROUP BY 1"


class Spent:
    """Seconds on the wall and of processors that a block took."""

    wall = core = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    taken, wall, core = Spent(), time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.core = time.perf_counter() - wall, time.process_time() - core


def measure(scenario: Path, batches: int | None, folder: Path) -> dict[str, Any]:
    """The figures of the first batches of a scenario, or of all of them."""
    plan = make_plan(load_scenario(scenario, today=date.today()))
    chosen = plan.simulation.batches[:batches]
    run = LakeRun(f"parquet:{folder}", plan, fingerprint_of(plan.simulation.scenario), [batch.number for batch in chosen])
    run.prepare()
    setup.configure("")
    from pytest_aquadata.load.build import rows_of

    with spent() as making:
        for batch in chosen:
            for _ in rows_of(plan, batch):
                pass
    with spent() as writing:
        for number in run.selected:
            run.build(number)
    run.finish()
    there = entries.read_entries(run.store)
    rows, sizes = there.rows(), there.sizes()
    # of the farm's own files none is counted
    own = sum(said["bytes"] for said in there.farm["files"].values()) if there.farm else 0
    conn = run.conn
    conn.execute(SCAN.encode())
    with spent() as scanning:
        conn.execute(SCAN.encode())
    with spent() as verifying:
        states = [run_criterion(conn, plan, name, CriterionSpec(), chosen).state for name in STANDARD]
    run.close()
    total = sum(rows.values())
    return {
        "scenario": plan.simulation.scenario.name,
        "batches": len(chosen),
        "rows": total,
        "readings": rows[READINGS],
        "rows_per_core_second": total / writing.core,
        "rows_per_second": total / writing.wall,
        "share_of_making_rows": making.core / writing.core,
        "bytes_per_row": (sum(sizes.values()) - own) / total,
        "bytes_per_reading": sizes[READINGS] / rows[READINGS],
        "scan_rows_per_second": rows[READINGS] / scanning.wall,
        "scan_rows_per_core_second": rows[READINGS] / scanning.core,
        "verify_seconds": verifying.wall,
        "verify_rows_per_second": total / verifying.wall,
        "criteria": {state: states.count(state) for state in sorted(set(states))},
    }


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="a Parquet data set on this machine")
    parser.add_argument("--scenario", default="ci", help="a name or a path (ci)")
    parser.add_argument("--batches", type=int, help="no more than the first so many of its batches")
    parser.add_argument("--folder", help="where to work (the system's folder for temporary files)")
    parser.add_argument("--results", type=Path, help="a JSON file for the figures")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="aquadata-parquet-", dir=options.folder) as folder:
        found = measure(find_scenario(options.scenario, Path.cwd()).resolve(), options.batches, Path(folder) / "lake")
    for name, value in found.items():
        print(f"{name:<28} {f'{value:,.2f}' if isinstance(value, float) else f'{value:,}' if isinstance(value, int) else value}")
    if options.results:
        options.results.write_text(json.dumps({**found, "machine": machine.machine()}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
