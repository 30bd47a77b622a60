"""Batches as tasks of a Dask cluster: handed out one for each builder, the longest first, and taken back as they come.

No more futures are out than builders may be connected to the server, and no more than the cluster has worker processes; workers stay
connected between batches only where there are enough connections for all. So the budget of connections needs no lease that a dead worker
could keep; who is through gets the longest batch that is left, as with xdist; and what is not begun when a session stops was never handed
out. A task carries its own part of the plan: the cluster holds nothing that a lost worker could take along.

Dask runs a task again when its worker is lost, before or after its end. That is harmless: batch and ledger entry are one transaction behind
a lock, and whoever comes second finds the batch built. A future is released as soon as its outcome is here, and is never run again then.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pytest_aquadata.engine import joining, worker
from pytest_aquadata.engine.connections import Budget
from pytest_aquadata.engine.hands import Hands
from pytest_aquadata.engine.joining import Joined
from pytest_aquadata.engine.task import Destination, Outcome
from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.part import part_of

if TYPE_CHECKING:
    from distributed import Future

_LOOK_SECONDS = 1.0
"""How often the number of workers is asked for."""


class ClusterLost(EnvironmentFault):
    """The cluster does not answer any more, or has no worker: no batch will come."""


class Futures:
    """Hands that are a cluster's.

    lost: what was said when the cluster was lost; empty before.
    """

    def __init__(
        self,
        joined: Joined,
        plan: Plan,
        destination: Destination,
        numbers: Sequence[int],
        budget: Budget,
        built: Hands,
        prepare: Callable[[], None],
    ) -> None:
        """Nothing is handed out before it is asked for.

        numbers: the batches to hand out, in this order. built: whoever answers for all others, which are built already.
        prepare: called before the first is handed out; makes the destination ready for it.
        """
        self.joined, self.plan, self.destination, self.budget = joined, plan, destination, budget
        self.lost = ""
        self._others, self._prepare, self._prepared = built, prepare, False
        self._waiting = deque(numbers)
        self._asked = frozenset(numbers)
        self._out: dict[int, Future[Outcome]] = {}
        self._over: SimpleQueue[int] = SimpleQueue()
        self._found: dict[int, Outcome] = {}
        self._facts, self._kept = worker.facts(), uuid.uuid4().hex
        self._workers = joined.workers()
        self._seen = self._looked = time.monotonic()

    @property
    def builders(self) -> int:
        """Batches that are built at once: one for each worker process, within the budget."""
        return max(1, min(self._workers, self.budget.connections))

    @property
    def limited(self) -> str:
        """What the budget of connections costs, for the summary; empty where it costs nothing."""
        if self._workers <= self.budget.connections:
            return ""
        return f"{self.budget.connections} of {self._workers} workers build at a time: {self.budget.why}"

    def outcome(self, number: int) -> Outcome:
        """Wait for a batch, and keep the cluster busy meanwhile.

        Raises:
            ClusterLost: it will not come.
        """
        if number not in self._asked:
            return self._others.outcome(number)
        while number not in self._found:
            self._hand_out()
            self._take(_LOOK_SECONDS)
        return self._found.pop(number)

    def _hand_out(self) -> None:
        if self.lost:
            raise ClusterLost(self.lost)
        if not self._prepared:
            self._prepare()
            self._prepared = True
        while self._waiting and len(self._out) < self.builders:
            number = self._waiting.popleft()
            part = part_of(self.plan, number)
            # a key of its own each time: another session's task, or an earlier one's, is never taken for it
            key = f"aquadata-{part.batch.name}-{uuid.uuid4().hex[:12]}"
            task = (worker.build_part, part, self.destination, self._facts, self._keeping())
            future = self.joined.client.submit(*task, key=key, pure=False)
            self._out[number] = future
            future.add_done_callback(self._noting(number))

    def _keeping(self) -> str:
        """For whom workers stay connected: to begin anew costs more than a small batch takes. Not where there are too many of them."""
        if self._kept and self._workers > self.budget.connections:
            self._kept = ""
            self._let_go()
        return self._kept

    def _let_go(self) -> None:
        self.joined.client.run(worker.let_go, wait=False, on_error="ignore")

    def _noting(self, number: int) -> Callable[[object], None]:
        return lambda _: self._over.put(number)

    def _take(self, seconds: float) -> None:
        """Take back a batch that is over, or wait so long for one."""
        self._look()
        try:
            number = self._over.get(timeout=seconds)
        except Empty:
            number = next((number for number, future in self._out.items() if future.status != "pending"), 0)
        if (future := self._out.pop(number, None)) is None:
            return
        if future.status in ("cancelled", "lost"):
            self._lose(f"the Dask scheduler at {self.joined.where} does not answer any more")
        # its worker need not wait until the outcome is here
        self._hand_out()
        try:
            outcome = self._result(number, future)
        except TimeoutError:
            # its worker died with the outcome: Dask runs the task again, which finds the batch built
            self._out[number] = future
            self._over.put(number)
            return
        future.release()
        self._found[number] = outcome

    def _result(self, number: int, future: Future[Outcome]) -> Outcome:
        from distributed import KilledWorker

        if future.status != "error":
            return future.result(timeout=_LOOK_SECONDS)
        error = future.exception(timeout=_LOOK_SECONDS)
        if isinstance(error, KilledWorker):
            name, last = self.plan.batch(number).name, error.last_worker.address
            said = (
                f"{name} took {error.allowed_failures + 1} workers down, one after the other, and is not given to another one\n"
                f"    the log of the last one, {last}, may say why; a worker that takes too much memory is ended, too"
            )
            return Outcome(str(last), error=EnvironmentFault(said))
        return Outcome("a Dask worker", error=error if isinstance(error, Exception) else RuntimeError(str(error)))

    def _look(self) -> None:
        """See how many workers there are, now and then, and have lost ones replaced."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        try:
            self._workers = self.joined.workers()
            self.joined.replace_lost(self._workers)
        except Exception as error:
            self._lose(f"the Dask scheduler at {self.joined.where} does not answer any more: {error}")
        self._looked = time.monotonic()
        if self._workers:
            self._seen = self._looked
        elif self._looked - self._seen > joining.WORKERS_SECONDS:
            self._lose(joining.no_workers(self.joined.where))

    def _lose(self, said: str) -> None:
        self.lost = f"{said}\n    what is built is kept; run again to go on"
        raise ClusterLost(self.lost)

    def close(self, hurry: bool) -> None:
        """Hand out nothing more. What is being built is waited for, unless in a `hurry` or where the cluster is lost."""
        self._waiting.clear()
        try:
            while self._out and not hurry and not self.lost and self._begun():
                self._take(_LOOK_SECONDS)
        except ClusterLost:
            pass
        finally:
            self._out.clear()
            if not hurry and not self.lost and not self.joined.local:
                self._let_go()
            self.joined.close()

    def _begun(self) -> bool:
        """Cancel what no worker has taken yet; whether anything is left."""
        taken = {key for keys in self.joined.client.processing().values() for key in keys}
        for number, future in list(self._out.items()):
            if future.status == "pending" and future.key not in taken:
                future.cancel()
                del self._out[number]
        return bool(self._out)
