"""A run that writes a data set, seen from one process: what `load.run.Run` is to a database, with the same steps under the same names.

There is no server that knows who is at work. What processes of one machine have to agree on, they agree on by locks on files in the
`workshop`, a folder that the session's processes share; that a batch is written twice does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm import setup
from pytest_aquadata.lake import entries, layout
from pytest_aquadata.lake.store import Store
from pytest_aquadata.lake.target import PREFIX
from pytest_aquadata.load import filelock
from pytest_aquadata.load.ledger import BatchState, Connection, RunState
from pytest_aquadata.load.run import GRACE_SECONDS, POLL_SECONDS
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

if TYPE_CHECKING:
    from pytest_aquadata.lake.duck import DataSet
    from pytest_aquadata.load.built import Built


class LakeRun:
    """The writing of one plan into one data set, as one process takes part in it.

    url: of the data set, with `PREFIX`. plan, fingerprint, selected, alone, refusal, builder: as `load.run.Run` has them.
    workshop: a folder that the processes of the session share; None where there is one process.
    """

    def __init__(
        self,
        url: str,
        plan: Plan,
        fingerprint: str,
        selected: Iterable[int],
        *,
        alone: bool = True,
        refusal: str = "",
        builder: str = "main",
        workshop: Path | None = None,
    ) -> None:
        self.url, self.plan, self.fingerprint = url, plan, fingerprint
        self.selected = tuple(selected)
        self.alone, self.refusal, self.builder = alone or workshop is None, refusal, builder
        self._workshop = workshop
        self._prepared = False
        self._digest: str | None = None
        self._at_work: filelock.FileLock | None = None
        self._conn: Any = None

    @cached_property
    def store(self) -> Store:
        """Where the data set lies."""
        return Store(self.url.removeprefix(PREFIX))

    @property
    def conn(self) -> Connection:
        """DuckDB over the files that count, which answers criteria as a connection to PostgreSQL does."""
        if self._conn is None:
            self._conn = self.open()
        # criteria use no more of a connection than this one has
        return cast(Connection, self._conn)

    @property
    def names(self) -> None:
        """The farm's names are its own."""
        return

    def reading(self) -> AbstractContextManager[Connection]:
        """What answers criteria."""
        return nullcontext(self.conn)

    def open(self, *, copied: bool = False) -> DataSet:
        """The tables in a DuckDB of their own; copied: so that statements may change them, which leaves the files as they are."""
        setup.configure("")
        from pytest_aquadata.lake.views import open_data_set

        return open_data_set(self.store, entries.read_entries(self.store).files(), copied=copied)

    def prepare(self) -> None:
        """Write world, master data and feed stock, once for all processes.

        Raises:
            AquadataError: nothing may be written there.
        """
        if self.refusal:
            raise AquadataError(self.refusal)
        if self._prepared:
            return
        setup.configure("")
        from pytest_aquadata.lake.write import write_farm

        with self._structure():
            if self.state() in (RunState.ABSENT, RunState.PREPARING):
                entries.enter_run(self.store, self.plan, self.fingerprint)
                write_farm(self.store, self.plan, self.fingerprint)
        self._prepared = True

    def build(self, number: int, watch: Watch | None = None) -> Built:
        """Write one batch; prepares first where nobody has. One that is there already is left as it is."""
        watch = watch or Watch()
        self.prepare()
        self._work()
        from pytest_aquadata.lake.write import write_batch
        from pytest_aquadata.load.built import Built

        batch = self.plan.batch(number)
        if self.store.get_json(layout.entry_of(batch)) is not None:
            return Built({}, {}, 0.0, fresh=False)
        try:
            return write_batch(self.store, self.plan, batch, self.fingerprint, self.builder, watch)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}", "failed_in": watch.failed_in, "builder": self.builder}
            with suppress(AquadataError):  # where the store is full or refuses, that is what has to be said
                self.store.put_json(layout.failure_of(batch), said)
            raise

    def missing(self, numbers: Sequence[int]) -> list[Batch]:
        """Those of the batches that are not there."""
        states = self._states()
        return [self.plan.simulation.batches[n - 1] for n in numbers if states[n] is not BatchState.BUILT]

    def wait(self) -> None:
        """Wait until every selected batch is there or has failed, or nobody writes any more."""
        if self.alone or self._workshop is None:
            return
        if self._at_work is not None:
            self._at_work.release(remove=True)
            self._at_work = None
        seen = time.monotonic()
        while self.outstanding():
            if filelock.held(self._workshop / "builders"):
                seen = time.monotonic()
            elif time.monotonic() - seen > GRACE_SECONDS:
                self.alone = True
                return
            time.sleep(POLL_SECONDS)

    def outstanding(self) -> list[Batch]:
        """The selected batches that are neither there nor failed."""
        states = self._states()
        return [self.plan.simulation.batches[n - 1] for n in self.selected if states[n] is BatchState.PLANNED]

    def finish(self) -> str | None:
        """Write the manifest of what is there; returns the digest, None while batches are missing."""
        if self._digest is None and self.state() not in (RunState.ABSENT, RunState.PREPARING):
            with self._structure():
                self._digest = entries.write_manifest(self.store, self.plan, self.fingerprint)
        return self._digest

    def digest(self) -> str | None:
        """The digest of the finished run; None before."""
        manifest = self.store.get_json(layout.MANIFEST) or {}
        return manifest.get("digest") if manifest.get("fingerprint") == self.fingerprint else None

    def built(self) -> list[Batch]:
        """The batches of the plan that are there, in order; also in a data set of another run."""
        there = self.store.names(layout.BATCHES)
        return [batch for batch in self.plan.simulation.batches if batch.name in there]

    def left_aside(self) -> int:
        """Nothing is ever set aside: there are no indexes."""
        return 0

    def state(self) -> RunState:
        """How far the run is."""
        return entries.run_state(self.store, self.fingerprint)

    def rows(self) -> dict[str, int]:
        """Rows of the batches that are there, by table."""
        return entries.read_entries(self.store).rows()

    def size(self) -> int | None:
        """Bytes of all files that count."""
        return sum(self.table_sizes().values())

    def table_sizes(self) -> dict[str, int]:
        """Bytes by table."""
        return entries.read_entries(self.store).sizes()

    def history(self) -> dict[int, dict[str, Any]]:
        """How each batch came about, by its number; see `load.history.batches`."""
        there, states = entries.read_entries(self.store).batches, self._states()
        found = {}
        for batch in self.plan.simulation.batches:
            entry = there.get(batch.name, {})
            failed = (self.store.get_json(layout.failure_of(batch)) or {}) if states[batch.number] is BatchState.FAILED else {}
            found[batch.number] = {
                "state": str(states[batch.number]),
                "rows": sum(entry.get("rows", {}).values()),
                "seconds": entry.get("seconds"),
                "builder": entry.get("builder") or failed.get("builder"),
                "error": failed.get("error"),
                "failed_in": failed.get("failed_in"),
            }
        return found

    def phases(self) -> dict[str, float]:
        """Seconds by phase, summed over the sessions that wrote something."""
        return dict(self.store.get_json(layout.PHASES) or {})

    def add_phases(self, seconds: Mapping[str, float]) -> None:
        """Add the seconds that a session spent in each phase to those of the sessions before it."""
        before = self.phases()
        self.store.put_json(layout.PHASES, before | {phase: before.get(phase, 0.0) + spent for phase, spent in seconds.items()})

    def server_version(self) -> str | None:
        """There is no server."""
        return None

    def close(self) -> None:
        """End the process's part."""
        if self._conn is not None:
            self._conn.close()
        if self._at_work is not None:
            self._at_work.release(remove=True)

    def _states(self) -> dict[int, BatchState]:
        return entries.batch_states(self.store, self.plan.simulation.batches)

    def _work(self) -> None:
        """Be known as a builder for as long as this process lives, or until it waits for others."""
        if self._workshop is not None and self._at_work is None:
            folder = self._workshop / "builders"
            folder.mkdir(exist_ok=True)
            self._at_work = filelock.try_lock(folder / self.builder)

    def _structure(self) -> Any:
        """Hold off the session's other processes from preparing and finishing."""
        return nullcontext() if self._workshop is None else _alone(self._workshop / "structure")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    while (lock := filelock.try_lock(path)) is None:
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


def write_everything(url: str, plan: Plan, fingerprint: str) -> str:
    """Write a whole plan in this process; returns the digest. For programs and tests that need no pytest items."""
    run = LakeRun(url, plan, fingerprint, [batch.number for batch in plan.simulation.batches])
    try:
        for number in run.selected:
            run.build(number)
        digest = run.finish()
    finally:
        run.close()
    if digest is None:
        raise RuntimeError("the manifest misses batches that were written")
    return digest
