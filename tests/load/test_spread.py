"""Tasks over several sessions: side by side where they may be, one after the other where they must."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from pytest_aquadata.load.spread import Group, work


class Session:
    """What `work` needs of a connection."""

    def __init__(self) -> None:
        self.cancels = 0

    def cancel(self) -> None:
        self.cancels += 1


def _sessions(count: int) -> list[Any]:
    return [Session() for _ in range(count)]


def test_what_belongs_behind_waits_while_others_go_on() -> None:
    """The long end of the first group runs on one session, and the second group beside it."""
    log: list[str] = []
    second_done = threading.Event()

    def said(word: str) -> Callable[[Any], None]:
        return lambda session: log.append(word)

    def long_end(session: Any) -> None:
        assert second_done.wait(10), "nothing ran beside it"
        log.append("end of a")

    def last_of_b(session: Any) -> None:
        log.append("end of b")
        second_done.set()

    groups = [
        Group([said("a"), said("a"), said("a")], [said("then a"), long_end]),
        Group([said("b"), said("b")], [last_of_b]),
        Group([], [said("c")]),
    ]
    work(groups, _sessions(2))
    assert sorted(log) == sorted(["a"] * 3 + ["b"] * 2 + ["then a", "end of a", "end of b", "c"])
    assert max(i for i, word in enumerate(log) if word == "a") < log.index("then a") < log.index("end of a")
    assert max(i for i, word in enumerate(log) if word == "b") < log.index("end of b") < log.index("end of a")


def test_one_session_does_everything_in_order() -> None:
    log: list[str] = []
    groups = [
        Group([lambda _: log.append("a1"), lambda _: log.append("a2")], [lambda _: log.append("a")]),
        Group(then=[lambda _: log.append("b")]),
    ]
    work(groups, _sessions(1))
    # what can be done alone is never put off: it may be long
    assert log == ["b", "a1", "a2", "a"]
    work([], _sessions(1))


@pytest.mark.parametrize("count", [1, 3])
def test_an_error_ends_all(count: int) -> None:
    done: list[int] = []

    def fails(session: Any) -> None:
        raise LookupError("no such index")

    def slow(session: Any) -> None:
        end = time.monotonic() + 10
        while count > 1 and not session.cancels:
            assert time.monotonic() < end, "its statement was not cancelled"
            time.sleep(0.01)

    with pytest.raises(LookupError, match="no such index"):
        work([Group([fails, slow, slow], [lambda _: done.append(1)]), Group([lambda _: done.append(2)] * 5)], _sessions(count))
    assert done == []


def test_a_statement_that_begins_just_after_a_cancellation_is_cancelled_too() -> None:
    def fails(session: Any) -> None:
        raise LookupError("no such index")

    def between_statements(session: Any) -> None:
        for statement in (1, 2, 3):
            end = time.monotonic() + 10
            while session.cancels < statement:
                assert time.monotonic() < end, "a later statement was not cancelled"
                time.sleep(0.01)

    with pytest.raises(LookupError, match="no such index"):
        work([Group([between_statements, fails])], _sessions(2))
