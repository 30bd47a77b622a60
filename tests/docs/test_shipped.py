"""The page of the shipped scenarios is what their plans say."""

from __future__ import annotations

import runpy
from pathlib import Path

from pytest_aquadata.scenario.load import SHIPPED

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_shipped_scenarios_is_current() -> None:
    program = runpy.run_path(str(DOCS / "shipped.py"))
    # a hundred geographies have a page of their own
    assert {*program["SCENARIOS"], "continental"} == {file.stem for file in SHIPPED.glob("*.yaml")}
    made = program["page"](program["plans"]())
    assert made.splitlines() == (DOCS / "shipped.md").read_text(encoding="utf-8").splitlines(), "run: python docs/shipped.py"
