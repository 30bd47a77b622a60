"""What a hundred geographies would take, from a sample of them that was built: core-hours, gigabytes, connections.

    python benchmarks/continental.py --measure benchmarks/continental.json --sample 0.2% -n 2    # plans, builds a sample, keeps the figures
    python benchmarks/continental.py benchmarks/continental.json                                 # works the whole out from kept figures

Measures on Linux: processor time is read from /proc, for the session with its workers and for the server with its backends, each time an
item ends. So what other programs do meanwhile lengthens the time by the clock, which is kept too, and hardly the processor time. In the
folder `--home` no other session may work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.size import bytes_of, estimated_bytes
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams.planning import plan_into

SCENARIO = "continental"
READING = "environmental_environmentalreading"
TICKS = os.sysconf("SC_CLK_TCK")
PHASES = ("prepare", "build", "finish", "verify")
WORKERS = (2, 16, 64, 256)
"""Numbers of workers that the table is for."""
CONTROLLERS = 3
"""Connections of a session beside one for each worker: the claim of the run, and while it prepares or finishes two more."""
ONCE = ("plan", "prepare")
"""Phases that take for a sample what they take for all."""
SORTING = 0.2
"""Room for sorting, as a share of the finished size: what `load.disk` asks for."""


def used(roots: Iterable[int]) -> float:
    """Processor seconds of processes and all that descend from them, the ended ones included where somebody waited for them."""
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            spent[int(entry.name)] = sum(map(int, fields[11:15]))
    family = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(pid, 0) for pid in family) / TICKS


def postmaster(home: Path) -> list[int]:
    """The embedded server's first process; [] while there is none."""
    found = list(home.glob("pg*/data/postmaster.pid"))
    return [int(found[0].read_text().split()[0])] if found else []


def planned(scenario: str) -> dict[str, dict[str, float]]:
    """The plan: time by the clock, processor seconds, peak memory; and what there is of it."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_into(Path(folder), load_scenario(SHIPPED / f"{scenario}.yaml", today=date.today()))
        clock, size = time.perf_counter() - begun, sum(file.stat().st_size for file in Path(folder).iterdir())
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "plan": {
            "clock": clock,
            "processor": sum(part.ru_utime + part.ru_stime for part in (own, children)),
            "peak": own.ru_maxrss * 1024,
            "peak_of_a_part": children.ru_maxrss * 1024,
            "files": size,
        },
        "whole": totals(plan),
    }


def totals(plan: Plan) -> dict[str, float]:
    """Batches of a plan, their rows, and bytes of the database and of its readings."""
    return {
        "batches": len(plan.simulation.batches),
        "rows": int(plan.counts.sum()),
        "bytes": estimated_bytes(plan),
        "reading_bytes": bytes_of(plan)[READING],
    }


def built(home: Path, sample: str, workers: int) -> dict[str, Any]:
    """Build and verify a sample, and note what each phase took."""
    said = home / "said.json"
    arguments = [f"--aquadata={SCENARIO}", f"--aquadata-home={home}", f"--aquadata-sample={sample}", f"--aquadata-json={said}"]
    environment = {**os.environ, "AQUADATA_BENCHMARK_MEMORY": str(home), "PYTHONPATH": os.pathsep.join(["benchmarks", *sys.path[1:]])}
    command = [sys.executable, "-m", "pytest", "-v", "-p", "memory", "-p", "no:cacheprovider", "-n", str(workers), *arguments]
    session = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert session.stdout is not None
    at: dict[str, float] = {}
    for line in session.stdout:
        print(line, end="", flush=True)
        phase = next((phase for phase in PHASES if f"::{phase}" in line and ("PASSED" in line or "SKIPPED" in line)), None)
        if phase or "workers" in line:
            at[phase or "start"] = used([session.pid, *postmaster(home)])
    if session.wait():
        raise SystemExit(f"the sample was not built: exit code {session.returncode}")
    return figures(json.loads(said.read_text()), at, {file.name: int(file.read_text()) for file in home.iterdir() if is_worker(file)})


def is_worker(file: Path) -> bool:
    """Whether the file is the peak memory of a process, as the plugin `memory` leaves it."""
    return file.name == "controller" or (file.name.startswith("gw") and file.name[2:].isdigit())


def figures(said: dict[str, Any], at: dict[str, float], peaks: dict[str, int]) -> dict[str, Any]:
    """What is kept of a session. at: processor seconds by the end of each phase, "start" before the first."""
    ends = [at["start"], *(at[phase] for phase in PHASES)]
    batches = [batch for batch in said["batches"] if batch["state"] == "built"]
    return {
        "processor": {phase: end - begin for phase, begin, end in zip(PHASES, ends, ends[1:], strict=False)},
        "clock": said["phases"],
        "batches": len(batches),
        "rows": sum(said["rows"].values()),
        "database": said["sizes"]["database"],
        "criteria": {state: sum(c["state"] == state for c in said["criteria"]) for state in ("pass", "warn", "fail", "skip")},
        "peak": peaks,
        "machine": said["machine"],
        "versions": said["versions"],
    }


def whole(measured: dict[str, Any]) -> list[str]:
    """What all of the plan takes, by the figures of the sample."""
    sample, every, cost = measured["sample"], measured["whole"], measured["sample"]["processor"]
    factor = every["rows"] / sample["rows"]
    spent = {"plan": measured["plan"]["processor"], **cost}
    hours = {phase: seconds * (1 if phase in ONCE else factor) / 3600 for phase, seconds in spent.items()}
    size, readings = every["bytes"], every["reading_bytes"]
    return [
        f"sample    {sample['batches']} of {every['batches']:,} batches, {sample['rows']:,} of {every['rows']:,} rows (1 in {factor:,.0f})",
        "",
        f"{'':<10}{'sample':>22}{'whole':>16}",
        *(f"{phase:<10}{f'{spent[phase]:,.0f} processor s':>22}{f'{hours[phase]:,.2f} core h':>16}" for phase in spent),
        f"{'in all':<10}{'':>22}{f'{sum(hours.values()):,.1f} core h':>16}",
        "",
        f"disk      {size / 1e9:,.0f} GB with indexes, of which readings {readings / 1e9:,.0f} GB",
        f"          {size * SORTING / 1e9:,.0f} GB more while indexes are sorted",
        "",
        f"{'workers':>8}{'connections':>13}{'build, hours':>14}",
        *(f"{n:>8}{n + CONTROLLERS:>13}{hours['build'] / n:>14.2f}" for n in WORKERS),
    ]


def main() -> None:
    """Measure, or work out from what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", nargs="?", type=Path, help="figures that --measure kept")
    parser.add_argument("--measure", type=Path, help="measure, and keep the figures there")
    parser.add_argument("--sample", default="0.1%")
    parser.add_argument("--home", type=Path, help="folder of the embedded server (default: a new one, removed afterwards)")
    parser.add_argument("-n", type=int, default=2, dest="workers")
    options = parser.parse_args()
    if options.measure:
        with tempfile.TemporaryDirectory(prefix="aquadata-continental-") as folder:
            home = options.home or Path(folder)
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)  # where root runs this, the server runs as an account that has to get here
            measured = {**planned(SCENARIO), "date": date.today().isoformat()}
            measured["sample"] = built(home, options.sample, options.workers)
        options.measure.write_text(json.dumps(measured, indent=1) + "\n")
    elif options.kept:
        measured = json.loads(options.kept.read_text())
    else:
        parser.error("name a file of kept figures, or --measure one")
    print("\n".join(whole(measured)))


if __name__ == "__main__":
    main()
