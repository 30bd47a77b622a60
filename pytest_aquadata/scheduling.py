"""How items are handed to xdist workers: in order, two at a time, whatever ``--dist`` says.

A worker does not start an item before it holds the next one or the mark that there is none, so every worker always has two items or that
mark. Items are handed out in the order of their collection, which is the order of phases; an item of a later phase that a worker reaches
early waits on the ledger, and what it waits for is in the hands of another worker that can run it: no worker is ever given an item of an
earlier phase behind one of a later phase, also when a crashed worker's item has to be run again. Nothing can deadlock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_AHEAD = 2
CRASHES = 2
"""How often an item that took its worker down is given to another one."""


class PhaseScheduling:
    """A scheduler for xdist.

    _held: indices each worker holds, in the order in which it runs them; the first is running. Never more than two.
    _waiting: indices that no worker holds, in the order in which they are to run.
    _collection: what the first worker collected; None before. Workers that collected something else get nothing.
    _ready: workers that collected the same.
    phase_of: the phase of an item by its id; a later phase waits for what an earlier one does.
    """

    def __init__(self, phase_of: Callable[[str], int]) -> None:
        self.phase_of = phase_of
        self._held: dict[WorkerController, list[int]] = {}
        self._waiting: list[int] = []
        self._collection: list[str] | None = None
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
            self._waiting = list(range(len(collection)))
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
            latest = max((self._phase(index) for index in held), default=0)
            fitting = next((index for index in self._waiting if self._phase(index) >= latest), None)
            if fitting is None:
                node.shutdown()
                return
            try:
                node.send_runtest_some([fitting])
            except OSError:
                return  # it is gone, and xdist is about to say so
            self._waiting.remove(fitting)
            held.append(fitting)

    def _phase(self, index: int) -> int:
        assert self._collection is not None
        return self.phase_of(self._collection[index])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A worker has run an item and may take another."""
        self._held[node].remove(item_index)
        self._fill(node)

    def mark_test_pending(self, item: str) -> None:
        """An item is to be run again, before all others."""
        assert self._collection is not None
        self._waiting.insert(0, self._collection.index(item))
        self.schedule()

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Never asked for: no item is taken from a worker."""
        raise NotImplementedError

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone. Returns the item it was running, if it was; what else it held is handed out again."""
        self._ready.discard(node)
        held = self._held.pop(node)
        if not held or self._collection is None:
            return None
        self._waiting[:0] = held[1:]
        self.schedule()
        return self._collection[held[0]]

    def may_run_again(self, item: str) -> bool:
        """Whether an item that took its worker down is worth another try."""
        self._crashes[item] += 1
        return self._crashes[item] <= CRASHES
