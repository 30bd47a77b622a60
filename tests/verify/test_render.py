"""The text of a verdict, and the arithmetic of bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Verdict
from pytest_aquadata.verify.bounds import Bounds, chance, worst
from pytest_aquadata.verify.clauses import count
from pytest_aquadata.verify.render import render

FULL = """\
scenarios/ci.yaml:14: survival: fail
  expected  harvested 83.0% to 87.0% of the eggs
  found     80.00% in FAR-2023-001

    batch              eggs  since       weight_g  seen
    ------------  ---------  ----------  --------  ----------------
    FAR-2023-001  3,500,000  2025-01-02      1.50  2025-01-02 10:00
    SCO-1                 -  -                  -  -
    … and 1,200 more

  query
    SELECT 1
    FROM t;

  build FAR-2023-001 again
    pytest --aquadata=ci --aquadata-batch=FAR-2023-001"""


def test_everything_at_once() -> None:
    verdict = Verdict(
        "fail",
        "harvested 83.0% to 87.0% of the eggs",
        "80.00% in FAR-2023-001",
        ("batch", "eggs", "since", "weight_g", "seen"),
        (
            ("FAR-2023-001", 3_500_000, date(2025, 1, 2), Decimal("1.50"), datetime(2025, 1, 2, 10, tzinfo=UTC).replace(tzinfo=None)),
            ("SCO-1", None, None, None, None),
        ),
        1_202,
        "SELECT 1\nFROM t;",
        ("FAR-2023-001",),
    )
    command = "pytest --aquadata=ci --aquadata-batch=FAR-2023-001"
    assert render(verdict, criterion="survival", where="scenarios/ci.yaml:14", rebuild=command) == FULL


def test_command_is_for_the_first_of_several_batches() -> None:
    verdict = Verdict("fail", "e", "g", batches=("A-1", "B-2"))
    text = render(verdict, criterion="c", where="w", rebuild="pytest --aquadata-batch=A-1")
    assert text.endswith("  build A-1 and 1 more again\n    pytest --aquadata-batch=A-1")


def test_only_what_there_is() -> None:
    text = render(Verdict("skip", "all batches", "2 not built"), criterion="stages", where="a.yaml:3", rebuild=None)
    assert text == "a.yaml:3: stages: skip\n  expected  all batches\n  found     2 not built"


def test_long_and_many_lined_cells_stay_in_their_line() -> None:
    verdict = Verdict("fail", "e", "g", ("note",), (("a\nb  c",), ("x" * 200,)), 2)
    lines = render(verdict, criterion="c", where="w", rebuild=None).splitlines()
    assert "    a b c" in lines
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize(
    ("spec", "value", "state"),
    [
        ({}, 0.5, "pass"),
        ({}, -0.1, "fail"),
        ({}, 1.1, "fail"),
        ({"min": -1}, -0.1, "pass"),
        ({"min": -1}, 1.1, "fail"),
        ({"max": 2, "warn_max": 1}, 1.5, "warn"),
        ({"warn_min": 0.5}, 0.4, "warn"),
        ({"warn_min": 0.5}, -0.4, "fail"),
    ],
)
def test_bounds_of_the_scenario_go_first(spec: dict[str, float], value: float, state: str) -> None:
    assert Bounds.of(CriterionSpec(**spec), 0.0, 1.0).state(value) == state


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))
def test_bounds_are_inclusive(low: float, high: float, value: float) -> None:
    assert (Bounds(low, high).state(value) == "pass") == (low <= value <= high)
    assert Bounds(low, None).state(low) == "pass"


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [(Bounds(), "any value"), (Bounds(0.5), "at least 0.5"), (Bounds(high=2), "at most 2"), (Bounds(0.83, 0.87), "0.83 to 0.87")],
)
def test_bounds_as_text(bounds: Bounds, shown: str) -> None:
    assert bounds.show() == shown


def test_worst_of_states() -> None:
    assert worst([]) == "pass"
    assert worst(["pass", "warn", "pass"]) == "warn"
    assert worst(["warn", "fail"]) == "fail"


def test_chance_shrinks_with_the_batch() -> None:
    assert chance(1_000, 0.85) == pytest.approx(10 * chance(100_000, 0.85))
    assert chance(3_500_000, 0.83) < 0.0011
    assert chance(0, 1.2) == 0


@pytest.mark.parametrize(("number", "what", "shown"), [(1, "batch", "1 batch"), (2, "batch", "2 batches"), (1200, "row", "1,200 rows")])
def test_counts_with_nouns(number: int, what: str, shown: str) -> None:
    assert count(number, what) == shown
