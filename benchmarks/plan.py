"""How long the plan of a scenario takes, from the scenario to the number of every row, on one core.

Run ``python benchmarks/plan.py``. Times 1, 24 and 260 batches (the last one is the schedule that fills two thirds of the farm over 4.25
years) and the search for the smallest stagger over four years. Prints the best of three runs.
"""

from __future__ import annotations

import time
from typing import Any

from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.registry import make_plan

CASES: dict[str, dict[str, Any]] = {
    "1 batch": {"batches": 1},
    "24 batches, 13 days": {"batches": 24, "stagger": 13},
    "260 batches, 11 and 13 days": {
        "geographies": [
            {"name": "Faroe Islands", "years": 4.25, "stagger": 11},
            {"name": "Scotland", "years": 4.25, "stagger": 13},
        ]
    },
    "4 years, smallest stagger": {"years": 4},
}


def main() -> None:
    for name, keys in CASES.items():
        best = float("inf")
        for _ in range(3):
            scenario = Scenario.model_validate({"name": "benchmark", "as_of": "2025-11-21", **keys})
            begun = time.perf_counter()
            plan = make_plan(scenario)
            best = min(best, time.perf_counter() - begun)
        rows = sum(plan.total(table) for table in plan.all_tables)
        print(f"{name:30} {len(plan.simulation.batches):4} batches  {rows / 1e6:7.2f} M rows  {best:6.3f} s")


if __name__ == "__main__":
    main()
