"""Realism profiles: every published figure has its source, and `standard` stands for the figures of the scenario's own profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from pydantic import ValidationError

from pytest_aquadata.scenario.figures import Figure
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.scenario.profile import Profile, figures_of, load_profile, profile_names

OFFICIAL = load_profile("official")
GEOGRAPHIES = {"Faroe Islands", "Scotland"}
CITED = {"unit": "g", "source": "somebody, somewhere"}
Load = Callable[..., list[str]]


@pytest.fixture
def criteria(tmp_path: Path) -> Load:
    """The criteria of a scenario, by its text and overrides."""

    def load(text: str, *overrides: str) -> list[str]:
        file = tmp_path / "x.yaml"
        file.write_text(text, encoding="utf-8")
        scenario: Scenario = load_scenario(file, overrides, today=date(2025, 11, 21))
        return list(scenario.criteria)

    return load


def test_every_criterion_of_a_figure_has_one_in_the_profile() -> None:
    assert figures_of("official") == tuple(FIGURES)
    assert set(OFFICIAL.figures) == set(FIGURES)
    assert figures_of("guide") == figures_of("nobody's") == ()
    assert not set(FIGURES) & set(STANDARD)


@pytest.mark.parametrize("name", profile_names())
def test_every_source_is_told_in_full_at_the_head_of_the_file(name: str) -> None:
    text = (resources.files("pytest_aquadata") / "data" / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")
    told = set(re.findall(r"^# \[(\w+)\] +\S", text, re.MULTILINE))
    for figures in load_profile(name).figures.values():
        for figure in figures:
            cited = re.findall(r"\[(\w+)\]", figure.source)
            assert cited, figure
            assert set(cited) <= told, figure


def test_geographies_of_the_figures_are_those_of_the_temperatures() -> None:
    named = {figure.geography for figures in OFFICIAL.figures.values() for figure in figures}
    assert named == {None, *GEOGRAPHIES}
    assert set(OFFICIAL.temperatures.sea_by_geography) == GEOGRAPHIES


def test_sea_temperatures_lie_within_the_figures_about_them() -> None:
    for geography, means in OFFICIAL.temperatures.sea_by_geography.items():
        for month, mean in enumerate(means, start=1):
            (figure,) = (each for each in OFFICIAL.figures["figure_sea_temperature"] if each.about(geography, month))
            low, high = figure.bounds(month)
            assert low is not None
            assert high is not None
            assert low <= float(mean) <= high
        (year,) = (each for each in OFFICIAL.figures["figure_sea_temperature"] if each.about(geography, None))
        assert year.bounds(None)[0] <= sum(map(float, means)) / 12 <= year.bounds(None)[1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "min, max or by_month"),
        ({"min": 2, "max": 1}, "min 2 is above max 1"),
        ({"by_month": [1, 2]}, "twelve values"),
        ({"by_month": [1] * 12, "max": 3}, "neither min nor max"),
        ({"max": 3, "source": ""}, "source"),
    ],
)
def test_a_figure_that_says_nothing_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Figure.model_validate({**CITED, **wrong})


def test_a_figure_that_nothing_measures_is_refused() -> None:
    values = OFFICIAL.model_dump()
    values["figures"]["figure_of_speech"] = values["figures"].pop("figure_lice")
    with pytest.raises(ValidationError, match="no criterion measures: figure_of_speech"):
        Profile.model_validate(values)


def test_figures_are_about_their_geography_and_about_months_or_the_whole() -> None:
    everywhere, monthly = Figure(max=1, **CITED), Figure(geography="Scotland", each_month=True, max=1, **CITED)
    assert everywhere.about("Norway", None)
    assert not everywhere.about("Norway", 3)
    assert monthly.about("Scotland", 3)
    assert not monthly.about("Scotland", None)
    assert not monthly.about("Norway", 3)
    assert Figure(by_month=tuple(range(12)), within=0.5, **CITED).bounds(12) == (10.5, 11.5)


def test_standard_brings_the_figures_of_the_profile(criteria: Load) -> None:
    everything = [*STANDARD, *FIGURES]
    assert criteria("batches: 1\n") == list(STANDARD)
    assert criteria("batches: 1\nprofile: official\n") == everything
    assert criteria("batches: 1\nprofile: official\ncriteria: [standard]\n") == everything
    assert criteria("batches: 1\n", "profile=official") == everything
    assert criteria("batches: 1\n", "criteria.survival.min=1 %", "profile=official") == everything
    assert criteria("extends: official\nprofile: guide\n") == list(STANDARD)
    assert criteria("batches: 1\nprofile: official\ncriteria: {figure_lice: false}\n") == [n for n in everything if n != "figure_lice"]


def test_a_figure_can_be_named_with_any_profile(criteria: Load) -> None:
    assert criteria("batches: 1\ncriteria: [figure_lice]\n") == ["figure_lice"]
    assert criteria("batches: 1\ncriteria: [standard, figure_lice: {max: 2}]\n") == [*STANDARD, "figure_lice"]


def test_the_shipped_farm_is_of_the_profile() -> None:
    scenario = load_scenario(SHIPPED / "official.yaml", today=date(2025, 11, 21))
    assert scenario.profile == "official"
    assert list(scenario.criteria) == [*STANDARD, *FIGURES]
