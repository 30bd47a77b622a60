"""How items are handed to xdist workers: phase after phase, the longest first, two at a time, whatever ``--dist`` says.

A worker does not start an item before it holds the next one or the mark that there is none, so every worker always has two items or that
mark. What it holds while it runs another is chosen by what all workers hold already: the one that is busy longest gets the shortest, or
none at all, so that a phase ends for all of them at nearly the same time.

Phases are handed out in order. An item of a later phase that a worker reaches early waits on the ledger, and what it waits for is in the
hands of another worker that can run it: no worker is ever given an item of an earlier phase behind one of a later phase, also when a
crashed worker's item has to be run again. Nothing can deadlock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_aquadata.engine.task import CRASHES

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_AHEAD = 2


class PhaseScheduling:
    """A scheduler for xdist.

    _held: indices each worker holds, in the order in which it runs them; the first is running. Never more than two.
    _waiting: indices that no worker holds, in the order in which they are to run.
    _collection: what the first worker collected; None before. Workers that collected something else get nothing.
    _sizes: how long each of its items takes.
    _ready: workers that collected the same.
    phase_of: the phase of an item by its id; a later phase waits for what an earlier one does.
    size_of: how long an item takes by its id, in any unit; items of one size keep the order of their collection.
    """

    def __init__(self, phase_of: Callable[[str], int], size_of: Callable[[str], int] = lambda item: 0) -> None:
        self.phase_of, self.size_of = phase_of, size_of
        self._held: dict[WorkerController, list[int]] = {}
        self._waiting: list[int] = []
        self._collection: list[str] | None = None
        self._sizes: list[int] = []
        self._ready: set[WorkerController] = set()
        self._crashes: Counter[str] = Counter()

    @property
    def nodes(self) -> list[WorkerController]:
        """All workers that are known."""
        return list(self._held)

    @property
    def collection_is_completed(self) -> bool:
        """Whether work can be handed out: one worker is enough, the others join as they come."""
        return self._collection is not None

    @property
    def tests_finished(self) -> bool:
        """Whether no worker waits for more: every one has at most the item it runs."""
        return self.collection_is_completed and not self._waiting and all(len(held) < _AHEAD for held in self._held.values())

    @property
    def has_pending(self) -> bool:
        """Whether items are still to be run."""
        return bool(self._waiting) or any(self._held.values())

    @property
    def left(self) -> list[str]:
        """Items that no worker has run to its end, in the order in which they were to run."""
        held = [index for indices in self._held.values() for index in indices]
        return [self._collection[index] for index in [*held, *self._waiting]] if self._collection is not None else []

    def add_node(self, node: WorkerController) -> None:
        """A worker has started."""
        self._held[node] = []

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected; the first one decides what there is to do."""
        if self._collection is None:
            self._collection = list(collection)
            self._sizes = [self.size_of(item) for item in collection]
            self._waiting = sorted(range(len(collection)), key=lambda index: (self._phase(index), -self._sizes[index]))
        if list(collection) != self._collection:
            raise RuntimeError(f"worker {node.gateway.id} collected other items than the first one: is the plan file the same?")
        self._ready.add(node)

    def schedule(self) -> None:
        """Give every worker what it can hold."""
        for node in self.nodes:
            self._fill(node)

    def _fill(self, node: WorkerController) -> None:
        if node not in self._ready or node.shutting_down:
            return
        held = self._held[node]
        while len(held) < _AHEAD:
            fitting = self._next(node)
            if fitting is None:
                node.shutdown()
                return
            try:
                node.send_runtest_some([fitting])
            except OSError:
                return  # it is gone, and xdist is about to say so
            self._waiting.remove(fitting)
            held.append(fitting)

    def _next(self, node: WorkerController) -> int | None:
        """The item to give to a worker; None when it can be given no more."""
        latest = self._latest(node)
        fitting = [index for index in self._waiting if self._phase(index) >= latest]
        if not fitting or not self._held[node]:
            return fitting[0] if fitting else None  # it starts at once
        phase = self._phase(fitting[0])
        # Each of the phase's items in turn goes to the worker that is through first: which of them would come to this one? Workers that
        # have not collected yet count too: they are about to.
        busy = {
            other: sum(self._sizes[index] for index in held)
            for other, held in self._held.items()
            if not other.shutting_down and self._latest(other) <= phase
        }
        for index in fitting:
            if self._phase(index) != phase:
                return index
            first = min(busy, key=lambda other: (busy[other], other is not node))
            if first is node:
                return index
            busy[first] += self._sizes[index]
        return None

    def _latest(self, node: WorkerController) -> int:
        """The latest phase of which a worker holds an item."""
        return max((self._phase(index) for index in self._held[node]), default=0)

    def _phase(self, index: int) -> int:
        assert self._collection is not None
        return self.phase_of(self._collection[index])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A worker has run an item and may take another."""
        self._held[node].remove(item_index)
        self._fill(node)

    def mark_test_pending(self, item: str) -> None:
        """An item is to be run again, before all others of its phase."""
        assert self._collection is not None
        self._put_back([self._collection.index(item)])

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Never asked for: no item is taken from a worker."""
        raise NotImplementedError

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone. Returns the item it was running, if it was; what else it held is handed out again."""
        self._ready.discard(node)
        held = self._held.pop(node)
        if not held or self._collection is None:
            return None
        self._put_back(held[1:])
        return self._collection[held[0]]

    def _put_back(self, indices: list[int]) -> None:
        self._waiting = sorted([*indices, *self._waiting], key=self._phase)
        self.schedule()

    def may_run_again(self, item: str) -> bool:
        """Whether an item that took its worker down is worth another try."""
        self._crashes[item] += 1
        return self._crashes[item] <= CRASHES
