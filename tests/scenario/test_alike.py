"""Geographies like another one, by the dozen: names, codes and places of their own, and all else as it is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pytest_aquadata.plan.world import world_of
from pytest_aquadata.scenario.explain import explained
from pytest_aquadata.scenario.load import SHIPPED, load_scenario, origins
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.worldfile import world
from pytest_aquadata.streams.registry import make_plan

TODAY = date(2025, 11, 21)


def _load(folder: Path, text: str, *overrides: str) -> Scenario:
    file = folder / "x.yaml"
    file.write_text(text)
    return load_scenario(file, overrides, today=TODAY, root=folder)


def test_names_codes_and_places(tmp_path: Path) -> None:
    scenario = _load(tmp_path, "ages: [40]\ngeographies:\n  - Scotland\n  - {name: 'Coast {n}', like: Faroe Islands, count: 101}\n")
    uses = scenario.geographies
    assert [(use.name, use.code) for use in (*uses[:3], uses[-1])] == [
        ("Scotland", "SCO"),
        ("Coast 01", "C01"),
        ("Coast 02", "C02"),
        ("Coast 101", "C101"),
    ]
    spec, faroe = uses[2].spec, world()["Faroe Islands"]
    assert spec.currency == faroe.currency
    assert [group.name for group in spec.stations] == ["C02-FI-FW-{n}"]  # what takes no batches is left out
    assert [group.count for group in spec.areas] == [22]
    assert spec.stations[0].halls == faroe.stations[0].halls
    names = [place.name for place in (*world_of(scenario).stations, *world_of(scenario).areas)]
    assert len(names) == len(set(names)) > 100 * (12 + 22)


def test_one_like_another_and_many_under_its_name(tmp_path: Path) -> None:
    one = _load(tmp_path, "ages: [40]\ngeographies:\n  - {name: Norway, like: Scotland, currency: NOK}\n").geographies
    assert [(use.name, use.code, use.spec.currency) for use in one] == [("Norway", "NOR", "NOK")]
    two = _load(tmp_path, "ages: [40]\ngeographies:\n  - {like: Scotland, count: 2}\n").geographies
    assert [(use.name, use.code) for use in two] == [("Scotland 01", "S01"), ("Scotland 02", "S02")]


def test_an_override_is_for_all_of_them(tmp_path: Path) -> None:
    text = "geographies:\n  - {name: 'Coast {n}', like: Scotland, count: 2, ages: [40, 80]}\n"
    assert len(make_plan(_load(tmp_path, text)).simulation.batches) == 4
    more = _load(tmp_path, text, "geographies.0.count=5", "geographies.0.ages=[40]")
    assert [batch.name for batch in make_plan(more).simulation.batches] == [f"C{n:02d}-2025-001" for n in range(1, 6)]


@pytest.mark.parametrize("profile", ["guide", "official"])
def test_the_biology_is_that_of_the_one_it_is_like(tmp_path: Path, profile: str) -> None:
    """What a profile says of the Faroe Islands holds for coasts like them."""
    text = f"profile: {profile}\nages: [700]\nprojection: {{days: 1050}}\n"
    text += "geographies: [Faroe Islands, {name: Coast, like: Faroe Islands}]\n"
    one, other = (batch.life for batch in make_plan(_load(tmp_path, text)).simulation.batches)
    assert one.geography != other.geography
    assert one.stages == other.stages
    assert one.climate == other.climate
    assert (one.curve == other.curve).all()


def test_explained_it_is_the_same_farm(tmp_path: Path) -> None:
    text = "geographies:\n  - {name: 'Coast {n}', like: Scotland, count: 3, ages: [40, 80]}\n"
    scenario = _load(tmp_path, text)
    said = explained(scenario, origins(tmp_path / "x.yaml", (), root=tmp_path))
    again = _load(tmp_path, said)
    assert [use.spec for use in again.geographies] == [use.spec for use in scenario.geographies]
    assert [b.name for b in make_plan(again).simulation.batches] == [b.name for b in make_plan(scenario).simulation.batches]


def test_the_continental_scenario_is_a_few_lines() -> None:
    text = (SHIPPED / "continental.yaml").read_text()
    scenario = load_scenario(SHIPPED / "continental.yaml", today=TODAY)
    assert len(scenario.geographies) == len({use.code for use in scenario.geographies}) == 100
    assert len([line for line in text.splitlines() if not line.startswith("#")]) < 8
