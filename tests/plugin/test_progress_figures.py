"""Progress as figures: what is left, when a line is due, how long the phases took."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata import progress
from pytest_aquadata.progress import Pace, PhaseTimes, Tally, human_seconds, rows_a_second

BATCHES = st.dictionaries(st.text(min_size=1), st.integers(1, 10**6), min_size=1, max_size=20)


@given(BATCHES, st.data())
def test_every_row_is_there_or_to_come_or_failed(rows_of: dict[str, int], data: st.DataObject) -> None:
    names = list(rows_of)
    before = data.draw(st.sets(st.sampled_from(names)))
    tally = Tally(rows_of, before)
    for name in [name for name in names if name not in before]:
        if data.draw(st.booleans()):
            tally.failure(name)
        else:
            tally.built(name, rows_of[name], 1.0)
        failed = sum(rows_of[name] for name in tally.failed)
        assert tally.present + tally.to_come + failed == tally.total
    assert tally.over
    assert tally.to_come == 0
    assert tally.rows == sum(rows_of[name] for name in tally.done)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 16), st.floats(0.01, 100))
def test_the_time_left_of_equal_batches(built: int, coming: int, before: int, builders: int, seconds: float) -> None:
    """One batch after the other takes what each took; builders share the rest, as far as there is a batch for each."""
    rows_of = {f"b{n}": 1000 for n in range(built + coming + before)}
    tally = Tally(rows_of, {f"b{n}" for n in range(before)})
    for n in range(before, before + built):
        assert (tally.seconds_left(builders) is None) == (n == before)
        tally.built(f"b{n}", 1000, seconds)
    assert math.isclose(tally.seconds_left(builders), coming * seconds / min(builders, coming))


def test_what_was_built_before_is_no_part_of_the_speed() -> None:
    tally = Tally({"a": 100, "b": 300, "c": 200}, {"a"})
    assert tally.line(0.0) == "1 of 3 batches, 100 of 600 rows"
    tally.built("a", None, 0.01)
    assert (tally.rows, tally.seconds_left(1)) == (0, None)
    tally.built("b", 300, 6.0)
    assert tally.line(3.0) == "2 of 3 batches, 400 of 600 rows, 100 rows/s, 4.0 s left"
    tally.failure("c")
    assert tally.line(3.0) == "2 of 3 batches, 400 of 600 rows, 100 rows/s, 1 failed"


def test_a_batch_that_another_worker_built_first_counts_once() -> None:
    """With ``--dist each`` every worker reports every batch, in any order."""
    tally = Tally({"a": 100})
    tally.built("a", None, 5.0)
    tally.built("a", 100, 5.0)
    tally.failure("a")
    assert (tally.present, tally.rows, tally.busy, tally.failed) == (100, 100, 5.0, set())


@given(st.integers(1, 400), st.floats(0.001, 100))
def test_plain_lines_are_few_and_never_far_apart(batches: int, seconds: float) -> None:
    """However many batches there are and however long they take; the last batch has none."""
    tally, pace = Tally({f"b{n}": 10 for n in range(batches)}), Pace()
    said, last = 0, 0.0
    for n in range(batches):
        tally.built(f"b{n}", 10, seconds)
        now = (n + 1) * seconds
        if pace.due(tally, now):
            assert now - last >= progress.LEAST_SECONDS
            said, last = said + 1, now
        elif n < batches - 1:
            assert now - last < progress.EVERY_SECONDS
    assert said <= 1 / progress.EVERY_SHARE + batches * seconds / progress.EVERY_SECONDS
    assert last < batches * seconds


def test_phases_do_not_overlap() -> None:
    """A worker holds `finish` while others still build: its waiting is the build's time."""
    times = PhaseTimes()
    for phase, start, stop in [(0, 10.0, 12.0), (1, 10.5, 15.0), (2, 13.0, 21.0), (1, 15.0, 20.0), (3, 20.5, 20.6), (3, 21.0, 24.0)]:
        times.add(phase, start, stop)
    assert times.seconds() == {0: 2.0, 1: 8.0, 2: 1.0, 3: 3.0}
    assert sum(times.seconds().values()) == 24.0 - 10.0
    assert PhaseTimes().seconds() == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (8.24, "8.2 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3899, "1 h 04 min")],
)
def test_times_for_people(seconds: float, text: str) -> None:
    assert human_seconds(seconds) == text


def test_no_speed_without_time() -> None:
    assert rows_a_second(10, 0.0) == 0
    assert rows_a_second(10, 4.0) == 2
