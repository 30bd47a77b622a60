"""Criteria held against the database side by side, ahead of the items that report them, where no workers of xdist do.

The server works, and a thread waits for it: a few threads of the session do what as many workers would.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.run import connect
from pytest_aquadata.load.settle import jobs
from pytest_aquadata.load.spread import give_up
from pytest_aquadata.verify import registry
from pytest_aquadata.verify.base import Verdict

Ask = Callable[[Connection], Verdict]


class Judging:
    """The verdicts of a session that has one process to verify with.

    _futures: what each criterion's verdict comes from; none before `begin`. _open: a connection for each thread that has asked.
    """

    def __init__(self, url: str) -> None:
        """url: the database, to which nobody connects before `begin`."""
        self._url = url
        self._pool = ThreadPoolExecutor(jobs(), thread_name_prefix="aquadata-verify")
        self._mine = threading.local()
        self._open: list[Connection] = []
        self._futures: dict[str, Future[tuple[Verdict, float]]] = {}

    def begin(self, questions: Mapping[str, Ask]) -> None:
        """Ask all of them, the longest first; those of a later call that were asked before are not asked again."""
        for name in sorted(questions, key=registry.effort, reverse=True):
            if name not in self._futures:
                self._futures[name] = self._pool.submit(self._ask, questions[name])

    def verdict(self, name: str) -> tuple[Verdict, float]:
        """The verdict of a criterion that was asked, and the seconds that it took; waits for it.

        Raises:
            EnvironmentFault: the server could not be reached for it.
        """
        return self._futures[name].result()

    def _ask(self, question: Ask) -> tuple[Verdict, float]:
        if not hasattr(self._mine, "conn"):
            self._mine.conn = connect(self._url, "verify")
            self._open.append(self._mine.conn)
        started = time.monotonic()
        return question(self._mine.conn), time.monotonic() - started

    def close(self) -> None:
        """Ask nothing more, and give up what is being asked."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        give_up([future for future in self._futures.values() if not future.cancelled()], self._open)
        self._pool.shutdown(wait=True)
        for conn in self._open:
            conn.close()
