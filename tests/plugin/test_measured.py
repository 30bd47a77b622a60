"""Figures of a build, and when one is worse than another: arithmetic alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata import machine, measured
from pytest_aquadata.measured import FIGURES, broken, compared, figures_of, limit

TIMES = st.floats(0.01, 1e5)


@given(TIMES, TIMES, st.integers(0, 300))
def test_a_share_is_of_the_kept_figure(old: float, new: float, percent: int) -> None:
    """Just as much worse is allowed, more is not; what is better never breaks."""
    said = broken([limit(f"build:{percent}%")], {"build": old}, {"build": new})
    assert bool(said) == (new - old > old * percent / 100)
    said = broken([limit(f"rows_per_second:{percent} %")], {"rows_per_second": old}, {"rows_per_second": new})
    assert bool(said) == (old - new > old * percent / 100)


def test_an_allowance_in_the_figures_unit() -> None:
    assert broken([limit("total:30")], {"total": 100.0}, {"total": 130.0}) == []
    assert broken([limit("total:30")], {"total": 100.0}, {"total": 131.0}) == [
        "total: 2 min 11 s is 31% more than 1 min 40 s, allowed are 30 s"
    ]
    assert broken([limit("rows_per_second:10%")], {"rows_per_second": 2000}, {"rows_per_second": 1000}) == [
        "rows_per_second: 1,000 rows/s is 50% less than 2,000 rows/s, allowed are 10 %"
    ]


@pytest.mark.parametrize("name", [*(figure.name for figure in FIGURES), measured.DIGEST])
def test_what_was_not_measured_never_passes(name: str) -> None:
    one = limit(name if name == measured.DIGEST else f"{name}:1000%")
    for before, now, who in (({}, {name: 1}, "the earlier session"), ({name: 1}, {name: None}, "this session")):
        assert broken([one], before, now) == [
            f"{name}: not measured by {who}; a session measures it that builds and verifies everything (--aquadata-create)"
        ]
    assert compared({name: None}, {name: 1}) == []


def test_the_times_of_a_part_of_a_build_are_no_figures() -> None:
    seconds = {"prepare": 1.0, "build": 4.0, "finish": 2.0, "verify": 3.0}
    whole = figures_of(seconds, 400, 5, "d", built_all=True, verified_all=True)
    assert whole == {**seconds, "total": 10.0, "rows_per_second": 100.0, "size": 5, "digest": "d"}
    part = figures_of(seconds, 400, 5, "d", built_all=False, verified_all=True)
    assert {name for name, value in part.items() if value is not None} == {"verify", "size", "digest"}
    assert figures_of(seconds, 400, 5, "d", built_all=True, verified_all=False)["total"] is None


def test_a_line_for_each_figure() -> None:
    assert compared({"build": 8.0, "size": 2e9, "digest": "a"}, {"build": 10.0, "size": 1e9, "digest": "b"}) == [
        "build                        8.0 s ->               10 s  +25%",
        "size                        2.0 GB ->             1.0 GB  -50%",
        "digest          a -> b",
    ]


def test_a_commit_without_git(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("no-repository")
    assert machine.commit(folder, {}) is None
    assert machine.commit(folder, {"CI_COMMIT_SHA": "abc"}) == "abc"
