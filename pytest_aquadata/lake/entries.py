"""What a data set says of itself: which run it is of, which batches are there, and the manifest made of these.

`run.json` comes first, then the entry of the farm, then one of each batch; a manifest sums them up for readers. States are those of the
ledger of a database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pytest_aquadata import __version__
from pytest_aquadata.lake import layout
from pytest_aquadata.lake.store import Store
from pytest_aquadata.load.digest import combine
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

FORMAT = 1
"""Version of the layout; a change that breaks a reader raises it."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What is there.

    farm: the entry of what belongs to no batch; None before it is written. batches: the entries of batches, by name.
    """

    farm: Mapping[str, Any] | None
    batches: Mapping[str, Mapping[str, Any]]

    def files(self) -> dict[str, Any]:
        """All files that count, by path: their table, rows and bytes."""
        return {path: said for entry in (self.farm, *self.batches.values()) if entry for path, said in entry["files"].items()}

    def rows(self) -> dict[str, int]:
        """Rows of the batches by table; tables without any are left out."""
        total: dict[str, int] = {}
        for entry in self.batches.values():
            for table, rows in entry["rows"].items():
                total[table] = total.get(table, 0) + rows
        return {table: rows for table, rows in sorted(total.items()) if rows}

    def sizes(self) -> dict[str, int]:
        """Bytes by table."""
        total: dict[str, int] = {}
        for said in self.files().values():
            total[said["table"]] = total.get(said["table"], 0) + said["bytes"]
        return total


def enter_run(store: Store, plan: Plan, fingerprint: str) -> None:
    """Note which run the data set is of, before anything else is written."""
    scenario = plan.simulation.scenario
    store.put_json(
        layout.RUN,
        {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "scenario": scenario.name,
            "version": __version__,
            "as_of": scenario.as_of.isoformat(),
            "resolved": json.loads(scenario.resolved()),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def run_state(store: Store, fingerprint: str) -> RunState:
    """How far a run is; ABSENT where the data set is of another one, or nothing is there."""
    run = store.get_json(layout.RUN)
    if run is None or run.get("fingerprint") != fingerprint:
        return RunState.ABSENT
    if store.get_json(layout.FARM) is None:
        return RunState.PREPARING
    return RunState.FINISHED if (store.get_json(layout.MANIFEST) or {}).get("digest") else RunState.PREPARED


def batch_states(store: Store, batches: Iterable[Batch]) -> dict[int, BatchState]:
    """The state of batches by number."""
    built, failed = store.names(layout.BATCHES), store.names(layout.FAILED)
    return {
        batch.number: BatchState.BUILT if batch.name in built else BatchState.FAILED if batch.name in failed else BatchState.PLANNED
        for batch in batches
    }


def read_entries(store: Store) -> Entries:
    """What is there: from the manifest, where it is of the batches that are, else from the entries one by one."""
    there = store.names(layout.BATCHES)
    manifest = store.get_json(layout.MANIFEST)
    if manifest is not None and manifest["batches"].keys() == there:
        return Entries(manifest["farm"], manifest["batches"])
    names = sorted(there)
    found = store.get_all_json([f"{layout.BATCHES}/{name}.json" for name in names])
    return Entries(store.get_json(layout.FARM), dict(zip(names, found, strict=True)))


def write_manifest(store: Store, plan: Plan, fingerprint: str) -> str | None:
    """Sum up what is there and remove what does not count; returns the scenario's digest, None while batches are missing.

    The manifest names every file; files of a batch that died half-way are gone before it is written, and `_SUCCESS` comes last.
    """
    planned = {batch.name for batch in plan.simulation.batches}
    there = store.names(layout.BATCHES)
    manifest = store.get_json(layout.MANIFEST)
    if manifest is not None and manifest["fingerprint"] == fingerprint and manifest["batches"].keys() == there:
        return _whole(store, manifest["digest"])
    entries = read_entries(store)
    if entries.farm is None:
        return None
    files = entries.files()
    store.remove([path for path in store.files() if _is_left(path, plan) and path not in files])
    complete = entries.batches.keys() == planned
    digest = combine(entries.farm["digests"], [(e["number"], e["digests"]) for e in entries.batches.values()]) if complete else None
    store.put_json(
        layout.MANIFEST,
        {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "scenario": plan.simulation.scenario.name,
            "version": __version__,
            "digest": digest,
            "rows": sum(said["rows"] for said in files.values()),
            "bytes": sum(said["bytes"] for said in files.values()),
            "farm": entries.farm,
            "batches": entries.batches,
        },
    )
    return _whole(store, digest)


def _whole(store: Store, digest: str | None) -> str | None:
    """Say so where the data set is whole."""
    if digest is not None:
        store.put(layout.SUCCESS, b"")
    return digest


def _is_left(path: str, plan: Plan) -> bool:
    """Whether a path is one that a run writes rows to, or keeps for the time of writing."""
    return layout.is_rows(path, plan.all_tables) or path.startswith(f"{layout.STAGING}/")


def plan_again(store: Store, plan: Plan, again: Iterable[str]) -> None:
    """Take up what a session has to do once more: batches that failed, and those that it is asked to write `again`, by name.

    Their files stay until each is written; they do not count meanwhile.
    """
    failed = store.names(layout.FAILED)
    store.remove([layout.failure_of(batch) for batch in plan.simulation.batches if batch.name in failed])
    chosen = set(again) & store.names(layout.BATCHES)
    if chosen:
        store.remove([layout.SUCCESS, layout.MANIFEST])
        store.remove([layout.entry_of(batch) for batch in plan.simulation.batches if batch.name in chosen])
