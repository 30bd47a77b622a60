"""Work for several database sessions at once, a thread for each: what can be done side by side, and what has to wait for it.

The sessions do the work, not the threads: one process that keeps as many sessions busy as the machine has processors leaves none of them
idle, whatever the other processes do meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Task = Callable[[Connection], None]

_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that belong together: those of `first` in any order and side by side, then `then`, one after the other on one session."""

    first: Sequence[Task] = ()
    then: Sequence[Task] = ()


class _Queue:
    """What is still to be done, handed out so that the longest chains begin first.

    A group's `then` is handed out as soon as its `first` are over, before any other group's: one session does it alone, while the others
    go on with the next groups.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self._changed = Condition()
        self._waiting = [(deque(group.first), group.then) for group in groups]
        self._running = [0] * len(groups)
        self._closed = [False] * len(groups)
        self._stopped = False

    def take(self) -> tuple[int, Sequence[Task]] | None:
        """The next tasks for one session, and their group; None when there are no more. Waits for what other sessions have to do first."""
        with self._changed:
            while not self._stopped and not all(self._closed):
                if (found := self._ready()) is not None:
                    return found
                self._changed.wait()
            return None

    def _ready(self) -> tuple[int, Sequence[Task]] | None:
        for number, (first, then) in enumerate(self._waiting):
            if not self._closed[number] and not first and not self._running[number]:
                self._closed[number] = True
                return number, then
        for number, (first, _) in enumerate(self._waiting):
            if first:
                self._running[number] += 1
                return number, [first.popleft()]
        return None

    def done(self, number: int) -> None:
        """Some tasks of a group are over."""
        with self._changed:
            if not self._closed[number]:
                self._running[number] -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Hand nothing out any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


def work(groups: Sequence[Group], sessions: Sequence[Connection]) -> None:
    """Do all tasks, on as many threads as there are sessions; groups that come first are begun first.

    Raises:
        BaseException: the first error of a task, or an interruption; statements that run are cancelled, nothing more is begun.
    """
    queue = _Queue(groups)

    def serve(session: Connection) -> None:
        try:
            while (found := queue.take()) is not None:
                number, tasks = found
                for task in tasks:
                    task(session)
                queue.done(number)
        except BaseException:
            queue.stop()
            raise

    if len(sessions) == 1:
        serve(sessions[0])
        return
    with ThreadPoolExecutor(len(sessions)) as pool:
        futures = [pool.submit(serve, session) for session in sessions]
        try:
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        except BaseException:
            queue.stop()
            give_up(futures, sessions)  # an index of a large table takes minutes: nobody who pressed Ctrl-C waits for it
            raise


def give_up(futures: Collection[Future[Any]], sessions: Collection[Connection]) -> None:
    """Cancel what the sessions do for the futures, until all of these are over.

    Again and again: a statement may begin just after it was told to end, and what waits for it may have several.
    """
    while wait(futures, _AGAIN_SECONDS).not_done:
        for session in sessions:
            with suppress(psycopg.Error):
                session.cancel()
