"""A new scenario's text, and a scenario explained: both are scenarios, and the second is the same farm."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from pytest_aquadata.scenario.explain import explained
from pytest_aquadata.scenario.load import SHIPPED, load_scenario, origins
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.template import template

TODAY = date(2025, 11, 21)
NORWAY = """\
extends: base
years: 2
stagger: 3 weeks
temperatures: {freshwater: 10, sea: [6, 6, 6, 7, 8, 9, 10, 11, 10, 9, 8, 7]}
streams: {journal: false}
criteria:
  - standard
  - survival: {min: 80 %, warn_min: 82 %}
  - own: {rows: "SELECT 1 AS a -- it's: no\\nWHERE false"}
geographies:
  - {name: Scotland, batches: 2, stagger: 11 days, temperatures: {freshwater: 8, sea: 7}}
  - name: Norway
    currency: NOK
    stations:
      - {name: "N-FW-{n}", count: 4, latitude: 60.4, longitude: 5.3, halls: [{letter: A, stage: Egg&Alevin, containers: 10}, {letter: B, stage: Fry, containers: 10}, {letter: C, stage: Parr, containers: 10}, {letter: D, stage: Smolt, containers: 10}, {letter: E, stage: Post-Smolt, containers: 10}]}
    areas: [{name: "N-SEA-{n}", count: 6, latitude: 60.0, longitude: 5.0, rings: 20, barges: 3}]
"""  # noqa: E501


def _load(folder: Path, text: str, *overrides: str, name: str = "x") -> Scenario:
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file, overrides, today=TODAY, root=folder)


def test_a_new_scenario_is_valid_and_shows_every_key(tmp_path: Path) -> None:
    text = template("mine", TODAY)
    scenario = _load(tmp_path, text, name="mine")
    assert (scenario.batches, scenario.as_of) == (4, TODAY)
    for key in Scenario.model_fields:
        assert key == "name" or re.search(rf"^(# )?{key}:", text, re.MULTILINE), key


def test_what_a_new_scenario_shows_as_default_is_the_default(tmp_path: Path) -> None:
    """Each key that is commented out and no example: written in, it changes nothing."""
    text = template("mine", TODAY)
    same = _load(tmp_path, text, name="mine").resolved()
    lines = text.splitlines()
    tried = 0
    for number, line in enumerate(lines):
        if re.match(r"# [a-z_]+: ", line) and number > 4:
            changed = _load(
                tmp_path,
                "\n".join([*lines[:number], line[2:], *lines[number + 1 :]])
                .replace("\nbatches: 4\n", ("\n" if line.startswith(("# years", "# ages")) else "\nbatches: 4\n"))
                .replace("\nstagger: 90 days\n", "\n" if line.startswith("# ages") else "\nstagger: 90 days\n"),
                name="mine",
            )
            example = "for example" in " ".join(lines[max(0, number - 2) : number])
            assert (changed.resolved() == same) is not example, line
            tried += 1
    assert tried > 15


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.yaml")))
def test_a_shipped_scenario_explained_is_the_same_farm(tmp_path: Path, name: str) -> None:
    file = SHIPPED / f"{name}.yaml"
    scenario = load_scenario(file, today=TODAY)
    assert _load(tmp_path, explained(scenario, origins(file))).resolved() == scenario.resolved()


def test_where_each_value_comes_from(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("as_of: 2025-06-01\nseed: 7\neggs: 2M\n", encoding="utf-8")
    overrides = ("seed=9", "geographies.Norway.code=NOR")
    scenario = _load(tmp_path, NORWAY, *overrides)
    text = explained(scenario, origins(tmp_path / "x.yaml", overrides, root=tmp_path))
    assert _load(tmp_path, text).resolved() == scenario.resolved()
    said = {match["key"]: match["origin"] for match in re.finditer(r"^[ -]*(?P<key>\w+):.*?  # (?P<origin>.*)$", text, re.MULTILINE)}
    assert said["as_of"] == "base.yaml:1, extended"
    assert said["eggs"] == "base.yaml:3, extended"
    assert said["seed"] == "--aquadata-set seed=9"
    assert said["years"] == "x.yaml:2"
    assert said["journal"] != "default"
    assert said["saturation"] == "default"
    assert "    code: NOR" in text
    assert "--aquadata-set geographies.Norway.code=NOR" in text
    assert "  survival: {min: 0.8, warn_min: 0.82}" in text
    assert re.search(r"^  rows: \{\} +# x.yaml:7$", text, re.MULTILINE)
    assert "# from profile guide" in text


def test_the_explained_text_is_yaml_whatever_stands_in_it(tmp_path: Path) -> None:
    for description in ("a: b # c", 'it\'s "so"', "{n}", "- x", "ø 3 °C", "null", "2025-01-01"):
        scenario = _load(tmp_path, yaml.safe_dump({"batches": 1, "description": description}, allow_unicode=True))
        assert _load(tmp_path, explained(scenario, {})).description == description
