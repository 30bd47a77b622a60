"""The data set that a session writes: opened, recognised, held.

What is there is never deleted: a folder has to be empty, or hold this very run. Any other data set can be verified as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.farm import setup
from pytest_aquadata.lake import entries, layout
from pytest_aquadata.lake.store import Store
from pytest_aquadata.load.disk import check_room_of_data_set
from pytest_aquadata.load.filelock import FileLock, try_lock
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

PREFIX = "parquet:"
"""How the address of a data set begins."""

_NEEDED = ("pyarrow", "duckdb", "fsspec")


@dataclass(slots=True)
class LakeTarget:
    """An opened data set; see `load.sink.OpenedTarget`. lock: holds off other sessions of this machine, where it lies in a folder."""

    url: str
    store: Store
    lock: FileLock | None = None
    replace: bool = False
    refusal: str = ""

    def run_state(self, fingerprint: str) -> RunState:
        """How far a run is."""
        return entries.run_state(self.store, fingerprint)

    def batch_states(self, fingerprint: str, plan: Plan) -> Mapping[int, BatchState]:
        """The state of every batch of a run, by its number."""
        return entries.batch_states(self.store, plan.simulation.batches)

    def plan_again(self, fingerprint: str, plan: Plan, again: Collection[str]) -> None:
        """Take up what is to be done once more."""
        entries.plan_again(self.store, plan, again)

    def check_room(self, plan: Plan, batches: Sequence[Batch]) -> None:
        """See that these batches have room, in a folder. (An object store does not say how much it takes; a full one says that it is.)

        Raises:
            EnvironmentFault: they have not.
        """
        if self.store.is_local:
            check_room_of_data_set(Path(self.store.root), plan, batches)

    def how_to_use(self) -> list[str]:
        """Where the data set is, and a statement that reads a table of it."""
        example = f"{self.store.url}/batch_batch/**/*.parquet"
        return [
            f"data set  {self.store.url}   ({layout.SUCCESS} says that it is whole)",
            f"""read      duckdb -c "SELECT * FROM read_parquet('{example}', hive_partitioning = true)\"""",
        ]

    def close(self) -> None:
        """Let other sessions have it."""
        if self.lock is not None:
            self.lock.release()


def address(url: str) -> str:
    """The address of a data set as workers get it: a folder by its whole path.

    Raises:
        AquadataError: it is not one, or a package for it is missing.
    """
    where = url.removeprefix(PREFIX)
    if not url.startswith(PREFIX) or not where:
        raise AquadataError(f"--aquadata-to={url}: not a place to write to\n    write it like {PREFIX}folder or {PREFIX}s3://bucket/folder")
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise AquadataError(f"a data set needs {', '.join(missing)}, not installed here\n    pip install 'pytest-aquadata[parquet]'")
    return url if "://" in where else f"{PREFIX}{Path(where).absolute()}"


def open_data_set(url: str, plan: Plan, fingerprint: str, create: bool) -> LakeTarget:
    """Open the data set of a run, as `address` gives it.

    create: nothing that is there may be taken for this run's.

    Raises:
        AquadataError: the address is wrong, or this process's Django is an application's. EnvironmentFault: the store refuses, or another
            session writes there.
    """
    if setup.is_application():
        raise AquadataError(
            "--aquadata-to writes the reference farm, and Django is set up for an application here\n"
            "    leave its settings out:   env -u DJANGO_SETTINGS_MODULE pytest -p no:django --aquadata=… --aquadata-to=…"
        )
    store = Store(url.removeprefix(PREFIX))
    if refusal := _refusal(store, fingerprint, create):
        return LakeTarget(url, store, refusal=refusal)
    return LakeTarget(url, store, _held(store))


def _held(store: Store) -> FileLock | None:
    """The lock of a data set in a folder that is there. (Object stores know no locks; two runs of one scenario write the same there.)"""
    path = Path(store.path(layout.LOCK))
    if not store.is_local or not path.parent.parent.is_dir():
        return None
    try:
        path.parent.mkdir(exist_ok=True)
        lock = try_lock(path)
    except OSError:
        return None  # a data set that may only be read is held by nobody
    if lock is None:
        raise EnvironmentFault(f"another run has been writing {store.url}\n    wait for it, or end it and run again")
    return lock


def _refusal(store: Store, fingerprint: str, create: bool) -> str:
    """Why nothing may be written there; empty where it may."""
    run = store.get_json(layout.RUN)
    advice = "    give an empty folder: what is in one of yours is never deleted"
    if run is None:
        strange = sorted(name for name in store.files() if name != layout.LOCK)
        return f"{store.url} holds files that no run of this plugin made: {strange[0]}\n{advice}" if strange else ""
    if run["fingerprint"] == fingerprint and not create:
        return ""
    return f"{store.url} holds scenario '{run['scenario']}' of an earlier run, which this one would mix with\n{advice}"
