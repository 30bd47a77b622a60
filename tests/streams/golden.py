"""Digests of the rows of a shipped scenario, table by table; run as a program it renews ``golden.json`` beside it.

    python tests/streams/golden.py            # prints what changed and writes the file
    python tests/streams/golden.py --shuffled # prints the digests of this process, batches in another order, as JSON

The digests are part of the contract that equal scenarios give equal farms: renew them only with a change that is meant to change the farm,
and say so in the changelog. Rows that factories make have a test of their own; here are the streams and the feed stock.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from datetime import date
from pathlib import Path

import numpy as np

from pytest_aquadata.load.digest import TableDigest
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.registry import active_streams, make_plan

FILE = Path(__file__).with_name("golden.json")
SCENARIOS = ("smoke", "ci")


def digests(name: str, *, today: date = date(2025, 1, 1), shuffled: bool = False) -> dict[str, str]:
    """Digest by table: over batch after batch in the order of their numbers, each batch expanded by itself."""
    plan = make_plan(load_scenario(SHIPPED / f"{name}.yaml", today=today))
    batches = list(plan.simulation.batches)
    if shuffled:
        random.Random(1).shuffle(batches)
    streams = active_streams(plan.simulation.scenario)
    result: dict[str, list[str]] = {}
    for batch in batches:
        parts: dict[str, TableDigest] = {}
        for stream in reversed(streams) if shuffled else streams:
            for rows in stream.rows(plan, batch):
                parts.setdefault(rows.table, TableDigest()).add(rows)
        for table, digest in parts.items():
            result.setdefault(table, []).append(f"{batch.name} {digest.rows} {digest.hexdigest()}")
    farm: dict[str, TableDigest] = {}
    for rows in feed_stock.rows(plan.simulation):
        farm.setdefault(rows.table, TableDigest()).add(rows)
    together = {table: sorted(parts) for table, parts in result.items()}
    together |= {table: [f"{digest.rows} {digest.hexdigest()}"] for table, digest in farm.items()}
    return {table: _one(parts) for table, parts in sorted(together.items())}


def _one(parts: list[str]) -> str:
    """Each batch's digest is said as long as there is one; of several only that of them all, to keep the file readable."""
    return parts[0] if len(parts) == 1 else hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def main() -> None:
    if "--shuffled" in sys.argv:
        made = {name: digests(name, today=date(2031, 5, 6), shuffled=True) for name in SCENARIOS}
        simd = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
        foreign = sorted({"django", "psycopg", "pytest", "factory", "xdist"} & set(sys.modules))
        print(json.dumps({"digests": made, "simd": simd, "foreign": foreign}))
        return
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    after = {name: digests(name) for name in SCENARIOS}
    for name in SCENARIOS:
        for table, digest in after[name].items():
            if before.get(name, {}).get(table) != digest:
                print(f"{name}: {table} {before.get(name, {}).get(table, 'new')} -> {digest}")
    FILE.write_text(json.dumps(after, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
